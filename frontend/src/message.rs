use std::cell::OnceCell;
use std::rc::Rc;

use wasm_bindgen::JsValue;
use web_sys::MessageEvent;

/// One event of a stream, as the Standard [dispatches] it.
///
/// A message of the native transport leaves its text in JavaScript until it is asked for, and keeps
/// what it has read.
///
/// [dispatches]: https://html.spec.whatwg.org/multipage/server-sent-events.html#dispatchMessage
#[derive(Clone, Debug)]
pub struct Message {
    event_type: Rc<str>,
    data: OnceCell<String>,
    last_event_id: OnceCell<String>,
    origin: OnceCell<String>,
    raw: MessageEvent,
}

impl Message {
    pub(crate) fn from_raw(event_type: Rc<str>, raw: MessageEvent) -> Self {
        Self { event_type, data: OnceCell::new(), last_event_id: OnceCell::new(), origin: OnceCell::new(), raw }
    }

    pub(crate) fn raw(&self) -> &MessageEvent {
        &self.raw
    }

    /// The event's type: its `event:` field, `"message"` without one.
    pub fn event_type(&self) -> &str {
        &self.event_type
    }

    /// Its `data:` lines, joined by newlines.
    pub fn data(&self) -> &str {
        self.data.get_or_init(|| self.read_data())
    }

    /// As [`data`](Self::data), without a copy where it was not read before.
    pub fn into_data(mut self) -> String {
        self.data.take().unwrap_or_else(|| self.read_data())
    }

    /// The data as JavaScript's string, not copied.
    pub(crate) fn data_js(&self) -> JsValue {
        self.raw.data()
    }

    fn read_data(&self) -> String {
        // The data of an event stream's message is always a string; anything else was made by a script.
        self.raw.data().as_string().unwrap_or_default()
    }

    /// The [last event ID] of the stream when this message was dispatched; `""` when there is none.
    ///
    /// It persists: a message without an `id:` field has that of the message before.
    ///
    /// [last event ID]: https://html.spec.whatwg.org/multipage/server-sent-events.html#concept-event-stream-last-event-id
    pub fn last_event_id(&self) -> &str {
        self.last_event_id.get_or_init(|| self.raw.last_event_id())
    }

    /// The origin of the stream's URL after redirects; `""` when the browser does not tell.
    pub fn origin(&self) -> &str {
        self.origin.get_or_init(|| self.raw.origin())
    }

    /// The data, parsed as JSON.
    ///
    /// # Errors
    ///
    /// Those of [`serde_json::from_str`]: the data is no JSON, or not that of a `T`.
    #[cfg(feature = "json")]
    pub fn json<T: serde::de::DeserializeOwned>(&self) -> Result<T, serde_json::Error> {
        serde_json::from_str(self.data())
    }

    /// The browser's own event, for what has no method here; `None` when the message has none.
    pub fn as_raw(&self) -> Option<&MessageEvent> {
        Some(&self.raw)
    }
}
