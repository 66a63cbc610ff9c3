//! Decides when a source connects, waits, pauses and ends.
//!
//! A state machine without effects: [`Connection::handle`] takes in what happened, [`Connection::poll_output`] says what
//! to do about it. Every input comes with the time.

use std::time::Duration;

use super::close::CloseReason;
use super::outbox::Outbox;
use super::phase::Phase;
use super::retry::RetryContext;
use super::rules::{
    LEAST_RECONNECTION_TIME, LONGEST_HOLD, ONLINE_JITTER, RECONNECTION_TIME, Reestablish, Rules, SECOND_LOOK,
};
use super::state::{PauseReason, State};
use super::steps::{Input, Output, Timer};
use super::time::{Instant, LONGEST};
use crate::error::Error;

#[derive(Debug)]
pub(crate) struct Connection {
    rules: Rules,
    phase: Phase,
    state: State,
    /// The number of the newest attempt since the connection was last open.
    attempt: u32,
    /// Failures since the connection was last stable.
    streak: u32,
    /// How long the connection that was lost last had been open.
    connected_for: Option<Duration>,
    last_activity: Option<Instant>,
    server_retry: Option<Duration>,
    /// How long the server asked to be left alone after the newest failure, and until when that is.
    asked: Option<Duration>,
    not_before: Option<Instant>,
    offline: bool,
    hidden: bool,
    opened: u32,
    outbox: Outbox,
}

