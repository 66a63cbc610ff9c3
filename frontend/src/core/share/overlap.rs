//! Which messages of a new leader's connection repeat those of the old leader's.

use std::collections::VecDeque;
use std::sync::Arc;

/// The IDs of messages that have arrived over the old connection since the new one was requested, in order.
///
/// The new connection continues after the message before them, so it begins with all or some of them. The first message
/// whose ID is not among them is new, and so are all that follow.
#[derive(Debug, Default)]
pub(crate) struct Overlap(VecDeque<Arc<str>>);

impl Overlap {
    pub(crate) fn expect(&mut self, id: Arc<str>) {
        self.0.push_back(id);
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    /// Whether a message of the new connection repeats one of the old connection. The IDs before that one are then no
    /// longer expected, because a server need not send every message again.
    pub(crate) fn repeats(&mut self, id: &str) -> bool {
        if id.is_empty() {
            return false;
        }
        let known = self.0.iter().position(|expected| **expected == *id);
        if let Some(index) = known {
            self.0.drain(..=index);
        } else {
            self.clear();
        }
        known.is_some()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_the_ids_of_what_came_is_a_repetition_until_one_has_not() {
        let expected = ["a", "a", "b", "c", "d"];
        for (ids, expected_repeats) in [
            (["a", "a", "b", "x", "c"], [true, true, true, false, false]),
            // The server sends again what has an id of its own, and begins where it can.
            (["b", "", "c", "d", "e"], [true, false, true, true, false]),
        ] {
            let mut overlap = Overlap::default();
            for id in expected {
                overlap.expect(id.into());
            }
            let repeats = ids.map(|id| overlap.repeats(id));
            assert_eq!(repeats, expected_repeats);
        }
    }
}
