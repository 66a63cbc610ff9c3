//! Messages. Their text stays in JavaScript until it is read.

use std::cell::{Cell, OnceCell};
use std::fmt;
use std::rc::Rc;
use std::sync::Arc;

#[cfg(feature = "fetch")]
use js_sys::JsString;
use wasm_bindgen::JsValue;
use web_sys::MessageEvent;

/// One event of a stream, as the Standard [dispatches] it.
///
/// The text of a message stays in JavaScript until it is first read, over the native transport, and over `fetch` if the
/// message has more than 1 MiB.
///
/// ```no_run
/// # async fn example() -> Result<(), eventsource_wasm::Error> {
/// # use eventsource_wasm::EventSource;
/// # use futures_util::StreamExt;
/// let mut messages = EventSource::new("/events")?.subscribe_many(["joined", "left"]);
/// while let Some(message) = messages.next().await {
///     let message = message?;
///     println!("{} {}", message.event_type(), message.data());
/// }
/// # Ok(())
/// # }
/// ```
///
/// [dispatches]: https://html.spec.whatwg.org/multipage/server-sent-events.html#dispatchMessage
pub struct Message {
    kind: Rc<Kind>,
    data: OnceCell<String>,
    last_event_id: OnceCell<Arc<str>>,
    origin: OnceCell<Rc<str>>,
    raw: Raw,
    /// Whether the bytes of its data have been counted, if it has been cloned: clones are counted once.
    counted: OnceCell<Rc<Cell<bool>>>,
    /// Whether the event has an `id` field of its own, as far as the transport can tell.
    has_own_id: bool,
    /// Its number among the messages of its source; 0 before it has one.
    number: u64,
    /// Whether its id is the place, even if it is empty: a native object that was opened after an id does not know that.
    tells_place: bool,
}

/// Where what a message's cells do not hold yet is read from.
#[derive(Clone)]
enum Raw {
    Event(MessageEvent),
    /// The data.
    #[cfg(feature = "fetch")]
    Text(JsString),
    /// They hold all.
    #[cfg(feature = "fetch")]
    Nothing,
}

/// What the messages of one type have in common.
#[derive(Debug)]
pub(crate) struct Kind {
    event_type: Rc<str>,
    /// The bytes of the data that was read, over all messages of a source.
    bytes: Rc<Cell<u64>>,
}

impl Kind {
    pub(crate) fn new(event_type: Rc<str>, bytes: &Rc<Cell<u64>>) -> Rc<Self> {
        Rc::new(Self { event_type, bytes: Rc::clone(bytes) })
    }

    pub(crate) fn event_type(&self) -> &Rc<str> {
        &self.event_type
    }
}

impl Message {
    pub(crate) fn from_event(kind: Rc<Kind>, raw: MessageEvent) -> Self {
        Self {
            kind,
            data: OnceCell::new(),
            last_event_id: OnceCell::new(),
            origin: OnceCell::new(),
            raw: Raw::Event(raw),
            counted: OnceCell::new(),
            has_own_id: true,
            number: 0,
            tells_place: false,
        }
    }

    #[cfg(feature = "fetch")]
    pub(crate) fn from_text(
        kind: Rc<Kind>,
        data: String,
        last_event_id: Arc<str>,
        has_own_id: bool,
        origin: Rc<str>,
    ) -> Self {
        kind.bytes.set(kind.bytes.get() + data.len() as u64);
        // WebAssembly's memory never shrinks, so large data does not wait there to be read.
        let (raw, data) = if data.len() > Self::LARGE {
            (Raw::Text(data.into()), OnceCell::new())
        } else {
            (Raw::Nothing, data.into())
        };
        let (last_event_id, origin) = (last_event_id.into(), origin.into());
        let counted = OnceCell::new();
        Self { kind, data, last_event_id, origin, raw, counted, has_own_id, number: 0, tells_place: true }
    }

    /// Data of more bytes than this is left in JavaScript.
    #[cfg(feature = "fetch")]
    pub(crate) const LARGE: usize = 1 << 20;

    /// The event's type: its `event:` field, `"message"` without one.
    pub fn event_type(&self) -> &str {
        &self.kind.event_type
    }

    pub(crate) fn kind(&self) -> &Rc<Kind> {
        &self.kind
    }

    pub(crate) fn number(&self) -> u64 {
        self.number
    }

    pub(crate) fn tells_place(&self) -> bool {
        self.tells_place
    }

    pub(crate) fn set_place(&mut self, number: u64, tells_place: bool) {
        self.number = number;
        self.tells_place = tells_place;
    }

    /// Its `data:` lines, joined by newlines.
    pub fn data(&self) -> &str {
        self.data.get_or_init(|| self.read_data())
    }

    /// The same as [`data`](Self::data), without a copy if it has not been read before.
    pub fn into_data(mut self) -> String {
        self.data.take().unwrap_or_else(|| self.read_data())
    }

    /// The data as JavaScript's string; not copied where that is what there is.
    #[cfg(feature = "list")]
    pub(crate) fn data_js(&self) -> js_sys::JsString {
        use wasm_bindgen::JsCast as _;

        match self.data.get() {
            None => self.unread_data().dyn_into().unwrap_or_default(),
            Some(data) => data.as_str().into(),
        }
    }

