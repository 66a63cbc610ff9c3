use std::fmt;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use futures_core::Stream;
use futures_core::stream::FusedStream;

use crate::queue::{Entry, Queue};
use crate::runtime::Runtime;
use crate::{Error, Message};

/// The messages of one or more types, from [`EventSource::subscribe`](crate::EventSource::subscribe).
///
/// # How it ends
///
/// A lost connection does not end it. After [`close`](crate::EventSource::close) it yields what had
/// arrived, then `None`. When the source gives up for good it yields what had arrived, one `Err`, then `None`.
///
/// # Drop behavior
///
/// It keeps the source alive and fed. Dropping the last of a source's handles and subscriptions closes the connection.
///
/// It is not `Send`: it belongs to the thread of its source.
#[must_use = "streams do nothing unless polled, and a dropped subscription ends"]
pub struct Subscription {
    queue: Rc<Queue<Delivery>>,
    source: Rc<Runtime>,
}

impl Subscription {
    pub(crate) fn new(queue: Rc<Queue<Delivery>>, source: Rc<Runtime>) -> Self {
        Self { queue, source }
    }

    /// How many messages this subscription has lost because its queue was full.
    pub fn dropped(&self) -> u64 {
        self.queue.dropped()
    }

    /// The same stream with a [`Gap`] wherever messages are missing, in order.
    pub fn with_gaps(self) -> WithGaps {
        self.queue.show_gaps();
        WithGaps(self)
    }

    /// Ends it before it is dropped: what has arrived is still there.
    #[cfg(feature = "js")]
    pub(crate) fn end(&self) {
        self.source.unsubscribe(&self.queue);
        if let Some(waker) = self.queue.finish(None) {
            waker.wake();
        }
    }

    #[cfg(feature = "list")]
    pub(crate) fn queue(&self) -> &Queue<Delivery> {
        &self.queue
    }

    fn poll_entry(&self, cx: &Context<'_>) -> Poll<Option<Result<Entry<Delivery>, Error>>> {
        let entry = self.queue.poll_next(cx);
        if entry.is_ready() {
            self.source.made_room();
        }
        entry
    }
}

impl Stream for Subscription {
    type Item = Result<Message, Error>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            return match self.poll_entry(cx) {
                Poll::Ready(Some(Ok(Entry::Gap(_) | Entry::Item(Delivery::Gap(_))))) => continue,
                Poll::Ready(Some(Ok(Entry::Item(Delivery::Message(message))))) => Poll::Ready(Some(Ok(message))),
                Poll::Ready(Some(Err(error))) => Poll::Ready(Some(Err(error))),
                Poll::Ready(None) => Poll::Ready(None),
                Poll::Pending => Poll::Pending,
            };
        }
    }
}

impl FusedStream for Subscription {
    fn is_terminated(&self) -> bool {
        self.queue.is_terminated()
    }
}

impl fmt::Debug for Subscription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subscription")
            .field("waiting", &self.queue.len())
            .field("dropped", &self.dropped())
            .finish_non_exhaustive()
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        self.source.unsubscribe(&self.queue);
    }
}

/// What [`Subscription::with_gaps`] yields.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Item {
    /// A message.
    Message(Message),
    /// Messages are missing here.
    Gap(Gap),
}

/// Why messages are missing.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Gap {
    /// The queue was full.
    Overflow {
        /// How many messages were dropped here.
        dropped: u64,
    },
    /// The server has said that it can't go on where the client was
    /// ([`gap_event`](crate::EventSourceBuilder::gap_event)): what comes next is a fresh start.
    Server {
        /// What it said.
        message: Message,
    },
}

/// What a subscription's queue holds.
#[derive(Clone, Debug)]
pub(crate) enum Delivery {
    Message(Message),
    Gap(Message),
}

