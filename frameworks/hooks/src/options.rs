//! The options of a hook.

use std::fmt;

use eventsource_wasm::{EventSource, EventSourceBuilder, EventTypes, Message};

/// Options of `use_event_source_with`. They take effect when the component is mounted.
///
/// ```
/// use eventsource_wasm_hooks::UseEventSourceOptions;
/// use eventsource_wasm_hooks::eventsource_wasm::Backoff;
///
/// let options = UseEventSourceOptions::new()
///     .types(["joined", "said"])
///     .limit(20)
///     .source(|builder| builder.reconnect(Backoff::default()).resume_after_reload(true));
/// ```
#[must_use = "options do nothing before they are given to a hook"]
pub struct UseEventSourceOptions<T = String> {
    types: Vec<String>,
    limit: usize,
    immediate: bool,
    source: Box<dyn Fn(EventSourceBuilder) -> EventSourceBuilder>,
    decode: Box<Decode<T>>,
}

type Decode<T> = dyn Fn(&Message) -> Result<T, String>;

impl UseEventSourceOptions {
    /// The default: messages of type `"message"` as text, of which the last 100 are kept, from a source that behaves as the HTML
    /// Standard says and is opened when the component is mounted.
    pub fn new() -> Self {
        Self {
            types: vec!["message".to_owned()],
            limit: 100,
            immediate: true,
            source: Box::new(|builder| builder),
            decode: Box::new(|message| Ok(message.data().to_owned())),
        }
    }
}

impl Default for UseEventSourceOptions {
    fn default() -> Self {
        Self::new()
    }
}

impl<T: 'static> UseEventSourceOptions<T> {
    /// The type of messages to receive, or several; `"message"` by default.
    pub fn types(mut self, types: impl EventTypes) -> Self {
        self.types.clear();
        types.for_each(&mut |event_type| self.types.push(event_type.to_owned()));
        self
    }

    /// How many messages are kept in the list; 100 by default. With 0 only the last message is kept.
    pub fn limit(mut self, limit: usize) -> Self {
        self.limit = limit;
        self
    }

    /// Whether a source is opened when the component is mounted, and whenever the URL changes; true by default. With
    /// `false`, `open()` opens the first source, and a change of the URL opens another one only while a source is open.
    pub fn immediate(mut self, immediate: bool) -> Self {
        self.immediate = immediate;
        self
    }

    /// Sets options of the source itself: reconnecting, the transport over `fetch`, keeping the place in the stream,
    /// and so on. The function is called for each source that the hook opens.
    pub fn source(mut self, source: impl Fn(EventSourceBuilder) -> EventSourceBuilder + 'static) -> Self {
        self.source = Box::new(source);
        self
    }

    /// Decodes each message. If the function fails, the message is skipped, and the hook's error is
    /// [`HookError::Decode`](crate::HookError::Decode) until another message is received.
    ///
    /// It is called for every message of the chosen types, in order, while the browser dispatches it, so it misses
    /// none.
    pub fn decode<U: 'static, E: fmt::Display>(
        self,
        decode: impl Fn(&Message) -> Result<U, E> + 'static,
    ) -> UseEventSourceOptions<U> {
        let Self { types, limit, immediate, source, .. } = self;
        let decode = Box::new(move |message: &Message| decode(message).map_err(|error| error.to_string()));
        UseEventSourceOptions { types, limit, immediate, source, decode }
    }

    /// Parses the data as JSON, with the same rules as [`decode`](Self::decode).
    #[cfg(feature = "json")]
    pub fn json<U: serde::de::DeserializeOwned + 'static>(self) -> UseEventSourceOptions<U> {
        self.decode(Message::json)
    }

    /// Whether a source for this URL is opened without `open()`.
    pub fn opens(&self, url: &str) -> bool {
        self.immediate && !url.is_empty()
    }

    pub(crate) fn list_limit(&self) -> usize {
        self.limit
    }

    pub(crate) fn event_types(&self) -> &[String] {
        &self.types
    }

    pub(crate) fn builder(&self, url: &str) -> EventSourceBuilder {
        (self.source)(EventSource::builder(url))
    }

    pub(crate) fn read(&self, message: &Message) -> Result<T, String> {
        (self.decode)(message)
    }
}

impl<T> fmt::Debug for UseEventSourceOptions<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UseEventSourceOptions")
            .field("types", &self.types)
            .field("limit", &self.limit)
            .field("immediate", &self.immediate)
            .finish_non_exhaustive()
    }
}
