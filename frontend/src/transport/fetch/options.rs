//! The options of the transport over `fetch`.

use std::cell::RefCell;
use std::fmt;
use std::future::Future;
use std::num::NonZeroUsize;
use std::pin::Pin;
use std::rc::Rc;

use wasm_bindgen::JsValue;
#[cfg(feature = "js")]
use web_sys::RequestInit;
use web_sys::{ReferrerPolicy, Request, RequestCache, RequestCredentials, RequestMode, RequestRedirect, Response};

use super::asked::{Asked, is_safe};
use super::body::Body;
use super::fetcher::{self, Fetcher};
use super::reader::discard;
use super::resume::{self, Resume, ResumeContext, ResumeRequest};
use crate::core::rules::{Again, Answered, Unanswered};
use crate::error::Error;

type Headers = Vec<(String, String)>;
type HeadersProvider = dyn Fn(HeadersContext) -> Pin<Box<dyn Future<Output = Result<Headers, String>>>>;

/// The request that the transport over `fetch` makes, for [`EventSourceBuilder::fetch`](crate::EventSourceBuilder::fetch).
///
/// Without any option, it is the request that the Standard's `EventSource` makes: a `GET` that accepts
/// `text/event-stream`, bypasses caches, sends credentials to its own origin (to all origins, with
/// [`with_credentials`](crate::EventSourceBuilder::with_credentials)), and follows redirects.
///
/// Unlike with the browser's own object, the server of another origin has to [allow][allowed] the header
/// `Last-Event-ID`, which reconnections send, and every header that is set here.
///
/// ```no_run
/// # async fn example() -> Result<(), eventsource_wasm::Error> {
/// # use eventsource_wasm::{EventSource, FetchOptions};
/// let options = FetchOptions::new().header("Authorization", "Bearer …");
/// let source = EventSource::builder("/events").fetch(options).open()?;
/// # drop(source);
/// # Ok(())
/// # }
/// ```
///
/// [allowed]: https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/Access-Control-Allow-Headers
#[must_use = "options do nothing before `EventSourceBuilder::fetch` takes them"]
pub struct FetchOptions {
    pub(super) method: String,
    pub(super) headers: Headers,
    pub(super) headers_provider: Option<Rc<HeadersProvider>>,
    pub(super) body: Option<Body>,
    pub(super) credentials: Option<RequestCredentials>,
    pub(super) mode: Option<RequestMode>,
    pub(super) redirect: Option<RequestRedirect>,
    pub(super) referrer: Option<String>,
    pub(super) referrer_policy: Option<ReferrerPolicy>,
    pub(super) cache: RequestCache,
    resend: Option<Resend>,
    pub(super) resume: Option<Rc<Resume>>,
    pub(super) fetcher: Option<Rc<Fetcher>>,
    pub(super) max_message_size: NonZeroUsize,
    pub(super) gap_header: Option<String>,
    /// The response that the application has fetched itself, for the first attempt.
    pub(super) provided: Provided,
}

/// What the requests of sources that share a connection have in common.
#[cfg(feature = "share")]
#[derive(Hash)]
pub(crate) struct Identity {
    method: String,
    headers: Headers,
    modes: [Option<String>; 3],
    body: Vec<u8>,
}

/// Whether the request may be repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Resend {
    Never,
    BeforeOpen,
    Always,
}

/// The option that decides which requests may be repeated.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Requests {
    is_safe: bool,
    resend: Option<Resend>,
    resumes: bool,
}

impl Requests {
    /// Which requests may be repeated; `retries`: whether there is a policy for failures.
    pub(crate) fn again(self, retries: bool) -> Again {
        let again = match self.resend {
            None | Some(Resend::Always) if self.is_safe => Again::default(),
            Some(Resend::Always) => Again { answered: Answered::Broken, ..Again::default() },
            None if !retries => Again::NEVER,
            None | Some(Resend::BeforeOpen) => Again { unanswered: Unanswered::Refused, ..Again::NEVER },
            Some(Resend::Never) => Again::NEVER,
        };
        let answered = if self.resumes { Answered::Resumed } else { again.answered };
        Again { answered, ..again }
    }
}

