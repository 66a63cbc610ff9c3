//! What a request was, as the data of an event.

use axum::http::request::Parts;
use serde_json::{Map, Value, json};

/// One line of JSON.
pub(crate) fn echo(parts: &Parts, body: &[u8], last_event_id: Option<&str>, attempt: u64) -> String {
    let mut headers = Map::new();
    for name in parts.headers.keys() {
        let values: Vec<_> =
            parts.headers.get_all(name).iter().map(|value| String::from_utf8_lossy(value.as_bytes())).collect();
        headers.insert(name.to_string(), Value::String(values.join(", ")));
    }
    json!({
        "method": parts.method.as_str(),
        "url": parts.uri.to_string(),
        "headers": headers,
        "lastEventId": last_event_id,
        "body": String::from_utf8_lossy(body),
        "attempt": attempt,
    })
    .to_string()
}
