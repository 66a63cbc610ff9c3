//! What an event's id and data are made of, and where a client goes on.

use super::param::{Param, Set};
use super::value::number;
use super::words::words;

words! {
    /// What an event's data is.
    Data {
        /// The local time at which the event is due.
        #[default]
        Time = "time",
        /// The number of the event, from 0.
        N = "n",
    }
}

words! {
    /// What ids events have.
    IdMode {
        /// `<t0>-<n>`.
        #[default]
        Position = "position",
        /// None at all, so no client can resume.
        None = "none",
        /// That of event 0, always.
        Constant = "constant",
        /// Each second event has an id of two events before.
        Regress = "regress",
    }
}

/// What an event's id and data are made of, and where a client goes on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Ids {
    /// When the stream began, in milliseconds since the Unix epoch, whenever it is asked for.
    pub(crate) t0: Option<u64>,
    pub(crate) data: Data,
    pub(crate) mode: IdMode,
    pub(crate) seed: u64,
    /// The id of the last event that the client has.
    pub(crate) last_event_id: Option<String>,
}

pub(crate) const PARAMS: &[Param<Ids>] = &[
    Param {
        name: "data",
        meaning: "what the data is: the local time at which the event is due, or the event's number from 0",
        allowed: "time or n",
        example: "data=n&interval=100ms&count=3",
        set: Set::Text(|ids, value| {
            ids.data = Data::parse(value)?;
            Some(())
        }),
        ..Param::NEW
    },
    Param {
        name: "t0",
        meaning: "the stream began then, for ids and data: so the same URL always plays the same bytes. Its pace is that \
                  of the connection: the first event comes at once, or after delay",
        allowed: "a moment in milliseconds since 1970, below the year 3000",
        example: "t0=1700000000000&data=n&interval=0&count=3",
        set: Set::Text(|ids, value| {
            ids.t0 = Some(number(value).filter(|t0| *t0 < 32_503_680_000_000)?);
            Some(())
        }),
        ..Param::NEW
    },
    Param {
        name: "id",
        meaning: "none: no id, so nothing can be resumed; constant: always that of event 0; regress: each second event has \
                  the id of two events before. A client's id is taken at its word",
        allowed: "position, none, constant or regress",
        example: "id=regress&t0=0&interval=0&count=6",
        set: Set::Text(|ids, value| {
            ids.mode = IdMode::parse(value)?;
            Some(())
        }),
        ..Param::NEW
    },
    Param {
        name: "lastEventId",
        meaning: "the id after which to go on, for clients that can't send Last-Event-ID; the header wins",
        allowed: "the id of an event; any other gets a `gap` event and a fresh start",
        example: "lastEventId=1700000000000-3&interval=0&count=6",
        set: Set::Text(|ids, value| {
            ids.last_event_id = (!value.is_empty()).then(|| value.to_owned());
            Some(())
        }),
        ..Param::NEW
    },
    Param {
        name: "seed",
        meaning: "what all randomness is made of; 0 unless given",
        allowed: "a whole number below 2^64",
        example: "seed=7&reorder=4&data=n&interval=0&count=8",
        set: Set::Text(|ids, value| {
            ids.seed = number(value)?;
            Some(())
        }),
        ..Param::NEW
    },
];
