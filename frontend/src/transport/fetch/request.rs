//! Makes the request of an attempt.

use wasm_bindgen::prelude::*;
use web_sys::{
    AbortSignal, Headers, ReadableStream, Request, RequestCredentials, RequestInit, RequestMode, RequestRedirect,
    Response, Url,
};

use super::asked::{Asked, is_safe};
use super::options::{FetchOptions, HeadersContext};
use super::reader::discard;
use super::response::{OpenResponse, accept};
use super::resume::ResumeContext;
use super::withheld::Withheld;
use crate::error::Error;
use crate::platform::fetch::fetch;
use crate::platform::global::words_of;
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
    let asked = match &options.resume {
        Some(resume) if attempt.resumes => {
            let last_event_id = attempt.last_event_id.to_string();
            resume(ResumeContext { last_event_id, response: newest.get() }, options.headers.clone()).await?
        }
        _ => options.asked(),
    };
    let url = attempt.url_at(asked.url.as_ref().unwrap_or(&attempt.address));
    check_scheme(&url)?;
    let request = Asking { options, asked, withheld, attempt, sink, signal, url };
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
    asked: Asked,
    withheld: &'a Withheld,
    attempt: &'a Attempt,
    sink: &'a dyn Sink,
    signal: &'a AbortSignal,
    url: String,
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
        if let Some(response) = self.send(&fresh).await? {
            return Ok(response);
        }
        let with_id = self.tells_id();
        // What an interceptor adds is not known, so that nothing could be learned.
        let may_ask_twice = self.asked.may_be_repeated && self.options.fetcher.is_none();
        if !may_ask_twice || !self.withheld.suspects(&self.url, with_id, is_safe(&self.asked.method)).await {
            return Err(self.failed(with_id));
        }
        // A connection that broke by chance looks the same, but hardly twice.
        match self.send(&fresh).await? {
            Some(response) if response.status() == 200 => Ok(response),
            // A ticket that is good only once has been spent: the next attempt gets another.
            Some(response) => {
                discard(&response);
                Err(self.sink.lost())
            }
            None => {
                self.withheld.confirm(with_id);
                Err(self.failed(with_id))
            }
        }
    }

    /// The response; `None` if nobody has answered, or the browser withholds it.
    async fn send(&self, fresh: &[(String, String)]) -> Result<Option<Response>, Error> {
        let refused = |thrown: JsValue| (self.asked.refused)(words_of(&thrown));
        let init = self.init(fresh).map_err(refused)?;
        if let Some(fetcher) = &self.options.fetcher {
            return fetcher(self.url.clone(), init).await;
        }
        let request = Request::new_with_str_and_init(&self.url, &init).map_err(refused)?;
        Ok(fetch(&request).await.ok())
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
        let headers = headers(self.asked.headers(fresh))?;
        if self.tells_id() {
            headers.set("Last-Event-ID", &bytes_as_characters(&self.attempt.last_event_id))?;
        }
        let init = init(self.options, self.attempt.with_credentials, &self.asked, &headers);
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
        let reason = "a ReadableStream can't be sent a second time; use a string, a Blob or a buffer as the body";
        return Err(Error::Unsupported { reason: reason.to_owned() });
    }
    let made = headers(options.headers.iter()).and_then(|headers| {
        let init = init(options, false, &options.asked(), &headers);
        Request::new_with_str_and_init(url, &init)
    });
    made.map(drop).map_err(|thrown| {
        let reason = ["the browser refuses to make this request: ", &words_of(&thrown)].concat();
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
fn init(options: &FetchOptions, with_credentials: bool, asked: &Asked, headers: &Headers) -> RequestInit {
    let init = RequestInit::new();
    init.set_method(&asked.method);
    init.set_headers(headers);
    init.set_cache(options.cache);
    let implied = if with_credentials { RequestCredentials::Include } else { RequestCredentials::SameOrigin };
    init.set_credentials(options.credentials.unwrap_or(implied));
    if let Some(body) = &asked.body {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_goes_out_as_its_bytes() {
        assert_eq!(bytes_as_characters("7"), "7");
        assert_eq!(bytes_as_characters("é€"), "\u{c3}\u{a9}\u{e2}\u{82}\u{ac}");
    }
}
