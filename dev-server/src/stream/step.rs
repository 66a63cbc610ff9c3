//! What one step of playing a stream does, and how far the steps have come.

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
    /// There is nothing more.
    End,
}

/// How far a connection has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Progress {
    /// The events so far, `gap` events too.
    pub(crate) events: u64,
    /// The id of the last event so far.
    pub(crate) last: Option<EventId>,
}
