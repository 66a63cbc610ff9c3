//! What makes requests in place of the global `fetch`.

use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;

use wasm_bindgen::prelude::*;
use web_sys::{Request, RequestInit, Response};

/// Answers a request, given as `fetch` is: an address, and how.
pub(crate) type Fetcher = dyn Fn(String, RequestInit) -> Pin<Box<dyn Future<Output = Result<JsValue, JsValue>>>>;

/// A function of requests as one of addresses.
pub(super) fn of_requests(fetch: impl AsyncFn(Request) -> Result<Response, JsValue> + 'static) -> Rc<Fetcher> {
    let fetch = Rc::new(fetch);
    Rc::new(move |url, init| {
        let fetch = Rc::clone(&fetch);
        Box::pin(async move {
            let request = Request::new_with_str_and_init(&url, &init)?;
            fetch(request).await.map(JsValue::from)
        })
    })
}
