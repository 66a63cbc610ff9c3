use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::time::Duration;

use web_sys::AbortSignal;

use crate::bookmark;
use crate::connection::{Failure, Reestablish, Settings, Timer};
use crate::lifecycle;
use crate::runtime::{Runtime, retry_context};
#[cfg(feature = "fetch")]
use crate::transport::FetchOptions;
use crate::transport::{Connect, Native};
use crate::{Error, EventSource, RetryPolicy};

pub(crate) type UrlProvider = dyn Fn() -> Pin<Box<dyn Future<Output = Result<String, String>>>>;

/// Does what an option asks for.
///
/// An option that takes code of its own is kept as a function, which only the method that sets it names: a program that
/// does not call the method holds nothing of the code.
pub(crate) type Act = dyn Fn(&Runtime);

/// Asks a policy.
pub(crate) type Consult = dyn Fn(Failure) -> Option<Duration>;

/// Settings for a source, from [`EventSource::builder`]. Without any it behaves as the HTML Standard says.
#[must_use = "a builder opens nothing before `open`"]
pub struct EventSourceBuilder {
    pub(crate) url: String,
    pub(crate) with_credentials: bool,
    stable_period: Option<Duration>,
    pub(crate) last_event_id: String,
    place_parameter: PlaceParameter,
    pub(crate) connect: Option<Rc<Connect>>,
    over: Over,
    pub(crate) heartbeat_event: Option<String>,
    pub(crate) gap_event: Option<String>,
    duplicate_window: Option<usize>,
    open_timeout: Option<Duration>,
    idle_timeout: Option<Duration>,
    hidden_grace: Option<Duration>,
    pub(crate) consult: Option<Rc<Consult>>,
    /// Set with every option that takes time.
    pub(crate) set_timer: Option<fn(&Runtime, Timer, Duration)>,
    /// Asks for an address, and connects to that.
    pub(crate) connect_elsewhere: Option<Rc<Act>>,
    /// Finds out why the connection failed.
    pub(crate) probe: Option<fn(&Runtime)>,
    /// Takes up the place that the page before has left.
    pub(crate) resume: Option<fn(&Runtime)>,
    pub(crate) follow_page: Option<fn(&Runtime)>,
    pub(crate) obey_signal: Option<Box<Act>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Over {
    Native,
    #[cfg(feature = "fetch")]
    Fetch {
        /// Whether the stream can be asked for again.
        again: bool,
    },
}

/// Which parameter of the query tells the place.
enum PlaceParameter {
    /// As the transport has it by default.
    Default,
    None,
    Named(String),
}

impl EventSourceBuilder {
    pub(crate) fn new(url: &str) -> Self {
        Self {
            url: url.to_owned(),
            with_credentials: false,
            stable_period: None,
            last_event_id: String::new(),
            place_parameter: PlaceParameter::Default,
            connect: Some(Rc::new(Native::open)),
            over: Over::Native,
            heartbeat_event: None,
            gap_event: Some("gap".to_owned()),
            duplicate_window: None,
            open_timeout: None,
            idle_timeout: None,
            hidden_grace: None,
            consult: None,
            set_timer: None,
            connect_elsewhere: None,
            probe: None,
            resume: None,
            follow_page: None,
            obey_signal: None,
        }
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

    /// Takes `fetch` in place of the browser's `EventSource`: for headers, methods, bodies, status codes, backpressure.
    ///
    /// Everything else stays as it is. What this transport knows more: every byte, comments too, feeds
    /// [`idle_timeout`](Self::idle_timeout), which then needs no heartbeat event; a failure says its
    /// [status](Error::Status); a policy learns the server's [reconnection time and `Retry-After`](crate::RetryContext);
    /// [`subscribe_any`](EventSource::subscribe_any) gets every type; and a full queue makes the server wait
    /// ([`Overflow::Wait`]) instead of dropping. [`FetchOptions`] tells the rest.
    ///
    /// ```
    /// use eventsource_wasm::{EventSource, FetchOptions};
    ///
    /// let builder = EventSource::builder("/events").fetch(FetchOptions::new().header("Authorization", "Bearer …"));
    /// ```
    #[cfg(feature = "fetch")]
    pub fn fetch(mut self, options: FetchOptions) -> Self {
        self.over = Over::Fetch { again: options.can_ask_again() };
        self.set_timer = Some(Runtime::set_timer);
        self.connect = Some(options.connect());
        self
    }

    /// Closes the source when this signal is aborted, as [`close`](EventSource::close) does; at once if it is already.
    pub fn signal(mut self, signal: AbortSignal) -> Self {
        self.obey_signal = Some(Box::new(move |runtime| runtime.obey(&signal)));
        self
    }

    /// Connects again where the browser gives up: after an HTTP error, a wrong type, a refused connection in Firefox, a
    /// timeout. By default the source then closes, as the Standard says.
    ///
    /// While the browser itself reconnects ([`State::Waiting`](crate::State::Waiting) without a delay) it is left to
    /// that. While it is offline no attempt is made; once it is online, one is made at once. A page that goes into the
    /// [back/forward cache] lets its connection go and makes a new one when it returns. (Firefox caches no page whose
    /// connection is open.)
    ///
    /// A policy that holds a handle of its own source keeps it open until it is closed.
    ///
    /// A server that ends a stream for good with 204 looks like any other failure here; [`probe`](Self::probe) can tell.
    ///
    /// ```
    /// use std::time::Duration;
    /// use eventsource_wasm::{Backoff, EventSource};
    ///
    /// let builder = EventSource::builder("/events")
    ///     .reconnect(Backoff { max_delay: Duration::from_secs(10), ..Default::default() });
    /// ```
    ///
    /// [back/forward cache]: https://developer.mozilla.org/en-US/docs/Glossary/bfcache
    pub fn reconnect(mut self, policy: impl RetryPolicy + 'static) -> Self {
        self.stable_period = Some(policy.stable_period());
        self.set_timer = Some(Runtime::set_timer);
        self.consult = Some(Rc::new(move |failure| policy.next_delay(&retry_context(failure))));
        self.follow_page = Some(lifecycle::follow_page);
        self
    }

    /// Asks for the address of every attempt, for one that is good only once or for a short time.
    ///
    /// A provider that fails counts as a failed attempt. What it gives is resolved as any address; the source's
    /// [`url`](EventSource::url) stays the builder's. The browser's own reconnections use the address that they have.
    /// A provider that holds a handle of its own source keeps it open until it is closed.
    ///
    /// ```
    /// # async fn fetch_ticket() -> Result<String, std::fmt::Error> { Ok(String::new()) }
    /// use eventsource_wasm::{Backoff, EventSource};
    ///
    /// let builder = EventSource::builder("/events")
    ///     .url_provider(async || fetch_ticket().await.map(|ticket| format!("/events?ticket={ticket}")))
    ///     .reconnect(Backoff::default());
    /// ```
    pub fn url_provider<F, E>(mut self, provider: impl Fn() -> F + 'static) -> Self
    where
        F: Future<Output = Result<String, E>> + 'static,
        E: fmt::Display,
    {
        let provider: Box<UrlProvider> = Box::new(move || {
            let address = provider();
            Box::pin(async move { address.await.map_err(|error| error.to_string()) })
        });
        self.connect_elsewhere = Some(Rc::new(move |runtime| runtime.connect_elsewhere(&*provider)));
        self
    }

    /// The id to go on after, from an earlier visit; none by default. What
    /// [`resume_after_reload`](Self::resume_after_reload) finds is newer, and takes precedence.
    pub fn last_event_id(mut self, id: impl Into<String>) -> Self {
        self.last_event_id = id.into();
        self
    }

    /// The query parameter in which the last event ID goes into the URL of each new connection, since a script can't
    /// give the browser's object a header: `lastEventId` by default, `Last-Event-ID` for Mercure, `last_event_id` for
    /// nchan; `None` for a server that reads no such parameter.
    ///
    /// Over `fetch` it goes into the header by default, which another origin's server has to allow
    /// (`Access-Control-Allow-Headers`); with a parameter set here, it goes there instead.
    ///
    /// When the browser itself reconnects, it sends the header with a newer id than the URL's: a server that gets both
    /// should believe the header.
    pub fn last_event_id_param<'a>(mut self, name: impl Into<Option<&'a str>>) -> Self {
        let name = name.into().map(str::to_owned);
        self.place_parameter = name.map_or(PlaceParameter::None, PlaceParameter::Named);
        self
    }

    /// Whether a reload of the page goes on where the page was; false by default.
    ///
    /// The last event ID waits in `sessionStorage` from [`pagehide`] until the next source with this URL takes it. A
    /// duplicate of the tab finds nothing there and begins anew. In a worker it does nothing.
    ///
    /// [`pagehide`]: https://developer.mozilla.org/en-US/docs/Web/API/Window/pagehide_event
    pub fn resume_after_reload(mut self, resume: bool) -> Self {
        self.resume = resume.then_some(bookmark::resume);
        self
    }

    /// Remembers the ids of the newest `window` messages, and after a reconnect does not deliver those again that the
    /// server repeats. It ends with the first message whose id is not among them, until the next reconnect.
    ///
    /// Only for streams whose every event has an id of its own: a message without one has that of the message before.
    pub fn suppress_duplicates(mut self, window: usize) -> Self {
        self.duplicate_window = Some(window);
        self
    }

    /// The type of event with which the server says that it can't go on where the client was: `gap` by default.
    ///
    /// It shows in [`with_gaps`](crate::Subscription::with_gaps), in its place among the messages.
    pub fn gap_event<'a>(mut self, event_type: impl Into<Option<&'a str>>) -> Self {
        self.gap_event = event_type.into().map(str::to_owned);
        self
    }

