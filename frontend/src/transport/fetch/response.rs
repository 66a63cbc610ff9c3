//! Which answers begin a stream, and what the others say.

use std::time::Duration;

use gloo_timers::callback::Timeout;
use js_sys::{Array, Date, JsString, Uint8Array};
use wasm_bindgen::prelude::*;
use web_sys::Response;

use super::content_type::is_event_stream;
use super::read::Reader;
use crate::retry::LONGEST;
use crate::{Answer, Error};

/// How much of a refusal's body is kept, in bytes.
const EXCERPT: usize = 1024;

/// How long it may take to come, in milliseconds.
const EXCERPT_TIME: u32 = 500;

/// A response that begins a stream, [as the Standard demands].
///
/// [as the Standard demands]: https://html.spec.whatwg.org/multipage/server-sent-events.html#sse-processing-model
pub(super) async fn accept(response: Response, url: &str) -> Result<Response, Error> {
    let url = || url.to_owned();
    let content_type = response.headers().get("Content-Type").ok().flatten().unwrap_or_default();
    let error = match response.status() {
        200 if is_event_stream(&content_type) => return Ok(response),
        200 => Error::ContentType { url: url(), content_type },
        204 => Error::Stopped { url: url() },
        status => Error::Status { url: url(), status, answer: answer(&response).await },
    };
    discard(&response);
    Err(error)
}

/// Lets go of a response whose body nobody wants.
pub(super) fn discard(response: &Response) {
    drop(response.body().and_then(|body| Reader::of(&body).ok()));
}

async fn answer(response: &Response) -> Answer {
    let headers = Array::from(&response.headers());
    let headers = headers.iter().map(|entry| {
        let entry: Array = entry.unchecked_into();
        let text = |index| JsString::from(entry.get(index)).into();
        (text(0), text(1))
    });
    let retry_after = response.headers().get("Retry-After").ok().flatten();
    Answer {
        headers: headers.collect(),
        retry_after: retry_after.and_then(|value| retry_after_of(&value, Date::parse, Date::now)),
        body: excerpt(response).await,
    }
}

/// The beginning of the body, as far as it comes soon.
async fn excerpt(response: &Response) -> String {
    let Some(body) = response.body() else { return String::new() };
    let Ok(reader) = Reader::of(&body) else { return String::new() };
    let stop = reader.stop();
    let _limit = Timeout::new(EXCERPT_TIME, stop);
    let mut bytes = Vec::new();
    while bytes.len() < EXCERPT
        && let Ok(Some(chunk)) = reader.read().await
        && let Ok(chunk) = chunk.dyn_into::<Uint8Array>()
    {
        let wanted = EXCERPT - bytes.len();
        let wanted = u32::try_from(wanted).map_or(chunk.length(), |wanted| wanted.min(chunk.length()));
        bytes.extend(chunk.subarray(0, wanted).to_vec());
    }
    let mut text = String::from_utf8_lossy(&bytes).into_owned();
    // What is no text grows when it is replaced.
    let end = (0..=text.len().min(EXCERPT)).rev().find(|end| text.is_char_boundary(*end));
    text.truncate(end.unwrap_or_default());
    text
}

/// A [`Retry-After`] in seconds, or as a date, which `parse` turns into milliseconds of the clock `now`.
///
/// [`Retry-After`]: https://www.rfc-editor.org/rfc/rfc9110#name-retry-after
fn retry_after_of(value: &str, parse: impl Fn(&str) -> f64, now: impl Fn() -> f64) -> Option<Duration> {
    let value = value.trim_ascii();
    if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        // More than a `u64` holds is long enough.
        return Some(value.parse().map_or(LONGEST, Duration::from_secs).min(LONGEST));
    }
    let seconds = (parse(value) - now()) / 1000.0;
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
        retry_after_of(value, parse, || 1_000.0)
    }

    #[test]
    fn a_time_to_be_left_alone_is_seconds_or_a_date() {
        assert_eq!(after("120"), Some(Duration::from_secs(120)));
        assert_eq!(after(" 0 "), Some(Duration::ZERO));
        assert_eq!(after("a date"), Some(Duration::from_secs(60)));
    }

    #[test]
    fn what_is_past_is_now_and_what_is_too_long_is_cut() {
        assert_eq!(retry_after_of("a date", |_| 0.0, || 1.0), Some(Duration::ZERO));
        assert_eq!(after(&"9".repeat(400)), Some(LONGEST));
    }

    #[test]
    fn nonsense_says_nothing() {
        for nonsense in ["", "soon", "-1", "1.5"] {
            assert_eq!(after(nonsense), None, "{nonsense}");
        }
    }
}
