//! The rules that a connection goes by: what its source's options say, and what is fixed.

use std::time::Duration;

use crate::error::Error;

/// What a connection has to know of its source's options.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rules {
    /// Set when there is a policy to ask after a failure: how long a connection has to hold to count as stable.
    pub(crate) stable_period: Option<Duration>,
    pub(crate) open_timeout: Option<Duration>,
    pub(crate) idle_timeout: Option<Duration>,
    /// How long a page may be hidden before its source pauses.
    pub(crate) hidden_grace: Option<Duration>,
    /// Whether each attempt has an address of its own, so that a refusal of one says nothing about the next.
    pub(crate) fresh_addresses: bool,
    /// Whether the stream can be requested only once.
    pub(crate) single: bool,
}

impl Rules {
    /// Whether there is a policy to ask.
    pub(crate) fn retries(&self) -> bool {
        self.stable_period.is_some()
    }

    /// Whether the stream can be requested only once.
    pub(crate) fn is_single(&self) -> bool {
        self.single
    }

    /// Whether trying again can't help.
    pub(crate) fn is_final(&self, cause: &Error) -> bool {
        let of_address = matches!(cause, Error::Status { .. }) && self.fresh_addresses;
        cause.is_final() && !of_address
    }

    pub(crate) fn probe_timeout(&self) -> Duration {
        self.open_timeout.unwrap_or(PROBE_TIMEOUT)
    }
}

/// The [reconnection time] until the server says another; the Standard leaves it to the browser, and Chromium takes this.
///
/// [reconnection time]: https://html.spec.whatwg.org/multipage/server-sent-events.html#concept-event-stream-reconnection-time
#[cfg(any(feature = "fetch", test))]
pub(crate) const RECONNECTION_TIME: Duration = Duration::from_secs(3);

/// The least that is waited without a policy, whatever the server says: as much as Firefox takes. A server that sends
/// `retry: 0` and ends each response would otherwise be asked hundreds of times a second.
#[cfg(any(feature = "fetch", test))]
pub(crate) const LEAST_RECONNECTION_TIME: Duration = Duration::from_millis(500);

/// How long a probe may take when no `open_timeout` says it.
const PROBE_TIMEOUT: Duration = Duration::from_secs(10);

/// The longest wait after the browser has come online.
pub(crate) const ONLINE_JITTER: Duration = Duration::from_secs(1);

/// A timer that is overdue, because the page was busy, may fire before the messages that came meanwhile are dispatched.
/// So a connection that looks silent is looked at once more after this time.
pub(crate) const SECOND_LOOK: Duration = Duration::from_millis(100);

/// How long a reader that takes nothing may keep the stream from the others.
pub(crate) const LONGEST_HOLD: Duration = Duration::from_secs(5);
