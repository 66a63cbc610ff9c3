//! Answers a request with the stream that its URL describes.

use std::future::pending;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, LOCATION, SET_COOKIE};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;

use super::body::StreamBody;
use super::description::{Endpoint, Stream};
use super::events::Events;
use super::id::{Moment, Start, start};
use super::params::answer::{Location, Mime};
use super::params::end::End;
use super::player::Player;
use crate::accept::Wanted;
use crate::app::App;
use crate::connections::{Client, Connection};
use crate::server::Peer;
use crate::wire::Wire;

/// How long a request's body may be.
const MAX_BODY: usize = 1 << 20;

/// Plays the stream that the URL describes, or shows the page to a browser's address bar.
pub(crate) async fn events(State(app): State<Arc<App>>, request: Request) -> Response {
    if *request.method() == Method::GET && Wanted::of(request.headers()) == Wanted::Page {
        return app.page().await;
    }
    respond(&app, Endpoint::Events, request).await
}

/// A request whose body has arrived, and what its client gets.
struct Asked {
    parts: Parts,
    body: Bytes,
    stream: Stream,
    /// Which connection of its token this is.
    attempt: u64,
}

async fn respond(app: &App, endpoint: Endpoint, request: Request) -> Response {
    let asked = match ask(app, endpoint, request).await {
        Ok(asked) => asked,
        Err((status, line)) => return (status, line + "\n").into_response(),
    };
    let answer = asked.stream.answer.clone();
    let client = client(&asked.parts);
    let mut connection = None;
    if !answer.delay.is_zero() {
        let waiting = app.connections().open(client.clone(), now());
        tokio::select! {
            () = tokio::time::sleep(answer.delay) => connection = Some(waiting),
            end = waiting.ended() => return without_answer(&client, end).await,
        }
    }
    let open = || connection.unwrap_or_else(|| app.connections().open(client.clone(), now()));
    let mut response = match answer.status() {
        Some(StatusCode::OK) => play(&asked, open),
        Some(status) => without_stream(status, &asked),
        None => {
            let connection = open();
            let end = asked.stream.end.end.unwrap_or(End::Abort);
            tokio::select! {
                response = without_answer(&client, end) => response,
                end = connection.ended() => without_answer(&client, end).await,
            }
        }
    };
    response.headers_mut().extend(answer.cookie.map(|cookie| (SET_COOKIE, cookie)));
    response.extensions_mut().insert(answer.cors);
    response
}

async fn ask(app: &App, endpoint: Endpoint, request: Request) -> Result<Asked, (StatusCode, String)> {
    let (parts, body) = request.into_parts();
    let query = parts.uri.query().unwrap_or_default();
    let stream = app.stream().clone().with_query(endpoint, query).map_err(|line| (StatusCode::BAD_REQUEST, line))?;
    let body = to_bytes(body, MAX_BODY).await.map_err(|_| {
        (StatusCode::PAYLOAD_TOO_LARGE, format!("The body did not arrive, or has more than {MAX_BODY} bytes"))
    })?;
    let attempt = stream.attempts.token.as_ref().map_or(1, |token| app.attempts().count(token));
    let mut stream = stream.attempt(attempt);
    // A browser that reconnects sends a fresh header and the query that its object began with.
    if let Some(id) = parts.headers.get("last-event-id").filter(|id| !id.is_empty()) {
        stream.ids.last_event_id = Some(String::from_utf8_lossy(id.as_bytes()).into_owned());
    }
    Ok(Asked { parts, body, stream, attempt })
}

fn client(parts: &Parts) -> Client {
    Client {
        peer: parts.extensions.get::<Peer>().map(|peer| peer.0),
        url: parts.uri.path_and_query().map_or_else(String::new, ToString::to_string),
        wire: parts.extensions.get::<Wire>().cloned(),
    }
}

fn now() -> Moment {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO)
}

fn play(asked: &Asked, open: impl FnOnce() -> Connection) -> Response {
    let Asked { stream, .. } = asked;
    let now = now();
    let (first, gap) = match start(stream, now) {
        Start::At(first, gap) => (first, gap),
        Start::Finished => return StatusCode::NO_CONTENT.into_response(),
    };
    let player = Player::events(stream, Events::new(stream.clone(), first, gap, now, None));
    let mut headers = HeaderMap::with_capacity(3);
    headers.extend(content_type(stream, "text/event-stream"));
    // Compression and buffering on the way would hold events back.
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache, no-transform"));
    headers.insert(HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"));
    (headers, Body::new(StreamBody::new(player, now, open()))).into_response()
}

fn content_type(stream: &Stream, right: &'static str) -> Option<(HeaderName, HeaderValue)> {
    let mime = match &stream.answer.mime {
        Mime::Right => HeaderValue::from_static(right),
        Mime::Missing => return None,
        Mime::Given(mime) => mime.clone(),
    };
    Some((CONTENT_TYPE, mime))
}

fn without_stream(status: StatusCode, asked: &Asked) -> Response {
    let mut headers = HeaderMap::new();
    headers.extend(content_type(&asked.stream, "text/plain; charset=utf-8"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.extend(asked.stream.answer.location.as_ref().map(|location| (LOCATION, target(location, asked))));
    let empty = matches!(status, StatusCode::NO_CONTENT | StatusCode::RESET_CONTENT | StatusCode::NOT_MODIFIED);
    let body = if empty { String::new() } else { format!("{status}, as the URL asks\n") };
    (status, headers, Body::from(body)).into_response()
}

fn target(location: &Location, asked: &Asked) -> HeaderValue {
    match location {
        Location::To(url) => url.clone(),
        // What arrived in a request's head can be sent in an answer's.
        Location::Loop => HeaderValue::from_str(&client(&asked.parts).url).unwrap_or(HeaderValue::from_static("")),
    }
}

/// Breaks the connection in place of an answer, or leaves it without one.
async fn without_answer(client: &Client, end: End) -> Response {
    match &client.wire {
        _ if end == End::Stall => pending().await,
        Some(wire) => {
            wire.break_off(end == End::Reset, true);
            // The connection's task drops this one when it meets the broken socket.
            pending().await
        }
        None => {
            (StatusCode::SERVICE_UNAVAILABLE, "The connection can be broken only in the server's own accept loop\n")
                .into_response()
        }
    }
}
