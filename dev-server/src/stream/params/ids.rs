//! What an event's id and data are made of, and where a client goes on.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::param::{Param, Set};
use super::value::number;
use super::words::words;
use crate::duration::parse_duration;

/// How many events may have been missed, whatever time they took.
const USUAL_EVENTS: u64 = 1_000;
/// For how long events may have been missed, however many they are.
const USUAL_TIME: Duration = Duration::from_secs(60);

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

/// How much of an endless stream a client may have missed and still go on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum History {
    /// A thousand events or a minute, whichever is more.
    #[default]
    Usual,
    Events(u64),
    Time(Duration),
}

impl History {
    /// Whether this many missed events, the first of which was due `age` ago, are too much.
    pub(crate) fn is_exceeded(self, missed: u128, age: Duration) -> bool {
        match self {
            Self::Usual => missed > u128::from(USUAL_EVENTS) && age > USUAL_TIME,
            Self::Events(events) => missed > u128::from(events),
            Self::Time(time) => age > time,
        }
    }
}

impl fmt::Display for History {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Usual => {
                write!(f, "more than {USUAL_EVENTS} events were missed, over more than {} s", USUAL_TIME.as_secs())
            }
            Self::Events(events) => write!(f, "more than {events} events were missed"),
            Self::Time(time) => write!(f, "events were missed for more than {time:?}"),
        }
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
    /// The id of the last event that the client has. Shared by the attempts of a plan.
    pub(crate) last_event_id: Option<Arc<str>>,
    pub(crate) history: History,
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
        name: "last-event-id",
        // What the polyfills of browsers send.
        aliases: &["lastEventId"],
        meaning: "the id after which to go on, for clients that can't send Last-Event-ID; the header wins",
        allowed: "the id of an event; any other gets a `gap` event and a fresh start",
        example: "last-event-id=1700000000000-3&interval=0&count=6",
        set: Set::Text(|ids, value| {
            ids.last_event_id = (!value.is_empty()).then(|| value.into());
            Some(())
        }),
        ..Param::NEW
    },
    Param {
        name: "history",
        meaning: "how much of an endless stream a client may have missed and still resume; unless given 1000 events or a \
                  minute, whichever is more. Who missed more gets a `gap` event and a fresh start; a stream of interval=0 or \
                  with a count is never too old",
        allowed: "a whole number of events, or a duration such as 200ms, 5s or 1m, a day at most",
        example: "history=10&last-event-id=1700000000000-3&interval=100ms&drop=2",
        set: Set::Text(|ids, value| {
            ids.history = match number(value) {
                Some(events) if !value.is_empty() => History::Events(events),
                _ => History::Time(parse_duration(value).ok()?),
            };
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
