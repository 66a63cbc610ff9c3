//! Requests that continue a response that broke off.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;

use super::asked::{Asked, is_safe};
use super::body::Body;
use super::response::Response;
use crate::error::Error;
use crate::platform::address;

/// Gives the request that goes on with an answer, where the source's own has these headers.
pub(super) type Resume =
    dyn Fn(ResumeContext, Vec<(String, String)>) -> Pin<Box<dyn Future<Output = Result<Asked, Error>>>>;

/// The argument of a provider of [`FetchOptions::resume`](crate::FetchOptions::resume).
///
/// ```
/// use std::convert::Infallible;
/// use eventsource_wasm::{FetchOptions, ResumeContext, ResumeRequest};
///
/// let options = FetchOptions::new().method("POST").resume(async |context: ResumeContext| {
///     // Nothing has arrived yet, so there is nothing to resume.
///     let begun = !context.last_event_id.is_empty();
///     Ok::<_, Infallible>(begun.then(|| ResumeRequest::new("/answers/latest")))
/// });
/// # drop(options);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ResumeContext {
    /// The ID of the last message that has arrived; `""` if no message had an ID.
    pub last_event_id: String,
    /// The newest response of the source; `None` if another source has received it, before a reload of the page for
    /// instance.
    pub response: Option<Response>,
}

/// The request that continues a response, for [`FetchOptions::resume`](crate::FetchOptions::resume): a `GET` unless a
/// method is set. Everything that is not set here is taken from the source's own options. The default is a `GET` of the
/// source's own URL.
///
/// ```
/// use eventsource_wasm::ResumeRequest;
///
/// let request = ResumeRequest::new("/answers/7/resume").method("POST").header("Content-Type", "application/json").body("{}");
/// # drop(request);
/// ```
#[derive(Clone)]
#[must_use = "a request is made by the source that is given it"]
pub struct ResumeRequest {
    /// `None` for the source's own.
    url: Option<String>,
    method: String,
    headers: Vec<(String, String)>,
    body: Option<Body>,
}

impl ResumeRequest {
    /// A `GET` of this URL, which is resolved as the source's own is.
    pub fn new(url: impl Into<String>) -> Self {
        Self { url: Some(url.into()), ..Self::default() }
    }

    /// The HTTP method; `GET` by default.
    pub fn method(mut self, method: impl Into<String>) -> Self {
        self.method = method.into();
        self
    }

    /// A header, which replaces the source's header of the same name.
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// The body; none by default.
    pub fn body(mut self, body: impl Into<Body>) -> Self {
        self.body = Some(body.into());
        self
    }
}

impl Default for ResumeRequest {
    fn default() -> Self {
        Self { url: None, method: "GET".to_owned(), headers: Vec::new(), body: None }
    }
}

impl fmt::Debug for ResumeRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Headers and bodies hold secrets.
        f.debug_struct("ResumeRequest").field("method", &self.method).finish_non_exhaustive()
    }
}

/// A provider as it is kept.
pub(super) fn boxed<E: fmt::Display>(
    provider: impl AsyncFn(ResumeContext) -> Result<Option<ResumeRequest>, E> + 'static,
) -> Rc<Resume> {
    let provider = Rc::new(provider);
    Rc::new(move |context, own| {
        let provider = Rc::clone(&provider);
        Box::pin(async move {
            let request = provider(context).await.map_err(|error| refused(error.to_string()))?;
            let ResumeRequest { url, method, headers, body } = request.ok_or(Error::Resume { reason: None })?;
            let resolve = |url: String| {
                address::resolve(&url).map_err(|_| refused(["\"", &url, "\" is not a valid URL"].concat()))
            };
            Ok(Asked {
                url: url.map(resolve).transpose()?,
                may_be_repeated: is_safe(&method),
                method,
                headers: own,
                more: headers,
                body,
                has_own_body: false,
                refused,
            })
        })
    })
}

fn refused(reason: String) -> Error {
    Error::Resume { reason: Some(reason) }
}
