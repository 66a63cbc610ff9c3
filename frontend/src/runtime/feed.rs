//! Messages and states of one source, in the order in which they came: for a face whose listeners hear of both.

use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use super::Runtime;
use crate::queue::{Entry, Queue};
use crate::{Message, State, SubscribeOptions};

/// What came.
#[derive(Clone, Debug)]
pub(crate) enum Arrival {
    Message(Message),
    State(State),
}

/// Begins with no type of message; ends after [`State::Closed`].
pub(crate) struct Feed(Rc<Queue<Arrival>>);

impl Feed {
    pub(crate) fn poll_next(&self, cx: &Context<'_>) -> Poll<Option<Arrival>> {
        loop {
            return match self.0.poll_next(cx) {
                Poll::Ready(Some(Ok(Entry::Item(arrival)))) => Poll::Ready(Some(arrival)),
                // What a native source reports is taken before it reports more, so its feed is never full.
                Poll::Ready(Some(Ok(Entry::Gap(_)))) => continue,
                Poll::Ready(Some(Err(_)) | None) => Poll::Ready(None),
                Poll::Pending => Poll::Pending,
            };
        }
    }
}

impl Runtime {
    /// What comes from now on. There is one feed: a second takes the place of the first.
    pub(crate) fn feed(&self) -> Feed {
        let queue = Rc::new(Queue::new(SubscribeOptions::default().capacity));
        if let State::Closed { .. } = self.state() {
            queue.finish(None);
        } else {
            self.feed.replace(Some(Rc::clone(&queue)));
        }
        Feed(queue)
    }

    /// The feed takes this type from now on.
    pub(crate) fn feed_type(&self, event_type: &str) {
        if let State::Closed { .. } = self.state() {
            return;
        }
        let new = self.subscribers.borrow_mut().feed(event_type);
        if let (Some(event_type), Some(transport)) = (&new, &*self.transport.borrow()) {
            transport.listen(event_type);
        }
    }

    pub(super) fn feed_message(&self, message: &Message) -> Option<Waker> {
        if !self.subscribers.borrow().feeds(message.event_type()) {
            return None;
        }
        self.feed.borrow().as_ref()?.push(Arrival::Message(message.clone())).waker
    }

    pub(super) fn feed_state(&self, state: &State) -> Option<Waker> {
        if let State::Closed { .. } = state {
            let queue = self.feed.take()?;
            let pushed = queue.push(Arrival::State(state.clone()));
            queue.finish(None);
            return pushed.waker;
        }
        self.feed.borrow().as_ref()?.push(Arrival::State(state.clone())).waker
    }
}
