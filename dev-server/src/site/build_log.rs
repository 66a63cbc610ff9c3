//! The output of a running build, for the page that waits for it.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse as _, Response};
use futures_util::stream;
use serde::Serialize;
use tokio::sync::watch;
use tokio::time::timeout;

/// How many of the newest lines are kept.
const MAX_LINES: usize = 200;
/// How much of a line is kept, in bytes.
const MAX_LINE: usize = 2000;
/// Shorter than the idle timeouts of proxies.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// The newest lines and the progress of the build; clones share them.
#[derive(Clone, Debug, Default)]
pub(super) struct BuildLog(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    said: Mutex<Said>,
    changes: watch::Sender<()>,
}

#[derive(Debug, Default)]
struct Said {
    /// How many builds have started.
    build: u64,
    lines: VecDeque<String>,
    /// How many lines there have been in all.
    count: u64,
    done: u64,
    total: u64,
}

/// What is sent to a page that has all lines up to some number.
#[derive(Serialize)]
struct News {
    /// Differs from build to build.
    build: u64,
    lines: Vec<String>,
    /// How many crates are compiled, and how many there are; `total` is 0 until that is known.
    done: u64,
    total: u64,
}

impl BuildLog {
    /// Starts over, for a new build.
    pub(super) fn begin(&self) {
        self.change(|said| {
            let build = said.build + 1;
            *said = Said { build, ..Said::default() };
        });
    }

    pub(super) fn line(&self, text: &str) {
        let end = (0..=MAX_LINE.min(text.len())).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0);
        self.change(|said| {
            said.lines.push_back(text[..end].to_owned());
            said.count += 1;
            if said.lines.len() > MAX_LINES {
                said.lines.pop_front();
            }
        });
    }

    pub(super) fn progress(&self, done: u64, total: u64) {
        self.change(|said| (said.done, said.total) = (done, total));
    }

    fn change(&self, change: impl FnOnce(&mut Said)) {
        change(&mut self.said());
        self.0.changes.send_replace(());
    }

    fn said(&self) -> MutexGuard<'_, Said> {
        self.0.said.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The lines after the line `known` of the build `build`, and the number of the newest line.
    fn news(&self, build: u64, known: u64) -> (News, u64) {
        let said = self.said();
        let new = if build == said.build { said.count - known.min(said.count) } else { said.count };
        let skip = said.lines.len().saturating_sub(usize::try_from(new).unwrap_or(usize::MAX));
        let lines = said.lines.iter().skip(skip).cloned().collect();
        (News { build: said.build, lines, done: said.done, total: said.total }, said.count)
    }

    /// A message with the lines so far, then one for each change.
    pub(super) fn stream(&self) -> Response {
        let mut changes = self.0.changes.subscribe();
        changes.mark_changed();
        let messages = stream::unfold((self.clone(), changes, 0, 0), async |(log, mut changes, build, known)| {
            match timeout(HEARTBEAT, changes.changed()).await {
                Ok(told) => {
                    told.ok()?;
                    let (news, count) = log.news(build, known);
                    let json = serde_json::to_string(&news).ok()?;
                    let text = format!("retry: 1000\ndata: {json}\n\n");
                    Some((Ok::<_, Infallible>(Bytes::from(text)), (log, changes, news.build, count)))
                }
                Err(_) => Some((Ok(":\n".into()), (log, changes, build, known))),
            }
        });
        let headers = [(CONTENT_TYPE, "text/event-stream"), (CACHE_CONTROL, "no-cache, no-transform")];
        (headers, Body::from_stream(messages)).into_response()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_told_what_it_does_not_know_and_no_more_than_is_kept() {
        let log = BuildLog::default();
        log.begin();
        log.line("one");
        let (news, known) = log.news(0, 0);
        assert_eq!((news.build, news.lines), (1, vec!["one".to_owned()]));
        log.line("two");
        assert_eq!(log.news(1, known).0.lines, ["two"]);
        for line in 0..MAX_LINES + 5 {
            log.line(&line.to_string());
        }
        assert_eq!(log.news(1, 0).0.lines.len(), MAX_LINES);
        log.begin();
        log.line("é".repeat(MAX_LINE).as_str());
        let (news, _) = log.news(1, 207);
        assert_eq!((news.build, news.lines[0].len()), (2, MAX_LINE));
    }
}
