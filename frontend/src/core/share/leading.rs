//! The leader: it has the connection, and posts the messages that arrive over it.

use std::sync::Arc;

use super::post::{self, Arrival, Body, Epoch, MemberId, Place, Posted, Standing};
use super::recent::Batch;
use super::sharer::{Output, Role, Sharer};
use super::{DECLINED, HEARTBEAT, HIDDEN_GRACE, OFFER};
use crate::core::close::CloseReason;
use crate::core::state::{PauseReason, State};
use crate::core::time::Instant;

/// How many messages may be held while they can't be passed on.
const MOST_HELD: usize = 1024;

impl Sharer {
    /// Continues after the latest place of all. `best` is the latest place of the others, `least` their earliest.
    pub(super) fn lead(&mut self, now: Instant, best: Option<Place>, least: Option<Place>) {
        let own = self.joined.then(|| self.place());
        match best {
            Some(place) if !self.joined => {
                self.origin = place.origin;
                self.join_at(place.next);
                if !self.id.is_empty() && *self.id != *place.id {
                    self.push(Output::Missed(None));
                }
                self.id = place.id.into();
            }
            Some(place) if place.next > self.next && self.id.is_empty() => self.miss_until(now, place),
            _ if !self.joined => {
                self.origin = self.epoch;
                self.join_at(1);
            }
            _ => {}
        }
        // If no sharer can resend missed messages, the server may: by the numbers, the others know which they have.
        let least = least.into_iter().chain(own).filter(|place| place.origin == self.origin && !place.id.is_empty());
        if let Some(least) = least.min_by_key(|place| place.next)
            && least.next < self.next
            && self.recent.from(least.next).is_none()
        {
            self.ahead = Some(self.place());
            self.next = least.next;
            self.id = least.id.into();
            self.recent.clear();
            if self.connection.is_some() {
                self.disconnect();
            }
        }
        self.role = Role::Leading;
        self.hidden_since = (!self.standing.is_visible).then_some(now);
        for id in self.members.ids() {
            self.push(Output::Watch(id));
        }
        match &self.connection {
            Some(state) if !state.is_closed() => {
                self.state = state.clone();
                self.push(Output::Listen(self.all_types()));
            }
            _ => {
                self.overlap.clear();
                self.connect();
                self.state = State::Connecting { attempt: 1 };
            }
        }
        self.tell();
        self.say();
        self.hand_out_held();
        self.push(Output::MadeRoom);
    }

    /// Opens a connection that continues at the sharer's place.
    pub(super) fn connect(&mut self) {
        self.connection = Some(State::Connecting { attempt: 1 });
        self.push(Output::Open(self.id.clone()));
        self.push(Output::Listen(self.all_types()));
    }

    fn all_types(&self) -> Vec<String> {
        let others = self.members.iter().filter_map(|member| member.standing.as_ref());
        let mut types = Vec::new();
        for event_type in others.chain([&self.standing]).flat_map(|standing| &standing.types) {
            if let Err(index) = types.binary_search(event_type) {
                types.insert(index, event_type.clone());
            }
        }
        types
    }

    /// Posts the state of the stream to all sharers.
    fn say(&mut self) {
        let lead = self.lead_now();
        self.post(Body::Lead(lead));
    }

    /// Takes what has arrived over the connection here.
    pub(crate) fn arrived(&mut self, now: Instant, arrivals: Vec<Arrival>) {
        self.touch(now);
        if self.connection.is_some() {
            self.held.extend(arrivals);
        }
        if matches!(self.role, Role::Leading) {
            self.hand_out_held();
        }
        self.settle(now);
    }

    fn hand_out_held(&mut self) {
        let mut messages = Vec::new();
        for arrival in std::mem::take(&mut self.held) {
            match arrival {
                Arrival::Message(message) => messages.push(message),
                Arrival::Moved(id) => {
                    self.hand_out(std::mem::take(&mut messages));
                    self.arrived_at(id);
                }
                Arrival::Elsewhere(last_event_id) => {
                    self.hand_out(std::mem::take(&mut messages));
                    self.arrived_elsewhere(last_event_id);
                }
            }
        }
        self.hand_out(messages);
    }

