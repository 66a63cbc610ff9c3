//! How a source ended.

use crate::error::Error;

/// Why a source is [`State::Closed`](crate::State::Closed).
///
/// ```
/// use eventsource_wasm::{CloseReason, State};
///
/// /// Whether a button "Try again" makes sense.
/// fn has_failed(state: &State) -> bool {
///     matches!(state, State::Closed { reason: CloseReason::Failed { .. } })
/// }
/// assert!(!has_failed(&State::Closed { reason: CloseReason::ByHand }));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CloseReason {
    /// [`close`](crate::EventSource::close) was called, or the last handle, guard and subscription were dropped.
    ByHand,
    /// The [`signal`](crate::EventSourceBuilder::signal) was aborted.
    Aborted {
        /// The signal's [`reason`] as text, such as `"TimeoutError: The operation timed out."`.
        ///
        /// [`reason`]: https://developer.mozilla.org/en-US/docs/Web/API/AbortSignal/reason
        reason: String,
    },
    /// The stream has marked its end ([`end_event`](crate::EventSourceBuilder::end_event), `end_when` or `end_data`);
    /// or the response has been read to its end, and its request may not be repeated (a `POST`, for instance); or there
    /// was nothing more to resume.
    Complete,
    /// The source gave up.
    Failed {
        /// What went wrong.
        cause: Error,
    },
}

impl CloseReason {
    /// What went wrong, if the source gave up.
    pub fn cause(&self) -> Option<&Error> {
        match self {
            Self::Failed { cause } => Some(cause),
            _ => None,
        }
    }
}
