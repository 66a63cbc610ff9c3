//! The rules of a connection: those that its source's options set, and fixed ones.

use std::time::Duration;

use crate::error::Error;

/// The options of the source that a connection needs.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rules {
    /// Set when there is a policy for failures: how long a connection has to stay open to count as stable.
    pub(crate) stable_period: Option<Duration>,
    pub(crate) open_timeout: Option<Duration>,
    pub(crate) idle_timeout: Option<Duration>,
    /// How long a page may be hidden before its source pauses.
    pub(crate) hidden_grace: Option<Duration>,
    /// Whether each attempt has an address of its own, so that a refusal of one says nothing about the next.
    pub(crate) fresh_addresses: bool,
    pub(crate) again: Again,
    /// Whether the source starts by resuming a response that has begun earlier.
    pub(crate) begun: bool,
    /// Whether a message marks the end of a response: one that ends without it has broken off.
    pub(crate) end_is_told: bool,
}

/// Which requests may be repeated, although the server might act on them twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Again {
    pub(crate) unanswered: Unanswered,
    pub(crate) answered: Answered,
}

/// Which requests without a stream in response may be repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unanswered {
    Never,
    /// Those that the server has not acted on: it says so, or has not responded.
    #[cfg_attr(not(feature = "fetch"), allow(dead_code, reason = "the browser's own object sends GET"))]
    Refused,
    Any,
}

/// Which requests with a stream in response may be repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answered {
    Never,
    /// None; but another request resumes a response that broke off.
    Resumed,
    /// Those whose response broke off.
    #[cfg_attr(not(feature = "fetch"), allow(dead_code, reason = "the browser's own object sends GET"))]
    Broken,
    /// Also those whose response was read to its end.
    Any,
}

impl Again {
    /// The stream can be requested only once.
    #[cfg(any(feature = "fetch", test))]
    pub(crate) const NEVER: Self = Self { unanswered: Unanswered::Never, answered: Answered::Never };

    /// Whether there is no request that may be made again.
    pub(crate) fn is_never(self) -> bool {
        self.unanswered == Unanswered::Never && self.answered == Answered::Never
    }
}

/// As the Standard requires.
impl Default for Again {
    fn default() -> Self {
        Self { unanswered: Unanswered::Any, answered: Answered::Any }
    }
}

impl Rules {
    /// Whether there is a policy to ask.
    pub(crate) fn retries(&self) -> bool {
        self.stable_period.is_some()
    }

    /// Whether a request may be made again that failed like this; `begun`: whether it, or one before it, had a stream.
    pub(crate) fn allow_another(&self, cause: &Error, begun: bool) -> bool {
        let Again { unanswered, answered } = self.again;
        match (cause.status(), unanswered) {
            // The server has acted on the request, and has responded with something other than a stream.
            (Some(200..=299), _) => answered == Answered::Any,
            _ if begun => answered != Answered::Never,
            (_, Unanswered::Refused) => cause.is_refusal(),
            (_, unanswered) => unanswered == Unanswered::Any,
        }
    }

    /// Whether another attempt can't help.
    pub(crate) fn is_final(&self, cause: &Error) -> bool {
        let of_address = matches!(cause, Error::Status { .. }) && self.fresh_addresses;
        cause.is_final() && !of_address
    }

    pub(crate) fn probe_timeout(&self) -> Duration {
        self.open_timeout.unwrap_or(PROBE_TIMEOUT)
    }
}

/// The [reconnection time] until the server sets another one. The Standard leaves it to the browser; Chromium uses this
/// one.
///
/// [reconnection time]: https://html.spec.whatwg.org/multipage/server-sent-events.html#concept-event-stream-reconnection-time
#[cfg(any(feature = "fetch", test))]
pub(crate) const RECONNECTION_TIME: Duration = Duration::from_secs(3);

/// The shortest wait without a policy, whatever the server says; Firefox uses the same. Otherwise, a server that sends
/// `retry: 0` and ends each response would get hundreds of requests per second.
#[cfg(any(feature = "fetch", test))]
pub(crate) const LEAST_RECONNECTION_TIME: Duration = Duration::from_millis(500);

/// How long a probe may take if there is no `open_timeout`.
const PROBE_TIMEOUT: Duration = Duration::from_secs(10);

/// The longest wait after the browser has come online.
pub(crate) const ONLINE_JITTER: Duration = Duration::from_secs(1);

/// If the page was busy, an overdue timer may fire before the messages that have arrived meanwhile are dispatched. So a
/// connection that looks silent is checked once more after this time.
pub(crate) const SECOND_LOOK: Duration = Duration::from_millis(100);

/// The shortest time after which a hidden page checks again whether it may close its connection.
pub(crate) const ANOTHER_LOOK: Duration = Duration::from_secs(1);

/// How long a reader that takes nothing may keep the stream from the others.
pub(crate) const LONGEST_HOLD: Duration = Duration::from_secs(5);