    fn hand_out(&mut self, mut messages: Vec<Posted>) {
        messages.retain(|message| !self.overlap.repeats(&message.last_event_id));
        let Some(last) = messages.last() else { return };
        let before = std::mem::replace(&mut self.id, last.last_event_id.clone());
        let (first, count) = (self.next, messages.len() as u64);
        self.next += count;
        let bytes = post::write(&messages);
        self.post_with(Body::Batch { first, count }, &bytes);
        self.recent.push(Batch { first, count, bytes: bytes.into(), before });
        if let Some(ahead) = self.ahead.take_if(|ahead| ahead.next > first) {
            let known = usize::try_from(ahead.next - first).unwrap_or(usize::MAX);
            messages.drain(..known.min(messages.len()));
            self.ahead = Some(ahead).filter(|ahead| ahead.next > self.next);
        }
        if self.ahead.is_some() {
            return;
        }
        if self.standing.reads || !self.flows {
            self.push(Output::Deliver(messages));
        } else {
            self.push(Output::Move(self.id.clone()));
        }
    }

    fn arrived_at(&mut self, id: Arc<str>) {
        // A connection that still repeats messages is behind this sharer's place.
        if *self.id != *id && self.ahead.is_none() && self.overlap.is_empty() {
            self.id = id;
            self.push(Output::Move(self.id.clone()));
            let place = self.place();
            self.post(Body::Moved(place));
        }
    }

    fn arrived_elsewhere(&mut self, last_event_id: String) {
        self.overlap.clear();
        if let Some(ahead) = self.ahead.take() {
            // The messages that the others have missed will not be repeated.
            self.next = ahead.next;
            self.recent.clear();
        }
        self.post(Body::Gap { next: self.next, last_event_id: last_event_id.clone() });
        self.push(Output::Gap(last_event_id));
    }

    /// The state of the connection here has changed.
    pub(crate) fn entered(&mut self, now: Instant, state: State) {
        if self.connection.is_none() {
            return;
        }
        self.touch(now);
        self.connection = Some(state.clone());
        match (&self.role, &state) {
            (Role::Preparing(_), State::Open) => self.push(Output::Steal),
            (Role::Preparing(_), State::Connecting { .. }) => {}
            (Role::Preparing(_), _) => self.decline(now),
            (Role::Leading, _) => self.pass_on(state),
            // It is passed on once this sharer leads.
            _ => {}
        }
        self.settle(now);
    }

    /// Posts the connection's state to all sharers.
    fn pass_on(&mut self, state: State) {
        if let State::Closed { reason: CloseReason::Failed { .. } | CloseReason::Complete } = &state {
            self.post(Body::Ended(state.clone()));
            self.end(state);
            return;
        }
        self.state = state;
        self.tell();
        self.say();
    }

    /// The lock was checked. It has not been stolen: that would have been reported before this.
    pub(crate) fn verified(&mut self, now: Instant) {
        if self.has_lock() && self.rival > self.epoch {
            // The other sharer has lost the lock.
            self.epoch = self.rival;
            if matches!(self.role, Role::Calling(_)) {
                self.call(now);
            } else {
                self.begin_epoch();
            }
        }
        if !matches!(self.role, Role::Doubting) {
            return;
        }
        self.role = Role::Leading;
        self.hand_out_held();
        let state = self.connection.clone().filter(|state| *state != self.state);
        match state {
            Some(state) => self.pass_on(state),
            None => self.say(),
        }
        self.settle(now);
    }

    pub(super) fn settle_leading(&mut self, now: Instant) {
        let (excused, own) = self.members.look(now, self.next, (&self.standing, &mut self.hold));
        if own {
            self.push(Output::Excuse);
        }
        if excused || own {
            self.push(Output::MadeRoom);
        }
        if let Some((to, since)) = self.offered
            && now.saturating_sub(since) >= OFFER + HEARTBEAT
        {
            self.declined(now, to);
        }
        if let Some((from, to)) = self.next_offer()
            && from <= now
        {
            self.offered = Some((to, now));
            let types = self.all_types();
            self.post(Body::Offer { to, types });
        }
    }

    /// The sharer to which a hidden page offers the connection, and when.
    pub(super) fn next_offer(&self) -> Option<(Instant, MemberId)> {
        let hidden = self.hidden_since.filter(|_| self.offered.is_none())?;
        // A paused connection delivers nothing, and visible sharers wait for it.
        let is_paused = matches!(self.state, State::Paused { reason: PauseReason::Hidden });
        // Without IDs, messages would be lost between the two connections.
        if self.id.is_empty() && !is_paused {
            return None;
        }
        let (from, to) = self.members.visible(if is_paused { HEARTBEAT } else { DECLINED })?;
        let due = if is_paused { hidden } else { hidden.saturating_add(HIDDEN_GRACE) };
        Some((due.max(from), to))
    }

