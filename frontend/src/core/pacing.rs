//! Decides when to wake readers, so that a burst wakes them only a few times and a single message is not delayed.
//!
//! A browser dispatches all messages of a chunk in one task, one after the other, without marking the last. Waking a
//! future for each would cost more than everything else. So the first message wakes its reader at once; if another
//! follows soon, readers are woken at the end of the task, which is detected by a message that the page posts to itself
//! (a *turn*): it arrives in a task of its own.

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

    /// The turn has arrived, or is not available: wakes the readers.
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
}
