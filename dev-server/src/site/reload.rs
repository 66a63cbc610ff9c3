//! The stream that tells pages which version is current.

use std::convert::Infallible;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse as _, Response};
use futures_util::stream;
use serde::Serialize;
use tokio::sync::watch;
use tokio::time::timeout;

/// Shorter than the idle timeouts of proxies.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// The status now and after each change, as messages.
pub(super) fn stream<T: Serialize + Send + Sync + 'static>(status: &watch::Sender<T>) -> Response {
    let mut receiver = status.subscribe();
    receiver.mark_changed();
    let messages = stream::unfold(receiver, async |mut receiver| {
        let text = match timeout(HEARTBEAT, receiver.changed()).await {
            Ok(changed) => {
                changed.ok()?;
                let json = serde_json::to_string(&*receiver.borrow_and_update()).ok()?;
                format!("retry: 1000\ndata: {json}\n\n")
            }
            Err(_) => ":\n".to_owned(),
        };
        Some((Ok::<_, Infallible>(Bytes::from(text)), receiver))
    });
    let headers = [(CONTENT_TYPE, "text/event-stream"), (CACHE_CONTROL, "no-cache, no-transform")];
    (headers, Body::from_stream(messages)).into_response()
}