/// A response, which is cancelled if it is never read.
#[derive(Default)]
pub(super) struct Provided(RefCell<Option<Response>>);

impl Provided {
    pub(super) fn take(&self) -> Option<Response> {
        self.0.take()
    }

    #[cfg(feature = "share")]
    fn is_there(&self) -> bool {
        self.0.borrow().is_some()
    }
}

impl Drop for Provided {
    fn drop(&mut self) {
        if let Some(response) = self.take() {
            discard(&response);
        }
    }
}

/// The argument of a [`headers_provider`](FetchOptions::headers_provider).
///
/// ```
/// use std::convert::Infallible;
/// use eventsource_wasm::{FetchOptions, HeadersContext};
///
/// # async fn token(_renewed: bool) -> String { String::new() }
/// let options = FetchOptions::new().headers_provider(async |context: HeadersContext| {
///     let token = token(context.rejected).await;
///     Ok::<_, Infallible>([("Authorization", format!("Bearer {token}"))])
/// });
/// # drop(options);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct HeadersContext {
    /// Whether the server has just answered 401 to a request with the headers that the provider returned before, so
    /// that they have to be renewed.
    pub rejected: bool,
}

impl HeadersContext {
    /// For testing a provider.
    pub fn new(rejected: bool) -> Self {
        Self { rejected }
    }
}

impl Default for FetchOptions {
    fn default() -> Self {
        Self::new()
    }
}

impl FetchOptions {
    const MAX_MESSAGE_SIZE: NonZeroUsize = NonZeroUsize::new(16 << 20).unwrap();

    /// The Standard's request.
    pub fn new() -> Self {
        Self {
            method: "GET".to_owned(),
            headers: Vec::new(),
            headers_provider: None,
            body: None,
            credentials: None,
            mode: None,
            redirect: None,
            referrer: None,
            referrer_policy: None,
            cache: RequestCache::NoStore,
            resend: None,
            resume: None,
            fetcher: None,
            max_message_size: Self::MAX_MESSAGE_SIZE,
            gap_header: None,
            provided: Provided::default(),
        }
    }

    /// Reads a response that the application has requested itself. It is read to its end; the source then ends too,
    /// without an error, or with [`Error::Disconnected`](crate::Error::Disconnected) if the connection broke.
    ///
    /// The same rules apply as to any other response (200, `text/event-stream`), and its body must not have been read.
    /// With [`resend(true)`](Self::resend), the source continues with requests of its own, as the other options
    /// describe them; with [`resume`](Self::resume), a response that breaks off is continued by the requests that the
    /// provider returns.
    ///
    /// ```no_run
    /// # fn open(response: web_sys::Response) -> Result<(), eventsource_wasm::Error> {
    /// use eventsource_wasm::{EventSource, FetchOptions};
    ///
    /// let source = EventSource::builder(&response.url()).fetch(FetchOptions::from_response(response)).open()?;
    /// # drop(source);
    /// # Ok(())
    /// # }
    /// ```
    pub fn from_response(response: Response) -> Self {
        Self { provided: Provided(RefCell::new(Some(response))), resend: Some(Resend::Never), ..Self::new() }
    }

    /// The HTTP method; `GET` by default. It also decides whether the request may be repeated: see
    /// [`resend`](Self::resend).
    pub fn method(mut self, method: impl Into<String>) -> Self {
        self.method = method.into();
        self
    }

