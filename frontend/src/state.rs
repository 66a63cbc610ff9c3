use std::pin::Pin;
use std::rc::{Rc, Weak};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use futures_core::Stream;
use futures_core::stream::FusedStream;

use crate::Error;
use crate::queue::{Entry, Queue};
use crate::runtime::Runtime;

/// What a source is doing.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum State {
    /// An attempt to connect is under way.
    Connecting {
        /// 1 for the first attempt since the source was opened or was last open.
        attempt: u32,
    },
    /// The server answered with an event stream.
    Open,
    /// The connection broke or an attempt failed; another attempt follows.
    Waiting {
        /// The number of the attempt that follows, counted as in [`State::Connecting`].
        attempt: u32,
        /// How long until then. `None`: the browser itself is reconnecting and does not tell, or a
        /// [probe](crate::EventSourceBuilder::probe) is under way.
        delay: Option<Duration>,
        /// What went wrong.
        cause: Error,
    },
    /// No connection is wanted for now.
    Paused {
        /// What has to change before the source connects again.
        reason: PauseReason,
    },
    /// It is over. Subscriptions have ended.
    Closed {
        /// Why the source gave up; `None` after [`close`](crate::EventSource::close).
        cause: Option<Error>,
    },
}

impl State {
    /// The Standard's [`readyState`]: 0 connecting (waiting and paused too), 1 open, 2 closed.
    ///
    /// [`readyState`]: https://html.spec.whatwg.org/multipage/server-sent-events.html#dom-eventsource-readystate
    pub fn ready_state(&self) -> u16 {
        match self {
            Self::Connecting { .. } | Self::Waiting { .. } | Self::Paused { .. } => 0,
            Self::Open => 1,
            Self::Closed { .. } => 2,
        }
    }
}

/// Why a source is [`State::Paused`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PauseReason {
    /// The page is hidden.
    Hidden,
    /// The browser is offline.
    Offline,
    /// The page is in the back/forward cache.
    Cached,
}

/// The states of a source, from [`EventSource::states`](crate::EventSource::states).
///
/// Begins with the state at the time of the call, ends after [`State::Closed`]. It holds at most 64
/// states that nobody has read; beyond that the oldest go, so the newest is always there.
///
/// # Drop behavior
///
/// It does not keep the source alive. When the source and its subscriptions are gone it yields
/// [`State::Closed`] and ends.
#[derive(Debug)]
#[must_use = "streams do nothing unless polled"]
pub struct States {
    queue: Rc<Queue<State>>,
    source: Weak<Runtime>,
}

impl States {
    pub(crate) const CAPACITY: usize = 64;

    pub(crate) fn new(queue: Rc<Queue<State>>, source: Weak<Runtime>) -> Self {
        Self { queue, source }
    }
}

/// Who is told of each state.
pub(crate) trait Observer {
    fn observe(&self, state: &State) -> Option<Waker>;
}

impl Observer for Queue<State> {
    fn observe(&self, state: &State) -> Option<Waker> {
        let pushed = self.push(state.clone());
        let ended = matches!(state, State::Closed { .. }).then(|| self.finish(None)).flatten();
        pushed.waker.or(ended)
    }
}

impl Stream for States {
    type Item = State;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<State>> {
        loop {
            return match self.queue.poll_next(cx) {
                Poll::Ready(Some(Ok(Entry::Item(state)))) => Poll::Ready(Some(state)),
                Poll::Ready(Some(Ok(Entry::Gap(_)))) => continue,
                Poll::Ready(Some(Err(_)) | None) => Poll::Ready(None),
                Poll::Pending => Poll::Pending,
            };
        }
    }
}

impl FusedStream for States {
    fn is_terminated(&self) -> bool {
        self.queue.is_terminated()
    }
}

impl Drop for States {
    fn drop(&mut self) {
        if let Some(source) = self.source.upgrade() {
            source.forget_states(&self.queue);
        }
    }
}
