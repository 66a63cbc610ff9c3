//! Messages as a stream.

use std::borrow::Cow;
use std::cell::RefCell;
use std::fmt;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use futures_core::Stream;
use futures_core::stream::FusedStream;

use super::batches::Batches;
use crate::core::close::CloseReason;
use crate::core::queue::{Entry, Pushed, Queue};
use crate::error::Error;
use crate::message::{Gap, Item, Message};
use crate::runtime::outlet::Outlet;
use crate::runtime::place::{Mark, Place};
use crate::runtime::routes::{Interest, OutletId};
use crate::runtime::runtime::Runtime;

/// The messages of one or more types, from [`EventSource::subscribe`](crate::EventSource::subscribe).
///
/// # How it ends
///
/// A lost connection does not end it. After [`close`](crate::EventSource::close) it yields what had
/// arrived, then `None`. When the source gives up for good it yields what had arrived, one `Err`, then `None`.
///
/// # Drop behavior
///
/// It keeps the source alive and fed. Dropping the last of a source's handles, guards and subscriptions closes the
/// connection.
///
/// It is not `Send`: it belongs to the thread of its source.
#[must_use = "streams do nothing unless polled, and a dropped subscription ends"]
pub struct Subscription {
    outlet: Rc<MessageQueue>,
    id: Option<OutletId>,
    source: Rc<Runtime>,
}

/// How a subscription queues the messages that its reader has not taken yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SubscribeOptions {
    /// How many messages may wait, 1,024 by default. 0 counts as 1: a queue that holds nothing delivers nothing.
    pub capacity: usize,
    /// What happens when that many wait and one more arrives; `None` is the transport's default:
    /// [`Overflow::Wait`] over `fetch`, [`Overflow::DropOldest`] over the native one.
    pub overflow: Option<Overflow>,
}

impl Default for SubscribeOptions {
    fn default() -> Self {
        Self { capacity: 1024, overflow: None }
    }
}

/// What a full queue does with one message more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Overflow {
    /// The oldest message that waits is dropped, counted and shown by
    /// [`with_gaps`](crate::Subscription::with_gaps).
    DropOldest,
    /// The stream is not read further until there is room, so that TCP makes the server wait. Only over `fetch`: the
    /// browser's object can't be held, and asking it for that is [`Error::Unsupported`].
    ///
    /// All subscriptions of a source share one connection, so the slowest that waits sets the pace of all; those that
    /// drop hold nobody up. A reader that takes nothing for 5 s while its queue is full and others wait is not waited for
    /// any longer: a warning on the console says so, and until it reads again its queue drops the oldest, counted as
    /// above.
    Wait,
}

/// The outlet behind a subscription.
pub(crate) struct MessageQueue {
    queue: Queue<Item>,
    /// Where the reader is while messages wait.
    behind: RefCell<Option<Mark>>,
}

impl MessageQueue {
    pub(crate) fn new(queue: Queue<Item>) -> Self {
        Self { queue, behind: RefCell::default() }
    }

    /// Notes the place before what is to be pushed, if nothing waits.
    fn note(&self, before: Option<&Place>) {
        if self.queue.len() == 0 {
            let mark = before.map(Place::mark);
            let replaced = self.behind.replace(mark);
            drop(replaced);
        }
    }

    pub(crate) fn take(&self) -> Option<Entry<Item>> {
        let entry = self.queue.take();
        if let Some(Entry::Item(Item::Message(message))) = &entry
            && self.queue.len() > 0
        {
            let mark = Mark::of(message);
            let replaced = self.behind.replace(Some(mark));
            drop(replaced);
        }
        entry
    }

    fn poll(&self, cx: &Context<'_>) -> Poll<Entry<Item>> {
        match self.take() {
            Some(entry) => Poll::Ready(entry),
            None => {
                self.queue.park(cx);
                Poll::Pending
            }
        }
    }

    #[cfg(test)]
    pub(crate) fn queue(&self) -> &Queue<Item> {
        &self.queue
    }
}

impl Outlet for MessageQueue {
    fn message(&self, message: Cow<'_, Message>, before: Option<&Place>) -> Pushed {
        self.note(before);
        self.queue.push(Item::Message(message.into_owned()))
    }

    #[cfg(feature = "fetch")]
    fn messages(&self, messages: &mut dyn Iterator<Item = Message>, before: &Place) -> Pushed {
        self.note(Some(before));
        self.queue.extend(messages.map(Item::Message))
    }

    fn shows_gaps(&self) -> bool {
        self.queue.shows_gaps()
    }

    fn gap(&self, gap: Gap) -> Pushed {
        self.note(None);
        self.queue.push(Item::Gap(gap))
    }

    fn room(&self) -> usize {
        self.queue.room()
    }

    fn excuse(&self) {
        self.queue.excuse();
    }

    fn wake(&self) {
        self.queue.wake();
    }

    fn behind(&self) -> Option<Mark> {
        if self.queue.len() > 0 { self.behind.borrow().clone() } else { None }
    }

    fn finish(&self, reason: &CloseReason) {
        self.queue.finish(reason.cause().cloned());
    }
}

