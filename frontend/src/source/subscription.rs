//! Messages as a stream.

use std::fmt;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use futures_core::Stream;
use futures_core::stream::FusedStream;

use super::batches::Batches;
use super::reader::Reader;
use crate::core::queue::{Entry, Queue};
use crate::error::Error;
use crate::message::{Gap, Item, Message};
use crate::runtime::routes::Interest;
use crate::runtime::runtime::Runtime;

/// The messages of one or more types, from [`EventSource::subscribe`](crate::EventSource::subscribe).
///
/// # How it ends
///
/// A lost connection does not end it. After [`close`](crate::EventSource::close), it yields the messages that have
/// arrived, then `None`. When the source gives up, it yields the messages that have arrived, one `Err`, then `None`.
///
/// # Drop behavior
///
/// A subscription keeps its source open. Dropping the last of a source's handles, guards and subscriptions closes the
/// connection.
///
/// It is not `Send`: it belongs to the thread of its source.
///
/// ```no_run
/// # async fn example() -> Result<(), eventsource_wasm::Error> {
/// # use eventsource_wasm::EventSource;
/// # use futures_util::StreamExt;
/// let mut messages = EventSource::new("/events")?.subscribe("message");
/// while let Some(message) = messages.next().await {
///     println!("{}", message?.data());
///     for more in messages.drain() {
///         println!("{}, which was in the queue too", more.data());
///     }
/// }
/// # Ok(())
/// # }
/// ```
#[must_use = "streams do nothing unless polled, and a dropped subscription ends"]
pub struct Subscription(Reader);

/// How a subscription queues the messages that its reader has not taken yet.
///
/// ```no_run
/// # async fn example() -> Result<(), eventsource_wasm::Error> {
/// # use eventsource_wasm::{EventSource, SubscribeOptions};
/// let source = EventSource::new("/prices")?;
/// // A slow reader wants only the newest price.
/// let newest = source.subscribe_with(["price"], SubscribeOptions { capacity: 1, ..SubscribeOptions::default() });
/// # drop(newest);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SubscribeOptions {
    /// How many messages may be queued; 1,024 by default. 0 counts as 1, because an empty queue would deliver nothing.
    pub capacity: usize,
    /// What happens when the queue is full and a message arrives; `None` is the transport's default: [`Overflow::Wait`]
    /// over `fetch`, [`Overflow::DropOldest`] over the native transport.
    pub overflow: Option<Overflow>,
}

impl Default for SubscribeOptions {
    fn default() -> Self {
        Self { capacity: 1024, overflow: None }
    }
}

/// What happens when a message arrives and the queue is full.
///
/// ```no_run
/// # async fn example() -> Result<(), eventsource_wasm::Error> {
/// # use eventsource_wasm::{EventSource, Overflow, SubscribeOptions};
/// # let source = EventSource::new("/events")?;
/// let options = SubscribeOptions { overflow: Some(Overflow::DropOldest), ..SubscribeOptions::default() };
/// let hurried = source.subscribe_with(["message"], options);
/// # drop(hurried);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Overflow {
    /// The oldest queued message is dropped and counted, and [`with_gaps`](crate::Subscription::with_gaps) yields a gap
    /// in its place.
    DropOldest,
    /// The source stops reading the stream until there is room, so that TCP makes the server wait. Only over `fetch`:
    /// the browser's object can't be stopped, so over the native transport this is [`Error::Unsupported`].
    ///
    /// All subscriptions of a source share one connection, so the slowest one with `Wait` slows down all; those with
    /// `DropOldest` do not. If a reader takes nothing for 5 s while its queue is full and others wait, the source stops
    /// waiting for it: there is a warning on the console, and until it reads again, its queue drops the oldest
    /// messages, which are counted. If no other reader waits, the stream is stopped for as long as it takes; a
    /// connection that breaks meanwhile is noticed only when reading continues.
    Wait,
}

impl Subscription {
    pub(super) fn new(source: &Rc<Runtime>, interest: Interest<'_>, queue: Queue<Item>) -> Self {
        Self(Reader::new(source, interest, queue))
    }

    /// How many messages this subscription has lost because its queue was full.
    pub fn dropped(&self) -> u64 {
        self.0.queue().dropped()
    }

    /// The same stream, with a [`Gap`] in each place where messages are missing.
    pub fn with_gaps(self) -> WithGaps {
        self.0.queue().show_gaps();
        WithGaps(self)
    }

    /// The same stream in batches: each has all messages that have arrived since the last poll, at least one. Batches
    /// have no gaps; [`Batches::dropped`] counts the messages that this queue has dropped.
    ///
    /// For many messages a second, this saves most of the cost of waking the reader for each.
    pub fn batches(self) -> Batches {
        Batches::new(self.0)
    }

    /// The next message if one is queued, without waiting: `None` if none is, or after the end.
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
        loop {
            return match self.0.take() {
                Some(Entry::Item(Item::Message(message))) => Some(Ok(message)),
                Some(Entry::Item(Item::Gap(_)) | Entry::Gap(_)) => continue,
                Some(Entry::Error(error)) => Some(Err(error)),
                Some(Entry::End) | None => None,
            };
        }
    }

    /// All queued messages, without waiting for more.
    pub fn drain(&mut self) -> Vec<Message> {
        self.0.drain()
    }
}

impl Stream for Subscription {
    type Item = Result<Message, Error>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            return match self.0.poll(cx) {
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
        self.0.queue().is_terminated()
    }
}

impl fmt::Debug for Subscription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subscription")
            .field("waiting", &self.0.queue().len())
            .field("dropped", &self.dropped())
            .finish_non_exhaustive()
    }
}

/// A [`Subscription`] that also yields its gaps, from [`Subscription::with_gaps`]. It ends, and is dropped, as a
/// [`Subscription`] is.
///
/// ```no_run
/// # async fn example() -> Result<(), eventsource_wasm::Error> {
/// # use eventsource_wasm::{EventSource, Gap, Item};
/// # use futures_util::StreamExt;
/// let mut items = EventSource::new("/events")?.subscribe("message").with_gaps();
/// while let Some(item) = items.next().await {
///     if let Item::Gap(Gap::Server { .. }) = item? {
///         println!("load everything again: the server no longer has what follows the last ID");
///     }
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
#[must_use = "streams do nothing unless polled, and a dropped subscription ends"]
pub struct WithGaps(Subscription);

impl WithGaps {
    /// The same as [`Subscription::dropped`].
    pub fn dropped(&self) -> u64 {
        self.0.dropped()
    }
}

impl Stream for WithGaps {
    type Item = Result<Item, Error>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.0.poll(cx).map(|entry| match entry {
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
