//! `/through/<parameters>/<path>`: an upstream's response with the faults that the URL describes.

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
Requests this path and query from the server that --upstream names, and adds faults to its event stream. The parameters are \
those of /events, as one segment of the path (write a slash in them as %2F; leave the segment empty, as in //, for none). Events \
keep their bytes and ids, and the response its headers; Last-Event-ID is passed on. Only blocks with data count as events; \
comments are passed on between them. An event of more than 256 KiB is passed on in parts: it is not doubled, omitted or \
reordered. `gap`, `dup` and `reorder` count the events of a connection. Without `end`, the stream ends as the upstream's does; if \
that breaks, so does this. A response that is not an event stream is passed on unchanged. Accept-Encoding is not passed on, and \
the CORS headers are this server's.\n\nWithout --upstream, /through is a 404. With it, requests for all paths that this server does \
not have are passed on too, without faults. An upstream that can't be reached, or does not respond with HTTP/1.1, gets a 502 that \
says so.\n";

/// Passes a request on to the upstream, and its response back with faults.
pub(crate) async fn through(State(lab): State<Arc<Lab>>, request: Request) -> Response {
    let (mut parts, body) = request.into_parts();
    let Some(upstream) = lab.upstream.clone() else {
        let line = "There is no upstream: start the server with --upstream and an address, as in --upstream http://127.0.0.1:3000.";
        return refuse(StatusCode::NOT_FOUND, line);
    };
    let Some((params, target)) = split(parts.uri.path_and_query()) else {
        return refuse(StatusCode::BAD_REQUEST, "Write /through/<parameters>/<path>, as in /through/drop=3/events.");
    };
    // A compressed stream would have to be decoded before it could be split into events.
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
            "The upstream compresses its stream (Content-Encoding {coding:?}) although the request has no Accept-Encoding: \
             turn compression off for event streams there."
        );
        return answered(&asked, refuse(StatusCode::BAD_GATEWAY, &line));
    }
    // Faults change the length.
    response.headers_mut().remove(CONTENT_LENGTH);
    let response = response.map(|body| {
        let player = Player::upstream(&asked.stream, Relay::new(&asked.stream, Body::new(body), now));
        Body::new(StreamBody::new(player, lab.clock, open()))
    });
    answered(&asked, response)
}

/// The parameters, and the path and query to request from the upstream.
fn split(target: Option<&PathAndQuery>) -> Option<(String, PathAndQuery)> {
    let (params, path) = target?.as_str().strip_prefix(PREFIX)?.split_once('/')?;
    Some((params.to_owned(), format!("/{path}").parse().ok()?))
}

fn is_stream(headers: &HeaderMap) -> bool {
    let value = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    value.split(';').next().is_some_and(|name| name.trim().eq_ignore_ascii_case("text/event-stream"))
}

/// The guard of this server adds its own, so that `cors=` can make them wrong.
fn remove_cors(headers: &mut HeaderMap) {
    let names: Vec<HeaderName> =
        headers.keys().filter(|name| name.as_str().starts_with("access-control-")).cloned().collect();
    for name in names {
        headers.remove(name);
    }
}
