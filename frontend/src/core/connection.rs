//! The life of a connection: it is made, opens, breaks and ends.
//!
//! A state machine without side effects. Methods that take the time are its inputs; [`Connection::poll_output`] returns
//! what to do next. The methods that options need are in files of their own: recovery.rs (policies, probes, waits),
//! visits.rs (the network, the page) and timers.rs. Only the setter of an option refers to them, so that a program that
//! does not use the option does not link their code.

use std::rc::Rc;
use std::time::Duration;

use super::close::CloseReason;
use super::outbox::{Outbox, Output, Timer};
use super::phase::Phase;
use super::rules::{Answered, LONGEST_HOLD, Rules, Unanswered};
use super::state::State;
use super::time::Instant;
use crate::error::Error;

/// An input: a call of one of the connection's methods, with the time at which it happened.
pub(crate) type Input = Box<dyn FnOnce(&mut Connection, Instant)>;

/// Handles a failure after which another attempt may help.
pub(crate) type Recover = fn(&mut Connection, Instant, Error);

/// What a connection can do after a failure, other than end.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Abilities {
    /// Finds out the cause of a failure that the browser does not expose, before the failure is handled.
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
    /// How long the last connection was open before it was lost.
    pub(super) connected_for: Option<Duration>,
    pub(super) last_activity: Option<Instant>,
    pub(super) server_retry: Option<Duration>,
    /// How long the server asked clients to wait after the newest failure, and until when that is.
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

    /// The next thing to do. Outputs are polled one at a time, because each may cause further input.
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

    /// Whether the stream has begun, in this source or in an earlier one.
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
        // The browser may still report that it is offline, but there is a network (or the server runs on this machine).
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
            // The timer of the attempt keeps running, because the browser may retry forever.
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
            // The other causes are fully known.
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

    /// The user has closed the source.
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

    /// Whether the current request or open stream may be closed now and requested again later.
    pub(super) fn may_let_go(&self) -> bool {
        let again = self.rules.again;
        match self.phase {
            Phase::Closed => false,
            // There is none, and another may be made.
            Phase::Waiting { .. } | Phase::Paused { .. } => true,
            _ if self.is_begun() => again.answered != Answered::Never,
            // The server may be acting on it now.
            _ => again.unanswered == Unanswered::Any && again.answered != Answered::Never,
        }
    }

    /// Releases everything that the phase holds.
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
