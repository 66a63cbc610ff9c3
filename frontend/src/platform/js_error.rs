//! Converts errors to JavaScript errors.

use js_sys::{Object, Reflect};
use wasm_bindgen::prelude::*;

use crate::error::{Answer, Error};

/// A `DOMException` if the platform throws one for this (`SyntaxError`); otherwise an `Error` with a `name` of its own,
/// such as `"StatusError"`, and with members for further data.
impl From<Error> for JsValue {
    fn from(error: Error) -> Self {
        js_error(&error)
    }
}

pub(crate) fn js_error(error: &Error) -> JsValue {
    let message = error.to_string();
    if let Error::InvalidUrl { .. } = error {
        return DomException::new(&message, "SyntaxError").map_or_else(|thrown| thrown, JsValue::from);
    }
    let made = js_sys::Error::new(&message);
    made.set_name(name_of(error));
    describe(&made, error);
    made.into()
}

/// The same for a cause that is reported, not thrown. [Structured cloning] of an `Error` keeps only its message, but of
/// an object that only inherits from `Error.prototype`, all members, so that a worker can post its states to the page.
///
/// [Structured cloning]: https://html.spec.whatwg.org/multipage/structured-data.html#structuredserializeinternal
#[cfg(feature = "js")]
pub(crate) fn js_cause(error: &Error) -> JsValue {
    let prototype: Object = js_sys::Error::new("").unchecked_into();
    let made = Object::create(&Object::get_prototype_of(&prototype));
    set(&made, "name", &name_of(error).into());
    set(&made, "message", &error.to_string().into());
    describe(&made, error);
    made.into()
}

fn name_of(error: &Error) -> &'static str {
    match error {
        Error::InvalidUrl { .. } => "SyntaxError",
        Error::Unsupported { .. } => "UnsupportedError",
        Error::Disconnected { .. } => "DisconnectedError",
        Error::ConnectionFailed { .. } => "ConnectionFailedError",
        Error::Stopped { .. } => "StoppedError",
        Error::Status { .. } => "StatusError",
        #[cfg(feature = "fetch")]
        Error::ContentType { .. } => "ContentTypeError",
        #[cfg(feature = "fetch")]
        Error::Cors { .. } => "CorsError",
        #[cfg(feature = "fetch")]
        Error::TooLarge { .. } => "TooLargeError",
        Error::OpenTimeout { .. } => "OpenTimeoutError",
        Error::IdleTimeout { .. } => "IdleTimeoutError",
        Error::UrlProvider { .. } => "UrlProviderError",
        #[cfg(feature = "fetch")]
        Error::HeadersProvider { .. } => "HeadersProviderError",
        #[cfg(feature = "fetch")]
        Error::Fetch { .. } => "FetchError",
        #[cfg(feature = "fetch")]
        Error::Resume { .. } => "ResumeError",
    }
}

/// Sets the object's members for data other than the message.
fn describe(made: &Object, error: &Error) {
    if let Some(status) = error.status() {
        set(made, "status", &status.into());
    }
    match error {
        Error::Status { answer, .. } => {
            let retry_after = answer.retry_after.map_or(JsValue::NULL, |after| (after.as_secs_f64() * 1000.0).into());
            set(made, "retryAfter", &retry_after);
            describe_answer(made, answer);
        }
        #[cfg(feature = "fetch")]
        Error::ContentType { answer, .. } => describe_answer(made, answer),
        _ => {}
    }
}

fn describe_answer(made: &Object, answer: &Answer) {
    let headers = Object::new();
    for (name, value) in &answer.headers {
        set(&headers, name, &value.as_str().into());
    }
    set(made, "headers", &headers);
    set(made, "body", &answer.body.as_str().into());
    set(made, "bodyTruncated", &answer.body_truncated.into());
}

fn set(object: &JsValue, name: &str, value: &JsValue) {
    // An object of one's own takes every member.
    let _ = Reflect::set(object, &JsValue::from_str(name), value);
}

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = DOMException)]
    type DomException;

    #[wasm_bindgen(constructor, catch, js_class = DOMException)]
    fn new(message: &str, name: &str) -> Result<DomException, JsValue>;
}
