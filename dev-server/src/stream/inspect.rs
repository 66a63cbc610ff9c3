//! What the server tells of itself: who is reading, and a port that refuses; and how readers are ended.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use serde::Serialize;

use super::connections::ConnectionInfo;
use super::lab::Lab;
use super::params::end::End;

/// The URL of a port that refuses connections.
pub(crate) async fn refused_url(State(lab): State<Arc<Lab>>) -> Response {
    match lab.refused_url() {
        Ok(url) => (url + "\n").into_response(),
        Err(error) => (StatusCode::SERVICE_UNAVAILABLE, format!("no port can be had: {error}\n")).into_response(),
    }
}

#[derive(Serialize)]
struct Live {
    count: usize,
    connections: Vec<ConnectionInfo>,
}

/// Who is reading a stream now.
pub(crate) async fn list(State(lab): State<Arc<Lab>>) -> Response {
    let connections = lab.connections.list();
    Json(Live { count: connections.len(), connections }).into_response()
}

/// `?end=`, or an abort: what is killed does not say goodbye.
fn end_of(query: Option<&str>) -> Result<End, (StatusCode, &'static str)> {
    match query.unwrap_or_default() {
        "" => Ok(End::Abort),
        query => query
            .strip_prefix("end=")
            .and_then(End::parse)
            .ok_or((StatusCode::BAD_REQUEST, "Allowed is end= with eof, abort, reset or stall.\n")),
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
        _ => {
            (StatusCode::NOT_FOUND, "There is no connection of this id: GET /connections lists them.\n").into_response()
        }
    }
}

#[derive(Serialize)]
struct Ended {
    ended: usize,
}
