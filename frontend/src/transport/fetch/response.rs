//! Checks whether a response is an event stream, and reads what other responses say.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use gloo_timers::callback::Timeout;
use js_sys::{Array, Date, JsString};
use wasm_bindgen::prelude::*;
use web_sys::{Headers, Response as Fetched};

use super::content_type::is_event_stream;
use super::reader::{Reader, bytes_of, discard};
use crate::core::time::LONGEST;
use crate::error::{Answer, Error};

/// The response of an open connection over `fetch`, from [`EventSource::response`](crate::EventSource::response).
///
/// ```no_run
/// # async fn example() -> Result<(), eventsource_wasm::Error> {
/// # use eventsource_wasm::{EventSource, FetchOptions};
/// let source = EventSource::builder("/events").fetch(FetchOptions::new()).open()?;
/// if let Some(response) = source.response() {
///     println!("{} {:?}", response.status, response.header("X-Served-By"));
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Response {
    /// The HTTP status: 200.
    pub status: u16,
    /// The URL, after redirects.
    pub url: String,
    /// The headers that scripts may read, by lower-case name; for another origin, `Access-Control-Expose-Headers`
    /// decides which.
    pub headers: Vec<(String, String)>,
}

impl Response {
    /// The value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        headers.find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

/// The response of a source's newest connection.
#[derive(Clone, Debug, Default)]
pub(crate) struct OpenResponse(Rc<RefCell<Option<Fetched>>>);

impl OpenResponse {
    pub(super) fn set(&self, response: &Fetched) {
        // Not the method of the response itself, which doubles its body.
        let before = self.0.replace(Some(Clone::clone(response)));
        drop(before);
    }

    pub(crate) fn fetched(&self) -> Option<Fetched> {
        self.0.borrow().clone()
    }

