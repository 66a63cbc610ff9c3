//! What was asked for, whether or not it was answered.

use std::fmt::Write as _;

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use tracing::Level;

use crate::wire::Peer;

/// Tells of each request with its headers.
pub(crate) async fn noted(request: Request, next: Next) -> Response {
    if tracing::enabled!(Level::DEBUG) {
        tracing::debug!("{}", head(&request));
    }
    next.run(request).await
}

/// A request's head, a line for each header.
fn head(request: &Request) -> String {
    let peer = request.extensions().get::<Peer>().map_or_else(String::new, |peer| format!(" from {}", peer.0));
    let mut text = format!("{} {} {:?}{peer}", request.method(), request.uri(), request.version());
    for (name, value) in request.headers() {
        // Writing to a string can't fail.
        let _ = write!(text, "\n    {name}: {}", value.as_bytes().escape_ascii());
    }
    text
}