    fn read_data(&self) -> String {
        // The data of an event stream's message is always a string; anything else was made by a script.
        let data = self.unread_data().as_string().unwrap_or_default();
        // Over `fetch` it has been counted when it came.
        let counted = self.as_raw().is_none() || self.counted.get().is_some_and(|counted| counted.replace(true));
        if !counted {
            self.kind.bytes.set(self.kind.bytes.get() + data.len() as u64);
        }
        data
    }

    fn unread_data(&self) -> JsValue {
        match &self.raw {
            Raw::Event(event) => event.data(),
            #[cfg(feature = "fetch")]
            Raw::Text(text) => text.into(),
            #[cfg(feature = "fetch")]
            Raw::Nothing => JsValue::UNDEFINED,
        }
    }

    /// The [last event ID] of the stream when this message was dispatched; `""` if there is none.
    ///
    /// A message without an `id:` field has the ID of the message before.
    ///
    /// [last event ID]: https://html.spec.whatwg.org/multipage/server-sent-events.html#concept-event-stream-last-event-id
    pub fn last_event_id(&self) -> &str {
        self.shared_id()
    }

    pub(crate) fn shared_id(&self) -> &Arc<str> {
        self.last_event_id.get_or_init(|| self.read(MessageEvent::last_event_id))
    }

    /// Whether its id has been read, or set.
    pub(crate) fn knows_id(&self) -> bool {
        self.last_event_id.get().is_some()
    }

    /// Gives it another id than the stream says.
    pub(crate) fn set_id(&mut self, id: &str) {
        self.last_event_id = OnceCell::from(Arc::from(id));
        self.has_own_id = true;
    }

    pub(crate) fn has_own_id(&self) -> bool {
        self.has_own_id
    }

    /// The origin of the stream's URL after redirects; `""` if the browser does not expose it.
    pub fn origin(&self) -> &str {
        self.shared_origin()
    }

    pub(crate) fn shared_origin(&self) -> &Rc<str> {
        self.origin.get_or_init(|| self.read(MessageEvent::origin))
    }

    fn read<T: From<String>>(&self, attribute: fn(&MessageEvent) -> String) -> T {
        self.as_raw().map(attribute).unwrap_or_default().into()
    }

    /// The data, parsed as JSON.
    ///
    /// # Errors
    ///
    /// Those of [`serde_json::from_str`]: the data is not JSON, or not a `T`.
    #[cfg(feature = "json")]
    pub fn json<T: serde::de::DeserializeOwned>(&self) -> Result<T, serde_json::Error> {
        serde_json::from_str(self.data())
    }

    /// The browser's own event, for what this type has no method for; `None` over `fetch`, where there is no event.
    pub fn as_raw(&self) -> Option<&MessageEvent> {
        match &self.raw {
            Raw::Event(event) => Some(event),
            #[cfg(feature = "fetch")]
            _ => None,
        }
    }
}

impl Clone for Message {
    fn clone(&self) -> Self {
        if self.as_raw().is_some() {
            self.counted.get_or_init(|| Rc::new(Cell::new(self.data.get().is_some())));
        }
        Self {
            kind: Rc::clone(&self.kind),
            data: self.data.clone(),
            last_event_id: self.last_event_id.clone(),
            origin: self.origin.clone(),
            raw: self.raw.clone(),
            counted: self.counted.clone(),
            has_own_id: self.has_own_id,
            number: self.number,
            tells_place: self.tells_place,
        }
    }
}

impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Message")
            .field("event_type", &self.event_type())
            .field("data", &self.data())
            .field("last_event_id", &self.last_event_id())
            .finish_non_exhaustive()
    }
}

/// What [`Subscription::with_gaps`](crate::Subscription::with_gaps) yields.
///
/// ```no_run
/// # async fn example() -> Result<(), eventsource_wasm::Error> {
/// # use eventsource_wasm::{EventSource, Item};
/// # use futures_util::StreamExt;
/// let mut items = EventSource::new("/events")?.subscribe("message").with_gaps();
/// while let Some(item) = items.next().await {
///     match item? {
///         Item::Message(message) => println!("{}", message.data()),
///         Item::Gap(gap) => println!("something is missing here: {gap:?}"),
///         _ => {}
///     }
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Item {
    /// A message.
    Message(Message),
    /// Messages are missing here.
    Gap(Gap),
}

/// Why messages are missing.
///
/// ```
/// use eventsource_wasm::Gap;
///
/// /// Whether the missing messages can be requested from the server. Otherwise, the queue was too small.
/// fn is_from_the_server(gap: &Gap) -> bool {
///     !matches!(gap, Gap::Overflow { .. })
/// }
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Gap {
    /// The queue was full.
    Overflow {
        /// How many messages were dropped here.
        dropped: u64,
    },
    /// The server has sent its [`gap_event`](crate::EventSourceBuilder::gap_event): it can't continue after the last
    /// event ID, and what follows is a fresh start.
    Server {
        /// The event.
        message: Message,
    },
    /// The response's `gap_header` (an option of the transport over `fetch`) has another ID than the request: the
    /// server continues after that one.
    Header {
        /// The header's value.
        last_event_id: String,
    },
    /// A source that [shares](crate::EventSourceBuilder::share) its connection has missed messages that no other source
    /// has kept: posts of another tab were lost, or the page was in the back/forward cache.
    #[cfg(feature = "share")]
    Shared {
        /// How many messages are missing, if that is known.
        messages: Option<u64>,
    },
}
