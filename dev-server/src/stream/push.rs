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

/// What the help says of it.
pub(crate) const HELP: &str = "\
The event goes to every open /events?channel=<name> now, and the answer says its id and how many readers there were. The body
is the data, and the URL may have type=, id= and retry=; or the body is a JSON object of data, type, id and retry, with the
content type application/json. Without an id the event gets one. Of each channel the newest 1000 events are kept for those that
reconnect, fewer if they are longer than 4 MiB together; there are 64 channels at most, and of those that nobody reads the one
used last longest ago is forgotten for a new one.
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
        is_name(&name).then_some(()).ok_or("the name of a channel has 1 to 64 characters")?;
        lab.channels.push(&name, event, lab.clock.now())
    });
    match pushed {
        Ok((id, readers)) => Json(Pushed { id: &id, readers }).into_response(),
        Err(line) => refuse(StatusCode::BAD_REQUEST, &line),
    }
}

fn of_json(query: &str, body: &[u8]) -> Result<PushedEvent, String> {
    if !query.is_empty() {
        return Err("the URL has no parameters where the body is JSON: put them into its object".to_owned());
    }
    let event = serde_json::from_slice(body).map_err(|error| {
        format!("the body is no event: {error}; send one as in {{\"data\": \"hello\", \"type\": \"a\"}}")
    })?;
    let Body { data, event_type, id, retry } = event;
    Ok(PushedEvent { data, event_type, id, retry })
}

fn of_text(query: &str, body: &[u8]) -> Result<PushedEvent, String> {
    let data = std::str::from_utf8(body).map_err(|_| "the data is not UTF-8")?;
    let mut event = PushedEvent::data(data);
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = value::pair(pair.as_bytes());
        let value = String::from_utf8(value).map_err(|_| format!("`{name}` is not UTF-8"))?;
        match name.as_str() {
            "type" => event.event_type = Some(value),
            "id" => event.id = Some(value),
            "retry" => {
                let line = || format!("`retry={value}` is not possible: allowed is a number of milliseconds");
                event.retry = Some(value::number(&value).ok_or_else(line)?);
            }
            _ => return Err(format!("`{name}` is no parameter: allowed are type, id and retry")),
        }
    }
    Ok(event)
}
