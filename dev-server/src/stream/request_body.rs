//! Reads the bodies of requests.

use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::http::StatusCode;
use axum::response::Response;
use bytes::Bytes;
use tokio::time::timeout;

use crate::refusal::refuse;

/// How long a request's body may be.
pub(crate) const MAX_BODY: usize = 1 << 20;
/// How long it may take to arrive.
const BODY_TIMEOUT: Duration = Duration::from_secs(30);

/// Reads a request's body, of up to `most` bytes.
pub(crate) async fn read(body: Body, most: usize) -> Result<Bytes, Response> {
    let Ok(read) = timeout(BODY_TIMEOUT, to_bytes(body, most)).await else {
        let line = format!("The body did not arrive within {} s: send it without pauses.\n", BODY_TIMEOUT.as_secs());
        return Err(refuse(StatusCode::REQUEST_TIMEOUT, &line));
    };
    read.map_err(|_| {
        let line = format!("The body broke off, or has more than {most} bytes: send a shorter one.\n");
        refuse(StatusCode::PAYLOAD_TOO_LARGE, &line)
    })
}
