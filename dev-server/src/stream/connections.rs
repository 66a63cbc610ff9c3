//! The streams that are open now.

use std::collections::BTreeMap;
use std::fmt;
use std::future::poll_fn;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use atomic_waker::AtomicWaker;
use axum::http::Version;
use serde::Serialize;
use tokio::sync::watch;
use tracing::field::display;

use super::change::{Change, ChangeError};
use super::id::Moment;
use super::params::end::End;
use super::step::Progress;
use crate::wire::{GoAway, Wire};

/// The streams that are open now; clones share them.
#[derive(Clone, Default)]
pub struct Connections(Arc<Shared>);

#[derive(Default)]
struct Shared {
    next_id: AtomicU64,
    live: Mutex<BTreeMap<u64, Arc<Entry>>>,
    count: watch::Sender<usize>,
}

struct Entry {
    peer: Option<SocketAddr>,
    http: Option<Version>,
    url: String,
    upstream: Option<String>,
    since: Moment,
    attempt: u64,
    sent: Mutex<(u64, Progress)>,
    /// How it has to end, when it is ended from outside.
    ended: Mutex<Option<End>>,
    /// How it ended by itself.
    finished: Mutex<Option<End>>,
    /// The parameters that can be changed while it runs; none before it starts.
    changeable: Mutex<&'static [&'static str]>,
    /// Changes that are not yet applied.
    change: Mutex<Option<Change>>,
    wire: Option<Wire>,
    go_away: Option<GoAway>,
    waker: AtomicWaker,
}

/// An open stream.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ConnectionInfo {
    /// Counts up from 0 over the life of the server.
    pub id: u64,
    /// The client's address, if the accept loop is the server's own.
    pub peer: Option<SocketAddr>,
    /// The HTTP version, `HTTP/1.1` or `HTTP/2.0`. Over HTTP/2, streams with the same peer share a connection.
    pub http: Option<String>,
    /// The path and query of the request.
    pub url: String,
    /// The upstream's URL, if the stream is relayed from one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub upstream: Option<String>,
    /// When it was opened, in milliseconds since the Unix epoch.
    pub since: u64,
    /// How many events were sent.
    pub events: u64,
    /// How many bytes were sent.
    pub bytes: u64,
    /// The id of the last event sent.
    pub last_event_id: Option<String>,
}

impl Connections {
    /// How many streams are open.
    pub fn count(&self) -> usize {
        *self.0.count.borrow()
    }

    /// Waits until exactly this many streams are open.
    pub async fn wait_for_count(&self, count: usize) {
        // An error would mean that the sender is gone, and `self` holds it.
        let _ = self.0.count.subscribe().wait_for(|now| *now == count).await;
    }

    /// Notifies of each change of the number of streams.
    pub(crate) fn watch(&self) -> watch::Receiver<usize> {
        self.0.count.subscribe()
    }

    /// All open streams, oldest first.
    pub fn list(&self) -> Vec<ConnectionInfo> {
        lock(&self.0.live).iter().map(|(id, entry)| entry.info(*id)).collect()
    }

    /// Ends one stream, and returns whether there was one with this id.
    ///
    /// [`End::Abort`] and [`End::Reset`] break the connection at once, even if the client does not read. In an accept loop
    /// that is not the server's own, a reset is an abort. Over HTTP/1.1, [`End::RstStream`] is an abort that waits until the
    /// client has read what was sent, and [`End::GoAway`] is an [`End::Eof`].
    pub fn end(&self, id: u64, end: End) -> bool {
        let entry = lock(&self.0.live).get(&id).map(Arc::clone);
        entry.inspect(|entry| entry.end(end)).is_some()
    }

    /// Changes the faults of a stream while it runs, as `PATCH /connections/<id>?<query>` does: for example `rate=1KB/s`, or
    /// `drop=2&end=abort` for an abort after two more events. `/help` lists the parameters that can be changed.
    ///
    /// # Errors
    /// If there is no connection with this id, or the change is invalid; nothing changes then.
    pub fn change(&self, id: u64, query: &str) -> Result<ConnectionInfo, ChangeError> {
        let entry = lock(&self.0.live).get(&id).map(Arc::clone).ok_or(ChangeError::Unknown)?;
        entry.change(query).map_err(ChangeError::Refused)?;
        Ok(entry.info(id))
    }

    /// Ends all open streams, as [`end`](Self::end) does, and returns how many there were.
    pub fn end_all(&self, end: End) -> usize {
        let entries: Vec<_> = lock(&self.0.live).values().map(Arc::clone).collect();
        for entry in &entries {
            entry.end(end);
        }
        entries.len()
    }

    /// Adds a stream, which is listed until the returned value is dropped.
    pub(crate) fn open(&self, client: Client, since: Moment) -> Connection {
        let id = self.0.next_id.fetch_add(1, Ordering::Relaxed);
        let Client { peer, url, upstream, attempt, after, .. } = &client;
        tracing::info!(
            id,
            peer = peer.map(display),
            url = shown(url),
            upstream = upstream.as_deref().map(shown),
            attempt,
            after = after.as_deref(),
            "stream opened"
        );
        let entry = Arc::new(Entry {
            peer: client.peer,
            http: client.http,
            url: client.url,
            upstream: client.upstream,
            since,
            attempt: client.attempt,
            sent: Mutex::default(),
            ended: Mutex::default(),
            finished: Mutex::default(),
            changeable: Mutex::default(),
            change: Mutex::default(),
            wire: client.wire,
            go_away: client.go_away,
            waker: AtomicWaker::new(),
        });
        self.0.update(|live| live.insert(id, Arc::clone(&entry)));
        Connection { id, entry, shared: Arc::clone(&self.0) }
    }
}