    pub(crate) fn get(&self) -> Option<Response> {
        let response = self.fetched()?;
        Some(Response { status: response.status(), url: response.url(), headers: headers_of(&response.headers()) })
    }
}

/// How much of the body of a refusal is kept, in bytes.
const EXCERPT: usize = 16 * 1024;

/// How long the body may take to arrive, in milliseconds.
const EXCERPT_TIME: u32 = 500;

/// A response that begins a stream, [as the Standard demands].
///
/// [as the Standard demands]: https://html.spec.whatwg.org/multipage/server-sent-events.html#sse-processing-model
pub(super) async fn accept(response: Fetched, url: &str) -> Result<Fetched, Error> {
    let url = || url.to_owned();
    let content_type = response.headers().get("Content-Type").ok().flatten().unwrap_or_default();
    let error = match response.status() {
        200 if is_event_stream(&content_type) => return Ok(response),
        200 => Error::ContentType { url: url(), content_type, answer: answer(&response).await },
        204 => Error::Stopped { url: url() },
        status => Error::Status { url: url(), status, answer: answer(&response).await },
    };
    discard(&response);
    Err(error)
}

async fn answer(response: &Fetched) -> Answer {
    let headers = response.headers();
    let header = |name| headers.get(name).ok().flatten();
    // A date is a time of the server's clock, so it is compared with that, if the server tells.
    let now = header("Date").map_or(f64::NAN, |date| Date::parse(&date));
    let now = if now.is_nan() { Date::now() } else { now };
    let retry_after = header("Retry-After").and_then(|value| retry_after_of(&value, Date::parse, now));
    let (body, body_truncated) = excerpt(response).await;
    Answer { headers: headers_of(&headers), retry_after, body, body_truncated }
}

fn headers_of(headers: &Headers) -> Vec<(String, String)> {
    let pair = |entry: JsValue| {
        let entry: Array = entry.unchecked_into();
        let text = |index| JsString::from(entry.get(index)).into();
        (text(0), text(1))
    };
    Array::from(headers).iter().map(pair).collect()
}

/// The beginning of the body, as far as it arrives in time, and whether there may be more.
async fn excerpt(response: &Fetched) -> (String, bool) {
    let Some(reader) = response.body().and_then(|body| Reader::of(&body).ok()) else { return Default::default() };
    let late = Rc::new(Cell::new(false));
    let (stop, stopped) = (reader.stop(), Rc::clone(&late));
    let _limit = Timeout::new(EXCERPT_TIME, move || {
        stopped.set(true);
        stop();
    });
    let mut bytes = Vec::new();
    let truncated = loop {
        match reader.read().await {
            // A stream that is stopped ends.
            Ok(None) => break late.get(),
            Err(_) => break true,
            Ok(Some(chunk)) => {
                let Some(chunk) = bytes_of(chunk) else { break true };
                let wanted = EXCERPT - bytes.len();
                let wanted = u32::try_from(wanted).map_or(chunk.length(), |wanted| wanted.min(chunk.length()));
                bytes.extend(chunk.subarray(0, wanted).to_vec());
                if wanted < chunk.length() {
                    break true;
                }
            }
        }
    };
    let (text, cut) = text_of(&bytes);
    (text, truncated || cut)
}

/// The bytes as text, and whether it was cut: invalid UTF-8 grows when it is replaced.
fn text_of(bytes: &[u8]) -> (String, bool) {
    // A character may have been cut at the end.
    let whole = match std::str::from_utf8(bytes) {
        Err(error) if error.error_len().is_none() => error.valid_up_to(),
        _ => bytes.len(),
    };
    let mut text = String::from_utf8_lossy(bytes.get(..whole).unwrap_or_default()).into_owned();
    let end = (0..=text.len().min(EXCERPT)).rev().find(|end| text.is_char_boundary(*end)).unwrap_or_default();
    let cut = end < text.len();
    text.truncate(end);
    (text, cut)
}

/// A [`Retry-After`] in seconds, or as a date, which `parse` converts to milliseconds; `now` is the server's time in
/// milliseconds.
///
/// [`Retry-After`]: https://www.rfc-editor.org/rfc/rfc9110#name-retry-after
fn retry_after_of(value: &str, parse: impl Fn(&str) -> f64, now: f64) -> Option<Duration> {
    let value = value.trim_ascii();
    if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        // More than a `u64` holds is long enough.
        return Some(value.parse().map_or(LONGEST, Duration::from_secs).min(LONGEST));
    }
    let seconds = (parse(value) - now) / 1000.0;
    if seconds.is_nan() {
        return None;
    }
    Some(Duration::try_from_secs_f64(seconds.max(0.0)).unwrap_or(LONGEST).min(LONGEST))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(value: &str) -> Option<Duration> {
        let parse = |date: &str| if date == "a date" { 61_000.0 } else { f64::NAN };
        retry_after_of(value, parse, 1_000.0)
    }

    #[test]
    fn a_time_to_be_left_alone_is_seconds_or_a_date() {
        assert_eq!(after("120"), Some(Duration::from_secs(120)));
        assert_eq!(after(" 0 "), Some(Duration::ZERO));
        assert_eq!(after("a date"), Some(Duration::from_secs(60)));
    }

    #[test]
    fn what_is_past_is_now_and_what_is_too_long_is_cut() {
        assert_eq!(retry_after_of("a date", |_| 0.0, 1.0), Some(Duration::ZERO));
        assert_eq!(after(&"9".repeat(400)), Some(LONGEST));
    }

    #[test]
    fn a_body_that_is_cut_in_a_character_ends_before_it() {
        assert_eq!(text_of("ab€".as_bytes()), ("ab€".to_owned(), false));
        assert_eq!(text_of(&"ab€".as_bytes()[..4]), ("ab".to_owned(), false));
        assert_eq!(text_of(b"a\xffb"), ("a\u{fffd}b".to_owned(), false));
        let (text, cut) = text_of(&[0xff; EXCERPT]);
        assert_eq!((text.len(), cut), (EXCERPT - EXCERPT % 3, true));
    }

    #[test]
    fn nonsense_says_nothing() {
        for nonsense in ["", "soon", "-1", "1.5"] {
            assert_eq!(after(nonsense), None, "{nonsense}");
        }
    }
}
