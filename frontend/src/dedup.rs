//! Which messages are there already. Pure.

use std::collections::VecDeque;

/// The ids of the newest messages, at most `size` of them.
///
/// After a reconnect, messages whose id is among them are duplicates, until the first whose id is not: from there on
/// the stream is new, and an id that comes again is the server's will. So they are searched only while there may be
/// duplicates, and need no index.
#[derive(Debug)]
pub(crate) struct Window {
    size: usize,
    ids: VecDeque<Box<str>>,
    suppressing: bool,
}

impl Window {
    pub(crate) fn new(size: usize) -> Self {
        Self { size: size.max(1), ids: VecDeque::new(), suppressing: false }
    }

    /// From now on the server may repeat itself.
    pub(crate) fn reconnected(&mut self) {
        self.suppressing = true;
    }

    /// What comes next has nothing to do with what came before.
    pub(crate) fn clear(&mut self) {
        self.ids.clear();
        self.suppressing = false;
    }

    /// Whether a message with this id is new. A message without one always is.
    pub(crate) fn admits(&mut self, id: &str) -> bool {
        if id.is_empty() {
            return true;
        }
        self.suppressing = self.suppressing && self.ids.iter().any(|known| **known == *id);
        if self.suppressing {
            return false;
        }
        if self.ids.len() == self.size {
            self.ids.pop_front();
        }
        self.ids.push_back(id.into());
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn admitted<'a>(window: &mut Window, ids: &[&'a str]) -> Vec<&'a str> {
        ids.iter().copied().filter(|id| window.admits(id)).collect()
    }

    #[test]
    fn what_is_repeated_after_a_reconnect_is_no_news_until_something_is() {
        let mut window = Window::new(3);
        assert_eq!(admitted(&mut window, &["1", "2", "3", "4"]), ["1", "2", "3", "4"]);
        window.reconnected();
        assert_eq!(admitted(&mut window, &["2", "3", "4", "5", "4"]), ["5", "4"]);
    }

    #[test]
    fn without_a_reconnect_nothing_is_suppressed() {
        let mut window = Window::new(8);
        assert_eq!(admitted(&mut window, &["1", "1", "", ""]), ["1", "1", "", ""]);
    }

    #[test]
    fn what_has_left_the_window_is_new() {
        let mut window = Window::new(2);
        admitted(&mut window, &["1", "2", "3"]);
        window.reconnected();
        assert_eq!(admitted(&mut window, &["1", "2"]), ["1", "2"]);
    }

    #[test]
    fn a_cleared_window_knows_nothing() {
        let mut window = Window::new(2);
        admitted(&mut window, &["1"]);
        window.reconnected();
        window.clear();
        assert_eq!(admitted(&mut window, &["1"]), ["1"]);
    }
}
