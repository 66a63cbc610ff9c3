//! The function `fetch`, which windows and workers have as a global; web-sys reaches it through one of them only.

use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, AbortSignal, Request, Response};

use crate::platform::global::member;

/// Makes a request, and returns the response as soon as its headers have arrived.
pub(crate) async fn fetch(request: &Request) -> Result<Response, JsValue> {
    let answer = JsFuture::from(js_sys::Promise::resolve(&global_fetch(request)?)).await?;
    as_response(answer).ok_or_else(|| js_sys::TypeError::new("fetch returned no Response").into())
}

/// Converts the result of a page's own `fetch`, which may be a response of another realm, or none.
pub(crate) fn as_response(answer: JsValue) -> Option<Response> {
    let is_response = member(&answer, "status").is_some() && member(&answer, "headers").is_some();
    is_response.then(|| answer.unchecked_into())
}

/// When dropped, aborts the requests that have its signal, and the reading of their responses.
#[derive(Debug)]
pub(crate) struct Abort(AbortController);

impl Abort {
    pub(crate) fn new() -> Result<Self, JsValue> {
        AbortController::new().map(Self)
    }

    pub(crate) fn signal(&self) -> AbortSignal {
        self.0.signal()
    }
}

impl Drop for Abort {
    fn drop(&mut self) {
        self.0.abort();
    }
}

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(catch, js_name = fetch)]
    fn global_fetch(request: &Request) -> Result<JsValue, JsValue>;
}
