//! Followers: they take the messages that the leader posts, and make sure that there is a leader.

use std::sync::Arc;

use super::post::{self, Body, Epoch, Lead, MemberId, Place, Posted, Standing};
use super::recent::Batch;
use super::sharer::{Output, Role, Sharer};
use super::{ASK_AGAIN, HEARTBEAT, SECOND_LOOK, SETTLE};
use crate::core::state::State;
use crate::core::time::Instant;

/// How many batches are kept that have arrived before missing ones.
const MOST_EARLY: usize = 64;

impl Sharer {
    /// There is a leader of this epoch, which is not earlier than any known one. Returns whether the sharer follows it.
    pub(super) fn follow(&mut self, now: Instant, epoch: Epoch) -> bool {
        if epoch > self.epoch {
            if self.has_lock() {
                // The lock decides, and may just have been stolen by one or from one.
                self.rival = self.rival.max(epoch);
                self.doubt();
                return false;
            }
            self.epoch = epoch;
            self.missing = None;
            if matches!(self.role, Role::Preparing(_)) {
                self.step_down(now);
            }
        }
        self.hear(now);
        true
    }

    fn hear(&mut self, now: Instant) {
        self.heard = now;
        self.asked = None;
    }

    /// Another sharer is the leader.
    pub(super) fn step_down(&mut self, now: Instant) {
        let queues = matches!(self.role, Role::Preparing(_));
        self.disconnect();
        if let Some(Place { next, id, .. }) = self.ahead.take() {
            self.next = next;
            self.id = id.into();
        }
        self.role = Role::Following;
        self.hear(now);
        if !queues {
            self.push(Output::Queue);
        }
        self.tell();
    }

    /// The lock was stolen.
    pub(crate) fn lost(&mut self, now: Instant) {
        if self.has_lock() {
            self.step_down(now);
            self.epoch = self.epoch.max(self.rival);
        } else if matches!(self.role, Role::Following | Role::Preparing(_)) {
            self.push(Output::Queue);
        }
        self.settle(now);
    }

    pub(super) fn settle_following(&mut self, now: Instant) {
        if !self.joined && now.saturating_sub(self.greeted) >= ASK_AGAIN {
            self.greet_all(now);
        }
        match self.asked {
            None if now.saturating_sub(self.heard) >= HEARTBEAT + self.jitter(HEARTBEAT / 16) => {
                self.asked = Some(now);
                self.post(Body::Ping);
            }
            Some(asked) if now.saturating_sub(asked) >= HEARTBEAT + SECOND_LOOK + self.jitter(HEARTBEAT / 4) => {
                // It gets the lock, or another sharer got it before; either way, there is a new leader.
                self.hear(now);
                self.push(Output::Steal);
            }
            _ => {}
        }
        self.settle_missing(now);
    }

    /// Asks again for what is missing.
    pub(super) fn settle_missing(&mut self, now: Instant) {
        if self.missing.is_some_and(|asked| now.saturating_sub(asked) >= ASK_AGAIN) {
            self.missing = None;
            self.ask_for_missing(now);
        }
    }

    fn ask_for_missing(&mut self, now: Instant) {
        if self.missing.is_none() {
            self.missing = Some(now);
            self.post(Body::Resend { to: self.epoch.leader, origin: self.origin, first: self.next });
        }
    }

    /// Answers the new leader which messages this sharer has.
    pub(super) fn answer(&mut self) {
        self.posted = self.standing.clone();
        self.post(Body::Have { place: self.place(), standing: self.standing.clone() });
    }

