//! A source that shares: its state, its inputs, and what it has to do.
//!
//! This file has what all roles have in common. Each role has a file of its own: away.rs (not there yet, or no longer),
//! following.rs, calling.rs (it has the lock, and asks which messages the others have) and leading.rs. standing.rs has
//! what a sharer tells the others about itself.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use super::call::Call;
use super::members::{Hold, Members};
use super::overlap::Overlap;
use super::post::{Arrival, Body, Epoch, Lead, MemberId, Place, Post, Posted, Standing};
use super::recent::{Batch, Recent};
use super::{ASK_AGAIN, DOUBT, HEARTBEAT, OFFER, SECOND_LOOK};
use crate::core::state::State;
use crate::core::time::Instant;

/// What to do.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Output {
    /// Open the channel and take the sharer's own lock, which shows the others that it is there; then report that.
    Join,
    /// Close the channel and release all locks.
    Leave,
    Post(Vec<u8>),
    /// Wait for the leader's lock.
    Queue,
    /// Take the lock from its holder.
    Steal,
    /// Check whether the lock has been stolen.
    Verify,
    /// Report when this sharer has left.
    Watch(MemberId),
    /// Open a connection that continues after this ID.
    Open(Arc<str>),
    Close,
    /// Make a new connection in place of the one that is open.
    Reconnect,
    /// Listen to messages of these types, too.
    Listen(Vec<String>),
    /// There may be room for messages that had to wait, or a new reader.
    MadeRoom,
    /// Report the state to the user, and whether this source leads.
    Tell(State, bool),
    Deliver(Vec<Posted>),
    Move(Arc<str>),
    /// The stream continues after this ID, which is not where it was.
    Gap(String),
    /// Messages are missing; how many, if that is known.
    Missed(Option<u64>),
    /// Stop waiting for readers of this source that make the others wait.
    Excuse,
    /// Call [`Sharer::fired`] after this time.
    Wake(Duration),
}

#[derive(Debug)]
pub(super) enum Role {
    /// It has not begun, is in the back/forward cache, or is returning from it.
    Away,
    Following,
    /// It was offered the connection at this time, and is opening one of its own.
    Preparing(Instant),
    /// It has the lock.
    Calling(Call),
    Leading,
    /// It has been out of touch, and may have lost the lock.
    Doubting,
    Ended,
}

#[derive(Debug)]
pub(crate) struct Sharer {
    pub(super) me: MemberId,
    /// Whether the transport delivers every type of event, and can be paused.
    pub(super) flows: bool,
    pub(super) role: Role,
    /// The latest known epoch, and the one whose leader last posted its place.
    pub(super) epoch: Epoch,
    pub(super) led: Epoch,
    /// The latest epoch of another sharer that believes it has the lock, while this one believes so, too.
    pub(super) rival: Epoch,
    /// The lowest term of an epoch that this sharer begins.
    first_term: u64,
    /// The place in the stream. Until it has `joined`, only the `id` is valid.
    pub(super) origin: Epoch,
    pub(super) next: u64,
    pub(super) id: Arc<str>,
    pub(super) joined: bool,
    /// The place up to which messages were delivered here, while the leader repeats older ones that others have missed.
    pub(super) ahead: Option<Place>,
    pub(super) standing: Standing,
    /// The standing that the others know.
    pub(super) posted: Standing,
    pub(super) hold: Hold,
    pub(super) members: Members,
    pub(super) recent: Recent,
    /// Messages that arrived before earlier ones that are missing.
    pub(super) early: Vec<(Batch, Vec<Posted>)>,
    pub(super) overlap: Overlap,
    /// The leader's state, and what the user was last told.
    pub(super) state: State,
    told: Option<(State, bool)>,
    /// The state of the connection here, if there is one.
    pub(super) connection: Option<State>,
    /// What has arrived over the connection and can't be handed out yet.
    pub(super) held: Vec<Arrival>,
    /// When the leader was last heard, since when it has been asked whether it is there, and when this sharer last
    /// announced itself.
    pub(super) heard: Instant,
    pub(super) asked: Option<Instant>,
    pub(super) greeted: Instant,
    /// When it requested messages that are missing.
    pub(super) missing: Option<Instant>,
    /// When anything last happened here.
    alive: Instant,
    pub(super) hidden_since: Option<Instant>,
    pub(super) offered: Option<(MemberId, Instant)>,
    outbox: VecDeque<Output>,
    /// When it will be woken.
    pub(super) armed: Option<Instant>,
}

