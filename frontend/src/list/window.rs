//! Decides which lines a list shows.

use std::collections::VecDeque;

/// More lines than a screen shows at once.
const SCREENFUL: usize = 128;

/// The newest `max` lines: those in the document, and older ones for which no element has been created yet.
///
/// When a whole window of lines arrives between two frames, nobody can read them all. Then elements are created only
/// for the newest screenful, and for the lines before it in a later frame with fewer messages; in a long burst, most
/// lines never get one.
#[derive(Debug)]
pub(crate) struct Window<T> {
    max: usize,
    /// Older than every line shown.
    behind: VecDeque<T>,
}

/// What to do with the document's lines.
#[derive(Debug, PartialEq)]
pub(crate) struct Update<T> {
    pub(crate) remove_first: usize,
    pub(crate) prepend: VecDeque<T>,
    pub(crate) append: VecDeque<T>,
}

impl<T> Window<T> {
    pub(crate) fn new(max: usize) -> Self {
        Self { max, behind: VecDeque::new() }
    }

    /// Whether lines of the window are not in the document yet.
    pub(crate) fn is_behind(&self) -> bool {
        !self.behind.is_empty()
    }

    /// Forgets the lines that are not in the document yet.
    pub(crate) fn clear(&mut self) {
        self.behind.clear();
    }

    /// Moves the window on by the lines that have arrived since the last frame; `shown` are in the document.
    pub(crate) fn advance(&mut self, mut fresh: VecDeque<T>, shown: usize) -> Update<T> {
        if fresh.len() >= self.max {
            fresh = fresh.split_off(fresh.len() - self.max);
            let append = fresh.split_off(fresh.len() - SCREENFUL.min(self.max));
            self.behind = fresh;
            return Update { remove_first: shown, prepend: VecDeque::new(), append };
        }
        let mut prepend = std::mem::take(&mut self.behind);
        let excess = (prepend.len() + shown + fresh.len()).saturating_sub(self.max);
        let unbuilt = excess.min(prepend.len());
        prepend = prepend.split_off(unbuilt);
        Update { remove_first: excess - unbuilt, prepend, append: fresh }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a document would show.
    #[derive(Default)]
    struct Document(VecDeque<u32>);

    impl Document {
        fn apply(&mut self, update: Update<u32>) {
            self.0.drain(..update.remove_first);
            for line in update.prepend.into_iter().rev() {
                self.0.push_front(line);
            }
            self.0.extend(update.append);
        }
    }

    /// Plays bursts, a frame each, and after each checks that what is shown ends with the newest line and has no hole.
    fn play(max: usize, bursts: &[u32]) -> (Document, Window<u32>, usize) {
        let (mut document, mut window) = (Document::default(), Window::new(max));
        let (mut next, mut built) = (0, 0);
        for burst in bursts {
            let update = window.advance((next..next + burst).collect(), document.0.len());
            next += burst;
            built += update.prepend.len() + update.append.len();
            document.apply(update);
            let shown = u32::try_from(document.0.len()).unwrap();
            assert!(document.0.iter().copied().eq(next - shown..next), "in order, without a hole, up to the newest");
            assert!(document.0.len() <= max);
        }
        (document, window, built)
    }

    #[test]
    fn the_newest_lines_stay() {
        let (document, window, _) = play(3, &[2, 1, 2, 0, 1]);
        assert_eq!(document.0, [3, 4, 5]);
        assert!(!window.is_behind());
    }

    #[test]
    fn a_burst_ends_with_exactly_the_window_once_a_calm_frame_comes() {
        for last in [0, 1, 500, 999] {
            let (document, window, _) = play(1000, &[3, 5000, 100_000, last]);
            assert_eq!(document.0.len(), 1000);
            assert!(!window.is_behind());
        }
    }

    #[test]
    fn a_flood_builds_a_screenful_a_frame() {
        let (document, window, built) = play(1000, &[4000; 50]);
        assert_eq!(built, 50 * SCREENFUL);
        assert_eq!(document.0.len(), SCREENFUL);
        assert!(window.is_behind());
    }

    #[test]
    fn a_window_smaller_than_a_screenful_is_built_whole() {
        let (document, window, _) = play(10, &[10, 25]);
        assert_eq!(document.0.len(), 10);
        assert!(!window.is_behind());
    }

    #[test]
    fn a_cleared_window_starts_anew() {
        let (_, mut window, _) = play(1000, &[1000]);
        window.clear();
        assert!(!window.is_behind());
        assert_eq!(window.advance([7].into(), 0), Update { remove_first: 0, prepend: [].into(), append: [7].into() });
    }

    #[test]
    fn lines_that_the_page_has_removed_make_room() {
        let (_, mut window, _) = play(3, &[2, 1]);
        assert_eq!(window.advance([7].into(), 1), Update { remove_first: 0, prepend: [].into(), append: [7].into() });
    }
}
