//! What one step of playing a stream does, and how far the steps have come.

use std::fmt;
use std::sync::Arc;

use super::id::{EventId, Moment};

/// What a step did, and what is next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// It may have added bytes; the next step can follow at once.
    Sent,
    /// It added bytes, which have to be sent separately from what follows.
    Cut,
    /// Nothing happens before this time.
    Until(Moment),
    /// Nothing happens before something is pushed, or before this time.
    Push(Option<Moment>),
    /// There is nothing more.
    End,
}

/// How far a connection has come.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Progress {
    /// The number of events so far, including `gap` events.
    pub(crate) events: u64,
    /// The id of the last event so far.
    pub(crate) last: Option<LastId>,
}

/// The id of an event that was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum LastId {
    Timed(EventId),
    Pushed(Arc<str>),
}

impl fmt::Display for LastId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Timed(id) => id.fmt(f),
            Self::Pushed(id) => f.write_str(id),
        }
    }
}
