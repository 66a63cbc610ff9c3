//! What a source is doing, as its users see it.

use std::time::Duration;

use super::close::CloseReason;
use crate::error::Error;

/// What a source is doing.
///
/// ```
/// use eventsource_wasm::State;
///
/// fn label(state: &State) -> String {
///     match state {
///         State::Open => "live".to_owned(),
///         State::Waiting { cause, .. } => format!("{cause} Another attempt follows."),
///         State::Closed { reason } => reason.cause().map_or("closed".to_owned(), ToString::to_string),
///         _ => "connecting".to_owned(),
///     }
/// }
/// assert_eq!(label(&State::Open), "live");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum State {
    /// The source is trying to connect.
    Connecting {
        /// 1 for the first attempt since the source was opened or was last open.
        attempt: u32,
    },
    /// The server answered with an event stream.
    Open,
    /// The connection broke or an attempt failed; another attempt follows.
    Waiting {
        /// The number of the attempt that follows, counted as in [`State::Connecting`].
        attempt: u32,
        /// How long until that attempt. `None`: the browser itself is reconnecting and does not say when, or a
        /// [probe](crate::EventSourceBuilder::probe) is in progress.
        delay: Option<Duration>,
        /// What went wrong.
        cause: Error,
    },
    /// The source has closed its connection, or makes none, until the page or the network changes.
    Paused {
        /// What has to change before the source connects again.
        reason: PauseReason,
    },
    /// The source has ended, and so have its subscriptions and callbacks.
    Closed {
        /// How it ended.
        reason: CloseReason,
    },
}

impl State {
    /// The Standard's [`readyState`]: 0 connecting (waiting and paused too), 1 open, 2 closed.
    ///
    /// [`readyState`]: https://html.spec.whatwg.org/multipage/server-sent-events.html#dom-eventsource-readystate
    pub fn ready_state(&self) -> u16 {
        match self {
            Self::Connecting { .. } | Self::Waiting { .. } | Self::Paused { .. } => 0,
            Self::Open => 1,
            Self::Closed { .. } => 2,
        }
    }

    /// Whether the connection is open.
    pub fn is_open(&self) -> bool {
        matches!(self, Self::Open)
    }

    /// Whether the source has ended.
    pub fn is_closed(&self) -> bool {
        matches!(self, Self::Closed { .. })
    }

    /// What went wrong: the cause of [`State::Waiting`], or of a source that gave up.
    pub fn cause(&self) -> Option<&Error> {
        match self {
            Self::Waiting { cause, .. } => Some(cause),
            Self::Closed { reason } => reason.cause(),
            _ => None,
        }
    }
}

/// Why a source is [`State::Paused`].
///
/// ```
/// use eventsource_wasm::{PauseReason, State};
///
/// fn is_offline(state: &State) -> bool {
///     matches!(state, State::Paused { reason: PauseReason::Offline, .. })
/// }
/// # assert!(!is_offline(&State::Open));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PauseReason {
    /// The page is hidden.
    Hidden,
    /// The browser is offline.
    Offline,
    /// The page is in the back/forward cache.
    Cached,
}