    /// The leader has posted the number with which this sharer's messages begin.
    pub(super) fn welcomed(&mut self, begin: u64, missed: bool, lead: &Lead) {
        if self.joined {
            return;
        }
        let told = std::mem::take(&mut self.posted);
        self.join_at(begin);
        self.origin = lead.place.origin;
        self.recent.clear();
        // The leader counts what it was told from the same number.
        let until = if told.until == Standing::ALL { told.until } else { told.until.saturating_add(begin) };
        self.posted = Standing { until, ..told };
        if begin >= lead.place.next && *self.id != *lead.place.id {
            self.id = lead.place.id.as_str().into();
            self.push(Output::Move(self.id.clone()));
            if missed {
                self.push(Output::Missed(None));
            }
        }
    }

    /// The leader has posted the state of its stream.
    pub(super) fn led(&mut self, now: Instant, Lead { place, state, members }: Lead) {
        for id in members {
            if id != self.me {
                self.members.note(id);
            }
        }
        if self.joined && place.origin != self.origin {
            // All sharers that knew the earlier numbers had left meanwhile.
            self.unjoin();
            self.greet_all(now);
        } else if !self.joined && now.saturating_sub(self.greeted) >= SETTLE {
            self.greet_all(now);
        } else if self.joined && place.next > self.next {
            self.ask_for_missing(now);
        } else if self.joined && self.led != self.epoch && place.next < self.next && place.id.is_empty() {
            // The leader could not know of what came last, and without an id it does not come again.
            self.next = place.next;
            self.recent.clear();
            self.early.clear();
            self.push(Output::Missed(None));
        }
        self.led = self.epoch;
        self.state = state;
        self.tell();
    }

    /// Messages have arrived from the leader, or from a sharer that posts the leader's messages again.
    pub(super) fn batch(
        &mut self,
        now: Instant,
        (from, epoch): (MemberId, Epoch),
        (first, count): (u64, u64),
        bytes: &[u8],
    ) {
        // A new leader may have restarted the numbers, which it posts with its place. A sharer that calls has asked for these.
        let is_known = self.led == epoch || matches!(self.role, Role::Calling(_) | Role::Leading | Role::Doubting);
        if epoch > self.epoch || !is_known {
            if from == epoch.leader && self.asked.is_none() {
                self.asked = Some(now);
                self.post(Body::Ping);
            }
            return;
        }
        if from == epoch.leader {
            self.hear(now);
        }
        let end = first.saturating_add(count);
        if !self.joined || self.leads() || end <= self.next {
            return;
        }
        let Some(messages) = post::read(bytes).filter(|messages| messages.len() as u64 == count) else { return };
        if first > self.next {
            self.keep_early(Batch { first, count, bytes: bytes.into(), before: Arc::default() }, messages);
            self.ask_for_missing(now);
            return;
        }
        self.take_batch(Batch { first, count, bytes: bytes.into(), before: Arc::default() }, messages);
        while let Some(index) = self.early.iter().position(|(batch, _)| batch.first <= self.next) {
            let (batch, messages) = self.early.swap_remove(index);
            if batch.end() > self.next {
                self.take_batch(batch, messages);
            }
        }
        self.missing = self.missing.filter(|_| !self.early.is_empty());
    }

    /// Keeps messages that have arrived before missing ones; if there are too many, those with the lowest numbers.
    fn keep_early(&mut self, batch: Batch, messages: Vec<Posted>) {
        if self.early.iter().any(|(known, _)| known.first == batch.first) {
            return;
        }
        self.early.push((batch, messages));
        if self.early.len() > MOST_EARLY
            && let Some((last, _)) = self.early.iter().enumerate().max_by_key(|(_, (batch, _))| batch.first)
        {
            self.early.swap_remove(last);
        }
    }

