//! The request, as its user describes it.

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
/// Without any option it is the request that the Standard's `EventSource` makes: a `GET` that accepts
/// `text/event-stream`, past every cache, with credentials for its own origin (for all, with
/// [`with_credentials`](crate::EventSourceBuilder::with_credentials)), following redirects.
///
/// Unlike the browser's own, a request to another origin needs that server to [allow][allowed] the `Last-Event-ID` of a
/// reconnection and every header that is set here.
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
    /// What the application has fetched itself, for the first attempt.
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

/// Whether the request may be made a second time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Resend {
    Never,
    BeforeOpen,
    Always,
}

/// What decides which requests may be made again.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Requests {
    is_safe: bool,
    resend: Option<Resend>,
    resumes: bool,
}

impl Requests {
    /// Which requests may be made again; `retries`: whether there is a policy for failures.
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

/// A response, which is let go if it is never read.
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

/// What a [`headers_provider`](FetchOptions::headers_provider) may consider.
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
    /// Whether the server has just answered 401 to what the provider gave before, so that it has to be renewed.
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

    /// A stream that the application has asked for itself, with whatever it takes to ask for it. It is read to its end;
    /// then the source ends too, without an error, or with [`Error::Disconnected`](crate::Error::Disconnected) if the connection broke.
    ///
    /// The response is held to the same rules as every other (200, `text/event-stream`), and its body must not have been
    /// read. With [`resend(true)`](Self::resend) the source goes on by requests of its own, made as the other options say; with
    /// [`resume`](Self::resume), an answer that breaks is gone on with by those that it gives.
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

    /// The HTTP method; `GET` by default. It also decides whether the request may be made again: see [`resend`](Self::resend).
    pub fn method(mut self, method: impl Into<String>) -> Self {
        self.method = method.into();
        self
    }

    /// A header, in place of one of that name that was set before.
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// Asks for headers before every attempt, for those that expire. They take precedence over those set by
    /// [`header`](Self::header). A provider that holds a handle of its own source keeps it open until it is closed.
    ///
    /// When the server answers 401, the provider is asked once more, told that it was
    /// [`rejected`](HeadersContext::rejected), and the request is made once again, whatever its method: it was not
    /// acted upon. A second 401 is an [`Error::Status`](crate::Error::Status). A provider that fails is a failed attempt.
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

    /// The body: a string, bytes, or a `JsValue` that [`RequestInit.body`] takes, but no `ReadableStream`, which can be sent
    /// only once.
    ///
    /// [`RequestInit.body`]: https://developer.mozilla.org/en-US/docs/Web/API/RequestInit#body
    pub fn body(mut self, body: impl Into<Body>) -> Self {
        self.body = Some(body.into());
        self
    }

    /// Which cookies and HTTP authentication go along; by default as
    /// [`with_credentials`](crate::EventSourceBuilder::with_credentials) says.
    pub fn credentials(mut self, credentials: RequestCredentials) -> Self {
        self.credentials = Some(credentials);
        self
    }

    /// `cors` by default. `no-cors` shows no answer, so [`open`](crate::EventSourceBuilder::open) refuses it.
    pub fn mode(mut self, mode: RequestMode) -> Self {
        self.mode = Some(mode);
        self
    }

    /// `follow` by default. `manual` shows no answer, so [`open`](crate::EventSourceBuilder::open) refuses it.
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

    /// How much of the referrer to tell; the page's policy by default.
    pub fn referrer_policy(mut self, policy: ReferrerPolicy) -> Self {
        self.referrer_policy = Some(policy);
        self
    }

    /// `no-store` by default, as the Standard says.
    pub fn cache(mut self, cache: RequestCache) -> Self {
        self.cache = cache;
        self
    }

    /// Whether the request may be made a second time.
    ///
    /// By default a `GET` or `HEAD` may, as the Standard has it: a stream that ends is requested again. Any other method
    /// may do twice what it was asked once. So where a [policy](crate::EventSourceBuilder::reconnect) is set, it is as after
    /// [`resend_before_open`](Self::resend_before_open), and where none is, the request is made once.
    ///
    /// With `true`, the request is made again after every failure, and an answer that broke off is requested again with the last event
    /// ID. One that was read to its end is complete: the source ends without an error
    /// ([`CloseReason::Complete`](crate::CloseReason::Complete)), and asks no more. Only a `GET` or `HEAD` is asked for again then.
    ///
    /// With `false`, the request is made once, whatever the policy.
    ///
    /// A stream that can't be requested again is not paused with its page, and `reconnect()` does nothing.
    pub fn resend(mut self, again: bool) -> Self {
        self.resend = Some(if again { Resend::Always } else { Resend::Never });
        self
    }