    /// How long it may take until the connection is open, before that counts as failed. No limit by default.
    ///
    /// While the browser itself reconnects the time runs from the break, over its waits and however many attempts: choose
    /// more than the server's `retry:` and the browser's 3 to 5 s.
    pub fn open_timeout(mut self, timeout: Duration) -> Self {
        self.set_timer = Some(Runtime::set_timer);
        self.open_timeout = Some(timeout);
        self
    }

    /// How long an open connection may be silent before it counts as lost. No limit by default.
    ///
    /// The browser's object shows no comments, so that the server has to send events, and the source has to know which:
    /// without [`heartbeat_event`](Self::heartbeat_event) this is an error of [`open`](Self::open). Over `fetch` every
    /// byte counts, and none is needed. While a full queue holds the stream ([`Overflow::Wait`]) no time passes.
    pub fn idle_timeout(mut self, timeout: Duration) -> Self {
        self.set_timer = Some(Runtime::set_timer);
        self.idle_timeout = Some(timeout);
        self
    }

    /// The type of event that the server sends to show that it is there. The source listens to it by itself.
    pub fn heartbeat_event(mut self, event_type: impl Into<String>) -> Self {
        self.heartbeat_event = Some(event_type.into());
        self
    }

    /// Lets the connection go when the page has been hidden for `grace`, and makes a new one, which goes on after the
    /// last event ID, when it is shown. By default a hidden page keeps it. A worker is never hidden.
    pub fn pause_when_hidden(mut self, grace: Duration) -> Self {
        self.set_timer = Some(Runtime::set_timer);
        self.hidden_grace = Some(grace);
        self.follow_page = Some(lifecycle::follow_page);
        self
    }

