//! What a new leader's connection repeats of what the old one's had brought.

use std::collections::VecDeque;
use std::sync::Arc;

/// The ids of messages that the old connection has brought since the new one was asked for, in order.
///
/// The new connection goes on after the message before them, so it begins with the same ones: as long as their ids are the
/// same. Where they are not, the server has gone on elsewhere, and what it sends is new.
#[derive(Debug, Default)]
pub(crate) struct Overlap(VecDeque<Arc<str>>);

impl Overlap {
    pub(crate) fn expect(&mut self, id: Arc<str>) {
        self.0.push_back(id);
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    /// Whether a message of the new connection repeats one of the old.
    pub(crate) fn repeats(&mut self, id: &str) -> bool {
        match self.0.pop_front() {
            None => false,
            Some(expected) if *expected == *id => true,
            Some(_) => {
                self.clear();
                false
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_the_ids_of_what_came_is_a_repetition_until_one_has_not() {
        let mut overlap = Overlap::default();
        for id in ["a", "a", "b", "c"] {
            overlap.expect(id.into());
        }
        let repeats: Vec<_> = ["a", "a", "b", "x", "c"].iter().map(|id| overlap.repeats(id)).collect();
        assert_eq!(repeats, [true, true, true, false, false]);
    }
}
