//! What one step of playing a stream does, and how far the steps have come.

use std::fmt;
use std::sync::Arc;

use super::id::{EventId, Moment};

/// What a step did, and what is next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// It may have added bytes; the next step can follow at once.
    Sent,
    /// It added bytes, and what follows has to be sent apart from them.
    Cut,
    /// Nothing happens before this moment.
    Until(Moment),
    /// Nothing happens before something is pushed, or before this moment.
    Push(Option<Moment>),
    /// There is nothing more.
    End,
}

/// How far a connection has come.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Progress {
    /// The events so far, `gap` events too.
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
