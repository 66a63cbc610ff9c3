//! Errors as JavaScript's.

use js_sys::{Object, Reflect};
use wasm_bindgen::prelude::*;

use crate::error::Error;

/// As the platform throws it where the platform has it (`SyntaxError`), else an `Error` with a `name` of its own, such as
/// `"StatusError"`, and with members for what else is known.
impl From<Error> for JsValue {
    fn from(error: Error) -> Self {
        js_error(&error)
    }
}

pub(crate) fn js_error(error: &Error) -> JsValue {
    let message = error.to_string();
    let name = match error {
        Error::InvalidUrl { .. } => {
            return DomException::new(&message, "SyntaxError").map_or_else(|thrown| thrown, JsValue::from);
        }
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
    };
    let made = js_sys::Error::new(&message);
    made.set_name(name);
    if let Error::Status { status, answer, .. } = error {
        let headers = Object::new();
        for (name, value) in &answer.headers {
            set(&headers, name, &value.as_str().into());
        }
        let retry_after = answer.retry_after.map_or(JsValue::NULL, |after| (after.as_secs_f64() * 1000.0).into());
        set(&made, "status", &(*status).into());
        set(&made, "headers", &headers);
        set(&made, "body", &answer.body.as_str().into());
        set(&made, "retryAfter", &retry_after);
    }
    made.into()
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