impl Sharer {
    /// A sharer that is to continue after `id`. `me` is drawn at random, `first_term` grows with time.
    pub(crate) fn new(me: MemberId, first_term: u64, flows: bool, id: &str) -> Self {
        Self {
            me,
            flows,
            role: Role::Away,
            epoch: Epoch::default(),
            led: Epoch::default(),
            rival: Epoch::default(),
            first_term,
            origin: Epoch::default(),
            next: 0,
            id: id.into(),
            joined: false,
            ahead: None,
            standing: Standing { is_visible: true, until: Standing::ALL, ..Standing::default() },
            posted: Standing::default(),
            hold: Hold::default(),
            members: Members::default(),
            recent: Recent::default(),
            early: Vec::new(),
            overlap: Overlap::default(),
            state: State::Connecting { attempt: 1 },
            told: None,
            connection: None,
            held: Vec::new(),
            heard: Instant::ZERO,
            asked: None,
            greeted: Instant::ZERO,
            missing: None,
            alive: Instant::ZERO,
            hidden_since: None,
            offered: None,
            outbox: VecDeque::new(),
            armed: None,
        }
    }

    /// The next thing to do. There is one per call, because doing it may cause further input.
    pub(crate) fn poll_output(&mut self) -> Option<Output> {
        self.outbox.pop_front()
    }

    /// Whether it has the connection.
    pub(crate) fn leads(&self) -> bool {
        matches!(self.role, Role::Leading | Role::Doubting)
    }

    pub(super) fn push(&mut self, output: Output) {
        self.outbox.push_back(output);
    }

    pub(super) fn post(&mut self, body: Body) {
        self.post_with(body, &[]);
    }

    pub(super) fn post_with(&mut self, body: Body, messages: &[u8]) {
        let post = Post { from: self.me, epoch: self.epoch, body };
        self.push(Output::Post(post.encode(messages)));
    }

    pub(super) fn place(&self) -> Place {
        Place { origin: self.origin, next: self.next, id: self.id.as_ref().to_owned() }
    }

    pub(super) fn lead_now(&self) -> Lead {
        Lead { place: self.place(), state: self.state.clone(), members: self.members.ids() }
    }

    /// Reports the state to the user, if it has changed.
    pub(super) fn tell(&mut self) {
        let now = (self.state.clone(), self.leads());
        if self.told.as_ref() != Some(&now) {
            self.told = Some(now.clone());
            self.push(Output::Tell(now.0, now.1));
        }
    }

    /// Begins the first epoch, or the one after the latest.
    pub(super) fn begin_epoch(&mut self) {
        let term = self.epoch.term.saturating_add(1).max(self.first_term);
        self.epoch = Epoch { term, leader: self.me };
    }

    /// Something has happened. A leader that was out of touch for so long that it may have been replaced hands out
    /// nothing until it knows whether it still leads.
    pub(super) fn touch(&mut self, now: Instant) {
        let silent = now.saturating_sub(self.alive);
        self.alive = now;
        if silent > DOUBT && matches!(self.role, Role::Leading) {
            self.doubt();
        }
    }

    /// Checks whether the lock is still held; nothing is handed out until that is known.
    pub(super) fn doubt(&mut self) {
        if matches!(self.role, Role::Leading) {
            self.role = Role::Doubting;
        }
        self.push(Output::Verify);
    }

    /// Whether it has the lock, as far as it knows.
    pub(super) fn has_lock(&self) -> bool {
        matches!(self.role, Role::Calling(_) | Role::Leading | Role::Doubting)
    }

    /// Does what is due, and requests a wake-up for what is due next.
    pub(super) fn settle(&mut self, now: Instant) {
        match self.role {
            Role::Following => self.settle_following(now),
            Role::Preparing(since) if now.saturating_sub(since) >= OFFER => self.decline(now),
            Role::Preparing(_) => self.settle_missing(now),
            Role::Calling(_) => self.settle_calling(now),
            Role::Leading => self.settle_leading(now),
            Role::Away | Role::Doubting | Role::Ended => {}
        }
        if let Some(due) = self.deadline()
            && self.armed.is_none_or(|armed| due < armed)
        {
            self.armed = Some(due);
            self.push(Output::Wake(due.saturating_sub(now)));
        }
    }

