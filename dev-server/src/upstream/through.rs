//! `/through/<parameters>/<path>`: an upstream's answer with the faults that its URL describes.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::{ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE};
use axum::http::uri::PathAndQuery;
use axum::http::{HeaderMap, HeaderName, StatusCode};
use axum::response::Response;
use bytes::Bytes;

use super::client::send;
use super::relay::Relay;
use crate::refusal::refuse;
use crate::stream::body::StreamBody;
use crate::stream::handler::{Turn, answered, ask, client, set_content_type, turn};
use crate::stream::lab::Lab;
use crate::stream::player::Player;
use crate::stream::query::Endpoint;

const PREFIX: &str = "/through/";

pub(crate) const HELP: &str = "\
The same path and query of the server that --upstream names, with faults put into its stream of events: parameters as for \
/events, as one part of the path (write %2F for a slash in them; none at all is //). Events are told apart as they come, and \
their bytes, ids and headers stay as the upstream has them; Last-Event-ID is passed on. Only what has data counts as an event; \
comments are passed on between. One of more than 256 KiB is passed on in parts: it is neither doubled nor left out, and changes no \
place. `gap`, `dup` and `reorder` count the events of a connection. Without `end` the stream ends as the upstream's does, \
broken if that is. An answer that is no stream of events is passed on as it is. Accept-Encoding is not passed on, and CORS headers are this \
server's.\n\nWithout --upstream this is 404. With it every path that this server does not have is passed on too, without any \
fault; for an upstream that is away, or gives no answer of HTTP/1.1, there is a 502 that says so.\n";

/// Passes a request on, and the answer back with faults.
pub(crate) async fn through(State(lab): State<Arc<Lab>>, request: Request) -> Response {
    let (mut parts, body) = request.into_parts();
    let Some(upstream) = lab.upstream.clone() else {
        let line =
            "There is no upstream: start the server with --upstream and its address, as in http://127.0.0.1:3000.";
        return refuse(StatusCode::NOT_FOUND, line);
    };
    let Some((params, target)) = split(parts.uri.path_and_query()) else {
        return refuse(StatusCode::BAD_REQUEST, "Write /through/<parameters>/<path>, as in /through/drop=3/events.");
    };
    // It would have to be decoded before it could be split into events.
    parts.headers.remove(ACCEPT_ENCODING);
    let head = parts.clone();
    let asked = match ask(&lab, Endpoint::Through, parts, Bytes::new(), &params) {
        Ok(asked) => asked,
        Err(line) => return refuse(StatusCode::BAD_REQUEST, &line),
    };
    let mut client = client(&asked);
    client.upstream = Some(format!("{upstream}{target}"));
    let connection = match turn(&lab, &asked, &client).await {
        Turn::Play(connection) => connection,
        Turn::Done(response) => return answered(&asked, response),
    };
    let (now, open) = (lab.clock.now(), || connection.unwrap_or_else(|| lab.connections.open(client, lab.clock.now())));
    let mut response = match send(&upstream, &head, target, body).await {
        Ok(response) => response,
        Err(refusal) => return answered(&asked, refusal),
    };
    remove_cors(response.headers_mut());
    let relayed = response.status() == StatusCode::OK && is_stream(response.headers());
    set_content_type(response.headers_mut(), &asked.stream);
    if !relayed {
        return answered(&asked, response.map(Body::new));
    }
    if let Some(coding) = response.headers().get(CONTENT_ENCODING).filter(|coding| *coding != "identity") {
        let line = format!(
            "The upstream sends its stream with Content-Encoding {coding:?} though it was asked not to: switch compression \
             off for event streams there."
        );
        return answered(&asked, refuse(StatusCode::BAD_GATEWAY, &line));
    }
    // Faults change it.
    response.headers_mut().remove(CONTENT_LENGTH);
    let response = response.map(|body| {
        let player = Player::upstream(&asked.stream, Relay::new(&asked.stream, Body::new(body), now));
        Body::new(StreamBody::new(player, lab.clock, open()))
    });
    answered(&asked, response)
}

/// The parameters, and the path and query that the upstream is asked for.
fn split(target: Option<&PathAndQuery>) -> Option<(String, PathAndQuery)> {
    let (params, path) = target?.as_str().strip_prefix(PREFIX)?.split_once('/')?;
    Some((params.to_owned(), format!("/{path}").parse().ok()?))
}

fn is_stream(headers: &HeaderMap) -> bool {
    let value = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    value.split(';').next().is_some_and(|name| name.trim().eq_ignore_ascii_case("text/event-stream"))
}

/// The guard of this server adds its own, which `cors=` spoils.
fn remove_cors(headers: &mut HeaderMap) {
    let names: Vec<HeaderName> =
        headers.keys().filter(|name| name.as_str().starts_with("access-control-")).cloned().collect();
    for name in names {
        headers.remove(name);
    }
}
