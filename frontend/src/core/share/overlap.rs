//! What a new leader's connection repeats of what the old one's had brought.

use std::collections::VecDeque;
use std::sync::Arc;

/// The ids of messages that the old connection has brought since the new one was asked for, in order.
///
/// The new connection goes on after the message before them, so it begins with the same ones, or with some of them: as long as
/// their ids are known. Where one is not, what the server sends from there on is new.
#[derive(Debug, Default)]
pub(crate) struct Overlap(VecDeque<Arc<str>>);

impl Overlap {
    pub(crate) fn expect(&mut self, id: Arc<str>) {
        self.0.push_back(id);
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    /// Whether a message of the new connection repeats one of the old. What the old one has brought before that, the new one
    /// leaves out: not every message is sent again.
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
