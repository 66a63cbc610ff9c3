//! A queue that is registered with its source: what subscriptions and batches read.

use std::borrow::Cow;
use std::cell::RefCell;
use std::rc::Rc;
use std::task::{Context, Poll};

use crate::core::close::CloseReason;
use crate::core::queue::{Entry, Pushed, Queue};
use crate::error::Error;
use crate::message::{Gap, Item, Message};
use crate::runtime::outlet::Outlet;
use crate::runtime::place::{Mark, Place};
use crate::runtime::routes::{Interest, OutletId};
use crate::runtime::runtime::Runtime;

/// The outlet behind a reader.
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

    /// What there is to take, if anything.
    pub(crate) fn take(&self) -> Option<Entry<Item>> {
        let entry = self.queue.take();
        if let Some(Entry::Item(Item::Message(message))) = &entry
            && message.tells_place()
            && self.queue.len() > 0
        {
            let mark = Mark::of(message);
            let replaced = self.behind.replace(Some(mark));
            drop(replaced);
        }
        entry
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

    fn gap(&self, gap: Gap, before: &Place) -> Pushed {
        self.note(Some(before));
        // The one of a response comes before its first message, whether or not there is room: a server that breaks off
        // again and again must not fill the queue.
        match gap {
            Gap::Header { .. } => {
                self.queue.push_over(Item::Gap(gap), |item| matches!(item, Item::Gap(Gap::Header { .. })))
            }
            _ => self.queue.push(Item::Gap(gap)),
        }
    }

    fn room(&self) -> usize {
        self.queue.room()
    }

    fn wants_more(&self) -> bool {
        self.queue.wants_more()
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

/// It keeps its source alive, and leaves it when dropped.
pub(super) struct Reader {
    outlet: Rc<MessageQueue>,
    id: Option<OutletId>,
    source: Rc<Runtime>,
}

impl Reader {
    pub(super) fn new(source: &Rc<Runtime>, interest: Interest<'_>, queue: Queue<Item>) -> Self {
        let outlet = Rc::new(MessageQueue::new(queue));
        let id = source.add(interest, Rc::clone(&outlet) as Rc<dyn Outlet>, false);
        Self { outlet, id, source: Rc::clone(source) }
    }

    pub(super) fn queue(&self) -> &Queue<Item> {
        &self.outlet.queue
    }

    /// What there is to take, if anything.
    pub(super) fn take(&self) -> Option<Entry<Item>> {
        let entry = self.outlet.take();
        self.source.delivery().made_room();
        entry
    }

    /// The same, waiting for something.
    pub(super) fn poll(&self, cx: &Context<'_>) -> Poll<Entry<Item>> {
        let entry = self.outlet.take();
        if entry.is_some() {
            self.source.delivery().made_room();
        } else {
            self.outlet.queue.park(cx);
        }
        entry.map_or(Poll::Pending, Poll::Ready)
    }

    /// All messages that wait.
    pub(super) fn drain(&self) -> Vec<Message> {
        let message = |item| match item {
            Item::Message(message) => Some(message),
            Item::Gap(_) => None,
        };
        let messages: Vec<Message> = self.outlet.queue.drain().into_iter().filter_map(message).collect();
        if !messages.is_empty() {
            self.source.delivery().made_room();
        }
        messages
    }

    /// All messages that wait; if there are none, waits for one, or for the end.
    pub(super) fn poll_batch(&self, cx: &Context<'_>) -> Poll<Option<Result<Vec<Message>, Error>>> {
        loop {
            let messages = self.drain();
            if !messages.is_empty() {
                return Poll::Ready(Some(Ok(messages)));
            }
            return match self.poll(cx) {
                Poll::Ready(Entry::Item(Item::Message(message))) => Poll::Ready(Some(Ok(vec![message]))),
                Poll::Ready(Entry::Item(Item::Gap(_)) | Entry::Gap(_)) => continue,
                Poll::Ready(Entry::Error(error)) => Poll::Ready(Some(Err(error))),
                Poll::Ready(Entry::End) => Poll::Ready(None),
                Poll::Pending => Poll::Pending,
            };
        }
    }

    /// Waits until there is something to take, or the end, and takes nothing.
    pub(super) fn poll_ready(&self, cx: &Context<'_>) -> Poll<()> {
        if self.outlet.queue.is_ready() {
            return Poll::Ready(());
        }
        self.outlet.queue.park(cx);
        Poll::Pending
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        if let Some(id) = self.id {
            self.source.remove(id);
        }
    }
}