    /// Makes the request again while it is refused: by a server that says it has not acted on it (408, 425, 429, 503 or 529, with
    /// their `Retry-After`), or because nobody answers. Once an answer has begun, never, nor after another status or an
    /// [`open_timeout`](crate::EventSourceBuilder::open_timeout), where the server may have done what it was asked: for requests that
    /// cost something, such as a prompt for a language model.
    ///
    /// How often, and after which waits, the [policy](crate::EventSourceBuilder::reconnect) says; without one only lost connections are
    /// made again, as the Standard has it.
    pub fn resend_before_open(mut self) -> Self {
        self.resend = Some(Resend::BeforeOpen);
        self
    }

    /// Goes on with an answer that broke off by another request than the source's own: a `POST` that starts an answer, say, and
    /// a `GET` that resumes it.
    ///
    /// The provider is asked whenever the stream has been open and is lost, before every attempt; and at once for an answer that was
    /// begun before: where there is a [`last_event_id`](crate::EventSourceBuilder::last_event_id), or
    /// [`resume_after_reload`](crate::EventSourceBuilder::resume_after_reload) has found one. It learns the last event ID and the
    /// newest response. Without a [policy](crate::EventSourceBuilder::reconnect) only lost connections are resumed, as the Standard
    /// has it.
    ///
    /// The source's [headers](Self::header) go along, but for those that describe its body (`Content-…`); so does the last event
    /// ID. An answer of 204 says that there is nothing to resume: the source ends as
    /// [complete](crate::CloseReason::Complete). So does an answer that is read to its end, unless
    /// [`end_event`](crate::EventSourceBuilder::end_event) or one of its kin says what the end is.
    ///
    /// A provider that fails is a failed attempt ([`Error::Resume`](crate::Error::Resume)); one that gives `None` ends the source
    /// with that error. A provider that holds a handle of its own source keeps it open until it is closed.
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

    /// Makes requests by this function in place of the global `fetch`: for interceptors that authorize requests, and for tests.
    ///
    /// It should pass the request's signal on, which ends the answer when the source lets go of it. What it rejects with is a
    /// failed attempt: a `TypeError` as `fetch` itself rejects with it is [`Error::Disconnected`](crate::Error::Disconnected),
    /// anything else [`Error::Fetch`](crate::Error::Fetch).
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

    /// The same for a function that is called as `fetch` is, and may give anything.
    #[cfg(feature = "js")]
    pub(crate) fn fetch_by(
        mut self,
        fetch: impl AsyncFn(String, RequestInit) -> Result<JsValue, JsValue> + 'static,
    ) -> Self {
        self.fetcher = Some(fetcher::boxed(fetch));
        self
    }

    /// The most bytes that a message's data, its type or its id may have: 16 MiB by default, and at least 1. More is
    /// [`Error::TooLarge`](crate::Error::TooLarge), which is final: a new connection would get the same message again.
    ///
    /// While a message arrives, WebAssembly's memory grows by three to five times its size, and WebAssembly never gives
    /// memory back: what is free again serves the messages to come.
    pub fn max_message_size(mut self, bytes: usize) -> Self {
        self.max_message_size = NonZeroUsize::new(bytes).unwrap_or(NonZeroUsize::MIN);
        self
    }

    /// The header in which a response names the id that it goes on after, if that is not the one that was asked for:
    /// `Last-Event-ID` for Mercure. None by default.
    ///
    /// Where such a response names another id, messages are missing: [`with_gaps`](crate::Subscription::with_gaps) shows a
    /// [`Gap::Header`](crate::Gap::Header). From another origin, the server has to expose the header
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
            return refused("a response that was given has one reader, so it can't be shared");
        }
        if again.unanswered != Unanswered::Any || again.answered == Answered::Never {
            return refused(
                "a connection that is shared is made again when the one who has it is gone, and this request may be made \
                 only once; allow it with resend, or don't share it",
            );
        }
        let body = self.body.as_ref().map_or(Some(Vec::new()), Body::identity);
        let Some(body) = body else {
            return refused("a request with this body can't be shared; give the body as text or bytes");
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