/// The client that requests a stream.
#[derive(Clone, Debug, Default)]
pub(crate) struct Client {
    pub(crate) peer: Option<SocketAddr>,
    pub(crate) http: Option<Version>,
    /// The path and query of the request.
    pub(crate) url: String,
    /// The upstream's URL, if the stream is relayed from one.
    pub(crate) upstream: Option<String>,
    /// Which connection of its token this is.
    pub(crate) attempt: u64,
    /// The id that the stream resumes after.
    pub(crate) after: Option<Arc<str>>,
    pub(crate) wire: Option<Wire>,
    pub(crate) go_away: Option<GoAway>,
}

impl fmt::Debug for Connections {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.list()).finish()
    }
}

impl Shared {
    fn update(&self, change: impl FnOnce(&mut BTreeMap<u64, Arc<Entry>>) -> Option<Arc<Entry>>) {
        let mut live = lock(&self.live);
        change(&mut live);
        // Sent under the lock, so that counts arrive in the order of the changes.
        self.count.send_replace(live.len());
    }
}

impl Entry {
    fn end(&self, end: End) {
        *lock(&self.ended) = Some(end);
        self.waker.wake();
        // The body is not polled while the client doesn't read.
        if let (Some(wire), End::Abort | End::Reset) = (&self.wire, end) {
            wire.break_off(end == End::Reset, true);
        }
    }

    fn change(&self, query: &str) -> Result<(), String> {
        let changeable = *lock(&self.changeable);
        if changeable.is_empty() {
            return Err(
                "The stream has not started, so nothing can be changed: wait for the response's headers".to_owned()
            );
        }
        let later = Change::read(query, changeable)?;
        if later.values().end.end.is_some_and(End::needs_http_2) && self.http != Some(Version::HTTP_2) {
            return Err(
                "`end=rst-stream` and `end=goaway` need HTTP/2, but this stream uses HTTP/1.1: choose another end"
                    .to_owned(),
            );
        }
        if lock(&self.finished).is_some() {
            return Err("The stream has ended, so nothing can be changed: use DELETE to end the connection".to_owned());
        }
        lock(&self.change).get_or_insert_default().add(later);
        self.waker.wake();
        Ok(())
    }

    fn info(&self, id: u64) -> ConnectionInfo {
        let (bytes, Progress { events, last }) = lock(&self.sent).clone();
        ConnectionInfo {
            id,
            peer: self.peer,
            http: self.http.map(|version| format!("{version:?}")),
            url: self.url.clone(),
            upstream: self.upstream.clone(),
            since: u64::try_from(self.since.as_millis()).unwrap_or(u64::MAX),
            events,
            bytes,
            last_event_id: last.map(|id| id.to_string()),
        }
    }
}

/// A stream's entry in the [`Connections`], which is removed when this is dropped.
pub(crate) struct Connection {
    id: u64,
    entry: Arc<Entry>,
    shared: Arc<Shared>,
}

impl Connection {
    /// How the stream has to end, if it has to now; otherwise the task is woken when it has to.
    pub(crate) fn poll_ended(&self, context: &Context<'_>) -> Option<End> {
        self.entry.waker.register(context.waker());
        *lock(&self.entry.ended)
    }

    /// Waits until the stream has to end.
    pub(crate) async fn ended(&self) -> End {
        poll_fn(|context| self.poll_ended(context).map_or(Poll::Pending, Poll::Ready)).await
    }

    /// Whether the stream has a connection of its own, which can be broken.
    pub(crate) fn has_wire(&self) -> bool {
        self.entry.wire.is_some()
    }

    /// Breaks the connection when everything is sent; returns whether that is possible.
    pub(crate) fn break_off(&self, end: End) -> bool {
        let wire = self.entry.wire.as_ref();
        wire.inspect(|wire| wire.break_off(end == End::Reset, false)).is_some()
    }

    /// Makes the HTTP/2 connection of this stream, if it has one, accept no more streams.
    pub(crate) fn go_away(&self) {
        if let Some(go_away) = &self.entry.go_away {
            go_away.send();
        }
    }

    /// Notes that the stream starts, and which of its parameters can be changed.
    pub(crate) fn plays(&self, changeable: &'static [&'static str]) {
        *lock(&self.entry.finished) = None;
        *lock(&self.entry.changeable) = changeable;
    }

    /// Takes the changes to apply now.
    pub(crate) fn take_change(&self) -> Option<Change> {
        lock(&self.entry.change).take()
    }

    /// Notes that the stream has ended by itself, as its URL asks.
    pub(crate) fn finished(&self, end: End) {
        *lock(&self.entry.finished) = Some(end);
    }

    /// Notes what was sent.
    pub(crate) fn sent(&self, bytes: usize, progress: Progress) {
        let mut sent = lock(&self.entry.sent);
        *sent = (sent.0 + bytes as u64, progress);
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.shared.update(|live| live.remove(&self.id));
        let ConnectionInfo { id, peer, url, events, bytes, last_event_id, .. } = self.entry.info(self.id);
        let attempt = self.entry.attempt;
        let end = match (*lock(&self.entry.ended), *lock(&self.entry.finished)) {
            (Some(end), _) => format!("{end}, from outside"),
            (None, Some(end)) => end.to_string(),
            (None, None) => "the client disconnected".to_owned(),
        };
        let (peer, url) = (peer.map(display), shown(&url));
        tracing::info!(id, peer, url, attempt, last_event_id, events, bytes, end, "stream ended");
    }
}

/// The part of a URL that fits a line of the log.
pub(super) fn shown(url: &str) -> &str {
    const MOST: usize = 200;
    // The URL of a request is ASCII.
    url.get(..MOST).unwrap_or(url)
}

/// No operation leaves the values behind these locks inconsistent, so poisoned locks can be used.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
