//! The life of a connection: it is made, opens, breaks and ends.
//!
//! A state machine without effects. Each of its methods that takes the time tells it what happened;
//! [`Connection::poll_output`] says what to do about it. What options add stands in files of its own, as further methods:
//! recovery.rs (policies, probes, waits), visits.rs (the network, the page) and timers.rs. Only those who use an option call
//! them, so that a program without it does not hold their code.

use std::rc::Rc;
use std::time::Duration;

use super::close::CloseReason;
use super::outbox::{Outbox, Output, Timer};
use super::phase::Phase;
use super::rules::{Answered, LONGEST_HOLD, Rules, Unanswered};
use super::state::State;
use super::time::Instant;
use crate::error::Error;

/// What happened: a call of one of the connection's methods, at the time that comes with it.
pub(crate) type Input = Box<dyn FnOnce(&mut Connection, Instant)>;

/// Deals with a failure after which another attempt may help.
pub(crate) type Recover = fn(&mut Connection, Instant, Error);

/// What a connection does after a failure, besides ending.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Abilities {
    /// Looks into a failure whose cause the browser does not tell, before it is acted on.
    pub(crate) look_into: Option<Recover>,
    /// Tries again, or gives up.
    pub(crate) recover: Option<Recover>,
}

#[derive(Debug)]
pub(crate) struct Connection {
    pub(super) rules: Rules,
    abilities: Abilities,
    pub(super) phase: Phase,
    pub(super) state: Rc<State>,
    /// The number of the newest attempt since the connection was last open.
    pub(super) attempt: u32,
    /// Failures since the connection was last stable.
    pub(super) streak: u32,
    /// How long the connection that was lost last had been open.
    pub(super) connected_for: Option<Duration>,
    pub(super) last_activity: Option<Instant>,
    pub(super) server_retry: Option<Duration>,
    /// How long the server asked to be left alone after the newest failure, and until when that is.
    pub(super) asked: Option<Duration>,
    pub(super) not_before: Option<Instant>,
    pub(super) offline: bool,
    pub(super) hidden: bool,
    pub(super) opened: u32,
    pub(super) outbox: Outbox,
}

impl Connection {
    pub(crate) fn new(rules: Rules, abilities: Abilities) -> Self {
        Self {
            rules,
            abilities,
            phase: Phase::Between,
            state: Rc::new(State::Connecting { attempt: 1 }),
            attempt: 0,
            streak: 0,
            connected_for: None,
            last_activity: None,
            server_retry: None,
            asked: None,
            not_before: None,
            offline: false,
            hidden: false,
            opened: 0,
            outbox: Outbox::default(),
        }
    }

    /// The next thing to do. Asked one at a time, because doing one may cause further input.
    pub(crate) fn poll_output(&mut self) -> Option<Output> {
        self.outbox.pop()
    }

    pub(crate) fn state(&self) -> &Rc<State> {
        &self.state
    }

    pub(crate) fn is_closed(&self) -> bool {
        matches!(self.phase, Phase::Closed)
    }

    /// How often the connection was made again after it had been open.
    pub(crate) fn reconnects(&self) -> u32 {
        self.opened.saturating_sub(1)
    }

    pub(crate) fn last_activity(&self) -> Option<Instant> {
        self.last_activity
    }

    /// Whether the stream has ever been open.
    pub(crate) fn was_open(&self) -> bool {
        self.opened > 0
    }

    /// Whether the stream has begun, here or before.
    fn is_begun(&self) -> bool {
        self.was_open() || self.rules.begun
    }

    /// Makes the first attempt.
    pub(crate) fn start(&mut self) {
        if !self.is_closed() {
            self.connect();
        }
    }

    pub(super) fn connect(&mut self) {
        self.attempt = self.attempt.saturating_add(1);
        self.connected_for = None;
        self.not_before = None;
        self.outbox.set_timer(Timer::Deadline, self.rules.open_timeout);
        self.outbox.push(Output::Open);
        self.enter(Phase::Attempting, State::Connecting { attempt: self.attempt });
    }

    /// The transport has an event stream.
    pub(crate) fn opened(&mut self, now: Instant) {
        if !matches!(self.phase, Phase::Attempting | Phase::Interrupted) {
            return;
        }
        self.outbox.clear_timer(Timer::Deadline, self.rules.open_timeout);
        self.attempt = 0;
        self.opened = self.opened.saturating_add(1);
        // Whatever the browser believes: there is a network (or the server runs on this machine).
        self.offline = false;
        self.last_activity = Some(now);
        self.outbox.set_timer(Timer::Idle, self.rules.idle_timeout);
        self.enter(Phase::Open { since: now, held: None, watched: false, suspect: None }, State::Open);
    }

