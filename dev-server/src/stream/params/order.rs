//! Which events come, and in which order.

use super::super::random::Random;
use super::param::{Param, Set};
use super::value::number;

/// Longer windows would take memory without showing anything else.
const MAX_WINDOW: u64 = 1_000;

/// Which events are affected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pick {
    /// Every N-th: the events N-1, 2N-1, …
    Each(u64),
    /// Each event with this probability, in percent.
    Percent(u64),
}

impl Pick {
    fn parse(text: &str, least: u64) -> Option<Self> {
        match text.strip_suffix('%') {
            Some(percent) => number(percent).filter(|percent| (1..100).contains(percent)).map(Self::Percent),
            None => number(text).filter(|each| *each >= least).map(Self::Each),
        }
    }

    fn picks(self, seed: u64, purpose: u64, n: u64) -> bool {
        match self {
            Self::Each(each) => n % each == each - 1,
            Self::Percent(percent) => Random::new(seed, purpose, n).below(100) < percent,
        }
    }
}

/// Which events come, and in which order: a pure function of the nominal sequence 0, 1, 2, …
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Order {
    pub(crate) gap: Option<Pick>,
    pub(crate) dup: Option<Pick>,
    window: Option<u64>,
}

/// A step of the pace, and what comes then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Slot {
    /// The place in the pace: it comes when event `at` is due.
    pub(crate) at: u64,
    /// The event that comes.
    pub(crate) n: u64,
    /// Whether it comes twice.
    pub(crate) twice: bool,
}

impl Order {
    /// The window in which the place `at` is: where it begins, and how long it is. The last one of a stream of `count` events is no
    /// longer than what is left, so that no time passes in which nothing can come.
    fn window(self, at: u64, count: Option<u64>) -> (u64, u64) {
        let window = self.window.unwrap_or(1);
        let start = at - at % window;
        (start, count.map_or(window, |count| window.min(count.saturating_sub(start))))
    }

    /// Whether event `n` is left out.
    pub(crate) fn leaves_out(self, seed: u64, n: u64) -> bool {
        self.gap.is_some_and(|gap| gap.picks(seed, 1, n))
    }

    /// Whether event `n` comes twice.
    pub(crate) fn doubles(self, seed: u64, n: u64) -> bool {
        self.dup.is_some_and(|dup| dup.picks(seed, 2, n))
    }

    /// How many events change places with each other; 1 if none do.
    pub(crate) fn window_len(self) -> u64 {
        self.window.unwrap_or(1)
    }

    /// The first place of the window in which event `n` comes: it never comes before.
    pub(crate) fn earliest(self, n: u64) -> u64 {
        self.window(n, None).0
    }

    /// The place in the pace at which event `n` of `count` comes, or `None` beyond the end of numbers.
    pub(crate) fn place(self, seed: u64, n: u64, count: Option<u64>) -> Option<u64> {
        let (start, _) = self.window(n, count);
        let place = self.shuffled(seed, n, count).iter().position(|event| *event == n - start)?;
        start.checked_add(place as u64)
    }

    /// The events of the window that the place `at` is in, in the order in which they come, counted from its start.
    fn shuffled(self, seed: u64, at: u64, count: Option<u64>) -> Vec<u64> {
        let (start, len) = self.window(at, count);
        shuffled(len, &mut Random::new(seed, 3, start))
    }
}

/// The events from a place in the pace on, in the order in which they come.
#[derive(Clone, Debug)]
pub(crate) struct Slots {
    order: Order,
    seed: u64,
    count: Option<u64>,
    at: Option<u64>,
    window: Vec<u64>,
}

impl Slots {
    /// Those at the place `at` and later.
    pub(crate) fn new(order: Order, seed: u64, at: u64, count: Option<u64>) -> Self {
        Self { order, seed, count, at: Some(at), window: Vec::new() }
    }

    /// The event that comes at a place, if there is one.
    fn event(&mut self, at: u64) -> Option<u64> {
        if self.order.window.is_none() {
            return Some(at);
        }
        let (start, _) = self.order.window(at, self.count);
        let index = at - start;
        if index == 0 || self.window.is_empty() {
            self.window = self.order.shuffled(self.seed, at, self.count);
        }
        start.checked_add(*self.window.get(usize::try_from(index).ok()?)?)
    }
}

impl Iterator for Slots {
    type Item = Slot;

    fn next(&mut self) -> Option<Slot> {
        loop {
            let at = self.at?;
            if self.count.is_some_and(|count| at >= count) {
                return None;
            }
            self.at = at.checked_add(1);
            let Some(n) = self.event(at) else { continue };
            if !self.order.leaves_out(self.seed, n) {
                return Some(Slot { at, n, twice: self.order.doubles(self.seed, n) });
            }
        }
    }
}

/// 0 to `len` in another order, as far as there is one.
pub(crate) fn shuffled(len: u64, random: &mut Random) -> Vec<u64> {
    let mut window: Vec<u64> = (0..len).collect();
    for last in (1..window.len()).rev() {
        let other = usize::try_from(random.below(last as u64 + 1)).unwrap_or(last);
        window.swap(last, other);
    }
    if window.is_sorted() && !window.is_empty() {
        window.rotate_left(1);
    }
    window
}

