//! What a sharer tells the others about itself.

use super::post::{Body, Standing};
use super::sharer::{Output, Role, Sharer};
use crate::core::time::Instant;

/// A change in how many messages can be taken is posted if it is at least this large.
const STEP: u64 = 256;

impl Sharer {
    /// The page has become visible or hidden.
    pub(crate) fn visible(&mut self, now: Instant, is_visible: bool) {
        self.standing.is_visible = is_visible;
        self.hidden_since = (!is_visible).then_some(now);
        self.said(now);
    }

    /// There is a reader here.
    pub(crate) fn reads(&mut self, now: Instant) {
        self.standing.reads = true;
        self.said(now);
    }

    /// Messages of these types are read here.
    pub(crate) fn types(&mut self, now: Instant, types: Vec<String>) {
        self.standing.types = types;
        if self.leads() {
            self.push(Output::Listen(self.standing.types.clone()));
        }
        self.said(now);
    }

    /// This many more messages can be taken here; `usize::MAX` if there is no limit.
    pub(crate) fn room(&mut self, now: Instant, room: usize) {
        let until = if room == usize::MAX { Standing::ALL } else { self.next.saturating_add(room as u64) };
        if until != self.standing.until {
            self.standing.until = until;
            self.said(now);
        }
    }

    fn said(&mut self, now: Instant) {
        self.hold.said(&self.standing, self.next);
        match self.role {
            Role::Away | Role::Ended => {}
            Role::Leading | Role::Doubting => self.push(Output::MadeRoom),
            // The greeting contains it.
            Role::Following if !self.joined => {}
            _ if self.is_worth_a_post() => {
                self.posted = self.standing.clone();
                self.post(Body::Standing(self.standing.clone()));
            }
            _ => {}
        }
        self.settle(now);
    }

    /// Not every change in how many messages can be taken is posted.
    fn is_worth_a_post(&self) -> bool {
        let Standing { is_visible, reads, until, types } = &self.posted;
        let known =
            (is_visible, reads, types) == (&self.standing.is_visible, &self.standing.reads, &self.standing.types);
        let (least, most) = (*until.min(&self.standing.until), *until.max(&self.standing.until));
        let is_near = least.saturating_sub(self.next) < STEP && most != least;
        !known || (self.flows && (is_near || most - least >= STEP))
    }
}
