//! The phases of a connection, each with its data.

use super::state::PauseReason;
use super::time::Instant;
use crate::error::Error;

#[derive(Debug)]
pub(crate) enum Phase {
    /// Holds nothing, between two phases.
    Between,
    /// The source makes a connection; a transport exists or is about to.
    Attempting,
    Open {
        since: Instant,
        /// Since when the stream is not read, so that silence does not count.
        held: Option<Instant>,
        /// Whether the timer for that runs: it outlives a short hold, as a fast stream is held many times a second.
        watched: bool,
        /// The time of the last sign of life, if the connection has looked silent since then.
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
    /// Another source has the connection, and posts its states.
    #[cfg(feature = "share")]
    Mirroring,
    Closed,
}
