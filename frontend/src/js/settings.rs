//! A source's options, as `options.js` has checked them.

use std::time::Duration;

use js_sys::{Array, Function, JsString, Promise};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{ReferrerPolicy, RequestCache, RequestCredentials, RequestInit, RequestMode, RequestRedirect, Response};

use super::convert;
use super::platform::make_source;
use super::sharing;
use crate::core::retry::{Backoff, RetryContext};
use crate::core::time::LONGEST;
use crate::message::Message;
use crate::platform::global::words_of;
use crate::source::builder::EventSourceBuilder;
use crate::source::source::EventSource;
use crate::transport::by_provider::UrlContext;
use crate::transport::fetch::options::{FetchOptions, HeadersContext};
use crate::transport::fetch::resume::{ResumeContext, ResumeRequest};

#[wasm_bindgen]
extern "C" {
    /// Members that are not there are `undefined`.
    pub type Settings;

    #[wasm_bindgen(method, getter, js_name = withCredentials)]
    fn with_credentials(this: &Settings) -> bool;

    /// Gets the context, and returns milliseconds or null.
    #[wasm_bindgen(method, getter)]
    fn policy(this: &Settings) -> Option<Function>;

    #[wasm_bindgen(method, getter)]
    fn backoff(this: &Settings) -> Option<BackoffSettings>;

    /// Of a context, gives a promise of a string.
    #[wasm_bindgen(method, getter, js_name = urlProvider)]
    fn url_provider(this: &Settings) -> Option<Function>;

    /// A type of event.
    #[wasm_bindgen(method, getter, js_name = endEvent)]
    fn end_event(this: &Settings) -> Option<String>;

    /// What marks the end.
    #[wasm_bindgen(method, getter, js_name = endData)]
    fn end_data(this: &Settings) -> Option<String>;

    /// Of a message, gives true or false.
    #[wasm_bindgen(method, getter, js_name = endWhen)]
    fn end_when(this: &Settings) -> Option<Function>;

    /// Of a message, gives a string or undefined.
    #[wasm_bindgen(method, getter)]
    fn position(this: &Settings) -> Option<Function>;

    #[wasm_bindgen(method, getter, js_name = lastEventId)]
    fn last_event_id(this: &Settings) -> Option<String>;

    /// Whether the source was open before.
    #[wasm_bindgen(method, getter, js_name = isReopened)]
    fn is_reopened(this: &Settings) -> bool;

    /// Null turns it off.
    #[wasm_bindgen(method, getter, js_name = lastEventIdParam)]
    fn last_event_id_param(this: &Settings) -> JsValue;

    /// Whether to, or a key.
    #[wasm_bindgen(method, getter, js_name = resumeAfterReload)]
    fn resume_after_reload(this: &Settings) -> JsValue;

    #[wasm_bindgen(method, getter, js_name = suppressDuplicates)]
    fn suppress_duplicates(this: &Settings) -> Option<f64>;

    /// Null turns it off.
    #[wasm_bindgen(method, getter, js_name = gapEvent)]
    fn gap_event(this: &Settings) -> JsValue;

    #[wasm_bindgen(method, getter, js_name = openTimeout)]
    fn open_timeout(this: &Settings) -> Option<f64>;

    #[wasm_bindgen(method, getter, js_name = idleTimeout)]
    fn idle_timeout(this: &Settings) -> Option<f64>;

    #[wasm_bindgen(method, getter, js_name = heartbeatEvent)]
    fn heartbeat_event(this: &Settings) -> Option<String>;

    #[wasm_bindgen(method, getter, js_name = pauseWhenHidden)]
    fn pause_when_hidden(this: &Settings) -> Option<f64>;

    #[wasm_bindgen(method, getter)]
    fn probe(this: &Settings) -> bool;

    /// Whether to, or a name.
    #[wasm_bindgen(method, getter)]
    fn share(this: &Settings) -> JsValue;

    /// There for the transport over `fetch`.
    #[wasm_bindgen(method, getter)]
    fn fetch(this: &Settings) -> Option<FetchSettings>;

    #[wasm_bindgen(extends = js_sys::Object)]
    pub type FetchSettings;

    #[wasm_bindgen(method, getter)]
    fn method(this: &FetchSettings) -> Option<String>;

    /// Pairs of strings, or a function of a context that promises them.
    #[wasm_bindgen(method, getter)]
    fn headers(this: &FetchSettings) -> JsValue;

    #[wasm_bindgen(method, getter)]
    fn body(this: &FetchSettings) -> JsValue;

    #[wasm_bindgen(method, getter)]
    fn credentials(this: &FetchSettings) -> Option<RequestCredentials>;

    #[wasm_bindgen(method, getter)]
    fn mode(this: &FetchSettings) -> Option<RequestMode>;

    #[wasm_bindgen(method, getter)]
    fn cache(this: &FetchSettings) -> Option<RequestCache>;

    #[wasm_bindgen(method, getter)]
    fn redirect(this: &FetchSettings) -> Option<RequestRedirect>;

    #[wasm_bindgen(method, getter, js_name = referrerPolicy)]
    fn referrer_policy(this: &FetchSettings) -> Option<ReferrerPolicy>;

    /// A boolean, or another value for "before it is open".
    #[wasm_bindgen(method, getter)]
    fn resend(this: &FetchSettings) -> JsValue;

    /// Of a context, promises an array of a URL, a method, pairs of strings and a body; or null.
    #[wasm_bindgen(method, getter)]
    fn resume(this: &FetchSettings) -> Option<Function>;

    /// Of a URL and how to request it, promises a response.
    #[wasm_bindgen(method, getter)]
    fn fetch(this: &FetchSettings) -> Option<Function>;

    /// A response, in place of that to a first request.
    #[wasm_bindgen(method, getter)]
    fn response(this: &FetchSettings) -> Option<Response>;

    #[wasm_bindgen(method, getter, js_name = maxMessageSize)]
    fn max_message_size(this: &FetchSettings) -> Option<f64>;

    #[wasm_bindgen(extends = js_sys::Object)]
    pub type BackoffSettings;

    #[wasm_bindgen(method, getter, js_name = minDelay)]
    fn min_delay(this: &BackoffSettings) -> Option<f64>;

    #[wasm_bindgen(method, getter, js_name = maxDelay)]
    fn max_delay(this: &BackoffSettings) -> Option<f64>;

    #[wasm_bindgen(method, getter, js_name = maxAttempts)]
    fn max_attempts(this: &BackoffSettings) -> Option<f64>;

    #[wasm_bindgen(method, getter, js_name = stablePeriod)]
    fn stable_period(this: &BackoffSettings) -> Option<f64>;
}

