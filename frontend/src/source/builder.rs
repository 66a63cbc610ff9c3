//! What can be set before a source is opened.
//!
//! Only an option's setter refers to the code that the option needs, so a program that does not call the setter does
//! not link that code.

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

/// The options of a source, from [`EventSource::builder`]. Without any, it behaves as the HTML Standard says.
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

/// Makes a source share its connection, under a name or its URL. The last argument is the part of the request that has
/// to be the same in all sources that share.
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

    /// A builder for a source with options; [`open`](EventSourceBuilder::open) opens it.
    pub fn builder(url: &str) -> EventSourceBuilder {
        EventSourceBuilder::new(url)
    }
}

/// The query parameter for the last event ID.
enum PlaceParameter {
    /// The transport's default.
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

    /// Whether to send cookies and HTTP authentication to other origins too ([`withCredentials`]); false by default.
    ///
    /// The server must then answer with `Access-Control-Allow-Credentials: true` and name the page's origin.
    ///
    /// [`withCredentials`]: https://html.spec.whatwg.org/multipage/server-sent-events.html#dom-eventsourceinit-withcredentials
    pub fn with_credentials(mut self, with_credentials: bool) -> Self {
        self.options.with_credentials = with_credentials;
        self
    }

    /// Uses `fetch` instead of the browser's `EventSource`, for headers, methods, bodies, status codes and
    /// backpressure.
    ///
    /// The response body is not read until messages have a reader: a subscription, a callback or a list. A reader that
    /// is added late therefore misses nothing; but until there is one, the source notices neither the end of the
    /// response nor a lost connection. Other changes of state are reported without a reader, too.
    ///
    /// Everything else works as over the native transport. In addition, every byte, also of comments, resets
    /// [`idle_timeout`](Self::idle_timeout), which then needs no heartbeat event; failures have their
    /// [status](Error::Status); a policy gets the server's [reconnection time and `Retry-After`](crate::RetryContext);
    /// [`subscribe_any`](EventSource::subscribe_any) yields messages of every type; and a full queue makes the server
    /// wait ([`Overflow::Wait`](crate::Overflow::Wait)) instead of dropping messages. See [`FetchOptions`] for the
    /// rest.
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

    /// Closes the source when this signal is aborted, as [`close`](EventSource::close) does, with the reason
    /// [`CloseReason::Aborted`](crate::CloseReason::Aborted). If it is already aborted, no request is made.
    pub fn signal(mut self, signal: AbortSignal) -> Self {
        self.parts.signal = Some(Box::new(move |port| obey(&signal, port)));
        self
    }

    /// Gets the browser's objects from this function instead of the global constructor.
    #[cfg(feature = "js")]
    pub(crate) fn made_by(mut self, make: native::Make) -> Self {
        self.parts.connect = Some(Rc::new(move |attempt, reporter| Native::open(make, &attempt, reporter)));
        self
    }

    /// Continues after the last event ID that is set, even if an earlier source has stored another place.
    #[cfg(feature = "js")]
    pub(crate) fn knowing_its_place(mut self) -> Self {
        self.options.knows_place = true;
        self
    }

    /// Reads this object, which the caller has created and closes.
    #[cfg(feature = "js")]
    pub(crate) fn adopting(mut self, raw: web_sys::EventSource) -> Self {
        self.parts.connect = Some(Rc::new(move |attempt, reporter| Ok(Native::adopt(raw.clone(), &attempt, reporter))));
        self
    }

    /// Reconnects where the browser gives up: after an HTTP error, a wrong content type, a refused connection (in
    /// Firefox) or a timeout. By default the source then closes, as the Standard says.
    ///
    /// When the browser itself reconnects ([`State::Waiting`](crate::State::Waiting) without a delay), the source
    /// leaves it to the browser. While the browser is offline, no attempt is made; once it is online, one is made
    /// within a second, but not before a time that the server has asked for. A page that enters the [back/forward
    /// cache] closes its connection, and opens a new one when it returns. (Firefox does not cache pages with an open
    /// connection.)
    ///
    /// A policy that holds a handle of its own source keeps that source open until it is closed.
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