    /// A header, which replaces one of the same name that was set before.
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// Calls a function for headers before every attempt, for headers that expire. They take precedence over those set
    /// by [`header`](Self::header). A provider that holds a handle of its own source keeps that source open until it is
    /// closed.
    ///
    /// When the server answers 401, the provider is called once more, with [`rejected`](HeadersContext::rejected), and
    /// the request is repeated once, whatever its method, because the server has not acted on it. A second 401 is an
    /// [`Error::Status`](crate::Error::Status). If the provider fails, the attempt has failed.
    ///
    /// ```
    /// # async fn token(fresh: bool) -> Result<String, std::fmt::Error> { Ok(String::new()) }
    /// use eventsource_wasm::{FetchOptions, HeadersContext};
    ///
    /// let options = FetchOptions::new().headers_provider(async |context: HeadersContext| {
    ///     token(context.rejected).await.map(|token| [("Authorization", format!("Bearer {token}"))])
    /// });
    /// ```
    pub fn headers_provider<H, N, V, E>(
        mut self,
        provider: impl AsyncFn(HeadersContext) -> Result<H, E> + 'static,
    ) -> Self
    where
        H: IntoIterator<Item = (N, V)>,
        N: Into<String>,
        V: Into<String>,
        E: fmt::Display,
    {
        let provider = Rc::new(provider);
        self.headers_provider = Some(Rc::new(move |context| {
            let provider = Rc::clone(&provider);
            Box::pin(async move {
                let headers = provider(context).await.map_err(|error| error.to_string())?;
                Ok(headers.into_iter().map(|(name, value)| (name.into(), value.into())).collect())
            })
        }));
        self
    }

    /// The body: a string, bytes, or a `JsValue` that [`RequestInit.body`] takes, except a `ReadableStream`, which can
    /// be sent only once.
    ///
    /// [`RequestInit.body`]: https://developer.mozilla.org/en-US/docs/Web/API/RequestInit#body
    pub fn body(mut self, body: impl Into<Body>) -> Self {
        self.body = Some(body.into());
        self
    }

    /// Which cookies and HTTP authentication to send; by default as
    /// [`with_credentials`](crate::EventSourceBuilder::with_credentials) says.
    pub fn credentials(mut self, credentials: RequestCredentials) -> Self {
        self.credentials = Some(credentials);
        self
    }

    /// The request mode; `cors` by default. `no-cors` does not expose the response, so
    /// [`open`](crate::EventSourceBuilder::open) refuses it.
    pub fn mode(mut self, mode: RequestMode) -> Self {
        self.mode = Some(mode);
        self
    }

    /// How redirects are handled; `follow` by default. `manual` does not expose the response, so
    /// [`open`](crate::EventSourceBuilder::open) refuses it.
    pub fn redirect(mut self, redirect: RequestRedirect) -> Self {
        self.redirect = Some(redirect);
        self
    }

    /// The request's [referrer]; `""` for none. The page's address by default.
    ///
    /// [referrer]: https://developer.mozilla.org/en-US/docs/Web/API/RequestInit#referrer
    pub fn referrer(mut self, referrer: impl Into<String>) -> Self {
        self.referrer = Some(referrer.into());
        self
    }

    /// The referrer policy; the page's by default.
    pub fn referrer_policy(mut self, policy: ReferrerPolicy) -> Self {
        self.referrer_policy = Some(policy);
        self
    }

    /// The cache mode; `no-store` by default, as the Standard says.
    pub fn cache(mut self, cache: RequestCache) -> Self {
        self.cache = cache;
        self
    }

    /// Whether the request may be repeated.
    ///
    /// By default, a `GET` or `HEAD` may, as the Standard requires: a stream that ends is requested again. With any
    /// other method, the server might act twice. Such a request is repeated as
    /// [`resend_before_open`](Self::resend_before_open) describes if a [policy](crate::EventSourceBuilder::reconnect)
    /// is set, and made only once if none is.
    ///
    /// With `true`, the request is repeated after every failure, and after a response has broken off, with the last
    /// event ID. When a response has been read to its end, the source ends without an error
    /// ([`CloseReason::Complete`](crate::CloseReason::Complete)); only a `GET` or `HEAD` is repeated then.
    ///
    /// With `false`, the request is made once, whatever the policy.
    ///
    /// A stream that can't be requested again is not paused with its page, and `reconnect()` has no effect on it.
    pub fn resend(mut self, again: bool) -> Self {
        self.resend = Some(if again { Resend::Always } else { Resend::Never });
        self
    }

