//! A bounded queue between the one that pushes and the one stream that reads.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::task::{Context, Poll, Waker};

use crate::Error;

/// Every method takes its borrow for itself alone. Wakers are handed to the caller, who wakes them when it holds no
/// borrow either: a waker may run anything, and what it runs may close or drop what is being used here.
#[derive(Debug)]
pub(crate) struct Queue<T> {
    inner: RefCell<Inner<T>>,
}

#[derive(Debug)]
struct Inner<T> {
    items: VecDeque<T>,
    capacity: usize,
    full: WhenFull,
    /// Whether the reader wants to see gaps.
    shows_gaps: bool,
    /// How many were dropped right before the front item and have not been told of yet.
    gap: u64,
    dropped: u64,
    phase: Phase,
    waker: Option<Waker>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum WhenFull {
    /// The oldest item is dropped, which is a loss.
    Drop,
    /// The oldest item is dropped, which nobody misses.
    Forget,
    /// Whoever pushes is to wait until there is room. One who can't fills as much again before the oldest is dropped.
    Wait,
}

#[derive(Debug)]
enum Phase {
    Live,
    /// What waits is still read, then this.
    Ending(Option<Error>),
    Terminated,
}

/// What comes out of a queue.
#[derive(Debug, PartialEq)]
pub(crate) enum Entry<T> {
    Item(T),
    /// So many items that were to come here have been dropped.
    Gap(u64),
}

/// What a push did, for the caller to act on.
#[derive(Debug, Default)]
#[must_use]
pub(crate) struct Pushed {
    pub(crate) waker: Option<Waker>,
    pub(crate) dropped: bool,
}

impl<T> Queue<T> {
    /// A queue for a reader who wants every item, and is told of those that are dropped.
    pub(crate) fn new(capacity: usize) -> Self {
        Self::with(capacity, WhenFull::Drop)
    }

    /// The same, for one who pushes only when there is [room](Self::has_room).
    pub(crate) fn waiting(capacity: usize) -> Self {
        Self::with(capacity, WhenFull::Wait)
    }

    /// A queue for a reader who wants the newest items only; what it drops counts as no loss.
    pub(crate) fn newest(capacity: usize) -> Self {
        Self::with(capacity, WhenFull::Forget)
    }

    fn with(capacity: usize, full: WhenFull) -> Self {
        Self {
            inner: RefCell::new(Inner {
                items: VecDeque::new(),
                capacity: capacity.max(1),
                full,
                shows_gaps: false,
                gap: 0,
                dropped: 0,
                phase: Phase::Live,
                waker: None,
            }),
        }
    }

    /// Adds an item; a full queue drops its oldest for it, a finished one ignores it.
    pub(crate) fn push(&self, item: T) -> Pushed {
        let mut inner = self.inner.borrow_mut();
        if !matches!(inner.phase, Phase::Live) {
            return Pushed::default();
        }
        // Who has room to wait for and can't wait has as much again.
        let most = if inner.full == WhenFull::Wait { inner.capacity.saturating_mul(2) } else { inner.capacity };
        let full = inner.items.len() >= most;
        let dropped = full && inner.full != WhenFull::Forget;
        if full {
            inner.items.pop_front();
        }
        if dropped {
            inner.gap += 1;
            inner.dropped += 1;
        }
        inner.items.push_back(item);
        Pushed { waker: inner.waker.take(), dropped }
    }

    /// Whether a push need not wait.
    pub(crate) fn has_room(&self) -> bool {
        let inner = self.inner.borrow();
        inner.full != WhenFull::Wait || inner.items.len() < inner.capacity
    }

    /// Ends the queue: what waits is still read, then `error` if there is one, then nothing.
    pub(crate) fn finish(&self, error: Option<Error>) -> Option<Waker> {
        let mut inner = self.inner.borrow_mut();
        if matches!(inner.phase, Phase::Live) {
            inner.phase = Phase::Ending(error);
        }
        inner.waker.take()
    }

    pub(crate) fn poll_next(&self, cx: &Context<'_>) -> Poll<Option<Result<Entry<T>, Error>>> {
        let next = self.inner.borrow_mut().take();
        if next.is_none() {
            self.park(cx);
        }
        next.map_or(Poll::Pending, Poll::Ready)
    }

    /// Waits until an item can be taken (true) or none will come any more (false), and takes nothing.
    #[cfg(feature = "list")]
    pub(crate) fn poll_readable(&self, cx: &Context<'_>) -> Poll<bool> {
        let (readable, live) = {
            let inner = self.inner.borrow();
            (!inner.items.is_empty(), matches!(inner.phase, Phase::Live))
        };
        if readable || !live {
            return Poll::Ready(readable);
        }
        self.park(cx);
        Poll::Pending
    }

    /// Cloning a waker and dropping one is foreign code too.
    fn park(&self, cx: &Context<'_>) {
        if self.inner.borrow().waker.as_ref().is_none_or(|known| !known.will_wake(cx.waker())) {
            let waker = cx.waker().clone();
            let before = self.inner.borrow_mut().waker.replace(waker);
            drop(before);
        }
    }

