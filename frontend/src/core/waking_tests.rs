//! No wake-up is lost: a reader, its queue and the pacing of its source, in every interleaving of a few steps.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use super::{Entry, Queue};
use crate::core::pacing::Pacing;

#[derive(Default)]
struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[derive(Clone, Copy, Debug)]
enum Step {
    /// A message comes, so many microseconds after the step before.
    Message(u64),
    /// The reader runs: takes one message, or all, or parks.
    TakeOne,
    TakeAll,
    Turn,
    End,
}

/// A reader that parks when it finds its queue empty, and what is under way for it.
struct World {
    queue: Queue<()>,
    pacing: Pacing,
    time: Duration,
    woken: Arc<Woken>,
    parked: bool,
    turn: bool,
    ended: bool,
}

impl World {
    fn new(capacity: usize) -> Self {
        Self {
            queue: Queue::new(capacity),
            pacing: Pacing::default(),
            time: Duration::ZERO,
            woken: Arc::default(),
            parked: false,
            turn: false,
            ended: false,
        }
    }

    /// Whether this can happen now.
    fn step(&mut self, step: Step) -> bool {
        match step {
            Step::Message(_) | Step::End if self.ended => return false,
            Step::Message(after) => {
                self.time += Duration::from_micros(after);
                let need = self.queue.push(()).need;
                let now = self.time;
                let action = self.pacing.arrived(need, || now);
                assert!(!(action.turn && self.turn), "never two turns at once");
                self.turn |= action.turn;
                if action.wake {
                    self.queue.wake();
                }
            }
            Step::TakeOne | Step::TakeAll if self.parked && !self.is_woken() => return false,
            Step::TakeOne | Step::TakeAll => {
                self.woken.0.store(false, Ordering::Relaxed);
                let waker = Waker::from(Arc::clone(&self.woken));
                let poll = || self.queue.poll_next(&Context::from_waker(&waker));
                self.parked = poll().is_pending();
                while !self.parked && matches!(step, Step::TakeAll) {
                    match poll() {
                        Poll::Ready(Entry::Item(())) => {}
                        Poll::Ready(_) => break,
                        Poll::Pending => self.parked = true,
                    }
                }
            }
            Step::Turn if !self.turn => return false,
            Step::Turn => {
                self.turn = false;
                self.pacing.turned(self.time);
                self.queue.wake();
            }
            Step::End => {
                self.ended = true;
                self.queue.finish(None);
            }
        }
        true
    }

    fn is_woken(&self) -> bool {
        self.woken.0.load(Ordering::Relaxed)
    }

    fn check(&self, path: &[Step]) {
        let looked_after = !self.parked || self.is_woken() || (self.turn && !self.ended);
        assert!(!self.queue.is_ready() || looked_after, "nobody wakes the reader after {path:?}");
    }
}

/// Every interleaving of at most so many steps; returns how many there are.
fn explore(capacity: usize, path: &mut Vec<Step>, depth: usize) -> u64 {
    let steps =
        [Step::Message(1), Step::Message(150), Step::Message(500), Step::TakeOne, Step::TakeAll, Step::Turn, Step::End];
    let mut paths = 1;
    for step in steps {
        path.push(step);
        let mut world = World::new(capacity);
        // What has been played can't be copied, so each path is played from its beginning.
        if path.iter().all(|step| world.step(*step)) {
            world.check(path);
            if path.len() < depth {
                paths += explore(capacity, path, depth);
            }
        }
        path.pop();
    }
    paths
}

#[test]
fn no_interleaving_loses_a_wake_up() {
    for capacity in 1..=3 {
        let paths = explore(capacity, &mut Vec::new(), 8);
        assert!(paths > 50_000, "{paths} interleavings show something");
    }
}
