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
/// A lost connection does not end it. After [`close`](crate::EventSource::close) it yields what had
/// arrived, then `None`. When the source gives up for good it yields what had arrived, one `Err`, then `None`.
///
/// # Drop behavior
///
/// It keeps the source alive and fed. Dropping the last of a source's handles, guards and subscriptions closes the
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
/// // Whoever is late wants the newest only.
/// let newest = source.subscribe_with(["price"], SubscribeOptions { capacity: 1, ..SubscribeOptions::default() });
/// # drop(newest);
/// # Ok(())
/// # }
/// ```
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
    /// The oldest message that waits is dropped, counted and shown by
    /// [`with_gaps`](crate::Subscription::with_gaps).
    DropOldest,
    /// The stream is not read further until there is room, so that TCP makes the server wait. Only over `fetch`: the
    /// browser's object can't be held, and asking it for that is [`Error::Unsupported`].
    ///
    /// All subscriptions of a source share one connection, so the slowest that waits sets the pace of all; those that
    /// drop hold nobody up. A reader that takes nothing for 5 s while its queue is full and others wait is not waited for
    /// any longer: a warning on the console says so, and until it reads again its queue drops the oldest, counted as
    /// above. Where no other waits the stream is held for as long as it takes, and a connection that breaks meanwhile is
    /// noticed when reading goes on.
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

    /// The same stream with a [`Gap`] wherever messages are missing, in order.
    pub fn with_gaps(self) -> WithGaps {
        self.0.queue().show_gaps();
        WithGaps(self)
    }

    /// The same stream in batches: all that has arrived since the last poll, at least one message. Gaps are not in them;
    /// [`Batches::dropped`] counts what this queue has lost.
    ///
    /// A reader that handles many messages a second saves most of the cost of being woken for each.
    pub fn batches(self) -> Batches {
        Batches::new(self.0)
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
        loop {
            return match self.0.take() {
                Some(Entry::Item(Item::Message(message))) => Some(Ok(message)),
                Some(Entry::Item(Item::Gap(_)) | Entry::Gap(_)) => continue,
                Some(Entry::Error(error)) => Some(Err(error)),
                Some(Entry::End) | None => None,
            };
        }
    }

    /// All messages that wait, without waiting for more.
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

/// A [`Subscription`] that shows its gaps, from [`Subscription::with_gaps`]. Ends and drops as that does.
///
/// ```no_run
/// # async fn example() -> Result<(), eventsource_wasm::Error> {
/// # use eventsource_wasm::{EventSource, Gap, Item};
/// # use futures_util::StreamExt;
/// let mut items = EventSource::new("/events")?.subscribe("message").with_gaps();
/// while let Some(item) = items.next().await {
///     if let Item::Gap(Gap::Server { .. }) = item? {
///         println!("load the whole again: the server no longer had what follows the last id");
///     }
/// }
/// # Ok(())
/// # }
/// ```
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
