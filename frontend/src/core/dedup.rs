//! Which messages have been delivered before.

use std::collections::VecDeque;
use std::rc::Rc;

/// The ids of the newest messages, at most `size` of them.
///
/// After a reconnect, messages whose id is among them are duplicates, until the first whose id is not: from there on
/// the stream is new. An ID that one connection sends twice does not identify a message, so it never marks a duplicate.
#[derive(Debug)]
pub(crate) struct Seen {
    size: usize,
    /// From the oldest to the newest.
    order: VecDeque<Rc<str>>,
    /// In the order of the ids.
    sightings: Vec<Sighting>,
    connection: u32,
    suppressing: bool,
}

#[derive(Debug)]
struct Sighting {
    id: Rc<str>,
    /// The connection that had it last.
    connection: u32,
    /// Whether a connection had it twice.
    ambiguous: bool,
}

impl Seen {
    pub(crate) fn new(size: usize) -> Self {
        Self { size: size.max(1), order: VecDeque::new(), sightings: Vec::new(), connection: 0, suppressing: false }
    }

    /// From now on the server may repeat what it has sent before.
    pub(crate) fn reconnected(&mut self) {
        self.connection = self.connection.wrapping_add(1);
        self.suppressing = true;
    }

    /// The messages that follow are unrelated to those before.
    pub(crate) fn clear(&mut self) {
        self.order.clear();
        self.sightings.clear();
        self.suppressing = false;
    }

    /// Whether a message with this id is new. A message without one always is.
    pub(crate) fn admits(&mut self, id: &str) -> bool {
        if id.is_empty() {
            return true;
        }
        if let Ok(index) = self.find(id)
            && let Some(known) = self.sightings.get_mut(index)
        {
            known.ambiguous |= known.connection == self.connection;
            known.connection = self.connection;
            return !self.suppressing || known.ambiguous;
        }
        self.suppressing = false;
        if self.order.len() == self.size
            && let Some(oldest) = self.order.pop_front()
            && let Ok(index) = self.find(&oldest)
        {
            self.sightings.remove(index);
        }
        if let Err(index) = self.find(id) {
            let id: Rc<str> = id.into();
            self.order.push_back(Rc::clone(&id));
            self.sightings.insert(index, Sighting { id, connection: self.connection, ambiguous: false });
        }
        true
    }

    /// Where an id is, or would be.
    fn find(&self, id: &str) -> Result<usize, usize> {
        self.sightings.binary_search_by(|known| (*known.id).cmp(id))
    }
}

#[cfg(test)]
mod tests {
    #[cfg(not(target_family = "wasm"))]
    use proptest::prelude::*;

    use super::*;

    fn admitted<'a>(seen: &mut Seen, ids: &[&'a str]) -> Vec<&'a str> {
        ids.iter().copied().filter(|id| seen.admits(id)).collect()
    }

    #[test]
    fn what_is_repeated_after_a_reconnect_is_suppressed_until_something_is_new() {
        let mut seen = Seen::new(3);
        assert_eq!(admitted(&mut seen, &["1", "2", "3", "4"]), ["1", "2", "3", "4"]);
        seen.reconnected();
        assert_eq!(admitted(&mut seen, &["2", "3", "4", "5", "4"]), ["5", "4"]);
    }

    #[cfg(not(target_family = "wasm"))]
    proptest! {
        /// The server numbers its messages. Each connection continues at some message that the window still has, or
        /// after it.
        #[test]
        fn what_is_delivered_over_any_breaks_is_each_message_once_in_order(
            window in 1..20_usize,
            connections in prop::collection::vec((0..20_usize, 0..30_usize), 1..20),
        ) {
            let mut seen = Seen::new(window);
            let (mut delivered, mut end) = (Vec::new(), 0);
            for (back, count) in connections {
                let begin = end - back.min(window).min(end);
                delivered.extend((begin..begin + count).filter(|n| seen.admits(&n.to_string())));
                end = end.max(begin + count);
                seen.reconnected();
            }
            prop_assert_eq!(delivered, (0..end).collect::<Vec<_>>());
        }
    }

    #[test]
    fn without_a_reconnect_nothing_is_suppressed() {
        let mut seen = Seen::new(8);
        assert_eq!(admitted(&mut seen, &["1", "1", "", ""]), ["1", "1", "", ""]);
    }

    #[test]
    fn what_has_left_the_window_is_new() {
        let mut seen = Seen::new(2);
        admitted(&mut seen, &["1", "2", "3"]);
        seen.reconnected();
        assert_eq!(admitted(&mut seen, &["1", "2"]), ["1", "2"]);
    }

    #[test]
    fn after_clear_everything_is_new() {
        let mut seen = Seen::new(2);
        admitted(&mut seen, &["1"]);
        seen.reconnected();
        seen.clear();
        assert_eq!(admitted(&mut seen, &["1"]), ["1"]);
    }

    #[test]
    fn an_id_that_a_connection_sends_twice_makes_nothing_a_duplicate() {
        let mut seen = Seen::new(8);
        admitted(&mut seen, &["same", "same", "1"]);
        seen.reconnected();
        assert_eq!(admitted(&mut seen, &["same", "1", "same"]), ["same", "same"], "a constant id loses nothing");
        let mut seen = Seen::new(8);
        admitted(&mut seen, &["1"]);
        seen.reconnected();
        assert_eq!(admitted(&mut seen, &["1", "1"]), ["1"], "the first is a repetition, the second is not");
    }
}
