//! A call: the question of a new leader to all sharers which messages they have.

use super::post::{MemberId, Place};
use super::{CALL, SETTLE};
use crate::core::time::Instant;

#[derive(Debug)]
pub(crate) struct Call {
    pub(super) since: Instant,
    /// When the last question was posted. It is repeated for sharers that have not answered.
    pub(super) asked: Instant,
    /// The sharers that have not answered yet.
    pub(super) awaited: Vec<MemberId>,
    /// The latest place that any sharer has, and the sharer.
    pub(super) best: Option<(Place, MemberId)>,
    /// The earliest place that any sharer has.
    pub(super) least: Option<Place>,
    /// Since when the leader has waited for the messages up to the latest place.
    pub(super) refilling: Option<Instant>,
}

impl Call {
    /// When it is over.
    pub(super) fn deadline(&self) -> Instant {
        let after = if self.refilling.is_none() && self.awaited.is_empty() { SETTLE } else { CALL };
        self.refilling.unwrap_or(self.since).saturating_add(after)
    }

    /// When there is something to do.
    pub(super) fn next_step(&self) -> Instant {
        self.deadline().min(self.asked.saturating_add(SETTLE))
    }
}
