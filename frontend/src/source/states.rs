//! The states of a source as a stream.

use std::fmt;
use std::pin::Pin;
use std::rc::{Rc, Weak};
use std::task::{Context, Poll};

use futures_core::Stream;
use futures_core::stream::FusedStream;

use crate::core::close::CloseReason;
use crate::core::queue::{Entry, Queue};
use crate::core::state::State;
use crate::runtime::outlet::Outlet;
use crate::runtime::routes::{Interest, OutletId};
use crate::runtime::runtime::Runtime;

/// The states of a source, from [`EventSource::states`](crate::EventSource::states).
///
/// It begins with the state at the time of the call, and ends after [`State::Closed`]. It queues at most 64 states;
/// when there are more, the oldest are dropped.
///
/// # Drop behavior
///
/// It does not keep the source alive. When the source and its subscriptions have been dropped, it yields
/// [`State::Closed`] and ends.
///
/// ```no_run
/// # async fn example() -> Result<(), eventsource_wasm::Error> {
/// # use eventsource_wasm::EventSource;
/// # use futures_util::StreamExt;
/// let source = EventSource::new("/events")?;
/// let mut states = source.states();
/// while let Some(state) = states.next().await {
///     println!("{state:?}");
/// }
/// # Ok(())
/// # }
/// ```
#[must_use = "streams do nothing unless polled"]
pub struct States {
    outlet: Rc<StateQueue>,
    id: Option<OutletId>,
    source: Weak<Runtime>,
}

struct StateQueue(Queue<State>);

impl States {
    const CAPACITY: usize = 64;

    pub(crate) fn of(source: &Runtime) -> Self {
        let outlet = Rc::new(StateQueue(Queue::newest(Self::CAPACITY)));
        outlet.state(&source.state());
        let id = source.add(Interest::States, Rc::clone(&outlet) as Rc<dyn Outlet>, true);
        Self { outlet, id, source: source.downgrade() }
    }
}

impl Outlet for StateQueue {
    fn state(&self, state: &State) {
        let _ = self.0.push(state.clone());
        self.0.wake();
    }

    fn finish(&self, _reason: &CloseReason) {
        self.0.finish(None);
    }
}

impl Stream for States {
    type Item = State;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<State>> {
        self.outlet.0.poll_next(cx).map(|entry| match entry {
            Entry::Item(state) => Some(state),
            // It asks for no gaps, and ends without an error.
            Entry::Gap(_) | Entry::Error(_) | Entry::End => None,
        })
    }
}

impl FusedStream for States {
    fn is_terminated(&self) -> bool {
        self.outlet.0.is_terminated()
    }
}

impl fmt::Debug for States {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("States").field("waiting", &self.outlet.0.len()).finish_non_exhaustive()
    }
}

impl Drop for States {
    fn drop(&mut self) {
        if let (Some(id), Some(source)) = (self.id, self.source.upgrade()) {
            source.remove(id);
        }
    }
}
