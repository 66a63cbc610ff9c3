//! Sends a request to the upstream.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use axum::body::Body;
use axum::http::request::Parts;
use axum::http::uri::PathAndQuery;
use axum::http::{Request, StatusCode, Uri, Version};
use axum::response::Response;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::address::Upstream;
use super::body::{Running, UpstreamBody};
use super::headers::{for_upstream, loops, remove_hop_by_hop};
use crate::refusal::refuse;
use crate::wire::Peer;

/// Without it, connecting to an address that drops packets would take much longer to fail.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// Sends a request to this path and query of the upstream, on a new connection.
///
/// A connection that was used before may be about to close, and a request with a body can't be repeated. The body is streamed.
///
/// # Errors
/// The response that says why the upstream sent none.
pub(crate) async fn send(
    upstream: &Upstream,
    parts: &Parts,
    target: PathAndQuery,
    body: Body,
) -> Result<Response<UpstreamBody>, Response> {
    if loops(&parts.headers) {
        let line = format!("This server is its own upstream, {upstream}: start it with another --upstream.");
        return Err(refuse(StatusCode::LOOP_DETECTED, &line));
    }
    let peer = parts.extensions.get::<Peer>().map(|peer| peer.0);
    let request = request(upstream, parts, target, peer, body);
    let stream = connect(upstream).await.map_err(|error| {
        let line = format!(
            "The upstream {upstream} can't be reached ({error}): start it, or give --upstream another address."
        );
        refuse(StatusCode::BAD_GATEWAY, &line)
    })?;
    let garbage = |error: hyper::Error| {
        let why = std::error::Error::source(&error).map_or_else(String::new, |source| format!(": {source}"));
        let line = format!(
            "The upstream {upstream} did not respond with HTTP/1.1 ({error}{why}): look at its log, and check that \
             --upstream is the address of an HTTP server."
        );
        refuse(StatusCode::BAD_GATEWAY, &line)
    };
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(garbage)?;
    // An error also reaches whoever waits for the response, or reads its body.
    let running = Running(tokio::spawn(async move { drop(connection.await) }));
    let response = sender.send_request(request).await.map_err(garbage)?;
    let (mut parts, incoming) = response.into_parts();
    remove_hop_by_hop(&mut parts.headers);
    parts.version = Version::HTTP_11;
    Ok(Response::from_parts(parts, UpstreamBody { incoming, _connection: running }))
}

fn request(
    upstream: &Upstream,
    parts: &Parts,
    target: PathAndQuery,
    peer: Option<SocketAddr>,
    body: Body,
) -> Request<Body> {
    let mut request = Request::new(body);
    *request.method_mut() = parts.method.clone();
    *request.uri_mut() = Uri::from(target);
    *request.headers_mut() = parts.headers.clone();
    for_upstream(request.headers_mut(), upstream, peer);
    request
}

async fn connect(upstream: &Upstream) -> io::Result<TcpStream> {
    let connecting = timeout(CONNECT_TIMEOUT, TcpStream::connect(upstream.target())).await;
    let stream = connecting.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))?;
    // Otherwise small requests could wait for acknowledgements. A socket that refuses the option is about to fail anyway.
    let _ = stream.set_nodelay(true);
    Ok(stream)
}
