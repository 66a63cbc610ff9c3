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
    pub(crate) again: Again,
    /// Whether the source begins by going on with an answer that has begun before.
    pub(crate) begun: bool,
    /// Whether a message says where an answer ends: one that ends without it was broken off.
    pub(crate) end_is_told: bool,
}

/// Which requests may be made again: the server might do twice what it was asked once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Again {
    pub(crate) unanswered: Unanswered,
    pub(crate) answered: Answered,
}

/// Which requests may be made again that no stream has answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unanswered {
    Never,
    /// Those that were not acted on: the server says so, or nobody answered.
    #[cfg_attr(not(feature = "fetch"), allow(dead_code, reason = "the browser's own object sends GET"))]
    Refused,
    Any,
}

/// Which requests may be made again that a stream has answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answered {
    Never,
    /// None; but an answer that broke off is gone on with by another request.
    Resumed,
    /// Those whose answer broke off.
    #[cfg_attr(not(feature = "fetch"), allow(dead_code, reason = "the browser's own object sends GET"))]
    Broken,
    /// Those, too, whose answer was read to its end.
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

/// As the Standard has it.
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
            // The server has done what it was asked, and said so in another form than a stream.
            (Some(200..=299), _) => answered == Answered::Any,
            _ if begun => answered != Answered::Never,
            (_, Unanswered::Refused) => cause.is_refusal(),
            (_, unanswered) => unanswered == Unanswered::Any,
        }
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

/// The least time after which a connection is looked at again that a hidden page may not let go yet.
pub(crate) const ANOTHER_LOOK: Duration = Duration::from_secs(1);

/// How long a reader that takes nothing may keep the stream from the others.
pub(crate) const LONGEST_HOLD: Duration = Duration::from_secs(5);
