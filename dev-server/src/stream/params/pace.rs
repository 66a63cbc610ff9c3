//! When events come, and what each of them has.

use std::sync::Arc;
use std::time::Duration;

use super::param::{Param, Set};
use super::value::{milliseconds, number, size};
use super::words::words;
use crate::duration::parse_duration;

/// Events are at most this long, so that a number typed too much does not fill the client's disk.
const MAX_SIZE: u64 = 1 << 30;
/// Each costs more than the comma that it takes in the URL.
const MAX_TYPES: usize = 1_000;

words! {
    /// When heartbeats are sent, and what they are.
    HeartbeatMode {
        /// A comment when nothing was sent for the time between heartbeats.
        #[default]
        Idle = "idle",
        /// A comment at this interval, whatever else is sent.
        Fixed = "fixed",
        /// An event of the type `heartbeat` when nothing was sent for that time: scripts don't see comments.
        Event = "event",
    }
}

/// When events come, and what each of them has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pace {
    interval: Duration,
    count: Option<u64>,
    duration: Option<Duration>,
    /// Before the first event.
    pub(crate) delay: Duration,
    /// Events are late by up to this much.
    pub(crate) jitter: Duration,
    /// Data is at least this long, in bytes.
    pub(crate) size: u64,
    /// The types of events, in turn; an empty one is not written. Shared by the attempts of a plan.
    pub(crate) types: Arc<[Box<str>]>,
    pub(crate) heartbeat: Option<Duration>,
    pub(crate) heartbeat_mode: HeartbeatMode,
    pub(crate) retry: Option<String>,
}

impl Pace {
    pub(crate) fn new(interval: Duration) -> Self {
        Self {
            interval,
            count: None,
            duration: None,
            delay: Duration::ZERO,
            jitter: Duration::ZERO,
            size: 0,
            types: Arc::default(),
            heartbeat: Some(Duration::from_secs(15)),
            heartbeat_mode: HeartbeatMode::Idle,
            retry: None,
        }
    }

    /// The time from one event to the next.
    pub(crate) fn interval(&self) -> Duration {
        match (self.duration, self.count) {
            (Some(duration), Some(count)) => {
                let micros = duration.as_micros() / u128::from(count - 1).max(1);
                Duration::from_micros(u64::try_from(micros).unwrap_or(u64::MAX))
            }
            _ => self.interval,
        }
    }

    /// How many events there are; without it they never end.
    pub(crate) fn count(&self) -> Option<u64> {
        self.count.or_else(|| {
            let events = self.duration?.as_micros().checked_div(self.interval.as_micros())?;
            u64::try_from(events).ok()?.checked_add(1)
        })
    }

    pub(crate) fn never_waits(&mut self) {
        self.interval = Duration::ZERO;
    }

    /// Refuses combinations that no single row can detect.
    pub(crate) fn check(&self, given: impl Fn(&str) -> bool) -> Result<(), String> {
        if given("duration") && given("count") && given("interval") {
            return Err("`duration`, `count` and `interval` can't all be given: leave one out".to_owned());
        }
        if given("duration") && !given("count") && self.interval.is_zero() {
            return Err("`duration` needs `count`, or an `interval` above 0".to_owned());
        }
        Ok(())
    }
}

const DURATION: &str = "a duration such as 200ms, 5s or 1m, a day at most";

pub(crate) const PARAMS: &[Param<Pace>] = &[
    Param {
        name: "interval",
        meaning: "the time between events; 0 sends them as fast as the client reads",
        allowed: DURATION,
        example: "interval=200ms&count=3",
        set: Set::Text(|pace, value| {
            pace.interval = parse_duration(value).ok()?;
            Some(())
        }),
        ..Param::NEW
    },
    Param {
        name: "count",
        meaning: "the number of events; the stream ends after them, and a client that resumes after the last one gets 204",
        allowed: "a whole number from 1",
        example: "count=100000&interval=0",
        set: Set::Text(|pace, value| {
            pace.count = Some(number(value).filter(|count| *count > 0)?);
            Some(())
        }),
        ..Param::NEW
    },
    Param {
        name: "delay",
        meaning: "the time before the first event; the headers are sent at once",
        allowed: DURATION,
        example: "delay=300ms&count=1",
        set: Set::Text(|pace, value| {
            pace.delay = parse_duration(value).ok()?;
            Some(())
        }),
        ..Param::NEW
    },
    Param {
        name: "duration",
        meaning: "with `count`, the time over which the events are spread evenly; without it, the stream has the events \
                  that are due within this time",
        allowed: DURATION,
        example: "duration=500ms&count=6",
        set: Set::Text(|pace, value| {
            pace.duration = Some(parse_duration(value).ok()?);
            Some(())
        }),
        ..Param::NEW
    },
    Param {
        name: "jitter",
        meaning: "delays each event by a random time up to this; their order stays the same",
        allowed: DURATION,
        example: "jitter=100ms&interval=100ms&count=5",
        set: Set::Text(|pace, value| {
            pace.jitter = parse_duration(value).ok()?;
            Some(())
        }),
        ..Param::NEW
    },
    Param {
        name: "size",
        meaning: "pads data with dots to this many bytes",
        allowed: "a number of bytes such as 100, 64KiB or 10MiB, 1024MiB at most",
        example: "size=10MiB&count=1",
        set: Set::Text(|pace, value| {
            pace.size = size(value).filter(|size| *size <= MAX_SIZE)?;
            Some(())
        }),
        ..Param::NEW
    },
    Param {
        name: "event",
        meaning: "the type of the events; if there are several, events take them in turn",
        allowed: "up to 1000 names separated by commas; an empty one sends no event field",
        example: "event=tick,,tock&interval=100ms&count=4",
        set: Set::Text(|pace, value| {
            let one_line = !value.contains(['\r', '\n']);
            let few = value.split(',').count() <= MAX_TYPES;
            pace.types = (one_line && few).then(|| value.split(',').map(Box::from).collect())?;
            Some(())
        }),
        ..Param::NEW
    },
    Param {
        name: "heartbeat",
        meaning: "the time between heartbeats; 15s by default",
        allowed: "a duration above 0, or off",
        example: "heartbeat=100ms&interval=500ms&count=2",
        set: Set::Text(|pace, value| {
            pace.heartbeat = match value {
                "off" => None,
                _ => Some(parse_duration(value).ok().filter(|heartbeat| !heartbeat.is_zero())?),
            };
            Some(())
        }),
        ..Param::NEW
    },
    Param {
        name: "heartbeat-mode",
        meaning: "idle: a comment when nothing was sent for the time of `heartbeat`; fixed: a comment at that interval, \
                  whatever else is sent; event: like idle, but an event of the type heartbeat, because scripts don't see \
                  comments",
        allowed: "idle, fixed or event",
        example: "heartbeat-mode=event&heartbeat=100ms&interval=500ms&count=2",
        set: Set::Text(|pace, value| {
            pace.heartbeat_mode = HeartbeatMode::parse(value)?;
            Some(())
        }),
        ..Param::NEW
    },
    Param {
        name: "retry",
        meaning: "sends a retry field at the beginning of each connection: how long a client waits before it reconnects",
        allowed: "a duration such as 500ms or 5s; digits alone, 40 at most, are sent as they are",
        example: "retry=500ms&count=1",
        set: Set::Text(|pace, value| {
            pace.retry = Some(milliseconds(value)?);
            Some(())
        }),
        ..Param::NEW
    },
];
