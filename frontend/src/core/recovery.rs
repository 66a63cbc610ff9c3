//! What a connection does after a failure: it asks the policy, probes, waits and retries.

use std::time::Duration;

use super::close::CloseReason;
use super::connection::Connection;
use super::outbox::{Output, Timer};
use super::phase::Phase;
use super::retry::RetryContext;
#[cfg(any(feature = "fetch", test))]
use super::rules::{Answered, LEAST_RECONNECTION_TIME, RECONNECTION_TIME};
use super::state::{PauseReason, State};
use super::time::{Instant, LONGEST};
use crate::error::Error;

impl Connection {
    /// Finds out why the transport gave up, before the failure is handled.
    pub(crate) fn look_into(&mut self, _now: Instant, cause: Error) {
        self.enter(Phase::Probing, State::Waiting { attempt: self.attempt.saturating_add(1), delay: None, cause });
        self.outbox.set_timer(Timer::Deadline, Some(self.rules.probe_timeout()));
        self.outbox.push(Output::Probe);
    }

    /// What a probe found.
    pub(crate) fn probed(&mut self, now: Instant, found: Error) {
        if let Phase::Probing = self.phase {
            self.leave(now);
            self.decide(now, found);
        }
    }

    /// Asks the policy.
    pub(crate) fn consult(&mut self, _now: Instant, cause: Error) {
        self.streak = self.streak.saturating_add(1);
        let context = RetryContext {
            connected_for: self.connected_for,
            server_retry: self.server_retry,
            ..RetryContext::new(cause, self.streak)
        };
        self.asked = context.asked();
        self.phase = Phase::Deciding(context.cause.clone());
        self.outbox.push(Output::Consult(context));
    }

    /// What the policy said.
    pub(crate) fn decided(&mut self, now: Instant, delay: Option<Duration>) {
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

    /// Reconnects as the Standard says, without a policy, for a transport that does not do so itself.
    #[cfg(any(feature = "fetch", test))]
    pub(crate) fn reestablish(&mut self, now: Instant, cause: Error) {
        if !cause.is_loss() {
            return self.end(now, CloseReason::Failed { cause });
        }
        self.asked = self.server_retry;
        self.wait(now, self.server_retry.unwrap_or(RECONNECTION_TIME).max(LEAST_RECONNECTION_TIME), cause);
    }

    /// Records how much of a wait the server has asked for.
    fn keep_asked(&mut self, now: Instant, delay: Duration) {
        self.not_before = self.asked.map(|asked| now.saturating_add(asked.min(delay).min(LONGEST)));
    }

    fn wait(&mut self, now: Instant, delay: Duration, cause: Error) {
        self.keep_asked(now, delay);
        let delay = delay.min(LONGEST);
        self.outbox.set_timer(Timer::Retry, Some(delay));
        let attempt = self.attempt.saturating_add(1);
        let until = now.saturating_add(delay);
        self.enter(Phase::Waiting { until }, State::Waiting { attempt, delay: Some(delay), cause });
    }

    /// Continues a wait or pause until this time, or connects at once if nothing has failed.
    pub(super) fn wait_until(&mut self, now: Instant, until: Instant) {
        let not_before = self.not_before;
        match self.cause() {
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

    /// The failure before this wait or pause.
    pub(super) fn cause(&self) -> Option<Error> {
        match &self.phase {
            Phase::Waiting { .. } => self.state.cause().cloned(),
            Phase::Paused { cause, .. } => cause.clone(),
            _ => None,
        }
    }

    pub(super) fn enter_pause(&mut self, reason: PauseReason, cause: Option<Error>) {
        self.enter(Phase::Paused { reason, cause }, State::Paused { reason });
    }

    /// The response has ended. The connection counts as lost if the stream is requested again, or if its end would have
    /// had a mark.
    #[cfg(any(feature = "fetch", test))]
    pub(crate) fn ended(&mut self, now: Instant, cause: Error) {
        if self.rules.again.answered == Answered::Any || self.rules.end_is_told {
            self.failed(now, cause);
        } else {
            self.end(now, CloseReason::Complete);
        }
    }

    /// The server has said how long to wait before a reconnection.
    #[cfg(any(feature = "fetch", test))]
    pub(crate) fn reconnection_time(&mut self, time: Duration) {
        self.server_retry = Some(time);
    }

    /// The user wants a new connection now.
    pub(crate) fn reconnect(&mut self, now: Instant) {
        if !self.may_let_go() {
            return;
        }
        self.leave(now);
        self.streak = 0;
        self.attempt = 0;
        self.connect();
        // It connects although the page is hidden, but closes again after the usual grace.
        if self.hidden {
            self.outbox.set_timer(Timer::Hidden, self.rules.hidden_grace);
        }
    }
}
