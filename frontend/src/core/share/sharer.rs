//! One who shares: what it is at, what it is told, and what is to be done about it.
//!
//! Here is what all roles have in common. What each does stands in a file of its own: away.rs (who is not there yet, or any
//! more), following.rs, calling.rs (who has the lock, and asks what everyone has) and leading.rs; standing.rs has what a
//! sharer lets others know of itself.

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
    /// Open the channel and take a lock of one's own, which shows the others that one is there; then say so.
    Join,
    /// Let go of the channel and all locks.
    Leave,
    Post(Vec<u8>),
    /// Wait for the leader's lock.
    Queue,
    /// Take it from whoever has it.
    Steal,
    /// See whether it has been stolen meanwhile.
    Verify,
    /// Tell when this sharer is gone.
    Watch(MemberId),
    /// Open a connection that goes on after this id.
    Open(Arc<str>),
    Close,
    /// Make a new connection in place of the one that is open.
    Reconnect,
    /// Someone reads these types.
    Listen(Vec<String>),
    /// There may be room for messages that had none, or someone to read them.
    MadeRoom,
    /// Tell the user.
    Tell(State, bool),
    Deliver(Vec<Posted>),
    Move(Arc<str>),
    /// The stream goes on after this id, which is not where it was.
    Gap(String),
    /// Messages are missing, so many if that is known.
    Missed(Option<u64>),
    /// Wait no longer for readers here that make others wait.
    Excuse,
    /// Call [`Sharer::fired`] after this time.
    Wake(Duration),
}

#[derive(Debug)]
pub(super) enum Role {
    /// It has not begun, or is in the back/forward cache, or on its way from there.
    Away,
    Following,
    /// It has been offered the connection, and opens one of its own, since this time.
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
    /// Whether the transport shows every type of event, and can be held.
    pub(super) flows: bool,
    pub(super) role: Role,
    /// The latest that it knows, and that whose leader has said last where it is.
    pub(super) epoch: Epoch,
    pub(super) led: Epoch,
    /// The latest of another who believes that it has the lock, while this one does.
    pub(super) rival: Epoch,
    /// The term of an epoch that is the first.
    first_term: u64,
    /// Where it is in the stream; of its `id` only while `joined`.
    pub(super) origin: Epoch,
    pub(super) next: u64,
    pub(super) id: Arc<str>,
    pub(super) joined: bool,
    /// How far it has given messages out here, where it leads those through what they miss.
    pub(super) ahead: Option<Place>,
    pub(super) standing: Standing,
    /// That which the others know.
    pub(super) posted: Standing,
    pub(super) hold: Hold,
    pub(super) members: Members,
    pub(super) recent: Recent,
    /// What has come before something that is missing.
    pub(super) early: Vec<(Batch, Vec<Posted>)>,
    pub(super) overlap: Overlap,
    /// The leader's state, and what the user was told last.
    pub(super) state: State,
    told: Option<(State, bool)>,
    /// The state of the connection here, if there is one.
    pub(super) connection: Option<State>,
    /// What has come over it and can't be handed out yet.
    pub(super) held: Vec<Arrival>,
    /// When the leader was heard last, since when it has been asked whether it is there, and when the sharer has said that it
    /// is here.
    pub(super) heard: Instant,
    pub(super) asked: Option<Instant>,
    pub(super) greeted: Instant,
    /// When it has asked for messages that are missing.
    pub(super) missing: Option<Instant>,
    /// When anything happened here last.
    alive: Instant,
    pub(super) hidden_since: Option<Instant>,
    pub(super) offered: Option<(MemberId, Instant)>,
    outbox: VecDeque<Output>,
    /// When it will be woken.
    pub(super) armed: Option<Instant>,
}

impl Sharer {
    /// One who would go on after `id`. `me` is drawn at random, `first_term` grows with time.
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

    /// The next thing to do. Asked one at a time, because doing one may cause further input.
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

    /// Tells the user how things stand, if that has changed.
    pub(super) fn tell(&mut self) {
        let now = (self.state.clone(), self.leads());
        if self.told.as_ref() != Some(&now) {
            self.told = Some(now.clone());
            self.push(Output::Tell(now.0, now.1));
        }
    }

    /// The first epoch of all, or the one that follows.
    pub(super) fn begin_epoch(&mut self) {
        let term = self.epoch.term.saturating_add(1).max(self.first_term);
        self.epoch = Epoch { term, leader: self.me };
    }

    /// Something has happened. Whoever leads, and finds that it was out of touch for so long that the others may have chosen
    /// another, hands nothing out before it knows.
    pub(super) fn touch(&mut self, now: Instant) {
        let silent = now.saturating_sub(self.alive);
        self.alive = now;
        if silent > DOUBT && matches!(self.role, Role::Leading) {
            self.doubt();
        }
    }

    /// Sees whether the lock is still held, and hands nothing out before that is known.
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

    /// Does what is due, and sees to it that it is woken for what is due next.
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

    /// The time has come that was asked for.
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

    /// A part of this time that is another for each sharer, so that not all do the same at once.
    pub(super) fn jitter(&self, most: Duration) -> Duration {
        let part = u32::try_from(self.me % 1000).unwrap_or_default();
        most * part / 1000
    }

    /// A post has come.
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
                // Or it is an answer to what was said before.
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
