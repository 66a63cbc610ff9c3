//! From bytes to events, as the Standard [interprets an event stream]. `sse-core` does the work; this module handles
//! its pitfalls.
//!
//! [interprets an event stream]: https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation

use std::borrow::Cow;
use std::num::NonZeroUsize;
use std::sync::Arc;

use sse_core::{PayloadTooLargeError, SseDecoder, SseEvent};

use crate::message::Message;

/// The events of one connection.
pub(crate) struct Decoder {
    inner: SseDecoder,
    limit: NonZeroUsize,
    /// The id of the message before.
    last_event_id: Arc<str>,
    /// The empty ID.
    empty: Arc<str>,
}

/// An item of a stream.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Decoded {
    Message {
        event_type: Cow<'static, str>,
        data: String,
        last_event_id: Arc<str>,
        /// Whether the event has an `id` field. An empty one counts only if it changes the ID.
        has_own_id: bool,
    },
    /// The server's reconnection time, in milliseconds. One above `u32::MAX` is not reported.
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
    /// The stream continues after this ID.
    pub(crate) fn new(limit: NonZeroUsize, last_event_id: &Arc<str>) -> Self {
        let mut inner = SseDecoder::with_limit(limit);
        inner.reconnect_with_id(Some(Arc::clone(last_event_id)).filter(|id| !id.is_empty()));
        let empty: Arc<str> = Arc::from("");
        let last_event_id = if last_event_id.is_empty() { &empty } else { last_event_id };
        Self { inner, limit, last_event_id: Arc::clone(last_event_id), empty }
    }

    /// The next event in `bytes`, which then begin after it; `None` when they are used up.
    pub(crate) fn next(&mut self, bytes: &mut &[u8]) -> Option<Result<Decoded, TooLarge>> {
        let event = match self.inner.next(bytes)? {
            Ok(event) => event,
            Err(error) => return Some(Err(error.into())),
        };
        Some(Ok(match event {
            SseEvent::Retry(milliseconds) => Decoded::ReconnectionTime(milliseconds),
            SseEvent::Message(message) => {
                let last_event_id = message.last_event_id.unwrap_or_else(|| Arc::clone(&self.empty));
                // Each `id` field is a string of its own, even if it repeats the one before.
                let has_own_id = !Arc::ptr_eq(&last_event_id, &self.last_event_id);
                self.last_event_id = Arc::clone(&last_event_id);
                if message.data.len() > Message::LARGE {
                    self.renew();
                }
                Decoded::Message { event_type: message.event, data: fitting(message.data), last_event_id, has_own_id }
            }
        }))
    }

    /// Starts a new decoder between two events. The old one would allocate as much room for each later event as the
    /// largest has needed.
    fn renew(&mut self) {
        let id = self.inner.last_event_id().map(Arc::clone);
        self.inner = SseDecoder::with_limit(self.limit);
        self.inner.reconnect_with_id(id);
        // An empty line, because the rest is not the beginning of a stream, where a byte order mark would be skipped.
        let none = self.inner.next(&mut &b"\n"[..]);
        debug_assert!(none.is_none(), "an empty line is no event");
    }

    /// The ID of the stream as far as it has been read, which can change without a message.
    pub(crate) fn last_event_id(&self) -> &Arc<str> {
        self.inner.last_event_id().unwrap_or(&self.empty)
    }
}

/// The decoder allocates as much room for each string as the largest before it needed; many small ones in a queue would
/// keep all of it.
///
/// They are copied, not shrunk: a shrunk string stays where it is, and the room after it is too small for the next one,
/// so memory would grow anyway.
fn fitting(text: String) -> String {
    if text.capacity() > 2 * text.len() + 64 { String::from(text.as_str()) } else { text }
}

#[cfg(test)]
#[path = "decode_tests.rs"]
mod tests;
