//! The newest messages of a shared stream, for sharers that have missed some.

use std::collections::VecDeque;
use std::rc::Rc;
use std::sync::Arc;

use super::post;

/// The most bytes that are kept. The newest batch is kept even if it is larger.
const MOST: usize = 512 * 1024;

/// Messages that were posted together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Batch {
    pub(crate) first: u64,
    pub(crate) count: u64,
    pub(crate) bytes: Rc<[u8]>,
    /// The last event ID before them.
    pub(crate) before: Arc<str>,
}

impl Batch {
    /// The number after that of its last message.
    pub(crate) fn end(&self) -> u64 {
        self.first.saturating_add(self.count)
    }
}

/// Consecutive batches, from the oldest to the newest.
#[derive(Debug, Default)]
pub(crate) struct Recent {
    batches: VecDeque<Batch>,
    bytes: usize,
}

impl Recent {
    /// Adds a batch. If messages before it are missing, the older batches are of no use any more.
    pub(crate) fn push(&mut self, batch: Batch) {
        if self.batches.back().is_some_and(|last| batch.first > last.end()) {
            self.clear();
        }
        self.bytes += batch.bytes.len();
        self.batches.push_back(batch);
        while self.bytes > MOST && self.batches.len() > 1 {
            self.bytes -= self.batches.pop_front().map_or(0, |oldest| oldest.bytes.len());
        }
    }

    pub(crate) fn clear(&mut self) {
        self.batches.clear();
        self.bytes = 0;
    }

    /// The batches from the one with this number on, if that is kept.
    pub(crate) fn from(&self, number: u64) -> Option<impl Iterator<Item = &Batch>> {
        let holds = |batch: &Batch| batch.first <= number && number < batch.end();
        let index = self.batches.iter().position(holds)?;
        Some(self.batches.iter().skip(index))
    }

    /// The oldest batch that is kept.
    pub(crate) fn first(&self) -> Option<&Batch> {
        self.batches.front()
    }

    /// The number after that of the newest message with this id.
    pub(crate) fn after(&self, id: &str) -> Option<u64> {
        for batch in self.batches.iter().rev() {
            let messages = post::read(&batch.bytes).unwrap_or_default();
            if let Some(index) = messages.iter().rposition(|message| *message.last_event_id == *id) {
                return Some(batch.first + index as u64 + 1);
            }
        }
        self.first().filter(|oldest| *oldest.before == *id).map(|oldest| oldest.first)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::share::post::Posted;

    fn batch(first: u64, ids: &[&str]) -> Batch {
        let messages: Vec<_> = ids
            .iter()
            .map(|id| Posted {
                event_type: "message".into(),
                data: String::new(),
                last_event_id: (*id).into(),
                has_own_id: true,
                origin: "".into(),
            })
            .collect();
        Batch { first, count: ids.len() as u64, bytes: post::write(&messages).into(), before: "".into() }
    }

    #[test]
    fn it_gives_what_comes_from_a_number_on_or_after_an_id() {
        let mut recent = Recent::default();
        recent.push(batch(1, &["a", "b"]));
        recent.push(batch(3, &["c", "c"]));
        let firsts = |number| recent.from(number).map(|batches| batches.map(|batch| batch.first).collect::<Vec<_>>());
        assert_eq!(firsts(2), Some(vec![1, 3]));
        assert_eq!(firsts(4), Some(vec![3]));
        assert_eq!((firsts(0), firsts(5)), (None, None));
        assert_eq!([recent.after("a"), recent.after("c"), recent.after("x")], [Some(2), Some(5), None]);
    }

    #[test]
    fn it_keeps_no_more_than_it_may_but_the_newest() {
        let mut recent = Recent::default();
        let large = |first| Batch { first, count: 1, bytes: vec![0; MOST / 2].into(), before: "".into() };
        let first = |recent: &Recent| recent.first().map(|batch| batch.first);
        recent.push(large(1));
        recent.push(large(2));
        assert_eq!(first(&recent), Some(1));
        recent.push(large(3));
        assert_eq!(first(&recent), Some(2));
        recent.push(Batch { first: 4, count: 1, bytes: vec![0; 3 * MOST].into(), before: "".into() });
        assert_eq!((first(&recent), recent.bytes), (Some(4), 3 * MOST));
    }

    #[test]
    fn what_does_not_follow_begins_anew() {
        let mut recent = Recent::default();
        recent.push(batch(1, &["a"]));
        recent.push(batch(9, &["b"]));
        assert_eq!(recent.first().map(|batch| batch.first), Some(9));
    }
}