impl Subscription {
    pub(crate) fn new(source: &Rc<Runtime>, interest: Interest<'_>, queue: Queue<Item>) -> Self {
        let outlet = Rc::new(MessageQueue::new(queue));
        let id = source.add(interest, Rc::clone(&outlet) as Rc<dyn Outlet>, false);
        Self { outlet, id, source: Rc::clone(source) }
    }

    /// How many messages this subscription has lost because its queue was full.
    pub fn dropped(&self) -> u64 {
        self.outlet.queue.dropped()
    }

    /// The same stream with a [`Gap`] wherever messages are missing, in order.
    pub fn with_gaps(self) -> WithGaps {
        self.outlet.queue.show_gaps();
        WithGaps(self)
    }

    /// The same stream in batches: all that has arrived since the last poll, at least one message.
    ///
    /// A reader that handles many messages a second saves most of the cost of being woken for each.
    pub fn batches(self) -> Batches {
        Batches::new(self)
    }

    /// The next message if one waits, without waiting for it: `None` if none does, or after the end.
    ///
    /// To wait, use [`StreamExt::next`]; [`TryStreamExt::try_next`] has the same name as this method, and is called as
    /// `TryStreamExt::try_next(&mut messages)`.
    ///
    /// # Errors
    ///
    /// Once, when the source has given up and all messages have been taken.
    ///
    /// [`StreamExt::next`]: https://docs.rs/futures-util/latest/futures_util/stream/trait.StreamExt.html#method.next
    /// [`TryStreamExt::try_next`]: https://docs.rs/futures-util/latest/futures_util/stream/trait.TryStreamExt.html#method.try_next
    pub fn try_next(&mut self) -> Option<Result<Message, Error>> {
        let next = loop {
            match self.outlet.take() {
                Some(Entry::Item(Item::Message(message))) => break Some(Ok(message)),
                Some(Entry::Item(Item::Gap(_)) | Entry::Gap(_)) => {}
                Some(Entry::Error(error)) => break Some(Err(error)),
                Some(Entry::End) | None => break None,
            }
        };
        self.source.delivery().made_room();
        next
    }

    /// All messages that wait, without waiting for more.
    pub fn drain(&mut self) -> Vec<Message> {
        let messages = self.take_all();
        self.source.delivery().made_room();
        messages
    }

    fn take_all(&self) -> Vec<Message> {
        let message = |item| match item {
            Item::Message(message) => Some(message),
            Item::Gap(_) => None,
        };
        self.outlet.queue.drain().into_iter().filter_map(message).collect()
    }

    /// All messages that wait; if there are none, waits for one, or for the end.
    pub(crate) fn poll_batch(&self, cx: &Context<'_>) -> Poll<Option<Result<Vec<Message>, Error>>> {
        loop {
            let messages = self.take_all();
            if !messages.is_empty() {
                self.source.delivery().made_room();
                return Poll::Ready(Some(Ok(messages)));
            }
            return match self.outlet.poll(cx) {
                // Wakers are foreign code: something may have come meanwhile.
                Poll::Ready(Entry::Item(Item::Message(message))) => Poll::Ready(Some(Ok(vec![message]))),
                Poll::Ready(Entry::Item(Item::Gap(_)) | Entry::Gap(_)) => continue,
                Poll::Ready(Entry::Error(error)) => Poll::Ready(Some(Err(error))),
                Poll::Ready(Entry::End) => Poll::Ready(None),
                Poll::Pending => Poll::Pending,
            };
        }
    }

    /// Waits until there is something to take, or the end, and takes nothing.
    pub(crate) fn poll_ready(&self, cx: &Context<'_>) -> Poll<()> {
        if self.outlet.queue.is_ready() {
            return Poll::Ready(());
        }
        self.outlet.queue.park(cx);
        Poll::Pending
    }

    fn poll_entry(&self, cx: &Context<'_>) -> Poll<Entry<Item>> {
        let entry = self.outlet.poll(cx);
        if entry.is_ready() {
            self.source.delivery().made_room();
        }
        entry
    }
}

impl Stream for Subscription {
    type Item = Result<Message, Error>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            return match self.poll_entry(cx) {
                Poll::Ready(Entry::Item(Item::Message(message))) => Poll::Ready(Some(Ok(message))),
                Poll::Ready(Entry::Item(Item::Gap(_)) | Entry::Gap(_)) => continue,
                Poll::Ready(Entry::Error(error)) => Poll::Ready(Some(Err(error))),
                Poll::Ready(Entry::End) => Poll::Ready(None),
                Poll::Pending => Poll::Pending,
            };
        }
    }
}

impl FusedStream for Subscription {
    fn is_terminated(&self) -> bool {
        self.outlet.queue.is_terminated()
    }
}

impl fmt::Debug for Subscription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subscription")
            .field("waiting", &self.outlet.queue.len())
            .field("dropped", &self.dropped())
            .finish_non_exhaustive()
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        if let Some(id) = self.id {
            self.source.remove(id);
        }
    }
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
        self.0.poll_entry(cx).map(|entry| match entry {
            Entry::Item(item) => Some(Ok(item)),
            Entry::Gap(dropped) => Some(Ok(Item::Gap(Gap::Overflow { dropped }))),
            Entry::Error(error) => Some(Err(error)),
            Entry::End => None,
        })
    }
}

impl FusedStream for WithGaps {
    fn is_terminated(&self) -> bool {
        self.0.is_terminated()
    }
}
