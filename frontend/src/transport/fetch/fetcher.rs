//! Functions that make requests instead of the global `fetch`.

use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;

use wasm_bindgen::prelude::*;
use web_sys::{Request, RequestInit, Response};

use crate::error::Error;
use crate::platform::fetch::as_response;
use crate::platform::global::{member, words_of};

/// Makes a request, with the arguments of `fetch`: a URL and options. `None` if there was no response.
pub(super) type Fetcher = dyn Fn(String, RequestInit) -> Pin<Box<dyn Future<Output = Result<Option<Response>, Error>>>>;

/// Wraps a function that should return a `Response`, and checks that it does.
pub(super) fn boxed(fetch: impl AsyncFn(String, RequestInit) -> Result<JsValue, JsValue> + 'static) -> Rc<Fetcher> {
    let fetch = Rc::new(fetch);
    Rc::new(move |url, init| {
        let fetch = Rc::clone(&fetch);
        Box::pin(async move {
            match fetch(url, init).await {
                Ok(answer) => as_response(answer).map(Some).ok_or_else(|| {
                    let reason = "fetch returned no Response; let it return that of the global fetch, or a new one";
                    Error::Unsupported { reason: reason.to_owned() }
                }),
                // This is how the global `fetch` rejects on a network error. Checked by name, as it may be that of a
                // frame.
                Err(thrown) if member(&thrown, "name").is_some_and(|name| name == "TypeError") => Ok(None),
                Err(thrown) => Err(Error::Fetch { reason: words_of(&thrown) }),
            }
        })
    })
}

/// Converts a function of a `Request` to one with the arguments of `fetch`.
pub(super) fn of_requests(fetch: impl AsyncFn(Request) -> Result<Response, JsValue> + 'static) -> Rc<Fetcher> {
    boxed(async move |url: String, init| {
        let request = Request::new_with_str_and_init(&url, &init)?;
        fetch(request).await.map(JsValue::from)
    })
}