    /// Takes messages that follow directly after the sharer's place.
    fn take_batch(&mut self, batch: Batch, mut messages: Vec<Posted>) {
        let (first, end) = (batch.first, batch.end());
        let known = usize::try_from(self.next - first).unwrap_or(usize::MAX);
        messages.drain(..known.min(messages.len()));
        let before = self.id.clone();
        // What is kept begins where it is known which id was before.
        let bytes = if known == 0 { batch.bytes } else { post::write(&messages).into() };
        self.recent.push(Batch { first: self.next, count: end - self.next, bytes, before });
        self.next = end;
        if self.connection.is_some() {
            for message in &messages {
                self.overlap.expect(message.last_event_id.clone());
            }
        }
        if let Some(last) = messages.last() {
            self.id = last.last_event_id.clone();
        }
        if self.flows && !self.standing.reads {
            self.push(Output::Move(self.id.clone()));
            return;
        }
        // Messages that were requested again do not count against the room of its readers.
        if self.standing.until < end && self.missing.is_none() {
            self.push(Output::Excuse);
        }
        self.push(Output::Deliver(messages));
    }

    pub(super) fn moved(&mut self, now: Instant, epoch: Epoch, place: Place) {
        if epoch != self.epoch || self.leads() {
            return;
        }
        self.hear(now);
        if self.joined && place.next == self.next && place.origin == self.origin {
            self.id = place.id.into();
            self.push(Output::Move(self.id.clone()));
        }
    }

    pub(super) fn jumped(&mut self, now: Instant, epoch: Epoch, next: u64, last_event_id: String) {
        if epoch != self.epoch || self.leads() {
            return;
        }
        self.hear(now);
        if self.joined && next == self.next && self.led == epoch {
            self.push(Output::Gap(last_event_id));
        }
    }

    /// The requested messages are not available any more: the stream continues at this place.
    pub(super) fn lost_messages(&mut self, now: Instant, epoch: Epoch, place: Place) {
        let calls = matches!(self.role, Role::Calling(_));
        if epoch != self.epoch
            || calls
            || !self.joined
            || self.leads()
            || place.next <= self.next
            || place.origin != self.origin
        {
            return;
        }
        self.missing = None;
        self.miss_until(now, place);
        self.ask_for_missing(now);
    }

    /// The messages before this place are missing.
    pub(super) fn miss_until(&mut self, now: Instant, place: Place) {
        if matches!(self.role, Role::Preparing(_)) {
            self.decline(now);
        }
        // What such a connection brings begins before that place, and nothing tells which of it others have had.
        self.disconnect();
        self.push(Output::Missed(Some(place.next - self.next)));
        self.next = place.next;
        self.id = place.id.into();
        self.recent.clear();
    }

    /// Another sharer asks whether the leader is there, so this one need not.
    pub(super) fn pinged(&mut self, now: Instant) {
        match self.role {
            Role::Leading => {
                let lead = self.lead_now();
                self.post(Body::Lead(lead));
            }
            Role::Following => {
                self.asked.get_or_insert(now);
            }
            _ => {}
        }
    }

    /// The stream has ended for all sharers.
    pub(super) fn ended(&mut self, from: MemberId, epoch: Epoch, state: State) {
        let is_leader = from == epoch.leader && !self.leads();
        // Whoever calls has got the lock because the one before let go of it.
        let counts = epoch >= self.epoch || matches!(self.role, Role::Calling(_));
        if is_leader && counts {
            self.end(state);
        }
    }

    /// The leader offers its connection, over which these types are read.
    pub(super) fn accept(&mut self, now: Instant, (from, epoch): (MemberId, Epoch), types: Vec<String>) {
        if !matches!(self.role, Role::Following) || !self.joined || epoch != self.epoch || from != epoch.leader {
            return;
        }
        self.hear(now);
        if !self.standing.is_visible {
            self.post(Body::Decline);
        } else if self.id.is_empty() {
            // Without a place the two connections would bring the same messages twice, or none.
            self.push(Output::Steal);
        } else {
            self.role = Role::Preparing(now);
            self.connect();
            self.push(Output::Listen(types));
        }
    }

    /// The sharer could not open a connection.
    pub(super) fn decline(&mut self, now: Instant) {
        self.disconnect();
        self.role = Role::Following;
        self.hear(now);
        self.post(Body::Decline);
    }
}
