//! What a connection does when a time is over, and when its readers hold it.

use super::connection::Connection;
use super::outbox::{Output, Timer};
use super::phase::Phase;
use super::rules::{ANOTHER_LOOK, LONGEST_HOLD, SECOND_LOOK};
use super::state::PauseReason;
use super::time::Instant;
use crate::error::Error;

impl Connection {
    pub(crate) fn fired(&mut self, now: Instant, timer: Timer) {
        let may_let_go = self.may_let_go();
        match (timer, &mut self.phase) {
            (Timer::Retry, Phase::Waiting { .. }) => self.connect(),
            (Timer::Deadline, Phase::Attempting | Phase::Interrupted) => {
                self.leave(now);
                self.decide(now, Error::OpenTimeout { after: self.rules.open_timeout.unwrap_or_default() });
            }
            (Timer::Deadline, Phase::Probing) => {
                let cause = self.state.cause().cloned();
                self.leave(now);
                if let Some(cause) = cause {
                    self.decide(now, cause);
                }
            }
            (Timer::Idle, Phase::Open { held: Some(_), .. }) => {
                self.outbox.set_timer(Timer::Idle, self.rules.idle_timeout);
            }
            (Timer::Idle, Phase::Open { suspect, .. }) => {
                let after = self.rules.idle_timeout.unwrap_or_default();
                let silent = now.saturating_sub(self.last_activity.unwrap_or_default());
                let seen_before = *suspect == self.last_activity;
                *suspect = self.last_activity.filter(|_| silent >= after);
                if silent < after {
                    self.outbox.set_timer(Timer::Idle, Some(after.saturating_sub(silent)));
                } else if seen_before {
                    self.leave(now);
                    self.decide(now, Error::IdleTimeout { after });
                } else {
                    self.outbox.set_timer(Timer::Idle, Some(SECOND_LOOK));
                }
            }
            (Timer::Held, Phase::Open { held, watched, .. }) => {
                *watched = held.is_some();
                if let Some(since) = *held {
                    let lasted = now.saturating_sub(since);
                    let rest = LONGEST_HOLD.saturating_sub(lasted);
                    // Who holds it now may do so alone, and others may come or be ready later.
                    self.outbox.set_timer(Timer::Held, Some(if rest.is_zero() { LONGEST_HOLD } else { rest }));
                    if rest.is_zero() {
                        self.outbox.push(Output::Excuse { lasted });
                    }
                }
            }
            (Timer::Hidden, Phase::Closed | Phase::Paused { reason: PauseReason::Cached, .. }) => {}
            (Timer::Hidden, _) if may_let_go => self.pause(now, PauseReason::Hidden),
            // It may be let go later.
            (Timer::Hidden, _) => {
                let grace = self.rules.hidden_grace.map(|grace| grace.max(ANOTHER_LOOK));
                self.outbox.set_timer(Timer::Hidden, grace);
            }
            _ => {}
        }
    }

    /// Nothing is read, because a reader's queue is full.
    #[cfg(any(feature = "fetch", test))]
    pub(crate) fn held(&mut self, now: Instant) {
        if let Phase::Open { held: held @ None, watched, .. } = &mut self.phase {
            *held = Some(now);
            if !std::mem::replace(watched, true) {
                self.outbox.set_timer(Timer::Held, Some(LONGEST_HOLD));
            }
        }
    }

    /// The stream is read again.
    #[cfg(any(feature = "fetch", test))]
    pub(crate) fn flowing(&mut self, now: Instant) {
        self.heard(now);
        if let Phase::Open { held, .. } = &mut self.phase {
            *held = None;
        }
    }
}