    /// Whether the source asks for the URL once more, with `fetch`, when the browser gave up on it, to learn the status.
    /// It stops on 204 ([`Error::Stopped`]) and on every 4xx but 408, 425 and 429 ([`Error::Status`]), whatever the
    /// policy; with a [`url_provider`](Self::url_provider) on 204 alone, since the next address may be a good one. False by default: it
    /// costs a request. From another origin without CORS it learns nothing.
    pub fn probe(mut self, probe: bool) -> Self {
        self.set_timer = Some(Runtime::set_timer);
        self.probe = probe.then_some(Runtime::probe);
        self
    }

    /// Opens the source. The connection is made in the background; no message arrives before the
    /// caller returns to the event loop, so nothing is missed by subscribing next.
    ///
    /// # Errors
    ///
    /// - [`Error::InvalidUrl`]: the address is no URL.
    /// - [`Error::Unsupported`]: there is no `EventSource` here, as on a host that renders pages;
    ///   [`idle_timeout`](Self::idle_timeout) is set without [`heartbeat_event`](Self::heartbeat_event); the
    ///   [`last_event_id`](Self::last_event_id) can't be one; or the browser can't make the request that the options for
    ///   `fetch` describe.
    pub fn open(self) -> Result<EventSource, Error> {
        EventSource::open(self)
    }

