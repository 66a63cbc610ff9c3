//! Refused requests: the client and the terminal get the same line, which says how to fix the problem.

use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};

/// Refuses a request with a line of text.
pub(crate) fn refuse(status: StatusCode, line: &str) -> Response {
    let line = line.trim_end();
    tracing::warn!("{} {line}", status.as_u16());
    (status, format!("{line}\n")).into_response()
}
