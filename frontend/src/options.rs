use crate::{Error, EventSource};

/// Settings for a source, from [`EventSource::builder`].
#[derive(Clone, Debug)]
#[must_use = "a builder opens nothing before `open`"]
pub struct EventSourceBuilder {
    pub(crate) url: String,
    pub(crate) with_credentials: bool,
}

impl EventSourceBuilder {
    pub(crate) fn new(url: &str) -> Self {
        Self { url: url.to_owned(), with_credentials: false }
    }

    /// Whether cookies and HTTP authentication go to another origin too ([`withCredentials`]); false by default.
    ///
    /// The server must then answer with `Access-Control-Allow-Credentials: true` and name the page's origin.
    ///
    /// [`withCredentials`]: https://html.spec.whatwg.org/multipage/server-sent-events.html#dom-eventsourceinit-withcredentials
    pub fn with_credentials(mut self, with_credentials: bool) -> Self {
        self.with_credentials = with_credentials;
        self
    }

    /// Opens the source. The connection is made in the background; no message arrives before the
    /// caller returns to the event loop, so nothing is missed by subscribing next.
    ///
    /// # Errors
    ///
    /// - [`Error::InvalidUrl`]: the address is no URL.
    /// - [`Error::Unsupported`]: there is no `EventSource` here, as on a host that renders pages.
    pub fn open(self) -> Result<EventSource, Error> {
        EventSource::open(&self)
    }
}

/// How a subscription queues the messages that its reader has not taken yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SubscribeOptions {
    /// How many messages may wait, 1,024 by default. 0 counts as 1: a queue that holds nothing delivers nothing.
    pub capacity: usize,
    /// What happens when that many wait and one more arrives; `None` is the transport's default.
    pub overflow: Option<Overflow>,
}

impl Default for SubscribeOptions {
    fn default() -> Self {
        Self { capacity: 1024, overflow: None }
    }
}

/// What a full queue does with one message more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Overflow {
    /// The oldest message that waits is dropped, counted and shown by
    /// [`with_gaps`](crate::Subscription::with_gaps). The default of the native transport.
    DropOldest,
    /// The connection is not read further until there is room. The native transport can't do that:
    /// the browser pushes, and asking for it is [`Error::Unsupported`].
    Wait,
}