    /// Takes all items that wait.
    #[cfg(feature = "list")]
    pub(crate) fn take_all(&self) -> VecDeque<T> {
        std::mem::take(&mut self.inner.borrow_mut().items)
    }

    pub(crate) fn len(&self) -> usize {
        self.inner.borrow().items.len()
    }

    pub(crate) fn dropped(&self) -> u64 {
        self.inner.borrow().dropped
    }

    /// The reader wants to see gaps from now on.
    pub(crate) fn show_gaps(&self) {
        self.inner.borrow_mut().shows_gaps = true;
    }

    pub(crate) fn shows_gaps(&self) -> bool {
        self.inner.borrow().shows_gaps
    }

    /// Whether the reader has been told of the end: streams that are may not be polled again.
    pub(crate) fn is_terminated(&self) -> bool {
        matches!(self.inner.borrow().phase, Phase::Terminated)
    }
}

impl<T> Inner<T> {
    /// What there is to say, if anything.
    #[expect(clippy::option_option, reason = "nothing yet, and the end, and an item")]
    fn take(&mut self) -> Option<Option<Result<Entry<T>, Error>>> {
        if self.gap > 0 {
            return Some(Some(Ok(Entry::Gap(std::mem::take(&mut self.gap)))));
        }
        if let Some(item) = self.items.pop_front() {
            return Some(Some(Ok(Entry::Item(item))));
        }
        match &mut self.phase {
            Phase::Live => None,
            Phase::Ending(error @ Some(_)) => Some(error.take().map(Err)),
            Phase::Ending(None) | Phase::Terminated => {
                self.phase = Phase::Terminated;
                Some(None)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read<T>(queue: &Queue<T>) -> Poll<Option<Result<Entry<T>, Error>>> {
        queue.poll_next(&Context::from_waker(Waker::noop()))
    }

    fn ready<T>(entry: Entry<T>) -> Poll<Option<Result<Entry<T>, Error>>> {
        Poll::Ready(Some(Ok(entry)))
    }

    #[test]
    fn a_full_queue_drops_its_oldest_and_tells_where() {
        let queue = Queue::new(2);
        let dropped = (1..=5).filter(|n| queue.push(*n).dropped).count();
        assert_eq!((dropped, queue.dropped(), queue.len()), (3, 3, 2));
        assert_eq!(read(&queue), ready(Entry::Gap(3)));
        assert_eq!(read(&queue), ready(Entry::Item(4)));
        assert_eq!(read(&queue), ready(Entry::Item(5)));
        assert!(read(&queue).is_pending());
    }

    #[test]
    fn a_queue_of_the_newest_loses_nothing_that_counts() {
        let queue = Queue::newest(1);
        let _ = queue.push(1);
        assert!(!queue.push(2).dropped);
        assert_eq!(queue.dropped(), 0);
        assert_eq!(read(&queue), ready(Entry::Item(2)));
    }

    #[test]
    fn a_queue_that_is_waited_for_has_room_until_it_is_full() {
        let queue = Queue::waiting(1);
        assert!(queue.has_room());
        let _ = queue.push(1);
        assert!(!queue.has_room());
        assert_eq!(read(&queue), ready(Entry::Item(1)));
        assert!(queue.has_room());
        for other in [Queue::new(1), Queue::newest(1)] {
            let _ = other.push(1);
            assert!(other.has_room(), "what drops need not be waited for");
        }
        let [one, two, three] = [1, 2, 3].map(|n| queue.push(n).dropped);
        assert_eq!([one, two, three], [false, false, true], "who does not wait is bounded too");
    }

    #[test]
    fn a_capacity_of_zero_counts_as_one() {
        let queue = Queue::new(0);
        assert!(!queue.push('a').dropped);
        assert!(queue.push('b').dropped);
        assert_eq!(queue.len(), 1);
    }

    #[test]
    fn what_waits_is_read_before_the_error_and_the_error_once() {
        let error = Error::InvalidUrl { url: String::new() };
        let queue = Queue::new(8);
        let _ = queue.push(1);
        queue.finish(Some(error.clone()));
        let _ = queue.push(2);
        assert_eq!(read(&queue), ready(Entry::Item(1)));
        assert!(!queue.is_terminated());
        assert_eq!(read(&queue), Poll::Ready(Some(Err(error))));
        assert!(!queue.is_terminated(), "the end has not been told yet");
        assert_eq!(read(&queue), Poll::Ready(None));
        assert!(queue.is_terminated());
        assert_eq!(read(&queue), Poll::Ready(None));
    }

    #[test]
    fn the_first_end_stands() {
        let queue = Queue::<u8>::new(8);
        queue.finish(None);
        queue.finish(Some(Error::InvalidUrl { url: String::new() }));
        assert_eq!(read(&queue), Poll::Ready(None));
    }

    #[test]
    fn a_reader_that_waits_is_woken_once() {
        let queue = Queue::new(8);
        assert!(read(&queue).is_pending());
        assert!(queue.push(1).waker.is_some());
        assert!(queue.push(2).waker.is_none());
    }
}
