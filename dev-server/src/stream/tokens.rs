//! Counts the connections that have a token.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// How many tokens are kept: those used last.
const MAX_TOKENS: usize = 1_000;

/// How often each token was used.
#[derive(Debug, Default)]
pub(crate) struct Tokens(Mutex<Counts>);

#[derive(Debug, Default)]
struct Counts {
    /// Grows with each use of any token, and tells which one was used last.
    uses: u64,
    tokens: HashMap<String, Count>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Count {
    attempts: u64,
    last_use: u64,
}

impl Tokens {
    /// Counts a connection; the first one of a token is 1.
    pub(crate) fn count(&self, token: &str) -> u64 {
        // The counts are whole at every moment, so a panic elsewhere does not spoil them.
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        counts.uses += 1;
        let uses = counts.uses;
        if counts.tokens.len() >= MAX_TOKENS && !counts.tokens.contains_key(token) {
            let oldest = counts.tokens.iter().min_by_key(|(_, count)| count.last_use).map(|(token, _)| token.clone());
            oldest.and_then(|oldest| counts.tokens.remove(&oldest));
        }
        let count = counts.tokens.entry(token.to_owned()).or_default();
        *count = Count { attempts: count.attempts + 1, last_use: uses };
        count.attempts
    }

    /// How many connections of a token were counted.
    pub(crate) fn of(&self, token: &str) -> u64 {
        let counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        counts.tokens.get(token).map_or(0, |count| count.attempts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_token_has_its_own_count() {
        let tokens = Tokens::default();
        assert_eq!([tokens.count("a"), tokens.count("b"), tokens.count("a")], [1, 1, 2]);
        assert_eq!([tokens.of("a"), tokens.of("b"), tokens.of("c")], [2, 1, 0]);
    }

    #[test]
    fn those_used_last_are_kept_and_no_more() {
        let tokens = Tokens::default();
        for n in 0..MAX_TOKENS {
            tokens.count(&n.to_string());
        }
        tokens.count("0");
        tokens.count("one more");
        assert_eq!(tokens.0.lock().expect("no panic").tokens.len(), MAX_TOKENS);
        assert_eq!([tokens.of("0"), tokens.of("1"), tokens.of("2"), tokens.of("one more")], [2, 0, 1, 1]);
    }
}
