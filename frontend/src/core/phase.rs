//! What a connection is at, with what it has to know of that.

use super::state::PauseReason;
use super::time::Instant;
use crate::error::Error;

#[derive(Debug)]
pub(crate) enum Phase {
    /// Holds nothing; on the way to another phase.
    Between,
    /// The source makes a connection; a transport exists or is about to.
    Attempting,
    Open {
        since: Instant,
        /// Since when nothing is read, so that silence means nothing.
        held: Option<Instant>,
        /// Whether the timer for that runs: it outlives a short hold, as a fast stream is held many times a second.
        watched: bool,
        /// When the server had been heard last, when the connection looked silent for the first time since.
        suspect: Option<Instant>,
    },
    /// The transport is making its connection again by itself.
    Interrupted,
    /// The cause is that of the state.
    Probing,
    /// The policy has been asked.
    Deciding(Error),
    /// The same.
    Waiting {
        until: Instant,
    },
    Paused {
        reason: PauseReason,
        /// What it was waiting for an attempt after.
        cause: Option<Error>,
    },
    /// Another has the connection, and tells its states.
    #[cfg(feature = "share")]
    Mirroring,
    Closed,
}
