use std::cell::RefCell;
use std::fmt;
use std::future::Future;
use std::num::NonZeroUsize;
use std::pin::Pin;
use std::rc::Rc;

use wasm_bindgen::{JsCast, JsValue};
use web_sys::{
    ReadableStream, ReferrerPolicy, Request, RequestCache, RequestCredentials, RequestInit, RequestMode,
    RequestRedirect, Response,
};

use super::request::said;
use super::response::discard;
use crate::Error;
use crate::transport::Connect;

type Headers = Vec<(String, String)>;
type HeadersProvider = dyn Fn(HeadersContext) -> Pin<Box<dyn Future<Output = Result<Headers, String>>>>;

/// The request that the transport over `fetch` makes, for [`EventSourceBuilder::fetch`](crate::EventSourceBuilder::fetch).
///
/// Without any option it is the request that the Standard's `EventSource` makes: a `GET` that accepts
/// `text/event-stream`, past every cache, with credentials for its own origin (for all, with
/// [`with_credentials`](crate::EventSourceBuilder::with_credentials)), following redirects.
///
/// What only a script's request is: from another origin, the `Last-Event-ID` of a reconnection and every header that is
/// set here have to be [allowed] by the server.
///
/// [allowed]: https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/Access-Control-Allow-Headers
#[must_use = "options do nothing before `EventSourceBuilder::fetch` takes them"]
pub struct FetchOptions {
    method: String,
    headers: Headers,
    pub(super) headers_provider: Option<Rc<HeadersProvider>>,
    body: Option<JsValue>,
    credentials: Option<RequestCredentials>,
    mode: Option<RequestMode>,
    redirect: Option<RequestRedirect>,
    referrer: Option<String>,
    referrer_policy: Option<ReferrerPolicy>,
    cache: RequestCache,
    resend: Option<bool>,
    pub(super) max_message_size: NonZeroUsize,
    /// What the application has fetched itself, for the first attempt.
    pub(super) given: Given,
}

/// A response, which is let go if it is never read.
#[derive(Default)]
pub(super) struct Given(RefCell<Option<Response>>);

impl Given {
    pub(super) fn take(&self) -> Option<Response> {
        self.0.take()
    }
}

impl Drop for Given {
    fn drop(&mut self) {
        if let Some(response) = self.take() {
            discard(&response);
        }
    }
}

/// What a [`headers_provider`](FetchOptions::headers_provider) may consider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct HeadersContext {
    /// Whether the server has just answered 401 to what the provider gave before, so that it has to be renewed.
    pub rejected: bool,
}

