//! What can be set before a source is opened.
//!
//! Each setter names the code that its option takes, and nothing else does: a program that does not call a setter does
//! not hold its code.

#[cfg(feature = "share")]
use std::cell::Cell;
use std::fmt;
use std::rc::Rc;
use std::time::Duration;

use web_sys::AbortSignal;

#[cfg(feature = "share")]
use super::share::role::Sharing;
use super::source::EventSource;
use crate::core::close::CloseReason;
use crate::core::connection::{Connection, Recover};
use crate::core::retry::RetryPolicy;
use crate::error::Error;
use crate::platform::address;
use crate::platform::global::text_of;
use crate::platform::listener::Listener;
use crate::runtime::bookmark::{Bookmark, is_id};
use crate::runtime::duplicates::Suppress;
#[cfg(feature = "fetch")]
use crate::runtime::flow;
use crate::runtime::page;
use crate::runtime::parts::{Connect, Options, Parts, timer};
use crate::runtime::reporter::Port;
use crate::transport::by_provider::{self, UrlContext, UrlProvider};
use crate::transport::contract::TellPlace;
#[cfg(feature = "fetch")]
use crate::transport::fetch::open::Fetching;
#[cfg(feature = "share")]
use crate::transport::fetch::options::Identity;
#[cfg(feature = "fetch")]
use crate::transport::fetch::options::{FetchOptions, Requests};
#[cfg(feature = "fetch")]
use crate::transport::fetch::response::OpenResponse;
use crate::transport::native::{self, Native};
use crate::transport::probe;

/// Settings for a source, from [`EventSource::builder`]. Without any it behaves as the HTML Standard says.
///
/// ```no_run
/// # async fn example() -> Result<(), eventsource_wasm::Error> {
/// # use std::time::Duration;
/// # use eventsource_wasm::{Backoff, EventSource};
/// let source = EventSource::builder("/events")
///     .reconnect(Backoff::default())
///     .open_timeout(Duration::from_secs(20))
///     .resume_after_reload(true)
///     .open()?;
/// # drop(source);
/// # Ok(())
/// # }
/// ```
#[must_use = "a builder opens nothing before `open`"]
pub struct EventSourceBuilder {
    pub(super) options: Box<Options>,
    pub(super) parts: Box<Parts>,
    place_parameter: PlaceParameter,
    resume: Option<Resume>,
    /// Set over a transport that shows every type of event, and can be held until queues have room.
    over_fetch: Option<Recover>,
    #[cfg(feature = "fetch")]
    response: Option<OpenResponse>,
    #[cfg(feature = "fetch")]
    requests: Option<Requests>,
    #[cfg(feature = "fetch")]
    fetching: Option<Rc<Fetching>>,
    #[cfg(feature = "share")]
    pub(super) share: Option<Share>,
}

/// Makes a source share its connection, under a name or its URL; the last argument is what the requests of sources that share have
/// in common.
#[cfg(feature = "share")]
pub(super) type Share =
    (Option<String>, fn(Option<&str>, Box<Options>, Box<Parts>, Option<Identity>) -> Result<Shared, Error>);

/// A source that shares.
#[cfg(feature = "share")]
pub(super) struct Shared {
    pub(super) options: Box<Options>,
    pub(super) parts: Box<Parts>,
    pub(super) role: Rc<Cell<Sharing>>,
}

impl EventSource {
    /// Opens a source with the Standard's behaviour. The same as `EventSource::builder(url).open()`.
    ///
    /// # Errors
    ///
    /// Those of [`EventSourceBuilder::open`].
    pub fn new(url: &str) -> Result<Self, Error> {
        Self::builder(url).open()
    }

    /// Settings for a source; [`open`](EventSourceBuilder::open) opens it.
    pub fn builder(url: &str) -> EventSourceBuilder {
        EventSourceBuilder::new(url)
    }
}