    /// The requested time has come.
    pub(crate) fn fired(&mut self, now: Instant) {
        self.armed = None;
        self.touch(now);
        self.settle(now);
    }

    fn deadline(&self) -> Option<Instant> {
        let at = |since: Instant, after: Duration| Some(since.saturating_add(after));
        let missing = self.missing.and_then(|since| at(since, ASK_AGAIN));
        let deadlines = match &self.role {
            Role::Away | Role::Doubting | Role::Ended => return None,
            Role::Following => {
                let silent = match self.asked {
                    None => at(self.heard, HEARTBEAT + self.jitter(HEARTBEAT / 16)),
                    Some(asked) => at(asked, HEARTBEAT + SECOND_LOOK + self.jitter(HEARTBEAT / 4)),
                };
                [silent, missing, at(self.greeted, ASK_AGAIN).filter(|_| !self.joined)]
            }
            Role::Preparing(since) => [at(*since, OFFER), missing, None],
            Role::Calling(call) => [Some(call.next_step()), None, None],
            Role::Leading => {
                let hidden = self.next_offer().map(|(from, _)| from);
                let offered = self.offered.and_then(|(_, since)| at(since, OFFER + HEARTBEAT));
                [hidden, offered, self.members.deadline().into_iter().chain(self.hold.deadline()).min()]
            }
        };
        deadlines.into_iter().flatten().min()
    }

    /// A fraction of this time that differs between sharers, so that they do not all act at once.
    pub(super) fn jitter(&self, most: Duration) -> Duration {
        let part = u32::try_from(self.me % 1000).unwrap_or_default();
        most * part / 1000
    }

    /// A post has arrived.
    pub(crate) fn received(&mut self, now: Instant, bytes: &[u8]) {
        let Some((post, messages)) = Post::decode(bytes) else { return };
        if post.from == self.me || matches!(self.role, Role::Away | Role::Ended) {
            return;
        }
        self.touch(now);
        self.take(now, post, messages);
        self.settle(now);
    }

    fn take(&mut self, now: Instant, Post { from, epoch, body }: Post, messages: &[u8]) {
        if self.members.note(from) && self.leads() {
            self.push(Output::Watch(from));
        }
        match body {
            Body::Hello { standing, after } => self.greet(now, from, standing, &after),
            Body::Bye => self.without(from),
            Body::Standing(standing) => self.note_standing(from, standing),
            Body::Have { place, standing } => self.note_answer(from, epoch, place, standing),
            Body::Resend { to, origin, first } if to == self.me && origin == self.origin => self.resend(from, first),
            Body::Ping => self.pinged(now),
            Body::Decline if self.leads() => self.declined(now, from),
            Body::Reconnect if self.leads() => self.push(Output::Reconnect),
            Body::Outdated => self.outdated(now, epoch),
            Body::Ended(state) => self.ended(from, epoch, state),
            Body::Welcome { .. } | Body::Claim | Body::Lead(_) | Body::Batch { .. } if epoch < self.epoch => {
                self.correct(&body);
            }
            Body::Welcome { to, after, begin, missed, lead } => {
                if !self.follow(now, epoch) {
                    return;
                }
                // Otherwise it is for another sharer, or answers an earlier greeting.
                if to == self.me && *after == *self.id {
                    self.welcomed(begin, missed, &lead);
                }
                self.led(now, lead);
            }
            Body::Claim => {
                if !self.follow(now, epoch) {
                    return;
                }
                if self.joined {
                    self.answer();
                } else {
                    self.greet_all(now);
                }
            }
            Body::Lead(lead) => {
                if self.follow(now, epoch) {
                    self.led(now, lead);
                }
            }
            Body::Batch { first, count } => self.batch(now, (from, epoch), (first, count), messages),
            Body::Moved(place) => self.moved(now, epoch, place),
            Body::Gap { next, last_event_id } => self.jumped(now, epoch, next, last_event_id),
            Body::Lost { to, place } if to == self.me => self.lost_messages(now, epoch, place),
            Body::Offer { to, types } if to == self.me => self.accept(now, (from, epoch), types),
            Body::Resend { .. } | Body::Lost { .. } | Body::Offer { .. } | Body::Decline | Body::Reconnect => {}
        }
    }
}