pub(crate) const PARAMS: &[Param<Order>] = &[
    Param {
        name: "gap",
        meaning: "omits every N-th event, or each event with a probability of P%; nothing is sent when it is due",
        allowed: "a whole number from 2, or 1% to 99%",
        example: "gap=3&data=n&interval=0&count=6",
        set: Set::Text(|order, value| {
            order.gap = Some(Pick::parse(value, 2)?);
            Some(())
        }),
        ..Param::NEW
    },
    Param {
        name: "dup",
        meaning: "sends every N-th event twice, or each event with a probability of P%",
        allowed: "a whole number from 1, or 1% to 99%",
        example: "dup=50%&data=n&interval=0&count=6",
        set: Set::Text(|order, value| {
            order.dup = Some(Pick::parse(value, 1)?);
            Some(())
        }),
        ..Param::NEW
    },
    Param {
        name: "reorder",
        meaning: "shuffles each N consecutive events; with 2, neighbours change places. The last window of a finite \
                  stream has the events that are left",
        allowed: "a whole number from 2 to 1000",
        example: "reorder=2&data=n&interval=0&count=6",
        set: Set::Text(|order, value| {
            order.window = Some(number(value).filter(|window| (2..=MAX_WINDOW).contains(window))?);
            Some(())
        }),
        ..Param::NEW
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    fn events(order: Order, at: u64, count: u64) -> Vec<u64> {
        Slots::new(order, 7, at, Some(count)).flat_map(|slot| vec![slot.n; 1 + usize::from(slot.twice)]).collect()
    }

    #[test]
    fn each_third_is_left_out_or_doubled() {
        let gap = Order { gap: Some(Pick::Each(3)), ..Order::default() };
        assert_eq!(events(gap, 0, 7), [0, 1, 3, 4, 6]);
        let dup = Order { dup: Some(Pick::Each(3)), ..Order::default() };
        assert_eq!(events(dup, 0, 7), [0, 1, 2, 2, 3, 4, 5, 5, 6]);
    }

    #[test]
    fn a_chance_comes_true_about_as_often_as_it_says() {
        let gap = Order { gap: Some(Pick::Percent(30)), ..Order::default() };
        let left = events(gap, 0, 1_000).len();
        assert!((650..750).contains(&left), "{left}");
    }

    #[test]
    fn a_window_of_two_swaps_neighbours() {
        let swap = Order { window: Some(2), ..Order::default() };
        assert_eq!(events(swap, 0, 5), [1, 0, 3, 2, 4]);
        assert_eq!(events(swap, 3, 5), [2, 4]);
    }

    #[test]
    fn a_window_holds_each_of_its_events_once_and_never_in_order() {
        let order = Order { window: Some(5), ..Order::default() };
        let all = events(order, 0, 500);
        for (start, window) in (0..).step_by(5).zip(all.chunks(5)) {
            assert!(!window.is_sorted());
            let mut sorted = window.to_vec();
            sorted.sort_unstable();
            assert_eq!(sorted, (start..start + 5).collect::<Vec<_>>());
        }
    }

    #[test]
    fn after_any_event_come_all_that_follow_it() {
        let order = Order { gap: Some(Pick::Percent(20)), dup: Some(Pick::Percent(20)), window: Some(7) };
        let all = events(order, 0, 100);
        for (index, n) in all.iter().enumerate().filter(|(index, n)| all.get(index + 1) != Some(n)) {
            let place = order.place(7, *n, Some(100)).expect("a place");
            assert!(order.earliest(*n) <= place);
            assert_eq!(events(order, place + 1, 100), all[index + 1..], "after {n}");
        }
    }

    #[test]
    fn the_last_window_is_no_longer_than_what_is_left() {
        for (window, count) in [(1_000, 2), (1_000, 1), (7, 100), (2, 5)] {
            let order = Order { window: Some(window), ..Order::default() };
            let slots: Vec<_> = Slots::new(order, 7, 0, Some(count)).collect();
            assert!((0..count).eq(slots.iter().map(|slot| slot.at)), "{window} {count}: one at each place");
            for slot in slots {
                assert_eq!(order.place(7, slot.n, Some(count)), Some(slot.at), "{window} {count}");
            }
        }
        let swapped = Order { window: Some(1_000), ..Order::default() };
        assert_eq!(events(swapped, 0, 2), [1, 0]);
    }

    #[test]
    fn the_end_of_numbers_is_an_end() {
        assert_eq!(Slots::new(Order::default(), 0, u64::MAX, None).count(), 1);
        let order = Order { window: Some(1_000), ..Order::default() };
        assert!(Slots::new(order, 0, u64::MAX, None).count() <= 1);
        assert!(order.place(0, u64::MAX, None).is_none_or(|place| place >= u64::MAX - 999));
    }
}
