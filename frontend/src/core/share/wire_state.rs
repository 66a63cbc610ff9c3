//! The encoding of states and errors.

use super::wire::{Wire, wire};
use crate::core::close::CloseReason;
use crate::core::state::{PauseReason, State};
use crate::error::{Answer, Error};

wire! { enum State {
    0: Connecting { attempt },
    1: Open,
    2: Waiting { attempt, delay, cause },
    3: Paused { reason },
    4: Closed { reason },
} }

wire! { enum PauseReason {
    0: Hidden,
    1: Offline,
    2: Cached,
} }

wire! { enum CloseReason {
    0: ByHand,
    1: Aborted { reason },
    2: Complete,
    3: Failed { cause },
} }

wire! { enum Error {
    0: InvalidUrl { url },
    1: Unsupported { reason },
    2: Disconnected { url, messages },
    3: ConnectionFailed { url },
    4: Stopped { url },
    5: Status { url, status, answer },
    6: ContentType { url, content_type, answer },
    7: Cors { url, last_event_id_sent },
    8: TooLarge { url, limit },
    9: OpenTimeout { after },
    10: IdleTimeout { after },
    11: UrlProvider { reason },
    12: HeadersProvider { reason },
    13: Fetch { reason },
    14: Resume { reason },
} }

/// The headers are not posted: they may contain secrets.
impl Wire for Answer {
    fn put(&self, bytes: &mut Vec<u8>) {
        self.body.put(bytes);
        self.body_truncated.put(bytes);
        self.retry_after.put(bytes);
    }

    fn take(bytes: &mut &[u8]) -> Option<Self> {
        let (body, body_truncated, retry_after) = (Wire::take(bytes)?, Wire::take(bytes)?, Wire::take(bytes)?);
        Some(Self { headers: Vec::new(), body, body_truncated, retry_after })
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn states_are_read_as_they_were_written() {
        let answer = Answer {
            headers: Vec::new(),
            body: "busy".to_owned(),
            body_truncated: true,
            retry_after: Some(Duration::from_secs(7)),
        };
        let cause = Error::Status { url: "https://a.example/".to_owned(), status: 503, answer };
        let states = [
            State::Connecting { attempt: 3 },
            State::Open,
            State::Waiting { attempt: 2, delay: None, cause: cause.clone() },
            State::Paused { reason: PauseReason::Offline },
            State::Closed { reason: CloseReason::Complete },
            State::Closed { reason: CloseReason::Failed { cause } },
        ];
        for state in states {
            let mut bytes = Vec::new();
            state.put(&mut bytes);
            assert_eq!(State::take(&mut &bytes[..]), Some(state));
        }
    }
}