/// Which parameter of the query tells the place.
enum PlaceParameter {
    /// As the transport has it by default.
    Default,
    None,
    Named(String),
}

/// Makes a source keep its place over reloads, under a key or its URL.
type Resume = (Option<String>, fn(Option<String>, &mut Parts));

impl EventSourceBuilder {
    pub(crate) fn new(url: &str) -> Self {
        let connect: Rc<Connect> = Rc::new(|attempt, reporter| Native::open(native::make, &attempt, reporter));
        let gap_event = Some("gap".to_owned());
        Self {
            options: Box::new(Options { url: url.to_owned(), gap_event, ..Options::default() }),
            parts: Box::new(Parts { connect: Some(connect), ..Parts::default() }),
            place_parameter: PlaceParameter::Default,
            resume: None,
            over_fetch: None,
            #[cfg(feature = "fetch")]
            response: None,
            #[cfg(feature = "fetch")]
            requests: None,
            #[cfg(feature = "fetch")]
            fetching: None,
            #[cfg(feature = "share")]
            share: None,
        }
    }

    /// Whether cookies and HTTP authentication go to another origin too ([`withCredentials`]); false by default.
    ///
    /// The server must then answer with `Access-Control-Allow-Credentials: true` and name the page's origin.
    ///
    /// [`withCredentials`]: https://html.spec.whatwg.org/multipage/server-sent-events.html#dom-eventsourceinit-withcredentials
    pub fn with_credentials(mut self, with_credentials: bool) -> Self {
        self.options.with_credentials = with_credentials;
        self
    }

    /// Takes `fetch` in place of the browser's `EventSource`: for headers, methods, bodies, status codes, backpressure.
    ///
    /// Nothing of an answer is read before someone reads messages, by a subscription, a callback or a list; so nothing is lost to who
    /// comes late, and while nobody reads, neither the end of an answer nor a break is noticed. States are told all the same.
    ///
    /// Everything else stays as it is. What this transport knows more: every byte, comments too, feeds
    /// [`idle_timeout`](Self::idle_timeout), which then needs no heartbeat event; a failure says its
    /// [status](Error::Status); a policy learns the server's [reconnection time and `Retry-After`](crate::RetryContext);
    /// [`subscribe_any`](EventSource::subscribe_any) gets every type; and a full queue makes the server wait
    /// ([`Overflow::Wait`](crate::Overflow::Wait)) instead of dropping. [`FetchOptions`] tells the rest.
    ///
    /// ```
    /// use eventsource_wasm::{EventSource, FetchOptions};
    ///
    /// let builder = EventSource::builder("/events").fetch(FetchOptions::new().header("Authorization", "Bearer …"));
    /// ```
    #[cfg(feature = "fetch")]
    pub fn fetch(mut self, options: FetchOptions) -> Self {
        self.requests = Some(options.requests());
        self.over_fetch = Some(Connection::reestablish);
        let response = OpenResponse::default();
        let fetching = Fetching::new(options, response.clone());
        self.fetching = Some(Rc::clone(&fetching));
        self.parts.connect = Some(Rc::new(move |attempt, reporter| fetching.open(attempt, reporter)));
        self.parts.timer = Some(timer);
        self.parts.excuse = Some(flow::excuse);
        self.response = Some(response);
        self
    }

    /// Closes the source when this signal is aborted, as [`close`](EventSource::close) does, for
    /// [`CloseReason::Aborted`](crate::CloseReason::Aborted). If it is aborted already, no request is made.
    pub fn signal(mut self, signal: AbortSignal) -> Self {
        self.parts.signal = Some(Box::new(move |port| obey(&signal, port)));
        self
    }

    /// Takes the browser's objects from elsewhere than the global constructor.
    #[cfg(feature = "js")]
    pub(crate) fn made_by(mut self, make: native::Make) -> Self {
        self.parts.connect = Some(Rc::new(move |attempt, reporter| Native::open(make, &attempt, reporter)));
        self
    }