impl Settings {
    pub(super) fn builder(&self, url: &str) -> EventSourceBuilder {
        let mut builder = EventSource::builder(url)
            .made_by(make_source)
            .with_credentials(self.with_credentials())
            .probe(self.probe());
        let resume = self.resume_after_reload();
        builder = match resume.as_string() {
            Some(key) => builder.resume_key(key),
            None => builder.resume_after_reload(resume.is_truthy()),
        };
        builder = sharing::set(builder, &self.share());
        if let Some(policy) = self.policy() {
            builder = builder.reconnect(move |context: &RetryContext| ask(&policy, context));
        } else if let Some(backoff) = self.backoff() {
            builder = builder.reconnect(backoff.read());
        }
        if let Some(provider) = self.url_provider() {
            builder = builder.url_provider(async move |context| address(&provider, context).await);
        }
        if let Some(event_type) = self.end_event() {
            builder = builder.end_event(event_type);
        }
        if let Some(data) = self.end_data() {
            builder = builder.end_data(data);
        }
        if let Some(is_end) = self.end_when() {
            builder = builder.end_when(move |message| about(&is_end, message).is_some_and(|end| end.is_truthy()));
        }
        if let Some(position) = self.position() {
            builder = builder.position(move |message| about(&position, message)?.as_string());
        }
        if let Some(id) = self.last_event_id() {
            builder = builder.last_event_id(id);
        }
        if self.is_reopened() {
            builder = builder.knowing_its_place();
        }
        let param = self.last_event_id_param();
        if !param.is_undefined() {
            builder = builder.last_event_id_param(param.as_string().as_deref());
        }
        if let Some(window) = self.suppress_duplicates() {
            builder = builder.suppress_duplicates(count(window));
        }
        let gap = self.gap_event();
        if !gap.is_undefined() {
            builder = builder.gap_event(gap.as_string().as_deref());
        }
        if let Some(timeout) = self.open_timeout() {
            builder = builder.open_timeout(milliseconds(timeout));
        }
        if let Some(timeout) = self.idle_timeout() {
            builder = builder.idle_timeout(milliseconds(timeout));
        }
        if let Some(event_type) = self.heartbeat_event() {
            builder = builder.heartbeat_event(event_type);
        }
        if let Some(grace) = self.pause_when_hidden() {
            builder = builder.pause_when_hidden(milliseconds(grace));
        }
        if let Some(request) = self.fetch() {
            builder = builder.fetch(request.read());
        }
        builder
    }
}

