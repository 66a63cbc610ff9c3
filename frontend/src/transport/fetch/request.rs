//! Makes the request of an attempt.

use wasm_bindgen::prelude::*;
use web_sys::{
    AbortSignal, Headers, ReadableStream, Request, RequestCredentials, RequestInit, RequestMode, RequestRedirect,
    Response, Url,
};

use super::body::Body;
use super::options::{FetchOptions, HeadersContext, is_safe};
use super::reader::discard;
use super::response::{OpenResponse, accept};
use super::resume::{ResumeContext, ResumeRequest};
use super::withheld::Withheld;
use crate::error::Error;
use crate::platform::address;
use crate::platform::fetch::{as_response, fetch};
use crate::platform::global::{member, text_of};
use crate::transport::contract::{Attempt, Sink};

/// The response that begins the stream.
pub(super) async fn answer(
    options: &FetchOptions,
    withheld: &Withheld,
    newest: &OpenResponse,
    attempt: &Attempt,
    sink: &dyn Sink,
    signal: &AbortSignal,
) -> Result<Response, Error> {
    let provided = options.provided.take();
    if let Some(response) = provided {
        return accept(response, &attempt.source_url).await;
    }
    let resumed = match &options.resume {
        Some(resume) if attempt.resumes => {
            let context = ResumeContext { last_event_id: attempt.last_event_id.to_string(), response: newest.get() };
            let request = resume(context).await.map_err(|reason| Error::Resume { reason: Some(reason) })?;
            Some(request.ok_or(Error::Resume { reason: None })?)
        }
        _ => None,
    };
    let url = match resumed.as_ref().and_then(|resumed| resumed.url.as_deref()) {
        Some(url) => attempt.url_at(&address::resolve(url)?),
        None => attempt.url(),
    };
    check_scheme(&url)?;
    let request = Asking { options, resumed, withheld, attempt, sink, signal, url };
    let response = request.ask(HeadersContext { rejected: false }).await?;
    if response.status() == 401 && options.headers_provider.is_some() {
        discard(&response);
        let response = request.ask(HeadersContext { rejected: true }).await?;
        return accept(response, &attempt.source_url).await;
    }
    accept(response, &attempt.source_url).await
}

/// What an attempt's requests have in common.
struct Asking<'a> {
    options: &'a FetchOptions,
    /// What goes on with an answer, in place of the source's own request.
    resumed: Option<ResumeRequest>,
    withheld: &'a Withheld,
    attempt: &'a Attempt,
    sink: &'a dyn Sink,
    signal: &'a AbortSignal,
    url: String,
}

/// What has become of a request.
enum Sent {
    Answered(Response),
    /// Nobody answered, or the browser withholds it.
    Lost,
}

impl Asking<'_> {
    async fn ask(&self, context: HeadersContext) -> Result<Response, Error> {
        let fresh = match &self.options.headers_provider {
            Some(provider) => {
                let headers = provider(context);
                headers.await.map_err(|reason| Error::HeadersProvider { reason })?
            }
            None => Vec::new(),
        };
        if let Sent::Answered(response) = self.send(&fresh).await? {
            return Ok(response);
        }
        let with_id = self.tells_id();
        if !self.may_ask_twice() || !self.withheld.suspects(&self.url, with_id, self.is_safe()).await {
            return Err(self.failed(with_id));
        }
        // A connection that broke by chance looks the same, but hardly twice.
        match self.send(&fresh).await? {
            Sent::Answered(response) if response.status() == 200 => Ok(response),
            // A ticket that is good only once has been spent: the next attempt gets another.
            Sent::Answered(response) => {
                discard(&response);
                Err(self.sink.lost())
            }
            Sent::Lost => {
                self.withheld.confirm(with_id);
                Err(self.failed(with_id))
            }
        }
    }

    async fn send(&self, fresh: &[(String, String)]) -> Result<Sent, Error> {
        // Without the provider's headers the source's own request has been tried already.
        let refused = |thrown: JsValue| match &self.resumed {
            Some(_) => Error::Resume { reason: Some(said(&thrown)) },
            None => Error::HeadersProvider { reason: said(&thrown) },
        };
        let init = self.init(fresh).map_err(refused)?;
        let Some(fetcher) = &self.options.fetcher else {
            let request = Request::new_with_str_and_init(&self.url, &init).map_err(refused)?;
            return Ok(fetch(&request).await.map_or(Sent::Lost, Sent::Answered));
        };
        match fetcher(self.url.clone(), init).await {
            Ok(answer) => as_response(answer).map(Sent::Answered).ok_or_else(|| {
                let reason =
                    "what was given as fetch gave no Response; let it return that of the global fetch, or a new one";
                Error::Unsupported { reason: reason.to_owned() }
            }),
            // As the global function tells of a network that is down.
            Err(thrown) if thrown.is_instance_of::<js_sys::TypeError>() => Ok(Sent::Lost),
            Err(thrown) => Err(Error::Fetch { reason: said(&thrown) }),
        }
    }

    /// What asks once more to learn why the first time failed.
    fn may_ask_twice(&self) -> bool {
        // What an interceptor adds is not known, so that nothing could be learned.
        self.options.fetcher.is_none() && (self.options.may_ask_twice() || (self.resumed.is_some() && self.is_safe()))
    }

    fn is_safe(&self) -> bool {
        is_safe(self.resumed.as_ref().map_or(&self.options.method, |resumed| &resumed.method))
    }

    fn failed(&self, with_id: bool) -> Error {
        if self.withheld.is_confirmed(with_id) {
            Error::Cors { url: self.attempt.source_url.to_string(), last_event_id_sent: with_id }
        } else {
            self.sink.lost()
        }
    }

    /// Whether the request has the header `Last-Event-ID`.
    fn tells_id(&self) -> bool {
        self.attempt.place_parameter.is_none() && !self.attempt.last_event_id.is_empty()
    }

    fn init(&self, fresh: &[(String, String)]) -> Result<RequestInit, JsValue> {
        let own = self.options.headers.iter();
        let (method, body, headers) = match &self.resumed {
            None => (&self.options.method, &self.options.body, headers(own.chain(fresh))?),
            Some(ResumeRequest { method, body, headers: others, .. }) => {
                // It has a body of its own, or none.
                let own = own.filter(|(name, _)| !name.to_ascii_lowercase().starts_with("content-"));
                (method, body, headers(own.chain(fresh).chain(others))?)
            }
        };
        if self.tells_id() {
            headers.set("Last-Event-ID", &bytes_as_characters(&self.attempt.last_event_id))?;
        }
        let init = init(self.options, self.attempt.with_credentials, method, body.as_ref(), &headers);
        init.set_signal(Some(self.signal));
        Ok(init)
    }
}

