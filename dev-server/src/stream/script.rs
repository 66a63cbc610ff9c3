//! A script of bytes and pauses.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use super::id::Moment;
use super::params::end::End;
use super::step::Step;
use crate::duration;

/// Long pieces are sent in parts of this size.
const PART: usize = 16 * 1024;

/// A part of a script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Line {
    Bytes(Bytes),
    Pause(Duration),
}

impl Line {
    pub(crate) fn pause(&self) -> Duration {
        match self {
            Self::Bytes(_) => Duration::ZERO,
            Self::Pause(pause) => *pause,
        }
    }
}

/// The exact bytes that one connection gets, with pauses, and how it ends after them.
///
/// ```
/// use std::time::Duration;
/// use dev_server::{End, Script};
///
/// let script = Script::new().bytes("data: 1\n\nda").pause(Duration::from_millis(200)).bytes(b"ta: \xff\n\n").end(End::Reset);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[must_use]
pub struct Script {
    pub(crate) lines: Vec<Line>,
    pub(crate) end: Option<End>,
}

impl Script {
    /// An empty script, which sends nothing and completes the response.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds bytes. They may arrive together with bytes that follow without a pause.
    pub fn bytes(mut self, bytes: impl AsRef<[u8]>) -> Self {
        self.lines.push(Line::Bytes(Bytes::copy_from_slice(bytes.as_ref())));
        self
    }

    /// Adds a pause, a day at most.
    pub fn pause(mut self, pause: Duration) -> Self {
        self.lines.push(Line::Pause(pause.min(duration::MAX)));
        self
    }

    /// Sets how the connection ends after the script.
    pub fn end(mut self, end: End) -> Self {
        self.end = Some(end);
        self
    }
}

/// A script as one connection plays it.
#[derive(Clone, Debug)]
pub(crate) struct Playing {
    script: Arc<Script>,
    line: usize,
    /// How much of a piece has been sent.
    sent: usize,
    /// The end of the current pause.
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
