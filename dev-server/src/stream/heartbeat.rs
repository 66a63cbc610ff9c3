//! When a connection gets a heartbeat, and what is sent.

use std::time::Duration;

use super::id::Moment;
use super::lines::Lines;
use super::params::pace::{HeartbeatMode, Pace};

/// The heartbeats of one connection.
#[derive(Clone, Debug)]
pub(crate) struct Heartbeat {
    mode: HeartbeatMode,
    every: Option<Duration>,
    next: Option<Moment>,
}

impl Heartbeat {
    /// Those of a connection that is opened at `now`.
    pub(crate) fn new(pace: &Pace, now: Moment) -> Self {
        let every = pace.heartbeat;
        Self { mode: pace.heartbeat_mode, every, next: every.map(|every| now + every) }
    }

    /// When the next one is due.
    pub(crate) fn next(&self) -> Option<Moment> {
        self.next
    }

    pub(crate) fn is_due(&self, now: Moment) -> bool {
        self.next.is_some_and(|next| next <= now)
    }

    /// Whether one that is due goes before an event that is due.
    pub(crate) fn is_first(&self) -> bool {
        self.mode == HeartbeatMode::Fixed
    }

    pub(crate) fn write(&mut self, now: Moment, lines: &mut Lines, out: &mut Vec<u8>) {
        if self.mode == HeartbeatMode::Event {
            lines.field("event", b"heartbeat", out);
            lines.field("data", b"", out);
        } else {
            out.push(b':');
        }
        lines.end(out);
        let (Some(next), Some(every)) = (&mut self.next, self.every) else { return };
        let in_phase = *next + every;
        // Heartbeats that were missed because the client did not read are not sent later.
        *next = if self.mode == HeartbeatMode::Fixed && in_phase > now { in_phase } else { now + every };
    }

    /// Postpones the next one: a connection that sends is not idle.
    pub(crate) fn note_sent(&mut self, now: Moment) {
        if let Some(every) = self.every.filter(|_| self.mode != HeartbeatMode::Fixed) {
            self.next = Some(now + every);
        }
    }
}
