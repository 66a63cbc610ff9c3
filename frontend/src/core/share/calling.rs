//! A sharer that has got the lock asks which messages the others have, before the stream continues.

use super::SETTLE;
use super::call::Call;
use super::post::{Body, Epoch, MemberId, Place, Standing};
use super::sharer::{Role, Sharer};
use crate::core::time::Instant;

impl Sharer {
    /// The lock is held. `others` are the sharers whose own locks are held.
    pub(crate) fn granted(&mut self, now: Instant, others: &[MemberId]) {
        self.touch(now);
        self.members.sync(self.me, others);
        match self.role {
            Role::Following | Role::Preparing(_) if self.is_alone() => {
                self.begin_epoch();
                self.lead(now, None, None);
            }
            Role::Following | Role::Preparing(_) => self.call(now),
            Role::Away | Role::Calling(_) | Role::Leading | Role::Doubting | Role::Ended => {}
        }
        self.settle(now);
    }

    /// Whether no other sharer has ever been known.
    fn is_alone(&self) -> bool {
        self.epoch == Epoch::default() && self.members.is_empty()
    }

    pub(super) fn call(&mut self, now: Instant) {
        self.begin_epoch();
        self.missing = None;
        let awaited = self.members.ids();
        self.role = Role::Calling(Call { since: now, asked: now, awaited, best: None, least: None, refilling: None });
        self.post(Body::Claim);
    }

    /// A sharer has answered which messages it has.
    pub(super) fn note_answer(&mut self, from: MemberId, epoch: Epoch, place: Place, standing: Standing) {
        self.note_standing(from, standing);
        let (own, joined) = (self.origin, self.joined);
        let Role::Calling(call) = &mut self.role else { return };
        if epoch != self.epoch {
            return;
        }
        call.awaited.retain(|id| *id != from);
        let counts = place.origin != Epoch::default() && (!joined || place.origin == own);
        let best = call.best.as_ref().map(|(best, _)| (best.origin, best.next));
        if counts && call.least.as_ref().is_none_or(|least| (place.origin, place.next) < (least.origin, least.next)) {
            call.least = Some(place.clone());
        }
        if counts && best.is_none_or(|best| (place.origin, place.next) > best) {
            call.best = Some((place, from));
        }
    }

    /// The same for a sharer that has left, or has no messages.
    pub(super) fn await_no_more(&mut self, id: MemberId) {
        if let Role::Calling(call) = &mut self.role {
            call.awaited.retain(|awaited| *awaited != id);
        }
    }

    pub(super) fn settle_calling(&mut self, now: Instant) {
        let (next, origin, joined) = (self.next, self.origin, self.joined);
        let Role::Calling(call) = &mut self.role else { return };
        let holder = call.best.as_ref().filter(|(place, _)| joined && place.next > next).map(|(_, holder)| *holder);
        let is_due = now >= call.deadline();
        let begins = is_due && call.refilling.is_none() && holder.is_some();
        if begins {
            call.refilling = Some(now);
        } else if is_due || (call.refilling.is_some() && holder.is_none()) {
            return self.take_over(now);
        }
        if begins || now.saturating_sub(call.asked) >= SETTLE {
            call.asked = now;
            let body = match (call.refilling, holder) {
                (Some(_), Some(to)) => Body::Resend { to, origin, first: next },
                _ => Body::Claim,
            };
            self.post(body);
        }
    }

    fn take_over(&mut self, now: Instant) {
        let Role::Calling(call) = &mut self.role else { return };
        let (best, least) = (call.best.take().map(|(place, _)| place), call.least.take());
        self.lead(now, best, least);
    }
}
