//! Asks for a stream, and finds out why there is none.

use gloo_timers::callback::Timeout;
use js_sys::{JsString, Reflect};
use wasm_bindgen::prelude::*;
use web_sys::{AbortSignal, Request, RequestCache, RequestInit, RequestMode, Response, ResponseType, Url};

use super::response;
use super::{Attempt, FetchOptions, HeadersContext};
use crate::Error;
use crate::transport::global_fetch::{Abort, fetch};

/// How long a server may take to show that it can be reached, in milliseconds.
const PATIENCE: u32 = 5000;

/// The response that begins the stream.
pub(super) async fn answer(options: &FetchOptions, attempt: &Attempt, signal: &AbortSignal) -> Result<Response, Error> {
    let given = options.given.take();
    if let Some(response) = given {
        return response::accept(response, &attempt.source_url).await;
    }
    check_scheme(&attempt.url)?;
    let response = ask(options, attempt, signal, HeadersContext { rejected: false }).await?;
    if response.status() == 401 && options.headers_provider.is_some() {
        response::discard(&response);
        let response = ask(options, attempt, signal, HeadersContext { rejected: true }).await?;
        return response::accept(response, &attempt.source_url).await;
    }
    response::accept(response, &attempt.source_url).await
}

async fn ask(
    options: &FetchOptions,
    attempt: &Attempt,
    signal: &AbortSignal,
    context: HeadersContext,
) -> Result<Response, Error> {
    let fresh = match &options.headers_provider {
        Some(provider) => {
            let headers = provider(context);
            headers.await.map_err(|reason| Error::HeadersProvider { reason })?
        }
        None => Vec::new(),
    };
    // Without the provider's headers the request has been tried already.
    let request = || request(options, attempt, signal, &fresh).map_err(|thrown| refused(&thrown));
    if let Ok(response) = fetch(&request()?).await {
        return Ok(response);
    }
    let url = || attempt.source_url.clone();
    if !options.can_ask_again() || !is_withheld(options, &attempt.url).await {
        return Err(Error::Disconnected { url: url() });
    }
    // A connection that broke by chance looks the same, but hardly twice.
    match fetch(&request()?).await {
        Ok(response) if response.status() == 200 => Ok(response),
        // A ticket that is good only once has been spent: the next attempt gets another.
        Ok(response) => {
            response::discard(&response);
            Err(Error::Disconnected { url: url() })
        }
        Err(_) => Err(Error::Cors { url: url() }),
    }
}

fn refused(thrown: &JsValue) -> Error {
    Error::HeadersProvider { reason: said(thrown) }
}

fn request(
    options: &FetchOptions,
    attempt: &Attempt,
    signal: &AbortSignal,
    fresh: &[(String, String)],
) -> Result<Request, JsValue> {
    let init = options.init(attempt.with_credentials, fresh)?;
    init.set_signal(Some(signal));
    let request = Request::new_with_str_and_init(&attempt.url, &init)?;
    if attempt.tell_in_header && !attempt.last_event_id.is_empty() {
        request.headers().set("Last-Event-ID", &bytes_as_characters(&attempt.last_event_id))?;
    }
    Ok(request)
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

/// Whether a request that failed was answered, and the browser withheld it. `fetch` says no more of that than of a
/// network that is down, but the Standard makes one final and the other not. A request whose answer nobody may see is
/// free of CORS.
async fn is_withheld(options: &FetchOptions, url: &str) -> bool {
    let Ok(abort) = Abort::new() else { return false };
    let init = RequestInit::new();
    // A server may treat HEAD in another way than what was asked, so that is taken only where asking has no effects.
    init.set_method(if options.asks_only() { "GET" } else { "HEAD" });
    init.set_mode(RequestMode::NoCors);
    init.set_cache(RequestCache::NoStore);
    init.set_signal(Some(&abort.signal()));
    let Ok(request) = Request::new_with_str_and_init(url, &init) else { return false };
    let answer = fetch(&request);
    let _limit = Timeout::new(PATIENCE, move || drop(abort));
    answer.await.is_ok_and(|response| response.type_() == ResponseType::Opaque)
}

/// The words of what was thrown, whatever it is.
pub(super) fn said(thrown: &JsValue) -> String {
    let message = Reflect::get(thrown, &"message".into()).ok().filter(JsValue::is_string);
    JsString::from(message.unwrap_or_else(|| thrown.clone())).into()
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
