//! How a connection reacts to the network and to its page: online and offline, hidden and visible, cached and restored.

use super::connection::Connection;
use super::outbox::Timer;
use super::phase::Phase;
use super::rules::ONLINE_JITTER;
use super::state::PauseReason;
use super::time::{Instant, fraction};

impl Connection {
    /// The browser is online: ends a wait early, but never one that the server has asked for. All pages get this event
    /// at once, and maybe those of other users too; the number between 0 and 1 spreads their attempts.
    pub(crate) fn online(&mut self, now: Instant, random: f64) {
        self.offline = false;
        let until = match &self.phase {
            Phase::Waiting { until } => *until,
            Phase::Paused { reason: PauseReason::Offline, .. } => Instant::MAX,
            _ => return,
        };
        let spread = now.saturating_add(ONLINE_JITTER.mul_f64(fraction(random)));
        let earliest = self.not_before.unwrap_or_default().max(spread);
        if earliest < until {
            self.wait_until(now, earliest);
        }
    }

    pub(crate) fn offline(&mut self, now: Instant) {
        self.offline = true;
        // An open connection may still work: the browser may be wrong about being offline.
        if let Phase::Waiting { .. } = self.phase {
            self.pause(now, PauseReason::Offline);
        }
    }

    /// The page is hidden.
    pub(crate) fn hidden(&mut self) {
        if self.may_pause() {
            self.hidden = true;
            self.outbox.set_timer(Timer::Hidden, self.rules.hidden_grace);
        }
    }

    pub(crate) fn shown(&mut self, now: Instant) {
        if self.may_pause() {
            self.hidden = false;
            self.outbox.clear_timer(Timer::Hidden, self.rules.hidden_grace);
            self.resume(now, PauseReason::Hidden);
        }
    }

    /// The page goes into the back/forward cache.
    pub(crate) fn cached(&mut self, now: Instant) {
        if self.rules.retries() && self.may_let_go() {
            self.outbox.clear_timer(Timer::Hidden, self.rules.hidden_grace);
            self.pause(now, PauseReason::Cached);
        }
    }

    /// The page has come back from there.
    pub(crate) fn restored(&mut self, now: Instant) {
        self.resume(now, PauseReason::Cached);
    }

    /// Whether it may be paused, now or later: a stream that can't be requested again is not closed.
    fn may_pause(&self) -> bool {
        !self.rules.again.is_never() && !self.is_closed()
    }

    pub(super) fn pause(&mut self, now: Instant, reason: PauseReason) {
        if matches!(&self.phase, Phase::Paused { reason: known, .. } if *known == reason) {
            return;
        }
        let cause = self.cause();
        self.leave(now);
        self.enter_pause(reason, cause);
    }

    /// Continues after a pause for this reason: at once, or when the server's wait is over.
    fn resume(&mut self, now: Instant, from: PauseReason) {
        if !matches!(self.phase, Phase::Paused { reason, .. } if reason == from) {
            return;
        }
        if self.offline && self.rules.retries() {
            let cause = self.cause();
            return self.enter_pause(PauseReason::Offline, cause);
        }
        self.wait_until(now, self.not_before.unwrap_or_default());
    }
}
