//! A message, as components store it.

use std::fmt;
use std::sync::Arc;

/// A message that a hook has received: plain data, which is cheap to clone, and can be compared and sent to other
/// threads.
///
/// Two are equal if they are the same message.
pub struct Received<T = String>(Arc<Parts<T>>);

struct Parts<T> {
    number: u64,
    event_type: String,
    last_event_id: String,
    data: T,
}

impl<T> Received<T> {
    pub(crate) fn new(number: u64, event_type: String, last_event_id: String, data: T) -> Self {
        Self(Arc::new(Parts { number, event_type, last_event_id, data }))
    }

    /// The decoded data; the text itself if it is not decoded.
    pub fn data(&self) -> &T {
        &self.0.data
    }

    /// The event's type: its `event:` field, `"message"` without one.
    pub fn event_type(&self) -> &str {
        &self.0.event_type
    }

    /// The [last event ID] of the stream when the message was dispatched; `""` if there is none.
    ///
    /// [last event ID]: https://html.spec.whatwg.org/multipage/server-sent-events.html#concept-event-stream-last-event-id
    pub fn last_event_id(&self) -> &str {
        &self.0.last_event_id
    }

    /// Its number among all messages that the hook has received, from all its sources; use it as the key of a list
    /// item.
    pub fn number(&self) -> u64 {
        self.0.number
    }
}

impl<T> Clone for Received<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> PartialEq for Received<T> {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl<T> Eq for Received<T> {}

impl<T: fmt::Debug> fmt::Debug for Received<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Received")
            .field("number", &self.number())
            .field("event_type", &self.event_type())
            .field("last_event_id", &self.last_event_id())
            .field("data", &self.data())
            .finish()
    }
}
