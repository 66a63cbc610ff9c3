//! A bounded queue between a source and one reader.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::task::{Context, Poll, Waker};

use super::pacing::Need;
use crate::error::Error;

/// No borrow is held while a waker is cloned, woken or dropped: a waker may run any code, and that code may use, close
/// or drop the queue.
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
    /// How many items were dropped right before the front item and have not been reported yet.
    gap: u64,
    dropped: u64,
    life: Life,
    waker: Option<Waker>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum WhenFull {
    /// The oldest item is dropped, and counted as lost.
    Drop,
    /// The oldest item is dropped, and not counted as lost.
    Forget,
    /// The source has to wait until there is room.
    Wait,
    /// Like `Drop`, until the reader takes something, because it has kept others waiting for too long.
    Excused,
}

#[derive(Debug)]
enum Life {
    Live,
    /// The queued items are still read, then this.
    Ending(Option<Error>),
    Ended,
}

/// What comes out of a queue.
#[derive(Debug, PartialEq)]
pub(crate) enum Entry<T> {
    Item(T),
    /// This many items were dropped here.
    Gap(u64),
    /// Once, before the end.
    Error(Error),
    End,
}

/// What a push did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[must_use]
pub(crate) struct Pushed {
    pub(crate) need: Need,
    pub(crate) dropped: u64,
}

impl<T> Queue<T> {
    /// A queue for a reader that wants every item, and gets a report of those that are dropped.
    pub(crate) fn new(capacity: usize) -> Self {
        Self::with(capacity, WhenFull::Drop)
    }

    /// The same, for a source that pushes only when there is [room](Self::room).
    pub(crate) fn waiting(capacity: usize) -> Self {
        Self::with(capacity, WhenFull::Wait)
    }

