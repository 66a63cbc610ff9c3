//! Takes the bodies of requests in.

use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::http::StatusCode;
use axum::response::Response;
use bytes::Bytes;
use tokio::time::timeout;

use crate::refusal::refuse;

/// How long a request's body may be.
pub(crate) const MAX_BODY: usize = 1 << 20;
/// It has to arrive within this time.
const BODY_TIMEOUT: Duration = Duration::from_secs(30);

/// Takes a request's body in, of up to `most` bytes.
pub(crate) async fn read(body: Body, most: usize) -> Result<Bytes, Response> {
    let Ok(read) = timeout(BODY_TIMEOUT, to_bytes(body, most)).await else {
        let line = format!("The body did not arrive within {} s.\n", BODY_TIMEOUT.as_secs());
        return Err(refuse(StatusCode::REQUEST_TIMEOUT, &line));
    };
    read.map_err(|_| {
        let line = format!("The body was broken off, or has more than {most} bytes.\n");
        refuse(StatusCode::PAYLOAD_TOO_LARGE, &line)
    })
}