/// Whether the browser takes these options, and an answer to them would be shown.
pub(super) fn check(options: &FetchOptions, url: &str) -> Result<(), Error> {
    let hides = |what| {
        let reason = [what, " shows a script no answer, so there would be no stream; leave it out"].concat();
        Err(Error::Unsupported { reason })
    };
    if options.mode == Some(RequestMode::NoCors) {
        return hides("the mode no-cors");
    }
    if options.redirect == Some(RequestRedirect::Manual) {
        return hides("redirect: manual");
    }
    if options.body.as_ref().is_some_and(|body| body.to_js().has_type::<ReadableStream>()) {
        let reason = "a ReadableStream can't be sent a second time; give a string, a Blob or a buffer as the body";
        return Err(Error::Unsupported { reason: reason.to_owned() });
    }
    let made = headers(options.headers.iter()).and_then(|headers| {
        let init = init(options, false, &options.method, options.body.as_ref(), &headers);
        Request::new_with_str_and_init(url, &init)
    });
    made.map(drop).map_err(|thrown| {
        let reason = ["the browser refuses to make this request: ", &said(&thrown)].concat();
        Error::Unsupported { reason }
    })
}

/// The headers of a request, of which the last of a name counts.
fn headers<'a>(given: impl Iterator<Item = &'a (String, String)>) -> Result<Headers, JsValue> {
    let headers = Headers::new()?;
    headers.set("Accept", "text/event-stream")?;
    for (name, value) in given {
        // Browsers would tell the value, which may be a secret.
        headers.set(name, value).map_err(|_| {
            JsValue::from(["\"", name, "\" can't be the name of a header, or its value can't be one"].concat())
        })?;
    }
    Ok(headers)
}

/// The request, but for its signal.
fn init(
    options: &FetchOptions,
    with_credentials: bool,
    method: &str,
    body: Option<&Body>,
    headers: &Headers,
) -> RequestInit {
    let init = RequestInit::new();
    init.set_method(method);
    init.set_headers(headers);
    init.set_cache(options.cache);
    let implied = if with_credentials { RequestCredentials::Include } else { RequestCredentials::SameOrigin };
    init.set_credentials(options.credentials.unwrap_or(implied));
    if let Some(body) = body {
        init.set_body(&body.to_js());
    }
    if let Some(mode) = options.mode {
        init.set_mode(mode);
    }
    if let Some(redirect) = options.redirect {
        init.set_redirect(redirect);
    }
    if let Some(referrer) = &options.referrer {
        init.set_referrer(referrer);
    }
    if let Some(policy) = options.referrer_policy {
        init.set_referrer_policy(policy);
    }
    init
}

/// What `fetch` takes for a header's value of these bytes: a character for each. The Standard sends ids in UTF-8.
fn bytes_as_characters(text: &str) -> String {
    text.bytes().map(char::from).collect()
}

/// A stream of another scheme ends the source at once, as the browser's own does.
fn check_scheme(url: &str) -> Result<(), Error> {
    match Url::new(url).map(|url| url.protocol()).as_deref() {
        Ok("http:" | "https:") => Ok(()),
        Ok(scheme) => {
            let reason = ["an event stream comes over http: or https:, not over ", scheme].concat();
            Err(Error::Unsupported { reason })
        }
        Err(_) => Err(Error::InvalidUrl { url: url.to_owned() }),
    }
}

/// The words of what was thrown, whatever it is.
fn said(thrown: &JsValue) -> String {
    let message = member(thrown, "message").filter(JsValue::is_string);
    message.as_ref().and_then(JsValue::as_string).or_else(|| text_of(thrown)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_goes_out_as_its_bytes() {
        assert_eq!(bytes_as_characters("7"), "7");
        assert_eq!(bytes_as_characters("é€"), "\u{c3}\u{a9}\u{e2}\u{82}\u{ac}");
    }
}
