//! A call upon all sharers to say what they have.

use super::post::{MemberId, Place};
use super::{CALL, SETTLE};
use crate::core::time::Instant;

#[derive(Debug)]
pub(crate) struct Call {
    pub(super) since: Instant,
    /// When something was asked last: it is asked again of those who have not answered.
    pub(super) asked: Instant,
    /// Those who have not answered yet.
    pub(super) awaited: Vec<MemberId>,
    /// The latest place that anyone has, and who it is.
    pub(super) best: Option<(Place, MemberId)>,
    /// The earliest place that anyone has.
    pub(super) least: Option<Place>,
    /// Since when the messages up to the latest are awaited.
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