    /// A queue for a reader that wants only the newest items; dropped items do not count as lost.
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
                life: Life::Live,
                waker: None,
            }),
        }
    }

    /// Adds an item. A full queue drops its oldest item, unless the source has to wait; a queue that has ended ignores
    /// the new item.
    pub(crate) fn push(&self, item: T) -> Pushed {
        let mut inner = self.inner.borrow_mut();
        let dropped = inner.push(item);
        Pushed { need: inner.need(), dropped: dropped.into() }
    }

    /// Adds several items, as [`push`](Self::push) does. The iterator must not run callers' code.
    #[cfg(any(feature = "fetch", test))]
    pub(crate) fn extend(&self, items: impl Iterator<Item = T>) -> Pushed {
        let mut inner = self.inner.borrow_mut();
        let dropped = items.map(|item| u64::from(inner.push(item))).sum();
        Pushed { need: inner.need(), dropped }
    }

    /// The same as [`push`](Self::push), but replaces the newest item if that is of the same kind, because there may be
    /// no room.
    pub(crate) fn push_over(&self, item: T, is_such: impl Fn(&T) -> bool) -> Pushed {
        let mut inner = self.inner.borrow_mut();
        let over = matches!(inner.life, Life::Live) && inner.items.back().is_some_and(is_such);
        let replaced = if over { inner.items.pop_back() } else { None };
        let dropped = inner.push(item);
        let need = inner.need();
        drop(inner);
        drop(replaced);
        Pushed { need, dropped: dropped.into() }
    }

    /// Wakes the reader, if it waits and there is something for it.
    pub(crate) fn wake(&self) {
        let waker = if self.is_ready() { self.inner.borrow_mut().waker.take() } else { None };
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    /// How many items can be pushed without waiting.
    #[cfg_attr(not(feature = "fetch"), allow(dead_code, reason = "only a transport that can be held asks"))]
    pub(crate) fn room(&self) -> usize {
        let inner = self.inner.borrow();
        match inner.full {
            WhenFull::Wait => inner.capacity.saturating_sub(inner.items.len()),
            _ => usize::MAX,
        }
    }

    /// Whether another item can be added without dropping one, and the reader has not been [excused](Self::excuse).
    #[cfg_attr(not(feature = "fetch"), allow(dead_code, reason = "only a transport that can be held asks"))]
    pub(crate) fn wants_more(&self) -> bool {
        let inner = self.inner.borrow();
        match inner.full {
            WhenFull::Wait => inner.items.len() < inner.capacity,
            WhenFull::Excused => false,
            WhenFull::Drop | WhenFull::Forget => true,
        }
    }

    /// Makes the source no longer wait for this queue until its reader takes something.
    #[cfg_attr(not(feature = "fetch"), allow(dead_code, reason = "only a transport that can be held asks"))]
    pub(crate) fn excuse(&self) {
        let mut inner = self.inner.borrow_mut();
        if inner.full == WhenFull::Wait {
            inner.full = WhenFull::Excused;
        }
    }

    /// Ends the queue: the queued items are still read, then `error` if there is one, then nothing.
    pub(crate) fn finish(&self, error: Option<Error>) {
        let mut inner = self.inner.borrow_mut();
        if matches!(inner.life, Life::Live) {
            inner.life = Life::Ending(error);
        }
        drop(inner);
        self.wake();
    }

    /// What there is to say, if anything.
    pub(crate) fn take(&self) -> Option<Entry<T>> {
        self.inner.borrow_mut().take()
    }

    pub(crate) fn poll_next(&self, cx: &Context<'_>) -> Poll<Entry<T>> {
        let next = self.take();
        if next.is_none() {
            self.park(cx);
        }
        next.map_or(Poll::Pending, Poll::Ready)
    }

    /// Cloning and dropping a waker runs callers' code too.
    pub(crate) fn park(&self, cx: &Context<'_>) {
        if self.inner.borrow().waker.as_ref().is_none_or(|known| !known.will_wake(cx.waker())) {
            let waker = cx.waker().clone();
            let before = self.inner.borrow_mut().waker.replace(waker);
            drop(before);
        }
    }

    /// Takes all queued items.
    pub(crate) fn drain(&self) -> VecDeque<T> {
        let mut inner = self.inner.borrow_mut();
        inner.reading();
        // The lost items came before these.
        inner.gap = 0;
        std::mem::take(&mut inner.items)
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

    /// Whether there is something to take, or the queue has ended.
    pub(crate) fn is_ready(&self) -> bool {
        let inner = self.inner.borrow();
        !inner.items.is_empty() || !matches!(inner.life, Life::Live)
    }

    /// Whether the reader has seen the end, after which a stream must not be polled again.
    pub(crate) fn is_terminated(&self) -> bool {
        matches!(self.inner.borrow().life, Life::Ended)
    }
}

impl<T> Inner<T> {
    /// Whether an item was lost for it.
    fn push(&mut self, item: T) -> bool {
        if !matches!(self.life, Life::Live) {
            return false;
        }
        let full = self.full != WhenFull::Wait && self.items.len() >= self.capacity;
        let dropped = full && self.full != WhenFull::Forget;
        if full {
            self.items.pop_front();
        }
        if dropped {
            self.gap += 1;
            self.dropped += 1;
        }
        self.items.push_back(item);
        dropped
    }

    fn need(&self) -> Need {
        match self.waker {
            Some(_) if self.items.len().saturating_mul(2) >= self.capacity => Need::WakeNow,
            Some(_) if !self.items.is_empty() => Need::Wake,
            _ => Need::Nothing,
        }
    }

    fn take(&mut self) -> Option<Entry<T>> {
        let gap = std::mem::take(&mut self.gap);
        if gap > 0 && self.shows_gaps {
            return Some(Entry::Gap(gap));
        }
        self.reading();
        if let Some(item) = self.items.pop_front() {
            return Some(Entry::Item(item));
        }
        match &mut self.life {
            Life::Live => None,
            Life::Ending(error @ Some(_)) => error.take().map(Entry::Error),
            Life::Ending(None) | Life::Ended => {
                self.life = Life::Ended;
                Some(Entry::End)
            }
        }
    }

    /// The reader has taken something, so the source waits for it again.
    fn reading(&mut self) {
        if self.full == WhenFull::Excused {
            self.full = WhenFull::Wait;
        }
    }
}

#[cfg(test)]
#[path = "waking_tests.rs"]
mod waking_tests;

#[cfg(test)]
mod tests {
    use super::*;

    fn read<T>(queue: &Queue<T>) -> Poll<Entry<T>> {
        queue.poll_next(&Context::from_waker(Waker::noop()))
    }

    #[test]
    fn a_full_queue_drops_its_oldest_and_tells_where() {
        let queue = Queue::new(2);
        queue.show_gaps();
        let dropped = (1..=5).filter(|n| queue.push(*n).dropped > 0).count();
        assert_eq!((dropped, queue.dropped(), queue.len()), (3, 3, 2));
        assert_eq!(read(&queue), Poll::Ready(Entry::Gap(3)));
        assert_eq!(read(&queue), Poll::Ready(Entry::Item(4)));
        assert_eq!(read(&queue), Poll::Ready(Entry::Item(5)));
        assert!(read(&queue).is_pending());
    }

    #[test]
    fn who_does_not_ask_for_gaps_sees_none() {
        let queue = Queue::new(1);
        let _ = (queue.push(1), queue.push(2));
        assert_eq!((read(&queue), queue.dropped()), (Poll::Ready(Entry::Item(2)), 1));
    }

    #[test]
    fn a_queue_of_the_newest_loses_nothing_that_counts() {
        let queue = Queue::newest(1);
        let _ = queue.push(1);
        assert_eq!(queue.push(2).dropped, 0);
        assert_eq!(queue.dropped(), 0);
        assert_eq!(read(&queue), Poll::Ready(Entry::Item(2)));
    }

    #[test]
    fn a_queue_that_is_waited_for_has_room_until_it_is_full() {
        let queue = Queue::waiting(2);
        assert_eq!(queue.room(), 2);
        let _ = (queue.push(1), queue.push(2));
        assert_eq!(queue.room(), 0);
        assert_eq!(read(&queue), Poll::Ready(Entry::Item(1)));
        assert_eq!(queue.room(), 1);
        for other in [Queue::new(1), Queue::newest(1)] {
            let _ = other.push(1);
            assert_eq!(other.room(), usize::MAX, "what drops need not be waited for");
        }
    }

    #[test]
    fn a_reader_that_is_excused_drops_until_it_reads_again() {
        let queue = Queue::waiting(1);
        assert!(queue.wants_more());
        let _ = queue.push(1);
        assert!(!queue.wants_more());
        queue.excuse();
        assert_eq!((queue.room(), queue.wants_more()), (usize::MAX, false), "nobody is kept waiting for its sake");
        assert_eq!(queue.push(2).dropped, 1);
        assert_eq!(read(&queue), Poll::Ready(Entry::Item(2)));
        assert_eq!((queue.room(), queue.wants_more()), (1, true), "it reads, so it is waited for");
        let drops = Queue::new(1);
        drops.excuse();
        let _ = drops.push(1);
        assert!(drops.wants_more() && drops.room() == usize::MAX, "who drops was not waited for");
    }

    #[test]
    fn a_capacity_of_zero_counts_as_one() {
        let queue = Queue::new(0);
        assert_eq!(queue.push('a').dropped, 0);
        assert_eq!(queue.push('b').dropped, 1);
        assert_eq!(queue.len(), 1);
    }

    #[test]
    fn what_waits_is_read_before_the_error_and_the_error_once() {
        let error = Error::InvalidUrl { url: String::new() };
        let queue = Queue::new(8);
        let _ = queue.push(1);
        queue.finish(Some(error.clone()));
        let _ = queue.push(2);
        assert_eq!(read(&queue), Poll::Ready(Entry::Item(1)));
        assert!(!queue.is_terminated());
        assert_eq!(read(&queue), Poll::Ready(Entry::Error(error)));
        assert!(!queue.is_terminated(), "the end has not been told yet");
        assert_eq!(read(&queue), Poll::Ready(Entry::End));
        assert!(queue.is_terminated());
        assert_eq!(read(&queue), Poll::Ready(Entry::End));
    }

    #[test]
    fn the_first_end_stands() {
        let queue = Queue::<u8>::new(8);
        queue.finish(None);
        queue.finish(Some(Error::InvalidUrl { url: String::new() }));
        assert_eq!(read(&queue), Poll::Ready(Entry::End));
    }

    #[test]
    fn a_reader_that_waits_needs_to_be_woken_the_more_the_fuller_its_queue() {
        let queue = Queue::new(4);
        assert_eq!(queue.push(0).need, Need::Nothing, "nobody waits");
        assert!(read(&queue).is_ready() && read(&queue).is_pending());
        assert_eq!([1, 2, 3].map(|n| queue.push(n).need), [Need::Wake, Need::WakeNow, Need::WakeNow]);
        queue.wake();
        assert_eq!(queue.push(4).need, Need::Nothing, "it was woken");
    }

    #[test]
    fn several_items_are_pushed_as_one_after_the_other() {
        let queue = Queue::new(3);
        let _ = queue.push(0);
        assert_eq!(queue.extend(1..6), Pushed { need: Need::Nothing, dropped: 3 });
        assert_eq!(queue.drain(), [3, 4, 5]);
    }

    #[test]
    fn what_is_pushed_over_its_like_takes_no_more_room() {
        let queue = Queue::waiting(2);
        let _ = (queue.push(1), queue.push(2));
        for n in 10..100 {
            let _ = queue.push_over(n, |newest| *newest >= 10);
        }
        assert_eq!((queue.room(), queue.len(), queue.dropped()), (0, 3, 0));
        assert_eq!(queue.drain(), [1, 2, 99]);
        let ended = Queue::new(2);
        let _ = ended.push(10);
        ended.finish(None);
        let _ = ended.push_over(11, |newest| *newest >= 10);
        assert_eq!(ended.drain(), [10], "after the end nothing changes");
    }

    #[test]
    fn what_was_lost_before_all_were_taken_is_no_gap_after_them() {
        let queue = Queue::new(2);
        for n in 1..=5 {
            let _ = queue.push(n);
        }
        assert_eq!(queue.drain(), [4, 5]);
        queue.show_gaps();
        let _ = queue.push(6);
        assert_eq!(read(&queue), Poll::Ready(Entry::Item(6)));
    }

    #[test]
    fn a_queue_of_one_never_lets_its_reader_wait() {
        let queue = Queue::new(1);
        assert!(read(&queue).is_pending());
        assert_eq!(queue.push(1).need, Need::WakeNow);
    }
}
