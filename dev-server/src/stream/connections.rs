//! The streams that are being read now.

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

/// The streams that are being read now; clones share them.
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
    /// How it has to end, as somebody else wants it to.
    ended: Mutex<Option<End>>,
    /// How it ended by itself.
    finished: Mutex<Option<End>>,
    /// The parameters that can be changed while it runs: none before it does.
    changeable: Mutex<&'static [&'static str]>,
    /// What is to change, and has not yet.
    change: Mutex<Option<Change>>,
    wire: Option<Wire>,
    go_away: Option<GoAway>,
    waker: AtomicWaker,
}

/// What is known of a stream that is being read.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ConnectionInfo {
    /// Counts up from 0 over the life of the server.
    pub id: u64,
    /// Who reads it, if the accept loop is the server's own.
    pub peer: Option<SocketAddr>,
    /// The version of HTTP, as in `HTTP/1.1` or `HTTP/2.0`; streams of one peer share a connection over the latter.
    pub http: Option<String>,
    /// The path and query that were asked for.
    pub url: String,
    /// The URL that it is relayed from, if it is an upstream's.
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
    /// How many streams are being read.
    pub fn count(&self) -> usize {
        *self.0.count.borrow()
    }

    /// Waits until exactly this many streams are being read.
    pub async fn wait_for_count(&self, count: usize) {
        // An error would mean that the sender is gone, and `self` holds it.
        let _ = self.0.count.subscribe().wait_for(|now| *now == count).await;
    }

    /// Tells of each change of how many there are.
    pub(crate) fn watch(&self) -> watch::Receiver<usize> {
        self.0.count.subscribe()
    }

    /// Every stream that is being read, the oldest first.
    pub fn list(&self) -> Vec<ConnectionInfo> {
        lock(&self.0.live).iter().map(|(id, entry)| entry.info(*id)).collect()
    }

    /// Ends one stream; whether there was one of that id.
    ///
    /// [`End::Abort`] and [`End::Reset`] break the connection at once, even if its reader does not read. On an accept
    /// loop other than the server's a reset is an abort. Where it is not HTTP/2 [`End::RstStream`] is an abort that waits for
    /// its reader, and [`End::GoAway`] an [`End::Eof`].
    pub fn end(&self, id: u64, end: End) -> bool {
        let entry = lock(&self.0.live).get(&id).map(Arc::clone);
        entry.inspect(|entry| entry.end(end)).is_some()
    }

    /// Changes the faults of a stream while it runs, as `PATCH /connections/<id>?<query>` does: `rate=1KB/s`, or
    /// `drop=2&end=abort` for an end after two more events. `/help` says which parameters can be changed.
    ///
    /// # Errors
    /// Without a connection of this id, and for what is not possible; nothing changes then.
    pub fn change(&self, id: u64, query: &str) -> Result<ConnectionInfo, ChangeError> {
        let entry = lock(&self.0.live).get(&id).map(Arc::clone).ok_or(ChangeError::Unknown)?;
        entry.change(query).map_err(ChangeError::Refused)?;
        Ok(entry.info(id))
    }

    /// Ends every stream that is being read now, as [`end`](Self::end) does; how many there were.
    pub fn end_all(&self, end: End) -> usize {
        let entries: Vec<_> = lock(&self.0.live).values().map(Arc::clone).collect();
        for entry in &entries {
            entry.end(end);
        }
        entries.len()
    }

    /// Counts a stream until the answer is dropped.
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

/// Who asks for a stream.
#[derive(Clone, Debug, Default)]
pub(crate) struct Client {
    pub(crate) peer: Option<SocketAddr>,
    pub(crate) http: Option<Version>,
    /// The path and query.
    pub(crate) url: String,
    /// The URL that it is relayed from.
    pub(crate) upstream: Option<String>,
    /// Which connection of its token this is.
    pub(crate) attempt: u64,
    /// The id that it goes on after.
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
        // Under the lock, so that counts are sent in the order of the changes.
        self.count.send_replace(live.len());
    }
}

impl Entry {
    fn end(&self, end: End) {
        *lock(&self.ended) = Some(end);
        self.waker.wake();
        // The body is not asked for more while its reader doesn't read.
        if let (Some(wire), End::Abort | End::Reset) = (&self.wire, end) {
            wire.break_off(end == End::Reset, true);
        }
    }

    fn change(&self, query: &str) -> Result<(), String> {
        let changeable = *lock(&self.changeable);
        if changeable.is_empty() {
            return Err("Its stream has not begun, so nothing can be changed: wait for the answer's headers".to_owned());
        }
        let later = Change::read(query, changeable)?;
        if later.values().end.end.is_some_and(End::needs_http_2) && self.http != Some(Version::HTTP_2) {
            return Err("`end=rst-stream` and `end=goaway` need HTTP/2, and this stream has none".to_owned());
        }
        if lock(&self.finished).is_some() {
            return Err("Its stream has ended, so nothing can be changed: DELETE ends the connection".to_owned());
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

/// A stream's own place among the [`Connections`], left when dropped.
pub(crate) struct Connection {
    id: u64,
    entry: Arc<Entry>,
    shared: Arc<Shared>,
}

impl Connection {
    /// How the stream has to end, if it has to; if not, the task is woken when it has to.
    pub(crate) fn poll_ended(&self, context: &Context<'_>) -> Option<End> {
        self.entry.waker.register(context.waker());
        *lock(&self.entry.ended)
    }

    /// Waits until the stream has to end.
    pub(crate) async fn ended(&self) -> End {
        poll_fn(|context| self.poll_ended(context).map_or(Poll::Pending, Poll::Ready)).await
    }

    /// Whether there is a connection of its own to break.
    pub(crate) fn has_wire(&self) -> bool {
        self.entry.wire.is_some()
    }

    /// Breaks the connection once all is sent; whether that is possible.
    pub(crate) fn break_off(&self, end: End) -> bool {
        let wire = self.entry.wire.as_ref();
        wire.inspect(|wire| wire.break_off(end == End::Reset, false)).is_some()
    }

    /// Has the connection that this stream shares take no more of them, if it shares one.
    pub(crate) fn go_away(&self) {
        if let Some(go_away) = &self.entry.go_away {
            go_away.send();
        }
    }

    /// Notes that a stream begins of which these parameters can be changed.
    pub(crate) fn plays(&self, changeable: &'static [&'static str]) {
        *lock(&self.entry.finished) = None;
        *lock(&self.entry.changeable) = changeable;
    }

    /// What is to change now.
    pub(crate) fn take_change(&self) -> Option<Change> {
        lock(&self.entry.change).take()
    }

    /// Notes that the stream has ended by itself, as it was to.
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
            (None, None) => "the reader has gone".to_owned(),
        };
        let (peer, url) = (peer.map(display), shown(&url));
        tracing::info!(id, peer, url, attempt, last_event_id, events, bytes, end, "stream ended");
    }
}

/// As much of a URL as suits a line.
pub(super) fn shown(url: &str) -> &str {
    const MOST: usize = 200;
    // A URL that arrived is ASCII.
    url.get(..MOST).unwrap_or(url)
}

/// The values behind these locks are whole at every moment, so a panic elsewhere does not spoil them.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
