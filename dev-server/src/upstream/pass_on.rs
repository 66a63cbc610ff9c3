//! Passes on requests for paths that this server does not have.

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::uri::PathAndQuery;
use axum::response::Response;

use super::address::Upstream;
use super::client::send;

/// Passes a request on as it is, and the response back.
pub(crate) async fn pass_on(State(upstream): State<Upstream>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let target = parts.uri.path_and_query().cloned().unwrap_or(PathAndQuery::from_static("/"));
    match send(&upstream, &parts, target, body).await {
        Ok(response) => response.map(Body::new),
        Err(refusal) => refusal,
    }
}