    /// Repeats the request only while the server says that it has not acted on it (408, 425, 429, 503 or 529, with
    /// their `Retry-After`), or does not respond at all. It is not repeated once a response has begun, after another
    /// status, or after [`open_timeout`](crate::EventSourceBuilder::open_timeout), because the server may have acted on
    /// it. Use this for requests that cost something, such as a prompt for a language model.
    ///
    /// The [policy](crate::EventSourceBuilder::reconnect) says how often, and after which waits. Without one, only lost
    /// connections are made again, as the Standard requires.
    pub fn resend_before_open(mut self) -> Self {
        self.resend = Some(Resend::BeforeOpen);
        self
    }

    /// Uses another request than the source's own to continue a response that has broken off: for instance, a `POST`
    /// starts an answer, and a `GET` resumes it.
    ///
    /// The provider is called before every attempt after the stream has been open, and before the first attempt too if
    /// the response has begun earlier: if there is a [`last_event_id`](crate::EventSourceBuilder::last_event_id), or if
    /// [`resume_after_reload`](crate::EventSourceBuilder::resume_after_reload) has found one. It gets the last event ID
    /// and the newest response. Without a [policy](crate::EventSourceBuilder::reconnect), only lost connections are
    /// resumed, as the Standard requires.
    ///
    /// The source's [headers](Self::header), except those that describe its body (`Content-…`), and the last event ID
    /// are sent with it. If the server answers 204, there is nothing more to read: the source ends as
    /// [complete](crate::CloseReason::Complete). It also does when a response is read to its end, unless
    /// [`end_event`](crate::EventSourceBuilder::end_event), `end_when` or `end_data` defines the end.
    ///
    /// If the provider fails, the attempt has failed ([`Error::Resume`](crate::Error::Resume)); if it returns `None`,
    /// the source ends with that error. A provider that holds a handle of its own source keeps that source open until
    /// it is closed.
    ///
    /// ```
    /// use std::convert::Infallible;
    /// use eventsource_wasm::{FetchOptions, ResumeContext, ResumeRequest};
    ///
    /// let options = FetchOptions::new().method("POST").body("{\"id\":\"7\"}").resume(async |_: ResumeContext| {
    ///     Ok::<_, Infallible>(Some(ResumeRequest::new("/chat/7/stream")))
    /// });
    /// ```
    pub fn resume<E: fmt::Display>(
        mut self,
        provider: impl AsyncFn(ResumeContext) -> Result<Option<ResumeRequest>, E> + 'static,
    ) -> Self {
        self.resume = Some(resume::boxed(provider));
        self
    }

    /// Makes requests with this function instead of the global `fetch`, for interceptors that authorize requests, and
    /// for tests.
    ///
    /// It should pass the request's signal on, with which the source aborts the response. If it rejects, the attempt
    /// has failed: with a `TypeError`, as `fetch` itself does, it is
    /// [`Error::Disconnected`](crate::Error::Disconnected), with anything else [`Error::Fetch`](crate::Error::Fetch).
    ///
    /// ```
    /// use eventsource_wasm::FetchOptions;
    /// use wasm_bindgen::JsValue;
    /// use web_sys::{Request, Response};
    ///
    /// async fn signed(request: Request) -> Result<Response, JsValue> {
    ///     // …
    /// #   Response::new()
    /// }
    ///
    /// let options = FetchOptions::new().fetch_with(signed);
    /// ```
    pub fn fetch_with(mut self, fetch: impl AsyncFn(Request) -> Result<Response, JsValue> + 'static) -> Self {
        self.fetcher = Some(fetcher::of_requests(fetch));
        self
    }

