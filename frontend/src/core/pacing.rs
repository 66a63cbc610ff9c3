//! When to wake readers, so that a burst wakes them a few times and a message that comes alone is not delayed.
//!
//! A browser dispatches all messages of a chunk in one task, one after the other, and gives no sign before the last.
//! To wake a future for each would cost more than all else. So the first message wakes its reader at once, and if another
//! follows soon after that, readers are woken at the end of the task: it is told by a message that the page sends itself
//! (a *turn*), which arrives in a task of its own.

use std::time::Duration;

use super::time::Instant;

/// Messages that follow one another faster than this are a burst.
const BURST: Duration = Duration::from_micros(200);

/// What the readers of a message need.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Need {
    /// None of them waits.
    #[default]
    Nothing,
    /// One waits, and its queue has room for more.
    Wake,
    /// One waits, and should not wait longer.
    WakeNow,
}

/// What to do about it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Action {
    pub(crate) wake: bool,
    /// Ask for a turn, and report it with [`Pacing::turned`].
    pub(crate) turn: bool,
}

#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Pacing {
    /// When readers were woken last.
    woken: Option<Instant>,
    /// Whether a turn has been asked for, and readers are woken when it comes.
    turning: bool,
}

impl Pacing {
    /// A message has been put into queues, and this is what their readers need.
    pub(crate) fn arrived(&mut self, need: Need, now: impl FnOnce() -> Instant) -> Action {
        match need {
            Need::Nothing => Action::default(),
            _ if self.turning => Action { wake: need == Need::WakeNow, turn: false },
            _ => {
                let now = now();
                self.turning = self.woken.is_some_and(|woken| now.saturating_sub(woken) < BURST);
                self.woken = Some(now);
                Action { wake: !self.turning || need == Need::WakeNow, turn: self.turning }
            }
        }
    }

    /// The turn has come, or none is to be had: readers are to be woken.
    pub(crate) fn turned(&mut self, now: Instant) {
        self.turning = false;
        self.woken = Some(now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn micros(micros: u64) -> Instant {
        Duration::from_micros(micros)
    }

    fn at(pacing: &mut Pacing, time: u64, need: Need) -> (bool, bool) {
        let Action { wake, turn } = pacing.arrived(need, || micros(time));
        (wake, turn)
    }

    #[test]
    fn a_message_that_comes_alone_wakes_at_once_and_asks_for_no_turn() {
        let mut pacing = Pacing::default();
        for time in [0, 1_000, 2_000] {
            assert_eq!(at(&mut pacing, time, Need::Wake), (true, false));
        }
    }

    #[test]
    fn of_a_burst_the_first_wakes_at_once_and_the_turn_wakes_for_the_rest() {
        let mut pacing = Pacing::default();
        assert_eq!(at(&mut pacing, 0, Need::Wake), (true, false));
        assert_eq!(at(&mut pacing, 5, Need::Wake), (false, true), "the second asks for a turn");
        assert_eq!(at(&mut pacing, 9, Need::Wake), (false, false));
        pacing.turned(micros(50));
        assert_eq!(at(&mut pacing, 60, Need::Wake), (false, true), "the burst goes on in the next task");
        pacing.turned(micros(70));
        assert_eq!(at(&mut pacing, 900, Need::Wake), (true, false));
    }

    #[test]
    fn a_queue_that_fills_up_is_not_kept_waiting() {
        let mut pacing = Pacing::default();
        assert_eq!(at(&mut pacing, 0, Need::Wake), (true, false));
        assert_eq!(at(&mut pacing, 1, Need::WakeNow), (true, true));
        assert_eq!(at(&mut pacing, 2, Need::WakeNow), (true, false));
    }

    #[test]
    fn nobody_who_waits_is_no_reason_to_read_the_clock() {
        let action = Pacing::default().arrived(Need::Nothing, || unreachable!("the clock was read"));
        assert_eq!(action, Action::default());
    }

    /// A reader that parks when it finds its queue empty, its queue, and what is under way for it.
    #[derive(Clone, Default)]
    struct World {
        pacing: Pacing,
        time: u64,
        waiting: usize,
        /// Whether the reader waits to be woken, or to run after it was.
        parked: bool,
        woken: bool,
        turn: bool,
    }

    #[derive(Clone, Copy, Debug)]
    enum Step {
        /// A message comes, so long after the step before.
        Message(u64),
        /// The reader runs: takes one message, or all, or parks.
        TakeOne,
        TakeAll,
        Turn,
    }

    const CAPACITY: usize = 3;

    impl World {
        /// Whether this can happen now.
        fn step(&mut self, step: Step) -> bool {
            match step {
                Step::Message(after) => {
                    self.time += after;
                    self.waiting = CAPACITY.min(self.waiting + 1);
                    let need = match (self.parked, self.waiting * 2 >= CAPACITY) {
                        (false, _) => Need::Nothing,
                        (true, false) => Need::Wake,
                        (true, true) => Need::WakeNow,
                    };
                    let action = self.pacing.arrived(need, || micros(self.time));
                    assert!(!(action.turn && self.turn), "never two turns at once");
                    self.turn |= action.turn;
                    if action.wake {
                        self.wake();
                    }
                    true
                }
                Step::TakeOne | Step::TakeAll if self.parked && !self.woken => false,
                Step::TakeOne | Step::TakeAll => {
                    self.woken = false;
                    self.parked = self.waiting == 0;
                    self.waiting -= if matches!(step, Step::TakeOne) { self.waiting.min(1) } else { self.waiting };
                    true
                }
                Step::Turn if !self.turn => false,
                Step::Turn => {
                    self.turn = false;
                    self.pacing.turned(micros(self.time));
                    self.wake();
                    true
                }
            }
        }

        fn wake(&mut self) {
            if self.parked && self.waiting > 0 {
                self.woken = true;
            }
        }

        fn check(&self, path: &[Step]) {
            let looked_after = !self.parked || self.woken || self.turn;
            assert!(self.waiting == 0 || looked_after, "nobody wakes the reader after {path:?}");
        }
    }

    /// Every interleaving of so many steps.
    fn explore(world: &World, path: &mut Vec<Step>, depth: u32) -> u64 {
        world.check(path);
        if depth == 0 {
            return 1;
        }
        let steps =
            [Step::Message(1), Step::Message(150), Step::Message(500), Step::TakeOne, Step::TakeAll, Step::Turn];
        let mut paths = 0;
        for step in steps {
            let mut next = world.clone();
            if next.step(step) {
                path.push(step);
                paths += explore(&next, path, depth - 1);
                path.pop();
            }
        }
        paths
    }

    #[test]
    fn no_interleaving_loses_a_wake_up() {
        let paths = explore(&World::default(), &mut Vec::new(), 8);
        assert!(paths > 100_000, "{paths} interleavings show something");
    }
}
