//! One request to learn the status, which the browser's `EventSource` does not expose.

use std::rc::Rc;

use wasm_bindgen::JsValue;
use web_sys::{Headers, Request, RequestCache, RequestCredentials, RequestInit};

use crate::core::connection::Input;
use crate::error::{Answer, Error};
use crate::platform::fetch::{Abort, fetch};
use crate::platform::task::Task;
use crate::transport::contract::Attempt;

/// Finds out why an attempt failed, and reports it, unless the task is dropped.
pub(crate) fn probe(attempt: Attempt, tell: Rc<dyn Fn(Input)>) -> Task {
    Task::spawn(async move {
        let cause = Error::ConnectionFailed { url: attempt.source_url.to_string() };
        let found = find(&attempt.url(), attempt.with_credentials, cause).await;
        tell(Box::new(move |connection, now| connection.probed(now, found)));
    })
}

/// Requests the stream at `url` as the browser's object did; `cause` is the result if nothing can be learnt. The error
/// names the source's URL, as the cause does, because the attempt's URL may contain a secret.
async fn find(address: &str, with_credentials: bool, cause: Error) -> Error {
    let found = status(address, with_credentials).await;
    let Error::ConnectionFailed { url } = cause else { return cause };
    match found {
        Ok(204) => Error::Stopped { url },
        Ok(status) if status != 200 => Error::Status { url, status, answer: Answer::default() },
        _ => Error::ConnectionFailed { url },
    }
}

async fn status(url: &str, with_credentials: bool) -> Result<u16, JsValue> {
    // The body is not needed, and may be endless.
    let abort = Abort::new()?;
    let headers = Headers::new()?;
    headers.set("Accept", "text/event-stream")?;
    let init = RequestInit::new();
    init.set_headers(&headers);
    init.set_cache(RequestCache::NoStore);
    init.set_signal(Some(&abort.signal()));
    init.set_credentials(if with_credentials { RequestCredentials::Include } else { RequestCredentials::SameOrigin });
    let request = Request::new_with_str_and_init(url, &init)?;
    Ok(fetch(&request).await?.status())
}
