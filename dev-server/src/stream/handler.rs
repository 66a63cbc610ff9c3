//! `GET /events`.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};

use super::body::StreamBody;
use super::description::Stream;
use super::id::{Start, start};
use super::pieces::Pieces;
use crate::accept::Wanted;
use crate::app::App;
use crate::server::Peer;

/// Plays the stream that the URL describes, or shows the page to a browser's address bar.
pub(crate) async fn events(State(app): State<Arc<App>>, request: Request) -> Response {
    if Wanted::of(request.headers()) == Wanted::Page {
        return app.page().await;
    }
    let stream = match describe(app.stream(), &request) {
        Ok(stream) => stream,
        Err(line) => return (StatusCode::BAD_REQUEST, line + "\n").into_response(),
    };
    if stream.status != StatusCode::OK {
        return without_stream(&stream);
    }
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
    let (first, gap) = match start(&stream, now) {
        Start::At(first, gap) => (first, gap),
        Start::Finished => return StatusCode::NO_CONTENT.into_response(),
    };
    let peer = request.extensions().get::<Peer>().map(|peer| peer.0);
    let connection = app.connections().open(peer, request.uri().to_string(), now);
    let pieces = Pieces::new(&stream, first, gap, now);
    let mut headers = HeaderMap::with_capacity(3);
    headers.extend(stream.mime.map(|mime| (CONTENT_TYPE, mime)));
    // Compression and buffering on the way would hold events back.
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache, no-transform"));
    headers.insert(HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"));
    (headers, Body::new(StreamBody::new(pieces, now, connection))).into_response()
}

fn describe(defaults: &Stream, request: &Request) -> Result<Stream, String> {
    let mut stream = defaults.clone().with_query(request.uri().query().unwrap_or_default())?;
    // A browser that reconnects sends a fresh header and the query that its object began with.
    if let Some(id) = request.headers().get("last-event-id").filter(|id| !id.is_empty()) {
        stream.last_event_id = Some(String::from_utf8_lossy(id.as_bytes()).into_owned());
    }
    Ok(stream)
}

fn without_stream(stream: &Stream) -> Response {
    let status = stream.status;
    let mut headers = HeaderMap::new();
    headers.extend(stream.mime.clone().map(|mime| (CONTENT_TYPE, mime)));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    let empty = matches!(status, StatusCode::NO_CONTENT | StatusCode::RESET_CONTENT | StatusCode::NOT_MODIFIED);
    let body = if empty { String::new() } else { format!("{status}, as the URL asks\n") };
    (status, headers, Body::from(body)).into_response()
}