    /// The same for a function that is called with the arguments of `fetch`, and may return anything.
    #[cfg(feature = "js")]
    pub(crate) fn fetch_by(
        mut self,
        fetch: impl AsyncFn(String, RequestInit) -> Result<JsValue, JsValue> + 'static,
    ) -> Self {
        self.fetcher = Some(fetcher::boxed(fetch));
        self
    }

    /// The maximum size of a message's data, its type or its ID, in bytes: 16 MiB by default, and at least 1. A larger
    /// one is [`Error::TooLarge`](crate::Error::TooLarge), which is final, because a new connection would get the same
    /// message again.
    ///
    /// While a message arrives, WebAssembly's memory grows by three to five times its size. WebAssembly never returns
    /// memory to the browser; the freed memory is used for later messages.
    pub fn max_message_size(mut self, bytes: usize) -> Self {
        self.max_message_size = NonZeroUsize::new(bytes).unwrap_or(NonZeroUsize::MIN);
        self
    }

    /// The response header with the ID after which the server continues, if that is not the requested one:
    /// `Last-Event-ID` for Mercure. None by default.
    ///
    /// If the header has another ID, messages are missing: [`with_gaps`](crate::Subscription::with_gaps) yields a
    /// [`Gap::Header`](crate::Gap::Header). The server of another origin has to expose the header
    /// ([`Access-Control-Expose-Headers`]).
    ///
    /// [`Access-Control-Expose-Headers`]: https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/Access-Control-Expose-Headers
    pub fn gap_header(mut self, name: impl Into<String>) -> Self {
        self.gap_header = Some(name.into());
        self
    }

    pub(crate) fn requests(&self) -> Requests {
        Requests { is_safe: is_safe(&self.method), resend: self.resend, resumes: self.resume.is_some() }
    }

    /// What the requests of sources that share a connection have in common.
    #[cfg(feature = "share")]
    pub(super) fn identity(&self, again: Again) -> Result<Identity, Error> {
        let refused = |reason: &str| Err(Error::Unsupported { reason: reason.to_owned() });
        if self.provided.is_there() {
            return refused("a given response has one reader, so it can't be shared");
        }
        if again.unanswered != Unanswered::Any || again.answered == Answered::Never {
            return refused(
                "a shared connection is made again when its leader is gone, and this request may be made \
                 only once; allow it with resend, or don't share it",
            );
        }
        let body = self.body.as_ref().map_or(Some(Vec::new()), Body::identity);
        let Some(body) = body else {
            return refused("a request with this body can't be shared; use text or bytes as the body");
        };
        // In the order in which they were set, of each name. There are few, and a sort is much code.
        let mut headers: Headers = Vec::with_capacity(self.headers.len());
        for (name, value) in &self.headers {
            let name = name.to_ascii_lowercase();
            headers.insert(headers.partition_point(|(other, _)| *other <= name), (name, value.clone()));
        }
        let text = |value: Option<JsValue>| value.and_then(|value| value.as_string());
        let modes = [
            text(self.credentials.map(JsValue::from)),
            text(self.mode.map(JsValue::from)),
            text(self.redirect.map(JsValue::from)),
        ];
        Ok(Identity { method: self.method.to_ascii_uppercase(), headers, modes, body })
    }

    /// The request of an attempt. It has been tried when the source was opened, but for the headers of a provider.
    pub(super) fn asked(&self) -> Asked {
        Asked {
            url: None,
            method: self.method.clone(),
            headers: self.headers.clone(),
            more: Vec::new(),
            body: self.body.clone(),
            has_own_body: true,
            may_be_repeated: self.resend.map_or_else(|| is_safe(&self.method), |resend| resend == Resend::Always),
            refused: |reason| Error::HeadersProvider { reason },
        }
    }
}

impl fmt::Debug for FetchOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Headers and bodies hold secrets.
        f.debug_struct("FetchOptions").field("method", &self.method).finish_non_exhaustive()
    }
}
