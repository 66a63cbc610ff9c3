//! Serves the files of one folder, and no others.
//!
//! tower-http's `ServeDir` follows symbolic links out of its folder, and compares modification times in whole seconds, so a page
//! that was rebuilt within a second would come from the cache.

use std::ffi::OsStr;
use std::path::{Component, Path, PathBuf};

use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH, X_CONTENT_TYPE_OPTIONS};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};

use super::version;

/// Responds with the file at `path`, which is a URL's path, below `folder`.
pub(crate) async fn serve(folder: &Path, path: &str, request: &HeaderMap) -> Response {
    let Some(file) = within(folder, path).await else {
        return (StatusCode::NOT_FOUND, "No such file.\n").into_response();
    };
    let Ok(bytes) = tokio::fs::read(&file).await else {
        return (StatusCode::NOT_FOUND, "No such file.\n").into_response();
    };
    let etag = format!("\"{}\"", version::of_bytes(&bytes));
    let known = request.get(IF_NONE_MATCH).and_then(|tags| tags.to_str().ok());
    let fresh = known.is_some_and(|tags| tags.split(',').any(|tag| tag.trim().trim_start_matches("W/") == etag));
    let mut headers = HeaderMap::new();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(media_type(&file)));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.extend(HeaderValue::from_str(&etag).ok().map(|etag| (ETAG, etag)));
    if fresh { (StatusCode::NOT_MODIFIED, headers).into_response() } else { (headers, bytes).into_response() }
}

/// The real path of `path` below `folder`, or `None` if it leaves it, by name or by symbolic link.
async fn within(folder: &Path, path: &str) -> Option<PathBuf> {
    let relative = Path::new(path);
    let plain = relative.components().all(|part| matches!(part, Component::Normal(_)));
    // Percent-encoding is not decoded: no file of the page needs it, and so it can't hide a `..`.
    if !plain || path.contains(['\\', ':', '\0', '%']) {
        return None;
    }
    let folder = tokio::fs::canonicalize(folder).await.ok()?;
    let file = tokio::fs::canonicalize(folder.join(relative)).await.ok()?;
    file.starts_with(&folder).then_some(file)
}

fn media_type(file: &Path) -> &'static str {
    match file.extension().and_then(OsStr::to_str) {
        Some("js" | "mjs") => "text/javascript; charset=utf-8",
        Some("wasm") => "application/wasm",
        Some("json" | "map") => "application/json",
        Some("ts" | "txt" | "md") => "text/plain; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("html") => "text/html; charset=utf-8",
        _ => "application/octet-stream",
    }
}