    /// Calls a function for the URL of every attempt, for URLs that are valid only once or for a short time.
    ///
    /// The provider gets the ID after which the connection is to continue. If it fails, the attempt has failed. The URL
    /// that it returns is resolved like any address; the source's [`url`](EventSource::url) stays the builder's. When
    /// the browser itself reconnects, it uses the same URL as before. A provider that holds a handle of its own source
    /// keeps that source open until it is closed.
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

    /// The ID after which to continue, from an earlier visit; none by default. An ID that
    /// [`resume_after_reload`](Self::resume_after_reload) finds is newer, and takes precedence.
    pub fn last_event_id(mut self, id: impl Into<String>) -> Self {
        self.options.last_event_id = id.into();
        self.parts.tell_place = Some(TELL_PLACE);
        self
    }

    /// The query parameter for the last event ID in the URL of each new connection, because scripts can't set headers
    /// of the browser's object: `lastEventId` by default, `Last-Event-ID` for Mercure, `last_event_id` for nchan;
    /// `None` for servers that read no such parameter.
    ///
    /// Over `fetch`, the ID is sent in the header `Last-Event-ID` by default, which servers of other origins have to
    /// allow (`Access-Control-Allow-Headers`). If a parameter is set here, it is sent in that parameter instead.
    ///
    /// When the browser itself reconnects, it sends the header with a newer ID than the URL has: a server that gets
    /// both should use the header.
    pub fn last_event_id_param<'a>(mut self, name: impl Into<Option<&'a str>>) -> Self {
        let name = name.into().map(str::to_owned);
        self.place_parameter = name.map_or(PlaceParameter::None, PlaceParameter::Named);
        self
    }

    /// Whether the stream continues where it was when the page is reloaded; false by default.
    ///
    /// It continues after the messages that all readers have taken; those that were still queued are delivered again.
    /// The place is stored in `sessionStorage` on [`pagehide`], and when the source gives up, until the next source of
    /// this stream takes it. A duplicate of the tab finds nothing there and starts from the beginning. In a worker,
    /// this option does nothing.
    ///
    /// A stream is recognized by its URL without query parameters that change from visit to visit (`_`, `access_token`,
    /// `auth`, `authorization`, `cachebust`, `cb`, `jwt`, `nonce`, `session`, `sig`, `signature`, `t`, `ticket`,
    /// `timestamp`, `token`, `ts`); or by [`resume_key`](Self::resume_key). Each of several sources of one stream has
    /// its own place, in the order in which they are opened. A tab keeps at most 50 places, each for 24 hours.
    ///
    /// [`pagehide`]: https://developer.mozilla.org/en-US/docs/Web/API/Window/pagehide_event
    pub fn resume_after_reload(mut self, resume: bool) -> Self {
        self.resume = resume.then_some((None, keep_place));
        self
    }

    /// The same as [`resume_after_reload(true)`](Self::resume_after_reload), with a key to recognize the stream by, for
    /// URLs that change from visit to visit.
    pub fn resume_key(mut self, key: impl Into<String>) -> Self {
        self.resume = Some((Some(key.into()), keep_place));
        self
    }

    /// Remembers the IDs of the newest `window` messages, and after a reconnect does not deliver messages with these
    /// IDs again. This ends with the first message whose ID is not among them, until the next reconnect.
    ///
    /// Only for streams whose events have IDs of their own. Over `fetch`, an event without an `id` field is always
    /// delivered. The browser's object does not show whether there was one: an event without it has the ID of the event
    /// before. Therefore, an ID that one connection has sent twice is never treated as a duplicate, over either
    /// transport.
    pub fn suppress_duplicates(mut self, window: usize) -> Self {
        self.parts.duplicates = Some(Box::new(Suppress::new(window)));
        self
    }

    /// The type of event with which the server says that it can't continue after the last event ID: `gap` by default.
    ///
    /// [`with_gaps`](crate::Subscription::with_gaps) yields it in its place among the messages.
    pub fn gap_event<'a>(mut self, event_type: impl Into<Option<&'a str>>) -> Self {
        self.options.gap_event = event_type.into().map(str::to_owned);
        self
    }

    /// How long it may take to open a connection before the attempt counts as failed. No limit by default.
    ///
    /// While the browser itself reconnects, the time starts when the connection is lost, and includes the browser's
    /// waits and all of its attempts: choose more than the server's `retry:` and the browser's 3 to 5 s.
    pub fn open_timeout(mut self, timeout: Duration) -> Self {
        self.parts.timer = Some(timer);
        self.options.rules.open_timeout = Some(timeout);
        self
    }

    /// How long an open connection may be silent before it counts as lost. No limit by default.
    ///
    /// The browser's object does not show comments, so the server has to send events, and the source has to know their
    /// type: without [`heartbeat_event`](Self::heartbeat_event), [`open`](Self::open) returns an error. Over `fetch`,
    /// every byte counts, and no such event is needed. The time that a full queue stops the stream for
    /// ([`Overflow::Wait`](crate::Overflow::Wait)) does not count.
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

    /// Closes the connection when the page has been hidden for `grace`, and opens a new one, which continues after the
    /// last event ID, when the page is visible again. By default a hidden page keeps its connection. A worker is never
    /// hidden.
    pub fn pause_when_hidden(mut self, grace: Duration) -> Self {
        self.parts.timer = Some(timer);
        self.parts.tell_place = Some(TELL_PLACE);
        self.options.rules.hidden_grace = Some(grace);
        self.parts.follow_page = Some(page::follow_page);
        self
    }

    /// Whether to request the URL once more, with `fetch`, when the browser has given up, to learn the status; false by
    /// default, as it costs a request. The source then ends on 204 ([`Error::Stopped`]) and on every 4xx except 408,
    /// 409, 425 and 429 ([`Error::Status`]), whatever the policy; with a [`url_provider`](Self::url_provider) only on
    /// 204, because the next URL may work. The status of another origin's response is available only if CORS allows it.
    pub fn probe(mut self, probe: bool) -> Self {
        self.parts.timer = Some(timer);
        self.parts.probe = probe.then_some(|attempt, port| Box::new(probe::probe(attempt, port)));
        self.parts.abilities.look_into = probe.then_some(Connection::look_into);
        self
    }

    /// Opens the source. The connection is made asynchronously; no message arrives before the caller returns to the
    /// event loop, so a subscription made next misses nothing.
    ///
    /// # Errors
    ///
    /// - [`Error::InvalidUrl`]: the address is not a valid URL.
    /// - [`Error::Unsupported`]: there is no `EventSource` here, as on a server that renders pages;
    ///   [`idle_timeout`](Self::idle_timeout) is set without [`heartbeat_event`](Self::heartbeat_event);
    ///   [`last_event_id`](Self::last_event_id) is not a valid ID; or the browser can't make the request that the
    ///   options for `fetch` describe.
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

    /// Checks that the options can work together.
    fn check(&self) -> Result<(), Error> {
        if !is_id(&self.options.last_event_id) {
            let reason = "last_event_id must not contain line breaks or NUL";
            return Err(Error::Unsupported { reason: reason.to_owned() });
        }
        if self.over_fetch.is_none()
            && self.options.rules.idle_timeout.is_some()
            && self.options.heartbeat_event.is_none()
        {
            let reason = "idle_timeout needs heartbeat_event: the browser's EventSource shows no comments, \
                          so a silent stream looks like a dead one unless the server sends an event now and then";
            return Err(Error::Unsupported { reason: reason.to_owned() });
        }
        Ok(())
    }
}

/// Set by the options with which a new connection may have to send a last event ID.
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
