//! The body of a request.

use std::fmt;

use js_sys::Uint8Array;
use wasm_bindgen::prelude::*;

/// The body of a request, for [`FetchOptions::body`](crate::FetchOptions::body): text, bytes, or any value that
/// [`RequestInit.body`] takes. Text and bytes are converted to JavaScript values when the request is made, so that
/// options can also be created outside of a browser.
///
/// ```
/// use eventsource_wasm::FetchOptions;
///
/// let text = FetchOptions::new().method("POST").body(r#"{"question": "why"}"#);
/// let bytes = FetchOptions::new().method("POST").body(vec![1, 2, 3]);
/// # drop((text, bytes));
/// ```
///
/// [`RequestInit.body`]: https://developer.mozilla.org/en-US/docs/Web/API/RequestInit#body
#[derive(Clone)]
pub struct Body(Content);

#[derive(Clone)]
enum Content {
    Text(String),
    Bytes(Vec<u8>),
    Value(JsValue),
}

impl Body {
    /// The same for the same text or bytes; other values can't be compared.
    #[cfg(feature = "share")]
    pub(super) fn identity(&self) -> Option<Vec<u8>> {
        match &self.0 {
            Content::Text(text) => Some(text.clone().into_bytes()),
            Content::Bytes(bytes) => Some(bytes.clone()),
            Content::Value(value) => value.as_string().map(String::into_bytes),
        }
    }

    pub(super) fn to_js(&self) -> JsValue {
        match &self.0 {
            Content::Text(text) => text.as_str().into(),
            Content::Bytes(bytes) => Uint8Array::from(bytes.as_slice()).into(),
            Content::Value(value) => value.clone(),
        }
    }
}

/// What it says may be secret, and long.
impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Content::Text(text) => write!(f, "Body(text of {} bytes)", text.len()),
            Content::Bytes(bytes) => write!(f, "Body({} bytes)", bytes.len()),
            Content::Value(_) => f.write_str("Body(a value of JavaScript's)"),
        }
    }
}

impl From<&str> for Body {
    fn from(text: &str) -> Self {
        Self(Content::Text(text.to_owned()))
    }
}

impl From<String> for Body {
    fn from(text: String) -> Self {
        Self(Content::Text(text))
    }
}

impl From<&[u8]> for Body {
    fn from(bytes: &[u8]) -> Self {
        Self(Content::Bytes(bytes.to_vec()))
    }
}

impl From<Vec<u8>> for Body {
    fn from(bytes: Vec<u8>) -> Self {
        Self(Content::Bytes(bytes))
    }
}

impl From<JsValue> for Body {
    fn from(value: JsValue) -> Self {
        Self(Content::Value(value))
    }
}
