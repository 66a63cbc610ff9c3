//! Responds to a request with the stream that its URL describes.

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

/// How long a body that `/echo` sends back may be: escaped as JSON, it can become six times as long.
const MAX_ECHO: usize = 64 << 10;
/// Why a stream can't end in the ways that only HTTP/2 has.
const NO_HTTP_2: &str =
    "`end=rst-stream` and `end=goaway` need HTTP/2: start the server with --tls, and use an https: URL";
/// Why a stream can't be framed wrongly.
const NO_FRAMING: &str = "`content-length` and `chunks` are allowed only for GET over HTTP/1.1, in the server's own accept \
                          loop: use http: and GET, or leave them out";

/// Plays the stream that the URL describes.
pub(crate) async fn events(State(lab): State<Arc<Lab>>, request: Request) -> Response {
    respond(&lab, &Content::Events, request).await
}

/// Sends the request back as an event, once for each connection.
pub(crate) async fn echo_request(State(lab): State<Arc<Lab>>, request: Request) -> Response {
    respond(&lab, &Content::Echo, request).await
}

/// Stores a script and returns the URL that plays it.
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

/// Plays a script once; a `HEAD` request, or one from a foreign page, does not use it up.
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
            refuse(StatusCode::NOT_FOUND, "There is no such script, or it was discarded: POST it to /raw again.")
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

/// A request whose body has arrived, and the stream that its client gets.
pub(crate) struct Asked {
    parts: Parts,
    body: Bytes,
    pub(crate) stream: Stream,
    /// Which connection of its token this is.
    attempt: u64,
}

impl Asked {
    /// The request as JSON.
    fn echo(&self) -> Bytes {
        echo::echo(&self.parts, &self.body, self.stream.ids.last_event_id.as_deref(), self.attempt).into()
    }
}

async fn respond(lab: &Lab, content: &Content, request: Request) -> Response {
    let endpoint = content.endpoint();
    let (parts, body) = request.into_parts();
    let query = parts.uri.query().unwrap_or_default().to_owned();
    // A mistake in the URL is reported without waiting for the body.
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
    /// A stream, for this entry of the connections if there already is one.
    Play(Option<Connection>),
    /// This response instead of a stream.
    Done(Response),
}

/// Waits as the URL says, and responds if the URL does not ask for a stream.
pub(crate) async fn turn(lab: &Lab, asked: &Asked, client: &Client) -> Turn {
    let answer = &asked.stream.answer;
    let mut connection = None;
    if !answer.delay.is_zero() {
        let waiting = lab.connections.open(client.clone(), lab.clock.now());
        tokio::select! {
            () = sleep(answer.delay) => {
                // What is logged if nothing follows the wait.
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

/// Adds the headers that the URL asks for to a response.
pub(crate) fn answered(asked: &Asked, mut response: Response) -> Response {
    let answer = asked.stream.answer.clone();
    asked.stream.framed.put_headers(response.headers_mut());
    response.extensions_mut().insert(asked.stream.framed.framing);
    response.headers_mut().extend(answer.cookie.map(|cookie| (SET_COOKIE, cookie)));
    response.headers_mut().extend(answer.retry_after.map(|time| (RETRY_AFTER, time)));
    if asked.stream.attempts.token.is_some() && response.status() == StatusCode::OK {
        // A browser silently repeats a request that breaks on a reused connection, which would count as an attempt.
        response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    }
    response.extensions_mut().insert(answer.cors);
    response
}

/// Whether a request gets the next response without using it up: it is a `HEAD`, or comes from a page that must not change
/// anything.
fn only_looks(method: &Method, extensions: &Extensions) -> bool {
    *method == Method::HEAD || extensions.get::<Foreign>().is_some()
}

/// Reads what a request asks for, and counts the attempt.
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
    // A browser that reconnects sends a current header, but the query of the first request.
    if let Some(id) = parts.headers.get("last-event-id").filter(|id| !id.is_empty()) {
        stream.ids.last_event_id = Some(String::from_utf8_lossy(id.as_bytes()).into());
    }
    Ok(Asked { parts, body, stream, attempt })
}

/// The client of a request.
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
    // Proxies that compress or buffer would delay events.
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache, no-transform"));
    headers.insert(HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"));
    (headers, Body::new(StreamBody::new(player, lab.clock, open()))).into_response()
}

/// Changes the media type of a response that has one, if the URL says so.
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
        // The URL of a request is always a valid header value.
        Location::Loop => HeaderValue::from_str(&url(&asked.parts)).unwrap_or(HeaderValue::from_static("")),
    }
}

/// Breaks the connection instead of responding, or never responds.
async fn without_answer(client: &Client, end: End) -> Response {
    match &client.wire {
        _ if end == End::Stall => pending().await,
        Some(wire) => {
            wire.break_off(end == End::Reset, true);
            // The connection's task drops this future when the socket is broken.
            pending().await
        }
        None => (
            StatusCode::SERVICE_UNAVAILABLE,
            "`status=none` needs HTTP/1.1 and the server's own accept loop, to break the connection: use http:, or another status\n",
        )
            .into_response(),
    }
}
