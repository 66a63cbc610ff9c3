//! Counts the connections that have a token.

use std::num::NonZeroUsize;
use std::sync::{Mutex, MutexGuard, PoisonError};

use lru::LruCache;

/// How many tokens are kept: the most recently used ones.
const MAX_TOKENS: NonZeroUsize = NonZeroUsize::new(1_000).expect("more than none");

/// How often each token was used.
#[derive(Debug)]
pub(crate) struct Tokens(Mutex<LruCache<String, u64>>);

impl Default for Tokens {
    fn default() -> Self {
        // Memory is allocated as tokens are added, not up front.
        Self(Mutex::new(LruCache::unbounded()))
    }
}

impl Tokens {
    /// Counts a connection; the first one of a token is 1.
    pub(crate) fn count(&self, token: &str) -> u64 {
        let mut counts = self.counts();
        let count = counts.get_or_insert_mut_ref(token, || 0);
        *count += 1;
        let count = *count;
        if counts.len() > MAX_TOKENS.get() {
            counts.pop_lru();
        }
        count
    }

    /// How many connections of a token were counted.
    pub(crate) fn of(&self, token: &str) -> u64 {
        self.counts().peek(token).copied().unwrap_or_default()
    }

    /// Resets the count of a token, and returns how many connections were counted.
    pub(crate) fn reset(&self, token: &str) -> u64 {
        self.counts().pop(token).unwrap_or_default()
    }

    fn counts(&self) -> MutexGuard<'_, LruCache<String, u64>> {
        // No operation leaves the counts inconsistent, so a poisoned lock can be used.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_token_has_its_own_count_which_can_begin_anew() {
        let tokens = Tokens::default();
        assert_eq!([tokens.count("a"), tokens.count("b"), tokens.count("a")], [1, 1, 2]);
        assert_eq!([tokens.of("a"), tokens.of("b"), tokens.of("c")], [2, 1, 0]);
        assert_eq!([tokens.reset("a"), tokens.reset("c"), tokens.count("a"), tokens.count("b")], [2, 0, 1, 2]);
    }

    #[test]
    fn those_used_last_are_kept_and_no_more() {
        let tokens = Tokens::default();
        for n in 0..MAX_TOKENS.get() {
            tokens.count(&n.to_string());
        }
        tokens.count("0");
        tokens.count("one more");
        assert_eq!(tokens.counts().len(), MAX_TOKENS.get());
        assert_eq!([tokens.of("0"), tokens.of("1"), tokens.of("2"), tokens.of("one more")], [2, 0, 1, 1]);
    }
}
