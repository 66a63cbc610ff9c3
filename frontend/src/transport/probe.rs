//! One request to learn what the browser's `EventSource` does not tell: the status.

use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, Headers, Request, RequestCache, RequestCredentials, RequestInit, Response};

use crate::Error;

/// Aborts the request when dropped; nobody wants the body, which may have no end.
struct Abort(AbortController);

impl Drop for Abort {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Asks for the stream at `url` as the browser's object did; `cause` is what stays when there is nothing to learn.
pub(crate) async fn probe(url: String, with_credentials: bool, cause: Error) -> Error {
    match status(&url, with_credentials).await {
        Ok(204) => Error::Stopped { url },
        Ok(status) if status != 200 => Error::Status { url, status },
        _ => cause,
    }
}

async fn status(url: &str, with_credentials: bool) -> Result<u16, JsValue> {
    let abort = Abort(AbortController::new()?);
    let headers = Headers::new()?;
    headers.set("Accept", "text/event-stream")?;
    let init = RequestInit::new();
    init.set_headers(&headers);
    init.set_cache(RequestCache::NoStore);
    init.set_signal(Some(&abort.0.signal()));
    init.set_credentials(if with_credentials { RequestCredentials::Include } else { RequestCredentials::SameOrigin });
    let request = Request::new_with_str_and_init(url, &init)?;
    let response: Response = JsFuture::from(fetch(&request)?).await?.unchecked_into();
    Ok(response.status())
}

#[wasm_bindgen]
extern "C" {
    // Windows and workers have it as a global function; web-sys reaches it through one of them only.
    #[wasm_bindgen(catch)]
    fn fetch(request: &Request) -> Result<js_sys::Promise, JsValue>;
}
