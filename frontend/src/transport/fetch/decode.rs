//! From bytes to events, as the Standard [interprets an event stream]. Pure.
//!
//! `sse-core` does it; here stands what has to be minded about it.
//!
//! [interprets an event stream]: https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation

use std::borrow::Cow;
use std::num::NonZeroUsize;
use std::sync::Arc;

use sse_core::{PayloadTooLargeError, SseDecoder, SseEvent};

/// The events of one connection.
pub(crate) struct Decoder {
    decoder: SseDecoder,
    /// The id that is none.
    empty: Arc<str>,
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Event {
    Message {
        event_type: Cow<'static, str>,
        data: String,
        last_event_id: Arc<str>,
    },
    /// The server's reconnection time, in milliseconds. One above `u32::MAX` is not told.
    ReconnectionTime(u32),
}

/// A message, or a name or id in it, was longer than the limit.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct TooLarge;

impl From<PayloadTooLargeError> for TooLarge {
    fn from(_: PayloadTooLargeError) -> Self {
        Self
    }
}

impl Decoder {
    /// The stream goes on after this id.
    pub(crate) fn new(limit: NonZeroUsize, last_event_id: &Arc<str>) -> Self {
        let mut decoder = SseDecoder::with_limit(limit);
        decoder.reconnect_with_id(Some(Arc::clone(last_event_id)).filter(|id| !id.is_empty()));
        Self { decoder, empty: Arc::from("") }
    }

    /// The next event in `bytes`, which then begin after it; `None` when they are used up.
    pub(crate) fn next(&mut self, bytes: &mut &[u8]) -> Option<Result<Event, TooLarge>> {
        let event = match self.decoder.next(bytes)? {
            Ok(event) => event,
            Err(error) => return Some(Err(error.into())),
        };
        Some(Ok(match event {
            SseEvent::Retry(milliseconds) => Event::ReconnectionTime(milliseconds),
            SseEvent::Message(message) => Event::Message {
                event_type: message.event,
                data: fitting(message.data),
                last_event_id: message.last_event_id.unwrap_or_else(|| Arc::clone(&self.empty)),
            },
        }))
    }

    /// The id of the stream as far as it has been read, which a message is not needed to change.
    pub(crate) fn last_event_id(&self) -> &Arc<str> {
        self.decoder.last_event_id().unwrap_or(&self.empty)
    }
}

/// The decoder gives each text as much room as the largest before it had; many small ones in a queue would hold it all.
///
/// They are copied, not shrunk: a shrunk one stays where it was, and the room after it is too small for the next, so that
/// memory grows all the same.
fn fitting(text: String) -> String {
    if text.capacity() > 2 * text.len() + 64 { String::from(text.as_str()) } else { text }
}

#[cfg(test)]
#[path = "decode_tests.rs"]
mod tests;