    /// Whether what is set can work.
    pub(crate) fn check(&self) -> Result<(), Error> {
        if !is_id(&self.last_event_id) {
            let reason = "no last event ID has a line break or a NUL in it, so last_event_id can't be one";
            return Err(Error::Unsupported { reason: reason.to_owned() });
        }
        if self.over == Over::Native && self.idle_timeout.is_some() && self.heartbeat_event.is_none() {
            let reason = "idle_timeout needs heartbeat_event: the browser's EventSource shows no comments, \
                          so a quiet stream looks like a dead one unless the server sends an event now and then";
            return Err(Error::Unsupported { reason: reason.to_owned() });
        }
        Ok(())
    }

    /// Whether the transport can be held until queues have room.
    pub(crate) fn can_wait(&self) -> bool {
        self.over != Over::Native
    }

    /// The parameter of the query that tells the place, if one does.
    pub(crate) fn place_parameter(&self) -> Option<&str> {
        match &self.place_parameter {
            PlaceParameter::Default => (self.over == Over::Native).then_some("lastEventId"),
            PlaceParameter::None => None,
            PlaceParameter::Named(name) => Some(name),
        }
    }

    pub(crate) fn settings(&self) -> Settings {
        Settings {
            stable_period: self.stable_period,
            open_timeout: self.open_timeout,
            idle_timeout: self.idle_timeout,
            hidden_grace: self.hidden_grace,
            duplicate_window: self.duplicate_window,
            // Over `fetch` the status is known.
            probe: self.probe.is_some() && self.over == Over::Native,
            fresh_addresses: self.connect_elsewhere.is_some(),
            reestablish: match self.over {
                Over::Native => Reestablish::Transport,
                #[cfg(feature = "fetch")]
                Over::Fetch { again: true } => Reestablish::Connection,
                #[cfg(feature = "fetch")]
                Over::Fetch { again: false } => Reestablish::Never,
            },
        }
    }
}

/// Whether a stream can have this last event ID.
pub(crate) fn is_id(id: &str) -> bool {
    !id.contains(['\0', '\n', '\r'])
}

impl fmt::Debug for EventSourceBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventSourceBuilder").field("url", &self.url).finish_non_exhaustive()
    }
}

/// How a subscription queues the messages that its reader has not taken yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SubscribeOptions {
    /// How many messages may wait, 1,024 by default. 0 counts as 1: a queue that holds nothing delivers nothing.
    pub capacity: usize,
    /// What happens when that many wait and one more arrives; `None` is the transport's default:
    /// [`Overflow::Wait`] over `fetch`, [`Overflow::DropOldest`] over the native one.
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
    /// [`with_gaps`](crate::Subscription::with_gaps).
    DropOldest,
    /// The stream is not read further until there is room, so that TCP makes the server wait. Only over `fetch`: the
    /// browser's object can't be held, and asking it for that is [`Error::Unsupported`].
    ///
    /// All subscriptions of a source share one connection, so the slowest that waits sets the pace of all; those that
    /// drop hold nobody up. A subscription that is not read any more should be dropped.
    Wait,
}
