//! `POST /push/<name>`: an event to every stream of a channel.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse as _, Response};
use serde::{Deserialize, Serialize};

use super::channels::PushedEvent;
use super::lab::Lab;
use super::params::push::is_name;
use super::params::value;
use super::request_body::{MAX_BODY, read};
use crate::refusal::refuse;

/// The text for `/help`.
pub(crate) const HELP: &str = "\
Sends an event to every open /events?channel=<name>, and returns its id and the number of readers. The body is the data, and the
URL may have type=, id= and retry=. With the content type application/json, the body is an object with data, type, id and
retry instead. An event without an id is given one. The newest 1000 events of each channel are kept for clients that reconnect,
fewer if together they exceed 4 MiB. There may be 64 channels; for a new one, the least recently used channel without readers is
discarded.
";

/// An event as JSON.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Body {
    data: Option<String>,
    #[serde(rename = "type")]
    event_type: Option<String>,
    id: Option<String>,
    retry: Option<u64>,
}

#[derive(Serialize)]
struct Pushed<'a> {
    id: &'a str,
    readers: usize,
}

/// Pushes the event that a request describes.
pub(crate) async fn push(State(lab): State<Arc<Lab>>, Path(name): Path<String>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = match read(body, MAX_BODY).await {
        Ok(body) => body,
        Err(refusal) => return refusal,
    };
    let media_type = parts.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let media_type = media_type.split(';').next().unwrap_or_default().trim();
    let query = parts.uri.query().unwrap_or_default();
    let is_json = media_type.eq_ignore_ascii_case("application/json");
    let event = if is_json { of_json(query, &body) } else { of_text(query, &body) };
    let pushed = event.and_then(|event| {
        is_name(&name).then_some(()).ok_or("the name of the channel is invalid: expected 1 to 64 characters")?;
        lab.channels.push(&name, event, lab.clock.now())
    });
    match pushed {
        Ok((id, readers)) => Json(Pushed { id: &id, readers }).into_response(),
        Err(line) => refuse(StatusCode::BAD_REQUEST, &line),
    }
}

fn of_json(query: &str, body: &[u8]) -> Result<PushedEvent, String> {
    if !query.is_empty() {
        return Err("a JSON body can't be combined with URL parameters: put them into the JSON object".to_owned());
    }
    let event = serde_json::from_slice(body).map_err(|error| {
        format!("the body is not an event: {error}; send one, as in {{\"data\": \"hello\", \"type\": \"a\"}}")
    })?;
    let Body { data, event_type, id, retry } = event;
    Ok(PushedEvent { data, event_type, id, retry })
}

fn of_text(query: &str, body: &[u8]) -> Result<PushedEvent, String> {
    let data = std::str::from_utf8(body).map_err(|_| "the body is not UTF-8: event data has to be text")?;
    let mut event = PushedEvent::data(data);
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = value::pair(pair.as_bytes());
        let value =
            String::from_utf8(value).map_err(|_| format!("`{name}` is not UTF-8: percent-encode UTF-8 text"))?;
        match name.as_str() {
            "type" => event.event_type = Some(value),
            "id" => event.id = Some(value),
            "retry" => {
                let line = || format!("`retry={value}` is invalid: expected a number of milliseconds");
                event.retry = Some(value::number(&value).ok_or_else(line)?);
            }
            _ => return Err(format!("`{name}` is not a parameter: allowed are type, id and retry")),
        }
    }
    Ok(event)
}
