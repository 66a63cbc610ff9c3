//! Messages and states of one source, in the order in which they came: for a face whose listeners hear of both.

use std::rc::{Rc, Weak};
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
pub(crate) struct Feed {
    queue: Rc<Queue<Arrival>>,
    source: Weak<Runtime>,
}

impl Feed {
    pub(crate) fn poll_next(&self, cx: &Context<'_>) -> Poll<Option<Arrival>> {
        loop {
            let next = self.queue.poll_next(cx);
            if let (true, Some(source)) = (next.is_ready(), self.source.upgrade()) {
                source.made_room();
            }
            return match next {
                Poll::Ready(Some(Ok(Entry::Item(arrival)))) => Poll::Ready(Some(arrival)),
                // What a native source reports is taken before it reports more, and another one waits.
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
        let queue = Rc::new(Queue::waiting(SubscribeOptions::default().capacity));
        if let State::Closed { .. } = self.state() {
            queue.finish(None);
        } else {
            self.feed.replace(Some(Rc::clone(&queue)));
        }
        Feed { queue, source: self.me.clone() }
    }

    /// Whether the feed can take a message of this type now.
    pub(super) fn feed_has_room(&self, message: &Message) -> bool {
        let feed = self.feed.borrow();
        feed.as_ref().is_none_or(|queue| queue.has_room() || !self.subscribers.borrow().feeds(message.event_type()))
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
