//! The requests, with or without a response: logged at the level debug, and kept in a journal.

use std::collections::{BTreeMap, VecDeque};
use std::fmt::Write as _;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use axum::extract::{Request, State};
use axum::http::HeaderMap;
use axum::middleware::Next;
use axum::response::Response;
use serde::Serialize;
use tracing::Level;

use crate::wire::Peer;

/// How many of the newest requests are kept.
const MAX_KEPT: usize = 1_000;
/// How long their URLs and headers may be, in total bytes. Fewer requests are kept if they are longer.
const MAX_BYTES: usize = 4 << 20;

/// The newest requests; clones share them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Journal(Arc<Mutex<Kept>>);

#[derive(Debug, Default)]
struct Kept {
    next_id: u64,
    /// The oldest first, their ids without gaps.
    requests: VecDeque<RequestInfo>,
    bytes: usize,
}

/// A request that was made.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct RequestInfo {
    /// Counts up from 0 over the life of the server.
    pub id: u64,
    /// When its head had arrived, in milliseconds since the Unix epoch.
    pub at: u64,
    /// The client's address, if the accept loop is the server's own.
    pub peer: Option<SocketAddr>,
    /// The method, in capitals.
    pub method: String,
    /// The path and query of the request.
    pub url: String,
    /// The headers, with names in lower case; the values of repeated headers are joined with `, `.
    pub headers: BTreeMap<String, String>,
    /// The status of the response; `None` as long as there is no response.
    pub status: Option<u16>,
}

impl Journal {
    /// The newest requests, oldest first.
    pub(crate) fn list(&self) -> Vec<RequestInfo> {
        self.lock().requests.iter().cloned().collect()
    }

    /// Forgets all requests so far; returns how many there were.
    pub(crate) fn clear(&self) -> usize {
        let mut kept = self.lock();
        kept.bytes = 0;
        std::mem::take(&mut kept.requests).len()
    }

    fn add(&self, request: &Request) -> u64 {
        let mut kept = self.lock();
        let id = kept.next_id;
        kept.next_id += 1;
        let info = RequestInfo {
            id,
            at: SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .map_or(0, |now| u64::try_from(now.as_millis()).unwrap_or(u64::MAX)),
            peer: request.extensions().get::<Peer>().map(|peer| peer.0),
            method: request.method().to_string(),
            url: request.uri().to_string(),
            headers: headers(request.headers()),
            status: None,
        };
        kept.bytes += info.len();
        kept.requests.push_back(info);
        while kept.requests.len() > MAX_KEPT || kept.bytes > MAX_BYTES {
            let Some(oldest) = kept.requests.pop_front() else { break };
            kept.bytes -= oldest.len();
        }
        id
    }

    fn answered(&self, id: u64, status: u16) {
        let mut kept = self.lock();
        let index = kept.requests.front().and_then(|oldest| id.checked_sub(oldest.id));
        let index = index.and_then(|index| usize::try_from(index).ok());
        if let Some(request) = index.and_then(|index| kept.requests.get_mut(index)) {
            request.status = Some(status);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        // No operation leaves the journal inconsistent, so a poisoned lock can be used.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl RequestInfo {
    /// How many bytes of it the client chose.
    fn len(&self) -> usize {
        let headers = self.headers.iter().map(|(name, value)| name.len() + value.len());
        self.method.len() + self.url.len() + headers.sum::<usize>()
    }
}

/// Headers by name; the values of repeated headers are joined with `, `.
pub(crate) fn headers(headers: &HeaderMap) -> BTreeMap<String, String> {
    let mut joined = BTreeMap::<_, String>::new();
    for (name, value) in headers {
        let value = String::from_utf8_lossy(value.as_bytes());
        joined
            .entry(name.to_string())
            .and_modify(|before| {
                before.push_str(", ");
                before.push_str(&value);
            })
            .or_insert_with(|| value.into_owned());
    }
    joined
}

/// Logs each request, and keeps it unless it is a request for the journal itself.
pub(crate) async fn noted(State(journal): State<Journal>, request: Request, next: Next) -> Response {
    if tracing::enabled!(Level::DEBUG) {
        tracing::debug!("{}", head(&request));
    }
    let id = (request.uri().path() != "/requests").then(|| journal.add(&request));
    let response = next.run(request).await;
    if let Some(id) = id {
        journal.answered(id, response.status().as_u16());
    }
    response
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

#[cfg(test)]
mod tests {
    use axum::body::Body;

    use super::*;

    fn request(url: &str, value: &str) -> Request {
        Request::builder().uri(url).header("x-one", "1").header("x-one", value).body(Body::empty()).expect("a request")
    }

    #[test]
    fn the_newest_are_kept_with_their_headers_and_their_answers() {
        let journal = Journal::default();
        for n in 0..=MAX_KEPT {
            let id = journal.add(&request(&format!("/{n}"), "2"));
            journal.answered(id, 204);
        }
        let list = journal.list();
        assert_eq!((list.len(), list[0].url.as_str(), list[0].id), (MAX_KEPT, "/1", 1));
        assert_eq!(list[0].headers["x-one"], "1, 2");
        assert!(list.iter().all(|request| request.status == Some(204)));
        // The entry of a request that is no longer kept.
        journal.answered(0, 500);
        assert_eq!((journal.clear(), journal.list().len()), (MAX_KEPT, 0));
        journal.answered(5, 500);
        assert_eq!(journal.add(&request("/", "2")), MAX_KEPT as u64 + 1);
    }

    #[test]
    fn long_ones_are_fewer() {
        let journal = Journal::default();
        let long = "x".repeat(60_000);
        for _ in 0..200 {
            journal.add(&request("/", &long));
        }
        let kept = journal.list().len();
        assert!((60..70).contains(&kept), "{kept}");
    }
}