impl Connection {
    pub(crate) fn new(rules: Rules) -> Self {
        Self {
            rules,
            phase: Phase::Between,
            state: State::Connecting { attempt: 1 },
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

    pub(crate) fn handle(&mut self, now: Instant, input: Input) {
        match input {
            _ if self.is_closed() => {}
            Input::Start => self.connect(),
            Input::Opened => self.opened(now),
            Input::Activity => self.last_activity = self.last_activity.max(Some(now)),
            Input::Interrupted(cause) => self.interrupted(now, cause),
            Input::Ended(_) if self.rules.is_single() => self.end(now, CloseReason::Complete),
            Input::Failed(cause) | Input::Ended(cause) => self.failed(now, cause),
            Input::ReconnectionTime(time) => self.server_retry = Some(time),
            Input::Held => self.hold(true),
            Input::Flowing => {
                self.last_activity = self.last_activity.max(Some(now));
                self.hold(false);
            }
            Input::Probed(cause) => self.probed(now, cause),
            Input::Decided(delay) => self.decided(now, delay),
            Input::Fired(timer) => self.fired(now, timer),
            Input::Online(random) => self.online(now, random),
            Input::Offline => {
                self.offline = true;
                // A connection that is open may well hold: offline is what the browser believes.
                if let Phase::Waiting { .. } = self.phase {
                    self.pause(now, PauseReason::Offline);
                }
            }
            // What can't be requested again is not let go.
            Input::Hidden | Input::Cached | Input::Reconnect if self.rules.is_single() => {}
            Input::Hidden => {
                self.hidden = true;
                self.outbox.set_timer(Timer::Hidden, self.rules.hidden_grace);
            }
            Input::Shown => {
                self.hidden = false;
                self.outbox.clear_timer(Timer::Hidden, self.rules.hidden_grace);
                self.resume(now, PauseReason::Hidden);
            }
            Input::Cached if self.rules.retries() => {
                self.outbox.clear_timer(Timer::Hidden, self.rules.hidden_grace);
                self.pause(now, PauseReason::Cached);
            }
            Input::Cached => {}
            Input::Restored => self.resume(now, PauseReason::Cached),
            Input::Reconnect => {
                self.leave(now);
                self.streak = 0;
                self.attempt = 0;
                self.connect();
                // It connects although the page is hidden, but only for as long as any connection would stay.
                if self.hidden {
                    self.outbox.set_timer(Timer::Hidden, self.rules.hidden_grace);
                }
            }
            Input::Close => self.end(now, CloseReason::ByHand),
            Input::Abort(reason) => self.end(now, CloseReason::Aborted { reason }),
        }
    }

    /// The next thing to do. Asked one at a time, because doing one may cause further input.
    pub(crate) fn poll_output(&mut self) -> Option<Output> {
        self.outbox.pop()
    }

    pub(crate) fn state(&self) -> &State {
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

    fn connect(&mut self) {
        self.attempt = self.attempt.saturating_add(1);
        self.connected_for = None;
        self.not_before = None;
        self.outbox.set_timer(Timer::Deadline, self.rules.open_timeout);
        self.outbox.push(Output::Open);
        self.enter(Phase::Attempting, State::Connecting { attempt: self.attempt });
    }

    fn opened(&mut self, now: Instant) {
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
        self.enter(Phase::Open { since: now, held: false, suspect: false }, State::Open);
    }

    fn hold(&mut self, hold: bool) {
        let Phase::Open { held, .. } = &mut self.phase else { return };
        if std::mem::replace(held, hold) == hold {
            return;
        }
        if hold {
            self.outbox.clear_timer(Timer::Idle, self.rules.idle_timeout);
            self.outbox.set_timer(Timer::Held, Some(LONGEST_HOLD));
        } else {
            self.outbox.clear_timer(Timer::Held, Some(LONGEST_HOLD));
            self.outbox.set_timer(Timer::Idle, self.rules.idle_timeout);
        }
    }

    fn interrupted(&mut self, now: Instant, cause: Error) {
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

    fn failed(&mut self, now: Instant, cause: Error) {
        if !matches!(self.phase, Phase::Attempting | Phase::Open { .. } | Phase::Interrupted) {
            return;
        }
        self.leave(now);
        // Of the other causes everything is known.
        if !self.rules.probe || !matches!(cause, Error::ConnectionFailed { .. }) {
            return self.decide(now, cause);
        }
        let state = State::Waiting { attempt: self.attempt.saturating_add(1), delay: None, cause: cause.clone() };
        self.enter(Phase::Probing(cause), state);
        self.outbox.set_timer(Timer::Deadline, Some(self.rules.probe_timeout()));
        self.outbox.push(Output::Probe);
    }

    fn probed(&mut self, now: Instant, found: Error) {
        if let Phase::Probing(_) = self.phase {
            self.leave(now);
            self.decide(now, found);
        }
    }

    fn fired(&mut self, now: Instant, timer: Timer) {
        match (timer, &mut self.phase) {
            (Timer::Retry, Phase::Waiting { .. }) => self.connect(),
            (Timer::Deadline, Phase::Attempting | Phase::Interrupted) => {
                self.leave(now);
                self.decide(now, Error::OpenTimeout { after: self.rules.open_timeout.unwrap_or_default() });
            }
            (Timer::Deadline, Phase::Probing(cause)) => {
                let cause = cause.clone();
                self.leave(now);
                self.decide(now, cause);
            }
            (Timer::Idle, Phase::Open { suspect, .. }) => {
                let after = self.rules.idle_timeout.unwrap_or_default();
                let silent = now.saturating_sub(self.last_activity.unwrap_or_default());
                let seen_before = std::mem::replace(suspect, silent >= after);
                if silent < after {
                    self.outbox.set_timer(Timer::Idle, Some(after.saturating_sub(silent)));
                } else if seen_before {
                    self.leave(now);
                    self.decide(now, Error::IdleTimeout { after });
                } else {
                    self.outbox.set_timer(Timer::Idle, Some(SECOND_LOOK));
                }
            }
            (Timer::Held, Phase::Open { held: true, .. }) => self.outbox.push(Output::Excuse),
            (Timer::Hidden, Phase::Paused { reason: PauseReason::Cached, .. }) => {}
            (Timer::Hidden, _) => self.pause(now, PauseReason::Hidden),
            _ => {}
        }
    }

    /// Ends a wait of the source's own early, but never one that the server has asked for.
    fn online(&mut self, now: Instant, random: f64) {
        self.offline = false;
        let until = match &self.phase {
            Phase::Waiting { until, .. } => *until,
            Phase::Paused { reason: PauseReason::Offline, .. } => Instant::MAX,
            _ => return,
        };
        let spread = now.saturating_add(ONLINE_JITTER.mul_f64(random.clamp(0.0, 1.0)));
        let earliest = self.not_before.unwrap_or_default().max(spread);
        if earliest < until {
            self.wait_until(now, earliest);
        }
    }

    /// What to do after a failure: give up, ask the policy, or do as the Standard says.
    fn decide(&mut self, now: Instant, cause: Error) {
        if self.rules.is_single() || self.rules.is_final(&cause) {
            return self.end(now, CloseReason::Failed { cause });
        }
        let context = RetryContext {
            connected_for: self.connected_for,
            server_retry: self.server_retry,
            ..RetryContext::new(cause, self.streak.saturating_add(1))
        };
        self.asked = context.asked();
        if self.rules.retries() {
            self.streak = context.failure_streak;
            self.phase = Phase::Deciding(context.cause.clone());
            self.outbox.push(Output::Consult(context));
        } else if self.rules.reestablish == Reestablish::Connection && context.cause.is_loss() {
            let delay = self.server_retry.unwrap_or(RECONNECTION_TIME).max(LEAST_RECONNECTION_TIME);
            self.wait(now, delay, context.cause);
        } else {
            self.end(now, CloseReason::Failed { cause: context.cause });
        }
    }

    fn decided(&mut self, now: Instant, delay: Option<Duration>) {
        let Phase::Deciding(cause) = &self.phase else { return };
        let cause = cause.clone();
        match delay {
            None => self.end(now, CloseReason::Failed { cause }),
            Some(delay) if self.offline => {
                self.keep_asked(now, delay);
                self.enter_pause(PauseReason::Offline, Some(cause));
            }
            Some(delay) => self.wait(now, delay, cause),
        }
    }

    /// Notes how much of a wait is the server's wish.
    fn keep_asked(&mut self, now: Instant, delay: Duration) {
        self.not_before = self.asked.map(|asked| now.saturating_add(asked.min(delay).min(LONGEST)));
    }

    fn wait(&mut self, now: Instant, delay: Duration, cause: Error) {
        self.keep_asked(now, delay);
        let delay = delay.min(LONGEST);
        self.outbox.set_timer(Timer::Retry, Some(delay));
        let attempt = self.attempt.saturating_add(1);
        let state = State::Waiting { attempt, delay: Some(delay), cause: cause.clone() };
        self.enter(Phase::Waiting { until: now.saturating_add(delay), cause }, state);
    }

    /// Waits from a wait or a pause on until this time; connects where nothing had failed.
    fn wait_until(&mut self, now: Instant, until: Instant) {
        let not_before = self.not_before;
        match self.phase.cause().cloned() {
            Some(cause) if until > now => {
                self.wait(now, until.saturating_sub(now), cause);
                self.not_before = not_before;
            }
            _ => {
                self.leave(now);
                self.connect();
            }
        }
    }

    fn pause(&mut self, now: Instant, reason: PauseReason) {
        if matches!(&self.phase, Phase::Paused { reason: known, .. } if *known == reason) {
            return;
        }
        let cause = self.phase.cause().cloned();
        self.leave(now);
        self.enter_pause(reason, cause);
    }

    fn enter_pause(&mut self, reason: PauseReason, cause: Option<Error>) {
        self.enter(Phase::Paused { reason, cause }, State::Paused { reason });
    }

    /// Goes on after a pause for this reason: at once, or when the server wants to be asked again.
    fn resume(&mut self, now: Instant, from: PauseReason) {
        if !matches!(self.phase, Phase::Paused { reason, .. } if reason == from) {
            return;
        }
        if self.offline && self.rules.retries() {
            let cause = self.phase.cause().cloned();
            return self.enter_pause(PauseReason::Offline, cause);
        }
        self.wait_until(now, self.not_before.unwrap_or_default());
    }

    fn end(&mut self, now: Instant, reason: CloseReason) {
        self.leave(now);
        self.outbox.clear_timer(Timer::Hidden, self.rules.hidden_grace);
        self.enter(Phase::Closed, State::Closed { reason });
    }

    /// Lets go of all that the phase holds.
    fn leave(&mut self, now: Instant) {
        match self.phase {
            Phase::Open { .. } => {
                self.leave_open(now);
                self.outbox.push(Output::Release);
            }
            Phase::Attempting | Phase::Interrupted => {
                self.outbox.clear_timer(Timer::Deadline, self.rules.open_timeout);
                self.outbox.push(Output::Release);
            }
            Phase::Probing(_) => {
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
        let Phase::Open { since, held, .. } = self.phase else { return };
        self.outbox.clear_timer(Timer::Idle, self.rules.idle_timeout.filter(|_| !held));
        self.outbox.clear_timer(Timer::Held, held.then_some(LONGEST_HOLD));
        let connected_for = now.saturating_sub(since);
        self.connected_for = Some(connected_for);
        if self.rules.stable_period.is_some_and(|period| connected_for >= period) {
            self.streak = 0;
        }
    }

    fn enter(&mut self, phase: Phase, state: State) {
        self.phase = phase;
        self.state = state.clone();
        self.outbox.push(Output::Announce(state));
    }
}

#[cfg(test)]
#[path = "connection_tests.rs"]
mod tests;