    /// The server was heard at this time.
    pub(crate) fn heard(&mut self, at: Instant) {
        self.last_activity = self.last_activity.max(Some(at));
    }

    /// The transport lost its connection, or failed to make one, and tries again by itself.
    pub(crate) fn interrupted(&mut self, now: Instant, cause: Error) {
        match self.phase {
            Phase::Open { .. } => {
                self.leave_open(now);
                self.outbox.set_timer(Timer::Deadline, self.rules.open_timeout);
            }
            // The time that an attempt may take goes on: the browser may fail at it for ever.
            Phase::Attempting | Phase::Interrupted => {}
            _ => return,
        }
        self.attempt = self.attempt.saturating_add(1);
        self.enter(Phase::Interrupted, State::Waiting { attempt: self.attempt, delay: None, cause });
    }

    /// The transport gave up, or could not be made.
    pub(crate) fn failed(&mut self, now: Instant, cause: Error) {
        if !matches!(self.phase, Phase::Attempting | Phase::Open { .. } | Phase::Interrupted) {
            return;
        }
        self.leave(now);
        match self.abilities.look_into {
            // Of the other causes everything is known.
            Some(look_into) if matches!(cause, Error::ConnectionFailed { .. }) => look_into(self, now, cause),
            _ => self.decide(now, cause),
        }
    }

    /// What to do after a failure.
    pub(super) fn decide(&mut self, now: Instant, cause: Error) {
        match self.abilities.recover {
            Some(recover) if self.rules.allow_another(&cause, self.is_begun()) && !self.rules.is_final(&cause) => {
                recover(self, now, cause);
            }
            _ => self.end(now, CloseReason::Failed { cause }),
        }
    }

    /// The user wants no more.
    pub(crate) fn close(&mut self, now: Instant) {
        self.end(now, CloseReason::ByHand);
    }

    pub(crate) fn end(&mut self, now: Instant, reason: CloseReason) {
        if self.is_closed() {
            return;
        }
        self.leave(now);
        self.outbox.clear_timer(Timer::Hidden, self.rules.hidden_grace);
        self.enter(Phase::Closed, State::Closed { reason });
    }

    /// Whether the request that is under way, or the stream that is open, may be let go to be requested again later.
    pub(super) fn may_let_go(&self) -> bool {
        let again = self.rules.again;
        match self.phase {
            Phase::Closed => false,
            // There is none, and another may be made.
            Phase::Waiting { .. } | Phase::Paused { .. } => true,
            _ if self.is_begun() => again.answered != Answered::Never,
            // It may be acted on just now.
            _ => again.unanswered == Unanswered::Any && again.answered != Answered::Never,
        }
    }

    /// Lets go of all that the phase holds.
    pub(super) fn leave(&mut self, now: Instant) {
        match self.phase {
            Phase::Open { .. } => {
                self.leave_open(now);
                self.outbox.push(Output::Release);
            }
            Phase::Attempting | Phase::Interrupted => {
                self.outbox.clear_timer(Timer::Deadline, self.rules.open_timeout);
                self.outbox.push(Output::Release);
            }
            #[cfg(feature = "share")]
            Phase::Mirroring => self.outbox.push(Output::Release),
            Phase::Probing => {
                self.outbox.clear_timer(Timer::Deadline, Some(self.rules.probe_timeout()));
                self.outbox.push(Output::Release);
            }
            Phase::Waiting { .. } => self.outbox.push(Output::ClearTimer(Timer::Retry)),
            Phase::Between | Phase::Deciding(_) | Phase::Paused { .. } | Phase::Closed => {}
        }
        self.phase = Phase::Between;
    }

    /// Counts the open connection as lost, and stops its timers.
    fn leave_open(&mut self, now: Instant) {
        let Phase::Open { since, watched, .. } = self.phase else { return };
        self.outbox.clear_timer(Timer::Idle, self.rules.idle_timeout);
        self.outbox.clear_timer(Timer::Held, watched.then_some(LONGEST_HOLD));
        let connected_for = now.saturating_sub(since);
        self.connected_for = Some(connected_for);
        if self.rules.stable_period.is_some_and(|period| connected_for >= period) {
            self.streak = 0;
        }
    }

    pub(super) fn enter(&mut self, phase: Phase, state: State) {
        self.phase = phase;
        self.state = Rc::new(state);
        self.outbox.push(Output::Announce(Rc::clone(&self.state)));
    }
}

#[cfg(test)]
#[path = "connection_tests.rs"]
mod tests;
