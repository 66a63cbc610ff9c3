//! When to try again. Randomness is an argument.

use std::time::Duration;

use super::time::{LONGEST, fraction};
use crate::error::Error;

/// Decides whether and when a source reconnects after its transport has given up.
///
/// A closure from [`RetryContext`] to a delay is a policy too:
///
/// ```
/// use std::time::Duration;
/// use eventsource_wasm::{EventSource, RetryContext};
///
/// let builder = EventSource::builder("/events")
///     .reconnect(|retry: &RetryContext| (retry.failure_streak <= 3).then_some(Duration::from_secs(2)));
/// ```
pub trait RetryPolicy {
    /// How long to wait before the next attempt; `None` gives up. Longer waits are limited to 2^31 - 1 ms.
    fn next_delay(&self, context: &RetryContext) -> Option<Duration>;

    /// How long a connection has to stay open until earlier failures are forgotten; 60 s unless a policy says
    /// otherwise.
    ///
    /// A server that accepts connections and closes them at once has not recovered.
    fn stable_period(&self) -> Duration {
        Duration::from_secs(60)
    }
}

impl<F: Fn(&RetryContext) -> Option<Duration>> RetryPolicy for F {
    fn next_delay(&self, context: &RetryContext) -> Option<Duration> {
        self(context)
    }
}

/// The argument of a [`RetryPolicy`].
///
/// ```
/// use std::time::Duration;
/// use eventsource_wasm::{Error, RetryContext, RetryPolicy};
///
/// let policy = |context: &RetryContext| (context.failure_streak <= 5).then_some(Duration::from_secs(2));
/// let sixth = RetryContext::new(Error::OpenTimeout { after: Duration::from_secs(20) }, 6);
/// assert_eq!(policy.next_delay(&sixth), None);
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct RetryContext {
    /// What went wrong.
    pub cause: Error,
    /// The number of failures since the connection was last stable; at least 1.
    pub failure_streak: u32,
    /// How long the connection was open before it was lost; `None` if it never opened.
    pub connected_for: Option<Duration>,
    /// The server's [reconnection time]; `None` over the native transport, which does not show it.
    ///
    /// [reconnection time]: https://html.spec.whatwg.org/multipage/server-sent-events.html#concept-event-stream-reconnection-time
    pub server_retry: Option<Duration>,
    /// How long the server asks clients to wait (`Retry-After`); `None` over the native transport, which does not show
    /// it.
    pub retry_after: Option<Duration>,
    /// A random number from 0 up to but not including 1, so that a policy can spread the clients of a server that failed.
    pub random: f64,
}

impl RetryContext {
    /// For testing a policy: an attempt that never opened, and a `random` of 0.5.
    pub fn new(cause: Error, failure_streak: u32) -> Self {
        let retry_after = cause.retry_after();
        Self { cause, failure_streak, connected_for: None, server_retry: None, retry_after, random: 0.5 }
    }

    /// How long the server asks its clients to wait.
    pub(crate) fn asked(&self) -> Option<Duration> {
        self.server_retry.max(self.retry_after)
    }
}

/// Exponential backoff with full jitter: the n-th wait is a random time from 0 to `min_delay` · 2ⁿ⁻¹, at most
/// `max_delay`.
///
/// What the server asks for (its reconnection time, or a longer `Retry-After`), if known, is added in full, so that
/// clients neither come back sooner nor all at once.
///
/// ```
/// use std::time::Duration;
/// use eventsource_wasm::Backoff;
///
/// // Hundreds of thousands of clients come back over ten seconds, and give up after twenty attempts.
/// let policy = Backoff { min_delay: Duration::from_secs(10), max_attempts: Some(20), ..Backoff::default() };
/// # drop(policy);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backoff {
    /// The upper limit of the first wait; 1 s by default.
    pub min_delay: Duration,
    /// The upper limit of every wait; 30 s by default.
    pub max_delay: Duration,
    /// How many attempts in a row may fail before the source gives up; `None`, the default, means no limit.
    pub max_attempts: Option<u32>,
    /// See [`RetryPolicy::stable_period`]; 60 s by default.
    pub stable_period: Duration,
}

impl Default for Backoff {
    fn default() -> Self {
        Self {
            min_delay: Duration::from_secs(1),
            max_delay: Duration::from_secs(30),
            max_attempts: None,
            stable_period: Duration::from_secs(60),
        }
    }
}

impl RetryPolicy for Backoff {
    fn next_delay(&self, context: &RetryContext) -> Option<Duration> {
        if self.max_attempts.is_some_and(|most| context.failure_streak > most) {
            return None;
        }
        let doublings = context.failure_streak.saturating_sub(1).min(31);
        let longest = self.min_delay.saturating_mul(1 << doublings).min(self.max_delay).min(LONGEST);
        let asked = context.asked().unwrap_or_default();
        Some(asked.saturating_add(longest.mul_f64(fraction(context.random))).min(LONGEST))
    }

    fn stable_period(&self) -> Duration {
        self.stable_period
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn context(failure_streak: u32, random: f64) -> RetryContext {
        RetryContext { random, ..RetryContext::new(Error::InvalidUrl { url: String::new() }, failure_streak) }
    }

    fn milliseconds(streak: u32, random: f64) -> Option<u128> {
        Backoff::default().next_delay(&context(streak, random)).map(|delay| delay.as_millis())
    }

    #[test]
    fn waits_double_up_to_the_cap() {
        let waits: Vec<u128> = (1..=7).filter_map(|streak| milliseconds(streak, 1.0)).collect();
        assert_eq!(waits, [1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
    }

    #[test]
    fn jitter_is_full() {
        assert_eq!([0.0, 0.25].map(|random| milliseconds(3, random)), [Some(0), Some(1000)]);
        assert_eq!(milliseconds(3, f64::NAN), Some(0), "a page may have spoilt Math.random");
    }

    #[test]
    fn the_limit_counts_attempts_that_failed() {
        let backoff = Backoff { max_attempts: Some(2), ..Default::default() };
        let given_up: Vec<bool> = (1..=4).map(|streak| backoff.next_delay(&context(streak, 0.5)).is_none()).collect();
        assert_eq!(given_up, [false, false, true, true]);
    }

    #[test]
    fn what_the_server_asks_for_is_the_least() {
        let seconds = |seconds| Some(Duration::from_secs(seconds));
        let asked = RetryContext { server_retry: seconds(10), ..context(1, 1.0) };
        assert_eq!(Backoff::default().next_delay(&asked), seconds(11));
        let busy = RetryContext { retry_after: seconds(60), ..asked };
        assert_eq!(Backoff::default().next_delay(&busy), seconds(61), "the longer of both");
    }

    #[test]
    fn no_streak_and_no_setting_overflows() {
        let backoff = Backoff { min_delay: Duration::MAX, max_delay: Duration::MAX, ..Default::default() };
        assert_eq!(backoff.next_delay(&context(u32::MAX, 1.0)), Some(LONGEST));
    }
}