impl HeadersContext {
    /// A question to try a provider with.
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
            max_message_size: Self::MAX_MESSAGE_SIZE,
            given: Given::default(),
        }
    }

    /// A stream that the application has asked for itself, with whatever it takes to ask for it. It is read to its end;
    /// then the source ends too, without an error, or with [`Error::Disconnected`] if the connection broke.
    ///
    /// The response is held to the same rules as every other (200, `text/event-stream`), and its body must not have been
    /// read. With [`resend(true)`](Self::resend) the source goes on by requests of its own, made as the other options say.
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
        Self { given: Given(RefCell::new(Some(response))), resend: Some(false), ..Self::new() }
    }

    /// The HTTP method; `GET` by default. See [`resend`](Self::resend) for what else it decides.
    pub fn method(mut self, method: impl Into<String>) -> Self {
        self.method = method.into();
        self
    }

    /// A header, in place of one of that name that was set before.
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// Asks for headers before every attempt, for those that grow old. They take precedence over those set by
    /// [`header`](Self::header). A provider that holds a handle of its own source keeps it open until it is closed.
    ///
    /// When the server answers 401, the provider is asked once more, told that it was
    /// [`rejected`](HeadersContext::rejected), and the request is made once again, whatever its method: it was not
    /// acted upon. A second 401 is an [`Error::Status`]. A provider that fails is a failed attempt.
    ///
    /// ```
    /// # async fn token(fresh: bool) -> Result<String, std::fmt::Error> { Ok(String::new()) }
    /// use eventsource_wasm::{FetchOptions, HeadersContext};
    ///
    /// let options = FetchOptions::new().headers_provider(async |context: HeadersContext| {
    ///     token(context.rejected).await.map(|token| [("Authorization", format!("Bearer {token}"))])
    /// });
    /// ```
    pub fn headers_provider<F, H, N, V, E>(mut self, provider: impl Fn(HeadersContext) -> F + 'static) -> Self
    where
        F: Future<Output = Result<H, E>> + 'static,
        H: IntoIterator<Item = (N, V)>,
        N: Into<String>,
        V: Into<String>,
        E: fmt::Display,
    {
        self.headers_provider = Some(Rc::new(move |context| {
            let headers = provider(context);
            Box::pin(async move {
                let headers = headers.await.map_err(|error| error.to_string())?;
                Ok(headers.into_iter().map(|(name, value)| (name.into(), value.into())).collect())
            })
        }));
        self
    }

    /// The body: anything that [`RequestInit.body`] takes but a `ReadableStream`, which can be sent only once.
    ///
    /// [`RequestInit.body`]: https://developer.mozilla.org/en-US/docs/Web/API/RequestInit#body
    pub fn body(mut self, body: impl Into<JsValue>) -> Self {
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

    /// The address to name as the one that asks; `""` for none. The page's by default.
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

    /// Whether the request may be made a second time. By default a `GET` or `HEAD` may, and nothing else: the server
    /// might do twice what it was asked once.
    ///
    /// A source that may not ask again never reconnects, whatever its policy. It is not paused with its page either, and
    /// `reconnect()` does nothing. The end of its stream is the end of the source, without an error.
    pub fn resend(mut self, safe: bool) -> Self {
        self.resend = Some(safe);
        self
    }

    /// The most bytes that a message's data, its type or its id may have: 16 MiB by default, and at least 1. More is
    /// [`Error::TooLarge`], which is final: a new connection would get the same message again.
    pub fn max_message_size(mut self, bytes: usize) -> Self {
        self.max_message_size = NonZeroUsize::new(bytes).unwrap_or(NonZeroUsize::MIN);
        self
    }

    pub(crate) fn can_ask_again(&self) -> bool {
        self.resend.unwrap_or_else(|| self.asks_only())
    }

    /// Whether the method is one that changes nothing.
    pub(super) fn asks_only(&self) -> bool {
        ["GET", "HEAD"].iter().any(|safe| self.method.eq_ignore_ascii_case(safe))
    }

    /// What makes transports by these options.
    pub(crate) fn connect(self) -> Rc<Connect> {
        let options = Rc::new(self);
        Rc::new(move |attempt| super::open(&options, attempt))
    }

    /// Whether the browser takes these options, and an answer to them would be shown.
    pub(super) fn check(&self, url: &str) -> Result<(), Error> {
        let hides = |what| {
            let reason = [what, " shows a script no answer, so there would be no stream; leave it out"].concat();
            Err(Error::Unsupported { reason })
        };
        if self.mode == Some(RequestMode::NoCors) {
            return hides("the mode no-cors");
        }
        if self.redirect == Some(RequestRedirect::Manual) {
            return hides("redirect: manual");
        }
        if self.body.as_ref().is_some_and(JsCast::has_type::<ReadableStream>) {
            let reason = "a ReadableStream can't be sent a second time; give a string, a Blob or a buffer as the body";
            return Err(Error::Unsupported { reason: reason.to_owned() });
        }
        let init = self.init(false, &[]);
        init.and_then(|init| Request::new_with_str_and_init(url, &init)).map(drop).map_err(|thrown| {
            let reason = ["the browser refuses to make this request: ", &said(&thrown)].concat();
            Error::Unsupported { reason }
        })
    }

    /// The request, but for its signal and the place in the stream.
    pub(super) fn init(&self, with_credentials: bool, fresh: &[(String, String)]) -> Result<RequestInit, JsValue> {
        let headers = web_sys::Headers::new()?;
        headers.set("Accept", "text/event-stream")?;
        for (name, value) in self.headers.iter().chain(fresh) {
            // Browsers would tell the value, which may be a secret.
            headers
                .set(name, value)
                .map_err(|_| JsValue::from(["\"", name, "\" is no header's name, or its value none"].concat()))?;
        }
        let init = RequestInit::new();
        init.set_method(&self.method);
        init.set_headers(&headers);
        init.set_cache(self.cache);
        let implied = if with_credentials { RequestCredentials::Include } else { RequestCredentials::SameOrigin };
        init.set_credentials(self.credentials.unwrap_or(implied));
        if let Some(body) = &self.body {
            init.set_body(body);
        }
        if let Some(mode) = self.mode {
            init.set_mode(mode);
        }
        if let Some(redirect) = self.redirect {
            init.set_redirect(redirect);
        }
        if let Some(referrer) = &self.referrer {
            init.set_referrer(referrer);
        }
        if let Some(policy) = self.referrer_policy {
            init.set_referrer_policy(policy);
        }
        Ok(init)
    }
}

impl fmt::Debug for FetchOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Headers and bodies hold secrets.
        f.debug_struct("FetchOptions").field("method", &self.method).finish_non_exhaustive()
    }
}
