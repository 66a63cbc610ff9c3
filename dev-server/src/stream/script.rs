//! A script of bytes and pauses.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use super::id::Moment;
use super::params::end::End;
use super::player::Step;

/// Long pieces are sent in parts of this size.
const PART: usize = 16 * 1024;

/// A part of a script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Line {
    Bytes(Bytes),
    Pause(Duration),
}

/// What is sent, and how the connection ends after it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Script {
    pub(crate) lines: Vec<Line>,
    pub(crate) end: Option<End>,
}

/// A script as one connection plays it.
#[derive(Clone, Debug)]
pub(crate) struct Playing {
    script: Arc<Script>,
    line: usize,
    /// How much of a piece is sent.
    sent: usize,
    /// The end of the pause that is being made.
    until: Option<Moment>,
}

impl Playing {
    pub(crate) fn new(script: Arc<Script>) -> Self {
        Self { script, line: 0, sent: 0, until: None }
    }

    /// Adds the bytes of the next step at `now`.
    pub(crate) fn step(&mut self, now: Moment, out: &mut Vec<u8>) -> Step {
        match self.script.lines.get(self.line) {
            None => return Step::End,
            Some(Line::Bytes(bytes)) => {
                let rest = &bytes[self.sent..];
                let part = rest.len().min(PART);
                out.extend_from_slice(&rest[..part]);
                self.sent += part;
                if part < rest.len() {
                    return Step::Sent;
                }
            }
            Some(Line::Pause(pause)) => {
                let until = *self.until.get_or_insert(now + *pause);
                if now < until {
                    return Step::Until(until);
                }
            }
        }
        self.line += 1;
        self.sent = 0;
        self.until = None;
        Step::Sent
    }
}