    /// Goes on after the last event ID that is set, whatever an earlier source has left.
    #[cfg(feature = "js")]
    pub(crate) fn knowing_its_place(mut self) -> Self {
        self.options.knows_place = true;
        self
    }

    /// Reads this object, which somebody else has made and closes.
    #[cfg(feature = "js")]
    pub(crate) fn adopting(mut self, raw: web_sys::EventSource) -> Self {
        self.parts.connect = Some(Rc::new(move |attempt, reporter| Ok(Native::adopt(raw.clone(), &attempt, reporter))));
        self
    }

    /// Connects again where the browser gives up: after an HTTP error, a wrong type, a refused connection in Firefox, a
    /// timeout. By default the source then closes, as the Standard says.
    ///
    /// While the browser itself reconnects ([`State::Waiting`](crate::State::Waiting) without a delay) it is left to
    /// that. While it is offline no attempt is made; once it is online, one is made within a second, but not before a
    /// time that the server has asked for. A page that goes into the
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
        self.options.rules.stable_period = Some(policy.stable_period());
        self.parts.timer = Some(timer);
        self.parts.tell_place = Some(TELL_PLACE);
        self.parts.abilities.recover = Some(Connection::consult);
        self.parts.consult = Some(Rc::new(move |mut context, port| {
            context.random = js_sys::Math::random();
            let delay = policy.next_delay(&context);
            port(Box::new(move |connection, now| connection.decided(now, delay)));
        }));
        self.parts.follow_page = Some(page::follow_page);
        self
    }

    /// Asks for the address of every attempt, for one that is good only once or for a short time.
    ///
    /// The provider learns the id that the connection is to go on after. One that fails counts as a failed attempt. What it gives is resolved as any address; the source's
    /// [`url`](EventSource::url) stays the builder's. The browser's own reconnections use the address that they have.
    /// A provider that holds a handle of its own source keeps it open until it is closed.
    ///
    /// ```
    /// # async fn fetch_ticket() -> Result<String, std::fmt::Error> { Ok(String::new()) }
    /// use eventsource_wasm::{Backoff, EventSource};
    ///
    /// let builder = EventSource::builder("/events")
    ///     .url_provider(async |_| fetch_ticket().await.map(|ticket| format!("/events?ticket={ticket}")))
    ///     .reconnect(Backoff::default());
    /// ```
    pub fn url_provider<E: fmt::Display>(
        mut self,
        provider: impl AsyncFn(UrlContext) -> Result<String, E> + 'static,
    ) -> Self {
        let provider = Rc::new(provider);
        let provider: Rc<UrlProvider> = Rc::new(move |context| {
            let provider = Rc::clone(&provider);
            Box::pin(async move { provider(context).await.map_err(|error| error.to_string()) })
        });
        self.options.rules.fresh_addresses = true;
        self.parts.decorate = Some(Box::new(move |connect: Rc<Connect>| {
            Rc::new(move |attempt, reporter| {
                let (connect, sink) = (Rc::clone(&connect), Rc::clone(&reporter));
                Ok(by_provider::connect(&*provider, attempt, sink, move |attempt| connect(attempt, reporter)))
            })
        }));
        self
    }

    /// The id to go on after, from an earlier visit; none by default. What
    /// [`resume_after_reload`](Self::resume_after_reload) finds is newer, and takes precedence.
    pub fn last_event_id(mut self, id: impl Into<String>) -> Self {
        self.options.last_event_id = id.into();
        self.parts.tell_place = Some(TELL_PLACE);
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
    /// The place is that of the messages that all readers have taken: what still waited comes again. It is kept in
    /// `sessionStorage` from [`pagehide`], and from the moment at which the source gives up, until the next source of this
    /// stream takes it. A duplicate of the tab finds nothing there and begins anew. In a worker it does nothing.
    ///
    /// A stream is recognised by its URL without query parameters that change from visit to visit (`_`, `access_token`,
    /// `auth`, `authorization`, `cachebust`, `cb`, `jwt`, `nonce`, `session`, `sig`, `signature`, `t`, `ticket`,
    /// `timestamp`, `token`, `ts`); or by [`resume_key`](Self::resume_key). Several sources of one stream keep a place
    /// each, in the order in which they are opened. A tab keeps at most 50 places, each for 24 hours.
    ///
    /// [`pagehide`]: https://developer.mozilla.org/en-US/docs/Web/API/Window/pagehide_event
    pub fn resume_after_reload(mut self, resume: bool) -> Self {
        self.resume = resume.then_some((None, keep_place));
        self
    }

    /// As [`resume_after_reload(true)`](Self::resume_after_reload), for a stream that is recognised by this key: for URLs
    /// that change from visit to visit.
    pub fn resume_key(mut self, key: impl Into<String>) -> Self {
        self.resume = Some((Some(key.into()), keep_place));
        self
    }

    /// Remembers the ids of the newest `window` messages, and after a reconnect does not deliver those again that the
    /// server repeats. It ends with the first message whose id is not among them, until the next reconnect.
    ///
    /// Only for streams whose events have ids of their own. Over `fetch`, an event without an `id` field is always
    /// delivered. The browser's object does not tell that: there, such an event looks as if it had the id of the one before.
    /// So an id that one connection has sent twice is never treated as a duplicate, over either transport.
    pub fn suppress_duplicates(mut self, window: usize) -> Self {
        self.parts.duplicates = Some(Box::new(Suppress::new(window)));
        self
    }

    /// The type of event with which the server says that it can't go on where the client was: `gap` by default.
    ///
    /// It shows in [`with_gaps`](crate::Subscription::with_gaps), in its place among the messages.
    pub fn gap_event<'a>(mut self, event_type: impl Into<Option<&'a str>>) -> Self {
        self.options.gap_event = event_type.into().map(str::to_owned);
        self
    }

    /// How long it may take until the connection is open, before that counts as failed. No limit by default.
    ///
    /// While the browser itself reconnects the time runs from the break, over its waits and however many attempts: choose
    /// more than the server's `retry:` and the browser's 3 to 5 s.
    pub fn open_timeout(mut self, timeout: Duration) -> Self {
        self.parts.timer = Some(timer);
        self.options.rules.open_timeout = Some(timeout);
        self
    }

    /// How long an open connection may be silent before it counts as lost. No limit by default.
    ///
    /// The browser's object shows no comments, so that the server has to send events, and the source has to know which:
    /// without [`heartbeat_event`](Self::heartbeat_event) this is an error of [`open`](Self::open). Over `fetch` every
    /// byte counts, and none is needed. While a full queue holds the stream ([`Overflow::Wait`](crate::Overflow::Wait)) no time passes.
    pub fn idle_timeout(mut self, timeout: Duration) -> Self {
        self.parts.timer = Some(timer);
        self.options.rules.idle_timeout = Some(timeout);
        self
    }

    /// The type of event that the server sends to show that it is there. The source listens to it by itself.
    pub fn heartbeat_event(mut self, event_type: impl Into<String>) -> Self {
        self.options.heartbeat_event = Some(event_type.into());
        self
    }

    /// Lets the connection go when the page has been hidden for `grace`, and makes a new one, which goes on after the
    /// last event ID, when it is shown. By default a hidden page keeps it. A worker is never hidden.
    pub fn pause_when_hidden(mut self, grace: Duration) -> Self {
        self.parts.timer = Some(timer);
        self.parts.tell_place = Some(TELL_PLACE);
        self.options.rules.hidden_grace = Some(grace);
        self.parts.follow_page = Some(page::follow_page);
        self
    }

    /// Whether the source asks for the URL once more, with `fetch`, when the browser gave up on it, to learn the status.
    /// It stops on 204 ([`Error::Stopped`]) and on every 4xx but 408, 409, 425 and 429 ([`Error::Status`]), whatever the
    /// policy; with a [`url_provider`](Self::url_provider) on 204 alone, since the next address may be a good one. False by default: it
    /// costs a request. From another origin without CORS it learns nothing.
    pub fn probe(mut self, probe: bool) -> Self {
        self.parts.timer = Some(timer);
        self.parts.probe = probe.then_some(|attempt, port| Box::new(probe::probe(attempt, port)));
        self.parts.abilities.look_into = probe.then_some(Connection::look_into);
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
    pub fn open(mut self) -> Result<EventSource, Error> {
        self.check()?;
        if let Some((key, keep_place)) = self.resume {
            keep_place(key, &mut self.parts);
        }
        if let Some(decorate) = self.parts.decorate.take() {
            self.parts.connect = self.parts.connect.map(decorate);
        }
        #[cfg(feature = "fetch")]
        if let Some(requests) = self.requests {
            self.options.rules.again = requests.again(self.options.rules.retries());
        }
        let flows = self.over_fetch.is_some();
        if flows {
            // The status is known.
            self.parts.abilities.look_into = None;
            self.parts.abilities.recover = self.parts.abilities.recover.or(self.over_fetch);
        }
        self.options.flows = flows;
        self.options.place_parameter = match self.place_parameter {
            PlaceParameter::Default => (!flows).then(|| "lastEventId".into()),
            PlaceParameter::None => None,
            PlaceParameter::Named(name) => Some(name.into()),
        };
        #[cfg(feature = "share")]
        if let Some((name, share)) = self.share {
            let again = self.options.rules.again;
            let request = self.fetching.map(|fetching| fetching.identity(again)).transpose()?;
            let Shared { options, parts, role } = share(name.as_deref(), self.options, self.parts, request)?;
            let source = EventSource::open(options, parts, self.response)?;
            return Ok(source.sharing_as(role));
        }
        EventSource::open(
            self.options,
            self.parts,
            #[cfg(feature = "fetch")]
            self.response,
        )
    }

    /// Whether what is set can work.
    fn check(&self) -> Result<(), Error> {
        if !is_id(&self.options.last_event_id) {
            let reason = "no last event ID has a line break or a NUL in it, so last_event_id can't be one";
            return Err(Error::Unsupported { reason: reason.to_owned() });
        }
        if self.over_fetch.is_none()
            && self.options.rules.idle_timeout.is_some()
            && self.options.heartbeat_event.is_none()
        {
            let reason = "idle_timeout needs heartbeat_event: the browser's EventSource shows no comments, \
                          so a quiet stream looks like a dead one unless the server sends an event now and then";
            return Err(Error::Unsupported { reason: reason.to_owned() });
        }
        Ok(())
    }
}

/// Named by the setters after which there may be a place to tell.
pub(super) const TELL_PLACE: TellPlace = address::with_parameter;

fn keep_place(key: Option<String>, parts: &mut Parts) {
    parts.tell_place = Some(TELL_PLACE);
    parts.bookmark = Some(Box::new(move |url| Bookmark::open(key.as_deref(), url)));
}

/// Tells the port when the signal is aborted.
fn obey(signal: &AbortSignal, port: Port) -> Option<Listener> {
    if signal.aborted() {
        abort(signal, &port);
        return None;
    }
    let aborted = signal.clone();
    Some(Listener::new(signal, "abort", move |_| abort(&aborted, &port)))
}

fn abort(signal: &AbortSignal, port: &Port) {
    let reason = reason_of(signal);
    port(Box::new(move |connection, now| connection.end(now, CloseReason::Aborted { reason })));
}

/// The reason as text: anything may be one.
fn reason_of(signal: &AbortSignal) -> String {
    let reason = signal.reason();
    text_of(&reason).unwrap_or_else(|| "aborted".to_owned())
}

impl fmt::Debug for EventSourceBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventSourceBuilder").field("url", &self.options.url).finish_non_exhaustive()
    }
}