/// A [`Subscription`] that shows its gaps, from [`Subscription::with_gaps`]. Ends and drops as that does.
#[derive(Debug)]
#[must_use = "streams do nothing unless polled, and a dropped subscription ends"]
pub struct WithGaps(Subscription);

impl WithGaps {
    /// As [`Subscription::dropped`].
    pub fn dropped(&self) -> u64 {
        self.0.dropped()
    }
}

impl Stream for WithGaps {
    type Item = Result<Item, Error>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.poll_entry(cx).map(|entry| {
            entry.map(|entry| {
                entry.map(|entry| match entry {
                    Entry::Item(Delivery::Message(message)) => Item::Message(message),
                    Entry::Item(Delivery::Gap(message)) => Item::Gap(Gap::Server { message }),
                    Entry::Gap(dropped) => Item::Gap(Gap::Overflow { dropped }),
                })
            })
        })
    }
}

impl FusedStream for WithGaps {
    fn is_terminated(&self) -> bool {
        self.0.is_terminated()
    }
}

/// Who listens to which type of event.
///
/// Sources have a handful of types, so a short list beats a map in time and in size.
#[derive(Debug, Default)]
pub(crate) struct Subscribers {
    types: Vec<Listeners>,
    /// Those who listen to all types.
    any: Vec<Rc<Queue<Delivery>>>,
}

#[derive(Debug)]
struct Listeners {
    event_type: Rc<str>,
    queues: Vec<Rc<Queue<Delivery>>>,
    /// Whether the source itself listens too.
    own: bool,
    /// Whether the source's feed listens.
    fed: bool,
}

impl Listeners {
    fn of(event_type: Rc<str>) -> Self {
        Self { event_type, queues: Vec::new(), own: false, fed: false }
    }
}

/// What giving out a message came to.
#[derive(Debug, Default)]
pub(crate) struct Given {
    /// How many messages full queues dropped for it.
    pub(crate) dropped: u64,
    pub(crate) wakers: Vec<Waker>,
}

impl Subscribers {
    /// The source itself listens to this type, always.
    pub(crate) fn add_own(&mut self, event_type: &str) {
        if self.find(event_type).is_none() {
            self.types.push(Listeners { own: true, ..Listeners::of(event_type.into()) });
        }
    }

    fn find(&self, event_type: &str) -> Option<&Listeners> {
        self.types.iter().find(|known| *known.event_type == *event_type)
    }

    fn queues(&self, event_type: &str) -> impl Iterator<Item = &Rc<Queue<Delivery>>> {
        let of_type = self.find(event_type).map(|known| &*known.queues).unwrap_or_default();
        self.any.iter().chain(of_type)
    }

    /// Every queue, once however many types it is for.
    fn all_queues(&self) -> Vec<&Rc<Queue<Delivery>>> {
        let mut all: Vec<&Rc<_>> = self.any.iter().collect();
        for known in &self.types {
            for queue in &known.queues {
                if !all.iter().any(|known| Rc::ptr_eq(known, queue)) {
                    all.push(queue);
                }
            }
        }
        all
    }

    /// Whether someone but the source itself listens to a type.
    pub(crate) fn has(&self, event_type: &str) -> bool {
        self.queues(event_type).next().is_some() || self.find(event_type).is_some_and(|known| known.fed)
    }

    /// Whether no queue has to be waited for before a message of this type, or a gap of the server's, is given.
    pub(crate) fn has_room(&self, event_type: &str, gap: bool) -> bool {
        let has_room = |queue: &Rc<Queue<Delivery>>| queue.has_room();
        let of_gap = |queue: &Rc<Queue<Delivery>>| !queue.shows_gaps() || queue.has_room();
        self.queues(event_type).all(has_room) && (!gap || self.all_queues().into_iter().all(of_gap))
    }

    /// Whether the feed takes a type.
    #[cfg(feature = "js")]
    pub(crate) fn feeds(&self, event_type: &str) -> bool {
        self.find(event_type).is_some_and(|known| known.fed)
    }