impl FetchSettings {
    fn read(&self) -> FetchOptions {
        let mut options = self.response().map_or_else(FetchOptions::new, FetchOptions::from_response);
        if let Some(method) = self.method() {
            options = options.method(method);
        }
        let headers = self.headers();
        if let Some(provider) = headers.dyn_ref::<Function>().cloned() {
            options = options.headers_provider(async move |context| fresh_headers(&provider, context).await);
        } else if !headers.is_undefined() {
            options = pairs(&headers).into_iter().fold(options, |options, (name, value)| options.header(name, value));
        }
        let body = self.body();
        if !body.is_undefined() && !body.is_null() {
            options = options.body(body);
        }
        if let Some(credentials) = self.credentials() {
            options = options.credentials(credentials);
        }
        if let Some(mode) = self.mode() {
            options = options.mode(mode);
        }
        if let Some(cache) = self.cache() {
            options = options.cache(cache);
        }
        if let Some(redirect) = self.redirect() {
            options = options.redirect(redirect);
        }
        if let Some(policy) = self.referrer_policy() {
            options = options.referrer_policy(policy);
        }
        let resend = self.resend();
        options = match resend.as_bool() {
            Some(again) => options.resend(again),
            None if resend.is_undefined() => options,
            None => options.resend_before_open(),
        };
        if let Some(resume) = self.resume() {
            options = options.resume(async move |context| resumption(&resume, context).await);
        }
        if let Some(fetch) = self.fetch() {
            options = options.fetch_by(async move |url, init| answer(&fetch, url, init).await);
        }
        if let Some(bytes) = self.max_message_size() {
            options = options.max_message_size(count(bytes));
        }
        options
    }
}

/// What an array of pairs of strings holds.
fn pairs(array: &JsValue) -> Vec<(String, String)> {
    let text = |pair: &Array, index| JsString::from(pair.get(index)).into();
    let array = Array::from(array);
    array.iter().map(JsCast::unchecked_into).map(|pair| (text(&pair, 0), text(&pair, 1))).collect()
}

/// Calls a function that gives a promise, and waits for that.
async fn promised(function: &Function, argument: &JsValue) -> Result<JsValue, JsValue> {
    let promise: Promise = function.call1(&JsValue::UNDEFINED, argument)?.dyn_into()?;
    JsFuture::from(promise).await
}

async fn fresh_headers(provider: &Function, context: HeadersContext) -> Result<Vec<(String, String)>, String> {
    let headers = promised(provider, &convert::headers_context(context)).await;
    headers.map(|headers| pairs(&headers)).map_err(|thrown| words_of(&thrown))
}

async fn resumption(provider: &Function, context: ResumeContext) -> Result<Option<ResumeRequest>, String> {
    let given = promised(provider, &convert::resume_context(&context)).await;
    let given = given.map_err(|thrown| words_of(&thrown))?;
    if given.is_null() {
        return Ok(None);
    }
    let given = Array::from(&given);
    let text = |index| String::from(JsString::from(given.get(index)));
    let url = given.get(0).as_string();
    let mut request = url.map_or_else(ResumeRequest::default, ResumeRequest::new).method(text(1));
    for (name, value) in pairs(&given.get(2)) {
        request = request.header(name, value);
    }
    let body = given.get(3);
    Ok(Some(if body.is_undefined() || body.is_null() { request } else { request.body(body) }))
}

async fn answer(fetch: &Function, url: String, init: RequestInit) -> Result<JsValue, JsValue> {
    let promise: Promise = fetch.call2(&JsValue::UNDEFINED, &url.into(), &init)?.dyn_into()?;
    JsFuture::from(promise).await
}

/// What a function says of a message; it throws nothing, `options.js` has seen to that.
fn about(function: &Function, message: &Message) -> Option<JsValue> {
    function.call1(&JsValue::UNDEFINED, &convert::message(message)).ok()
}

impl BackoffSettings {
    fn read(&self) -> Backoff {
        let default = Backoff::default();
        Backoff {
            min_delay: self.min_delay().map_or(default.min_delay, milliseconds),
            max_delay: self.max_delay().map_or(default.max_delay, milliseconds),
            max_attempts: self.max_attempts().map(|most| u32::try_from(count(most)).unwrap_or(u32::MAX)),
            stable_period: self.stable_period().map_or(default.stable_period, milliseconds),
        }
    }
}

/// A policy that throws, or says what is no time, gives up; `options.js` has reported it.
fn ask(policy: &Function, context: &RetryContext) -> Option<Duration> {
    let said = policy.call1(&JsValue::UNDEFINED, &convert::retry_context(context));
    said.ok()?.as_f64().map(milliseconds)
}

async fn address(provider: &Function, context: UrlContext) -> Result<String, String> {
    match promised(provider, &convert::url_context(&context)).await {
        Ok(address) => address.as_string().ok_or_else(|| "it gave no string".to_owned()),
        Err(thrown) => Err(words_of(&thrown)),
    }
}

/// Cut to what a timer can wait.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the cast saturates")]
fn milliseconds(milliseconds: f64) -> Duration {
    Duration::from_micros((milliseconds * 1000.0) as u64).min(LONGEST)
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the cast saturates")]
pub(super) fn count(number: f64) -> usize {
    number as usize
}
