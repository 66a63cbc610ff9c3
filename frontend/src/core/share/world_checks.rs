//! What must hold in a [`World`].

use std::time::Duration;

use super::HEARTBEAT;
use super::world::{World, ms};

/// No running tab is without a leader for longer than this: two heartbeats, and the extra time that sharers allow.
pub(super) const BOUND: Duration =
    Duration::from_micros(1000 * (2 * 3000 + 3000 / 4 + 300 + 2 * 400 + 1000) + 3_000_000 / 16);

/// How long two tabs may have connections at the same time.
const OVERLAP: Duration = ms(1000);

impl World {
    /// What must hold at every moment.
    pub(super) fn look(&mut self) {
        let now = self.now;
        let open =
            (0..self.tabs.len()).filter(|index| self.runs(*index) && self.tabs[*index].connection.is_some()).count();
        if open > 1 {
            let since = *self.two.get_or_insert(now);
            let lasted = now.saturating_sub(since);
            assert!(lasted <= OVERLAP, "two connections for {lasted:?}");
        } else {
            self.two = None;
        }
        let led = (0..self.tabs.len()).any(|index| self.runs(index) && self.tabs[index].sharer.leads());
        for index in 0..self.tabs.len() {
            let counts = self.runs(index) && self.tabs[index].present && !led;
            let alone = self.tabs[index].alone.filter(|_| counts).or(counts.then_some(now));
            self.tabs[index].alone = alone;
            if let Some(since) = alone {
                let lasted = now.saturating_sub(since);
                // Where posts are lost, one more heartbeat may be needed.
                let bound = if self.lossy { BOUND.saturating_add(HEARTBEAT) } else { BOUND };
                assert!(lasted <= bound, "tab {index} is without a leader for {lasted:?}");
            }
        }
    }

    /// What must hold in the end.
    pub(super) fn check(&self) {
        for (index, tab) in self.tabs.iter().enumerate() {
            for pair in tab.log.windows(2) {
                if let [Some(before), Some(after)] = pair {
                    assert_eq!(before + 1, *after, "what tab {index} got, {:?}", tab.faults);
                }
            }
            let numbers: Vec<u64> = tab.log.iter().flatten().copied().collect();
            assert!(tab.faults.is_empty(), "tab {index}: {:?}", tab.faults);
            if tab.alive {
                let last = numbers.last().copied().unwrap_or_default();
                assert!(
                    last + 5 >= self.newest_message(),
                    "tab {index} has stayed behind: {last}, {:?}",
                    tab.sharer.role
                );
            }
        }
    }
}
