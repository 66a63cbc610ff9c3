//! Describes a request, for the data of an event.

use axum::http::request::Parts;
use serde_json::json;

use crate::requests::headers;

/// One line of JSON.
pub(crate) fn echo(parts: &Parts, body: &[u8], last_event_id: Option<&str>, attempt: u64) -> String {
    json!({
        "method": parts.method.as_str(),
        "url": parts.uri.to_string(),
        "headers": headers(&parts.headers),
        "lastEventId": last_event_id,
        "body": String::from_utf8_lossy(body),
        "attempt": attempt,
    })
    .to_string()
}