    /// The feed takes this type from now on; returns the type if nobody had it before.
    #[cfg(feature = "js")]
    pub(crate) fn feed(&mut self, event_type: &str) -> Option<Rc<str>> {
        if let Some(known) = self.types.iter_mut().find(|known| *known.event_type == *event_type) {
            known.fed = true;
            return None;
        }
        let event_type: Rc<str> = Rc::from(event_type);
        self.types.push(Listeners { fed: true, ..Listeners::of(Rc::clone(&event_type)) });
        Some(event_type)
    }

    /// Every type that someone listens to.
    pub(crate) fn types(&self) -> Vec<Rc<str>> {
        self.types.iter().map(|known| Rc::clone(&known.event_type)).collect()
    }

    /// Adds a queue for each of the types, once however often a type is named; returns the types that nobody had before.
    pub(crate) fn add(&mut self, types: &[&str], queue: &Rc<Queue<Delivery>>) -> Vec<Rc<str>> {
        let mut new = Vec::new();
        for event_type in types {
            if let Some(known) = self.types.iter_mut().find(|known| *known.event_type == **event_type) {
                if !known.queues.iter().any(|known| Rc::ptr_eq(known, queue)) {
                    known.queues.push(Rc::clone(queue));
                }
            } else {
                let event_type: Rc<str> = Rc::from(*event_type);
                new.push(Rc::clone(&event_type));
                self.types.push(Listeners { queues: vec![Rc::clone(queue)], ..Listeners::of(event_type) });
            }
        }
        new
    }

    /// Adds a queue for all types.
    pub(crate) fn add_to_any(&mut self, queue: &Rc<Queue<Delivery>>) {
        self.any.push(Rc::clone(queue));
    }

    /// Removes a queue; returns the types that nobody listens to any more.
    pub(crate) fn remove(&mut self, queue: &Rc<Queue<Delivery>>) -> Vec<Rc<str>> {
        self.any.retain(|known| !Rc::ptr_eq(known, queue));
        let mut unused = Vec::new();
        self.types.retain_mut(|known| {
            known.queues.retain(|known| !Rc::ptr_eq(known, queue));
            let used = known.own || known.fed || !known.queues.is_empty();
            if !used {
                unused.push(Rc::clone(&known.event_type));
            }
            used
        });
        unused
    }

    /// Puts a message into each queue of its type.
    pub(crate) fn give(&self, message: Message) -> Given {
        let mut given = Given::default();
        let event_type = Rc::clone(message.shared_type());
        let mut queues = self.queues(&event_type);
        if let Some(mut queue) = queues.next() {
            for next in queues {
                given.push(queue, Delivery::Message(message.clone()));
                queue = next;
            }
            // The last one gets it without a copy.
            given.push(queue, Delivery::Message(message));
        }
        given
    }

    /// Puts a gap of the server's into every queue whose reader wants to see it as one, and into those of its type as
    /// a message.
    pub(crate) fn give_gap(&self, message: &Message) -> Given {
        let mut given = Given::default();
        for queue in self.all_queues() {
            if queue.shows_gaps() {
                given.push(queue, Delivery::Gap(message.clone()));
            }
        }
        for queue in self.queues(message.event_type()) {
            if !queue.shows_gaps() {
                given.push(queue, Delivery::Message(message.clone()));
            }
        }
        given
    }

    /// Ends every queue.
    pub(crate) fn finish(&mut self, error: Option<&Error>, wakers: &mut Vec<Waker>) {
        let ended = std::mem::take(self);
        for queue in ended.all_queues() {
            wakers.extend(queue.finish(error.cloned()));
        }
    }
}

impl Given {
    fn push(&mut self, queue: &Queue<Delivery>, delivery: Delivery) {
        let pushed = queue.push(delivery);
        self.dropped += u64::from(pushed.dropped);
        self.wakers.extend(pushed.waker);
    }
}