    /// A sharer could not take the connection.
    pub(super) fn declined(&mut self, now: Instant, id: MemberId) {
        self.members.declined(now, id);
        self.offered = None;
    }

    /// How many messages may arrive over the connection here before it has to wait.
    pub(crate) fn may_take(&self) -> usize {
        match self.role {
            Role::Leading => {
                let own = self.hold.until(&self.standing);
                let until = self.members.until().into_iter().chain(own).min();
                let room = match until {
                    Some(Standing::ALL) => u64::MAX,
                    Some(until) => until.saturating_sub(self.next),
                    None => 0,
                };
                usize::try_from(room).unwrap_or(usize::MAX)
            }
            _ => MOST_HELD.saturating_sub(self.held.len()),
        }
    }

    /// Whether any sharer has a reader.
    pub(crate) fn someone_reads(&self) -> bool {
        self.standing.reads
            || self.members.iter().any(|member| member.standing.as_ref().is_some_and(|standing| standing.reads))
    }

    /// A sharer has joined.
    pub(super) fn greet(&mut self, now: Instant, from: MemberId, standing: Standing, after: &str) {
        self.await_no_more(from);
        if !matches!(self.role, Role::Leading) {
            self.note_standing(from, standing);
            return;
        }
        let begin = if after.is_empty() || *after == *self.id { Some(self.next) } else { self.recent.after(after) };
        let missed = begin.is_none();
        let begin = begin.unwrap_or(self.next);
        // It does not know the numbers yet, so its `until` counts from 0.
        let until = if standing.until == Standing::ALL { standing.until } else { standing.until.saturating_add(begin) };
        self.note_standing(from, Standing { until, ..standing });
        let lead = self.lead_now();
        self.post(Body::Welcome { to: from, after: after.to_owned(), begin, missed, lead });
        self.settle(now);
    }

    /// A sharer's standing is new or has changed.
    pub(super) fn note_standing(&mut self, from: MemberId, standing: Standing) {
        if self.leads() {
            self.push(Output::Listen(standing.types.clone()));
            self.push(Output::MadeRoom);
        }
        self.members.update(from, standing, self.next);
    }

    /// A sharer has left: it has posted so, or its lock is free.
    pub(crate) fn gone(&mut self, now: Instant, id: MemberId) {
        self.without(id);
        self.settle(now);
    }

    pub(super) fn without(&mut self, id: MemberId) {
        self.members.remove(id);
        self.await_no_more(id);
        if self.offered.is_some_and(|(to, _)| to == id) {
            self.offered = None;
        }
        if self.leads() {
            self.push(Output::MadeRoom);
        }
    }

    /// Posts messages again that a sharer has missed.
    pub(super) fn resend(&mut self, to: MemberId, first: u64) {
        if matches!(self.role, Role::Doubting) {
            return;
        }
        let from = self.recent.from(first);
        let batches: Option<Vec<Batch>> = from.map(|batches| batches.cloned().collect());
        match batches {
            Some(batches) => {
                for Batch { first, count, bytes, .. } in batches {
                    self.post_with(Body::Batch { first, count }, &bytes);
                }
            }
            None if first < self.next => {
                // Those that are kept are posted when they are requested.
                let oldest = self.recent.first().filter(|oldest| oldest.first > first);
                let (next, id) = oldest.map_or((self.next, &self.id), |oldest| (oldest.first, &oldest.before));
                let place = Place { origin: self.origin, next, id: id.as_ref().to_owned() };
                self.post(Body::Lost { to, place });
            }
            None => {}
        }
    }

    /// Another sharer knows of a later epoch: a leader that holds the lock starts an even later one.
    pub(super) fn outdated(&mut self, now: Instant, epoch: Epoch) {
        if epoch <= self.epoch {
            return;
        }
        match self.role {
            Role::Leading => {
                self.epoch = epoch;
                self.begin_epoch();
                self.say();
            }
            Role::Calling(_) => {
                self.epoch = epoch;
                self.call(now);
            }
            _ => {}
        }
    }

    /// Tells a leader whose epoch is over about the new one.
    pub(super) fn correct(&mut self, body: &Body) {
        if self.leads() {
            self.say();
        } else if matches!(body, Body::Claim | Body::Lead(_)) {
            self.post(Body::Outdated);
        }
    }

    /// The user wants a new connection.
    pub(crate) fn reconnect(&mut self) {
        if self.leads() {
            self.push(Output::Reconnect);
        } else {
            self.post(Body::Reconnect);
        }
    }
}
