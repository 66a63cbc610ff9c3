use std::cell::OnceCell;
use std::rc::Rc;
use std::sync::Arc;

use js_sys::JsString;
use wasm_bindgen::JsCast;
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
    last_event_id: OnceCell<Arc<str>>,
    origin: OnceCell<Rc<str>>,
    /// Where what the cells do not hold yet is read from; whoever makes a message without it fills them.
    raw: Option<MessageEvent>,
}

impl Message {
    pub(crate) fn from_raw(event_type: Rc<str>, raw: MessageEvent) -> Self {
        Self {
            event_type,
            data: OnceCell::new(),
            last_event_id: OnceCell::new(),
            origin: OnceCell::new(),
            raw: Some(raw),
        }
    }

    #[cfg(feature = "fetch")]
    pub(crate) fn from_text(event_type: Rc<str>, data: String, last_event_id: Arc<str>, origin: Rc<str>) -> Self {
        Self { event_type, data: data.into(), last_event_id: last_event_id.into(), origin: origin.into(), raw: None }
    }

    /// The event's type: its `event:` field, `"message"` without one.
    pub fn event_type(&self) -> &str {
        &self.event_type
    }

    pub(crate) fn shared_type(&self) -> &Rc<str> {
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

    /// The data as JavaScript's string; not copied where that is what there is.
    #[cfg(feature = "list")]
    pub(crate) fn data_js(&self) -> JsString {
        match (self.data.get(), &self.raw) {
            (None, Some(raw)) => raw.data().dyn_into().unwrap_or_default(),
            _ => self.data().into(),
        }
    }

    fn read_data(&self) -> String {
        // The data of an event stream's message is always a string; anything else was made by a script.
        self.raw.as_ref().and_then(|raw| raw.data().as_string()).unwrap_or_default()
    }

    /// The [last event ID] of the stream when this message was dispatched; `""` when there is none.
    ///
    /// It persists: a message without an `id:` field has that of the message before.
    ///
    /// [last event ID]: https://html.spec.whatwg.org/multipage/server-sent-events.html#concept-event-stream-last-event-id
    pub fn last_event_id(&self) -> &str {
        self.shared_id()
    }

    pub(crate) fn shared_id(&self) -> &Arc<str> {
        self.last_event_id.get_or_init(|| self.read(MessageEvent::last_event_id))
    }

    /// The origin of the stream's URL after redirects; `""` when the browser does not tell.
    pub fn origin(&self) -> &str {
        self.origin.get_or_init(|| self.read(MessageEvent::origin))
    }

    fn read<T: From<String>>(&self, attribute: fn(&MessageEvent) -> String) -> T {
        self.raw.as_ref().map(attribute).unwrap_or_default().into()
    }

    /// The length of its data: bytes, or UTF-16 code units while it is JavaScript's.
    pub(crate) fn len(&self) -> u64 {
        match (self.data.get(), &self.raw) {
            (None, Some(raw)) => raw.data().dyn_ref().map_or(0, |data: &JsString| data.length().into()),
            _ => self.data().len() as u64,
        }
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

    /// The browser's own event, for what has no method here; `None` over `fetch`, where there is none.
    pub fn as_raw(&self) -> Option<&MessageEvent> {
        self.raw.as_ref()
    }
}
