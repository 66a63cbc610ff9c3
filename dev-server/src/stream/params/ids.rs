//! What an event's id and data are, and where a client resumes.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::param::{Param, Set};
use super::value::number;
use super::words::words;
use crate::duration::parse_duration;

/// A client may have missed this many events, over any length of time.
const USUAL_EVENTS: u64 = 1_000;
/// A client may have missed events for this long, however many they are.
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
        /// Always that of event 0.
        Constant = "constant",
        /// Every second event has the id of the event two before it.
        Regress = "regress",
    }
}

/// How much of an endless stream a client may have missed and still resume.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum History {
    /// A thousand events or a minute, whichever is more.
    #[default]
    Usual,
    Events(u64),
    Time(Duration),
}

impl History {
    /// Whether this many missed events, the first of which was due `age` ago, are too many.
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

/// What an event's id and data are, and where a client resumes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Ids {
    /// When the stream began, in milliseconds since the Unix epoch, whenever it is requested.
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
        meaning: "the time at which the stream began, from which ids and data are made, so that with data=n the same URL \
                  always sends the same bytes. The pace is relative to the connection: the first event comes at once, or \
                  after `delay`",
        allowed: "a time in milliseconds since the Unix epoch, before the year 3000",
        example: "t0=1700000000000&data=n&interval=0&count=3",
        set: Set::Text(|ids, value| {
            ids.t0 = Some(number(value).filter(|t0| *t0 < 32_503_680_000_000)?);
            Some(())
        }),
        ..Param::NEW
    },
    Param {
        name: "id",
        meaning: "the ids of the events. position: <t0 in ms>-<n>; none: no ids, so clients can't resume; constant: always \
                  that of event 0; regress: every second event has the id of the event two before it. The id that a \
                  client presents decides where it resumes",
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
        meaning: "the id to resume after, for clients that can't send Last-Event-ID; the header takes precedence",
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
        meaning: "how much of an endless stream a client may have missed and still resume; by default 1000 events or a \
                  minute, whichever is more. A client that missed more gets a `gap` event and a fresh start; a stream with \
                  interval=0 or a `count` can always be resumed",
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
        meaning: "the seed of everything random; 0 by default",
        allowed: "a whole number below 2^64",
        example: "seed=7&reorder=4&data=n&interval=0&count=8",
        set: Set::Text(|ids, value| {
            ids.seed = number(value)?;
            Some(())
        }),
        ..Param::NEW
    },
];
