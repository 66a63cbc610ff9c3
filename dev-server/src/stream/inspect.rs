//! The server's state: the open streams, which can be ended or changed, the tokens, the requests, and a port that refuses
//! connections.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::{Path, RawQuery, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, VARY};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use futures_util::stream::{self, Stream};
use serde::Serialize;
use tokio::time::{sleep, timeout};

use super::change::ChangeError;
use super::connections::{ConnectionInfo, Connections};
use super::lab::Lab;
use super::params::end::End;
use crate::refusal::refuse;
use crate::requests::RequestInfo;
use crate::wanted::Wanted;

/// How often the list is checked when no stream is opened or ended.
const EACH: Duration = Duration::from_secs(1);
/// How long after a change the list is sent.
const SOON: Duration = Duration::from_millis(50);
/// How much later for each stream in it: a second for 20,000.
const PER_READER: Duration = Duration::from_micros(50);
/// Shorter than the idle timeouts of proxies.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// The URL of a port that refuses connections.
pub(crate) async fn refused_url(State(lab): State<Arc<Lab>>) -> Response {
    match lab.refused_url() {
        Ok(url) => (url + "\n").into_response(),
        Err(error) => (
            StatusCode::SERVICE_UNAVAILABLE,
            format!("No port could be opened ({error}): free a port or a file, and try again.\n"),
        )
            .into_response(),
    }
}

#[derive(Serialize)]
struct Live {
    count: usize,
    connections: Vec<ConnectionInfo>,
}

/// The open streams; for an `EventSource`, a stream with the list now and after each change.
pub(crate) async fn list(State(lab): State<Arc<Lab>>, headers: HeaderMap) -> Response {
    let mut response = if Wanted::of(&headers) == Wanted::Stream {
        let headers = [(CONTENT_TYPE, "text/event-stream"), (CACHE_CONTROL, "no-cache, no-transform")];
        (headers, Body::from_stream(changes(lab.connections.clone()))).into_response()
    } else {
        Json(Live::of(&lab.connections)).into_response()
    };
    response.headers_mut().insert(VARY, HeaderValue::from_static("accept"));
    response
}

impl Live {
    fn of(connections: &Connections) -> Self {
        let connections = connections.list();
        Self { count: connections.len(), connections }
    }
}

/// The list as messages: at once, soon after a stream is opened or ends, and once a second while something is sent.
fn changes(connections: Connections) -> impl Stream<Item = Result<Bytes, Infallible>> {
    let state = (connections.watch(), connections, String::new());
    stream::unfold(state, async |(mut changed, connections, before)| {
        let mut quiet = Duration::ZERO;
        let json = loop {
            let list = Live::of(&connections);
            let json = serde_json::to_string(&list).ok()?;
            if json != before {
                break json;
            }
            if quiet >= HEARTBEAT {
                return Some((Ok(":\n".into()), (changed, connections, before)));
            }
            // An error would mean that nothing ever changes again.
            let _ = timeout(EACH, changed.changed()).await;
            // Many streams may open or end together, and a long list is sent less often.
            sleep(SOON + PER_READER * u32::try_from(list.count).unwrap_or(u32::MAX)).await;
            quiet += EACH;
        };
        let text = format!("retry: 1000\ndata: {json}\n\n");
        Some((Ok(text.into()), (changed, connections, json)))
    })
}

/// How many connections of a token were counted.
pub(crate) async fn attempts(State(lab): State<Arc<Lab>>, Path(token): Path<String>) -> Response {
    Json(Attempts { attempts: lab.tokens.of(&token) }).into_response()
}

/// Resets the count of a token, and returns how many connections there were.
pub(crate) async fn reset_token(State(lab): State<Arc<Lab>>, Path(token): Path<String>) -> Response {
    Json(Attempts { attempts: lab.tokens.reset(&token) }).into_response()
}

#[derive(Serialize)]
struct Attempts {
    attempts: u64,
}

/// The newest requests.
pub(crate) async fn requests(State(lab): State<Arc<Lab>>) -> Response {
    let requests = lab.journal.list();
    Json(Requests { count: requests.len(), requests }).into_response()
}

/// Forgets them.
pub(crate) async fn forget_requests(State(lab): State<Arc<Lab>>) -> Response {
    Json(Forgotten { forgotten: lab.journal.clear() }).into_response()
}

#[derive(Serialize)]
struct Requests {
    count: usize,
    requests: Vec<RequestInfo>,
}

#[derive(Serialize)]
struct Forgotten {
    forgotten: usize,
}

/// `?end=`, or an abort.
fn end_of(query: Option<&str>) -> Result<End, (StatusCode, &'static str)> {
    match query.unwrap_or_default() {
        "" => Ok(End::Abort),
        query => query
            .strip_prefix("end=")
            .and_then(End::parse)
            // The streams may be of either version.
            .filter(|end| !end.needs_http_2())
            .ok_or((StatusCode::BAD_REQUEST, "The query may be end=eof, end=abort, end=reset or end=stall.\n")),
    }
}

/// Ends all of them.
pub(crate) async fn end_all(State(lab): State<Arc<Lab>>, RawQuery(query): RawQuery) -> Response {
    match end_of(query.as_deref()) {
        Ok(end) => Json(Ended { ended: lab.connections.end_all(end) }).into_response(),
        Err(refusal) => refusal.into_response(),
    }
}

/// Ends one of them.
pub(crate) async fn end_one(
    State(lab): State<Arc<Lab>>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    match (end_of(query.as_deref()), id.parse()) {
        (Err(refusal), _) => refusal.into_response(),
        (Ok(end), Ok(id)) if lab.connections.end(id, end) => Json(Ended { ended: 1 }).into_response(),
        _ => (StatusCode::NOT_FOUND, "There is no connection with this id: GET /connections lists them.\n")
            .into_response(),
    }
}

/// Changes the faults of one of them.
pub(crate) async fn change(State(lab): State<Arc<Lab>>, Path(id): Path<String>, RawQuery(query): RawQuery) -> Response {
    let id = id.parse().map_err(|_| ChangeError::Unknown);
    match id.and_then(|id| lab.connections.change(id, query.as_deref().unwrap_or_default())) {
        Ok(info) => Json(info).into_response(),
        Err(error) => {
            let status = if error == ChangeError::Unknown { StatusCode::NOT_FOUND } else { StatusCode::BAD_REQUEST };
            refuse(status, &error.to_string())
        }
    }
}

#[derive(Serialize)]
struct Ended {
    ended: usize,
}
