//! Answers a request with the stream that its URL describes.

use std::future::pending;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::http::header::{CACHE_CONTROL, CONNECTION, CONTENT_TYPE, HOST, LOCATION, RETRY_AFTER, SET_COOKIE};
use axum::http::request::Parts;
use axum::http::{Extensions, HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use tokio::time::sleep;
use tracing::field::display;

use super::body::StreamBody;
use super::connections::{Client, Connection, shown};
use super::description::Stream;
use super::echo;
use super::events::Events;
use super::id::{Start, start};
use super::lab::Lab;
use super::params::answer::{Location, Mime};
use super::params::end::End;
use super::params::framing::Framing;
use super::player::Player;
use super::query::{Endpoint, with_query};
use super::raw::Taken;
use super::reading::Reading;
use super::request_body::{MAX_BODY, read};
use super::script::Script;
use crate::guard::Foreign;
use crate::refusal::refuse;
use crate::wire::{GoAway, OwnFraming, Peer, Wire, scheme};

/// How long a request's body may be where it is sent back: as JSON it can be six times as long.
const MAX_ECHO: usize = 64 << 10;
/// Why a stream can't end as only one of HTTP/2 can.
const NO_HTTP_2: &str =
    "`end=rst-stream` and `end=goaway` need HTTP/2: start the server with --tls, and ask over https:";
/// Why a stream can't be framed wrongly.
const NO_FRAMING: &str = "`content-length` and `chunks` are possible only for GET over HTTP/1.1, in the server's own accept \
                          loop: elsewhere the framing is not the stream's";

/// Plays the stream that the URL describes.
pub(crate) async fn events(State(lab): State<Arc<Lab>>, request: Request) -> Response {
    respond(&lab, &Content::Events, request).await
}

/// Says what the request was, once for each connection.
pub(crate) async fn echo_request(State(lab): State<Arc<Lab>>, request: Request) -> Response {
    respond(&lab, &Content::Echo, request).await
}

/// Keeps a script and answers with the URL that plays it.
pub(crate) async fn keep_script(State(lab): State<Arc<Lab>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let query = parts.uri.query().map_or_else(String::new, |query| format!("?{query}"));
    let checked = with_query(lab.stream.clone(), Endpoint::Raw, query.trim_start_matches('?'));
    let script = match read(body, MAX_BODY).await {
        Ok(body) => checked.and_then(|_| Script::parse(&body)),
        Err(refusal) => return refusal,
    };
    match script {
        Ok(script) => {
            let path = format!("/raw/{}{query}", lab.scripts.keep(script));
            let host = parts.headers.get(HOST).and_then(|host| host.to_str().ok());
            let url = host.map_or_else(|| path.clone(), |host| format!("{}://{host}{path}", scheme(&parts.extensions)));
            (StatusCode::CREATED, [(LOCATION, path)], url + "\n").into_response()
        }
        Err(line) => refuse(StatusCode::BAD_REQUEST, &line),
    }
}

/// Plays a script, once; who only looks leaves it for others.
pub(crate) async fn raw(State(lab): State<Arc<Lab>>, Path(id): Path<String>, request: Request) -> Response {
    let query = request.uri().query().unwrap_or_default();
    // A mistake in the URL must not cost the script.
    if let Err(line) = with_query(lab.stream.clone(), Endpoint::Raw, query) {
        return refuse(StatusCode::BAD_REQUEST, &line);
    }
    match if only_looks(request.method(), request.extensions()) { lab.scripts.look(&id) } else { lab.scripts.take(&id) }
    {
        Taken::Script(script) => respond(&lab, &Content::Script(script), request).await,
        Taken::Played => StatusCode::NO_CONTENT.into_response(),
        Taken::Unknown => {
            refuse(StatusCode::NOT_FOUND, "There is no such script, or it was forgotten: POST it to /raw again.")
        }
    }
}

/// What is played.
enum Content {
    Events,
    Echo,
    Script(Arc<Script>),
}

impl Content {
    fn endpoint(&self) -> Endpoint {
        match self {
            Self::Events => Endpoint::Events,
            Self::Echo => Endpoint::Echo,
            Self::Script(_) => Endpoint::Raw,
        }
    }
}

/// A request whose body has arrived, and what its client gets.
pub(crate) struct Asked {
    parts: Parts,
    body: Bytes,
    pub(crate) stream: Stream,
    /// Which connection of its token this is.
    attempt: u64,
}

impl Asked {
    /// The request as data.
    fn echo(&self) -> Bytes {
        echo::echo(&self.parts, &self.body, self.stream.ids.last_event_id.as_deref(), self.attempt).into()
    }
}

async fn respond(lab: &Lab, content: &Content, request: Request) -> Response {
    let endpoint = content.endpoint();
    let (parts, body) = request.into_parts();
    let query = parts.uri.query().unwrap_or_default().to_owned();
    // A mistake in the URL is told before the body has come.
    if let Err(line) = with_query(lab.stream.clone(), endpoint, &query) {
        return refuse(StatusCode::BAD_REQUEST, &line);
    }
    let body = match read(body, if endpoint == Endpoint::Echo { MAX_ECHO } else { MAX_BODY }).await {
        Ok(body) => body,
        Err(refusal) => return refusal,
    };
    let asked = match ask(lab, endpoint, parts, body, &query) {
        Ok(asked) => asked,
        Err(line) => return refuse(StatusCode::BAD_REQUEST, &line),
    };
    let client = client(&asked);
    let response = match turn(lab, &asked, &client).await {
        Turn::Play(connection) => {
            let open = || connection.unwrap_or_else(|| lab.connections.open(client, lab.clock.now()));
            play(lab, &asked, content, open)
        }
        Turn::Done(response) => response,
    };
    answered(&asked, response)
}

/// What a request gets.
pub(crate) enum Turn {
    /// A stream, on this connection if it has one already.
    Play(Option<Connection>),
    /// This, and no stream.
    Done(Response),
}

/// Waits as the URL says, and answers where that asks for no stream.
pub(crate) async fn turn(lab: &Lab, asked: &Asked, client: &Client) -> Turn {
    let answer = &asked.stream.answer;
    let mut connection = None;
    if !answer.delay.is_zero() {
        let waiting = lab.connections.open(client.clone(), lab.clock.now());
        tokio::select! {
            () = sleep(answer.delay) => {
                // Unless there is more to it than the wait.
                waiting.finished(End::Eof);
                connection = Some(waiting);
            }
            end = waiting.ended() => return Turn::Done(without_answer(client, end).await),
        }
    }
    Turn::Done(match answer.status() {
        Some(StatusCode::OK) => return Turn::Play(connection),
        Some(status) => without_stream(status, asked),
        None => {
            let connection = connection.unwrap_or_else(|| lab.connections.open(client.clone(), lab.clock.now()));
            let end = asked.stream.end.end.unwrap_or(End::Abort);
            connection.finished(end);
            tokio::select! {
                response = without_answer(client, end) => response,
                end = connection.ended() => without_answer(client, end).await,
            }
        }
    })
}

/// Adds to an answer what the URL says of its head.
pub(crate) fn answered(asked: &Asked, mut response: Response) -> Response {
    let answer = asked.stream.answer.clone();
    asked.stream.framed.put_headers(response.headers_mut());
    response.extensions_mut().insert(asked.stream.framed.framing);
    response.headers_mut().extend(answer.cookie.map(|cookie| (SET_COOKIE, cookie)));
    response.headers_mut().extend(answer.retry_after.map(|time| (RETRY_AFTER, time)));
    if asked.stream.attempts.token.is_some() && response.status() == StatusCode::OK {
        // A browser repeats a request by itself that breaks on a used connection, and an attempt would be lost.
        response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    }
    response.extensions_mut().insert(answer.cors);
    response
}

/// Whether a request sees the next answer, and leaves it the next one: it asks for the head alone, or comes from a page that
/// is to change nothing.
fn only_looks(method: &Method, extensions: &Extensions) -> bool {
    *method == Method::HEAD || extensions.get::<Foreign>().is_some()
}

/// Reads what a request asks for, and counts it.
///
/// # Errors
/// A line that says what is allowed.
pub(crate) fn ask(lab: &Lab, endpoint: Endpoint, parts: Parts, body: Bytes, query: &str) -> Result<Asked, String> {
    let stream = with_query(lab.stream.clone(), endpoint, query)?;
    let wrong = stream.plan.iter().chain([&stream]).any(|stream| stream.framed.framing != Framing::Right);
    if wrong && parts.method != Method::HEAD && parts.extensions.get::<OwnFraming>().is_none() {
        return Err(NO_FRAMING.to_owned());
    }
    let needed = stream.plan.iter().chain([&stream]).filter_map(|stream| stream.end.end).any(End::needs_http_2);
    if needed && parts.extensions.get::<GoAway>().is_none() {
        return Err(NO_HTTP_2.to_owned());
    }
    let looks = only_looks(&parts.method, &parts.extensions);
    let attempt = stream
        .attempts
        .token
        .as_ref()
        .map_or(1, |token| if looks { lab.tokens.of(token) + 1 } else { lab.tokens.count(token) });
    let mut stream = stream.attempt(attempt);
    // A browser that reconnects sends a fresh header and the query that its object began with.
    if let Some(id) = parts.headers.get("last-event-id").filter(|id| !id.is_empty()) {
        stream.ids.last_event_id = Some(String::from_utf8_lossy(id.as_bytes()).into());
    }
    Ok(Asked { parts, body, stream, attempt })
}

/// Who asks.
pub(crate) fn client(asked: &Asked) -> Client {
    let parts = &asked.parts;
    Client {
        peer: parts.extensions.get::<Peer>().map(|peer| peer.0),
        url: url(parts),
        upstream: None,
        attempt: asked.attempt,
        after: asked.stream.ids.last_event_id.clone(),
        http: Some(parts.version),
        wire: parts.extensions.get::<Wire>().cloned(),
        go_away: parts.extensions.get::<GoAway>().cloned(),
    }
}

/// The path and query.
fn url(parts: &Parts) -> String {
    parts.uri.path_and_query().map_or_else(String::new, ToString::to_string)
}

fn play(lab: &Lab, asked: &Asked, content: &Content, open: impl FnOnce() -> Connection) -> Response {
    let stream = &asked.stream;
    let player = match (content, &stream.push.channel) {
        (Content::Script(script), _) => Player::script(stream, Arc::clone(script)),
        (Content::Events, Some(name)) => {
            let (now, looks) = (lab.clock.now(), only_looks(&asked.parts.method, &asked.parts.extensions));
            let channel = if looks { Ok(lab.channels.look(name, now)) } else { lab.channels.open(name, now) };
            match channel {
                Ok(channel) => Player::channel(stream, Reading::new(stream, channel, now)),
                Err(line) => return refuse(StatusCode::SERVICE_UNAVAILABLE, &line),
            }
        }
        _ => {
            let text = matches!(content, Content::Echo).then(|| asked.echo());
            let now = lab.clock.now();
            match start(stream, now) {
                Start::Finished => return StatusCode::NO_CONTENT.into_response(),
                Start::At(first, gap) => Player::events(stream, Events::new(stream.clone(), first, gap, now, text)),
            }
        }
    };
    let mut headers = HeaderMap::with_capacity(4);
    headers.extend(content_type(stream, "text/event-stream"));
    // Compression and buffering on the way would hold events back.
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache, no-transform"));
    headers.insert(HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"));
    (headers, Body::new(StreamBody::new(player, lab.clock, open()))).into_response()
}

/// Changes the media type of an answer that has one, if the URL says so.
pub(crate) fn set_content_type(headers: &mut HeaderMap, stream: &Stream) {
    match &stream.answer.mime {
        Mime::Right => {}
        Mime::Missing => drop(headers.remove(CONTENT_TYPE)),
        Mime::Given(mime) => drop(headers.insert(CONTENT_TYPE, mime.clone())),
    }
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
    let Client { peer, url, attempt, after, .. } = client(asked);
    let (peer, url) = (peer.map(display), shown(&url));
    tracing::info!(peer, url, attempt, after = after.as_deref(), status = status.as_u16(), "answered without a stream");
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
        Location::Loop => HeaderValue::from_str(&url(&asked.parts)).unwrap_or(HeaderValue::from_static("")),
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
        None => (
            StatusCode::SERVICE_UNAVAILABLE,
            "The connection can be broken only over HTTP/1.1, in the server's own accept loop\n",
        )
            .into_response(),
    }
}
