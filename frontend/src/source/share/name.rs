//! What the sources that share have in common: the name of their channel and locks.

use std::hash::{DefaultHasher, Hash, Hasher};

use crate::core::digits::digits;
use crate::core::share::post::{MemberId, VERSION};

/// Names made of all that a source's requests have in common. Whoever lists an origin's locks sees a name, so it tells
/// nothing of URLs and headers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Name(String);

impl Name {
    pub(crate) fn of(identity: &impl Hash) -> Self {
        let half = |salt: u8| {
            let mut hasher = DefaultHasher::new();
            (salt, identity).hash(&mut hasher);
            hasher.finish()
        };
        Self(["eventsource-wasm ", &digits(VERSION.into()), " ", &digits(half(0)), "-", &digits(half(1))].concat())
    }

    pub(crate) fn channel(&self) -> &str {
        &self.0
    }

    /// The lock of whoever leads.
    pub(crate) fn leader(&self) -> String {
        [&*self.0, " leader"].concat()
    }

    /// What the names of the sharers' own locks begin with.
    pub(crate) fn members(&self) -> String {
        [&*self.0, " sharer "].concat()
    }

    /// The lock of one sharer.
    pub(crate) fn member(&self, id: MemberId) -> String {
        [&*self.members(), &digits(id)].concat()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_has_another_name_and_the_name_tells_nothing() {
        let name = |url: &str, token: &str| Name::of(&(url, token));
        assert_eq!(name("/a", "secret"), name("/a", "secret"));
        assert_ne!(name("/a", "secret"), name("/b", "secret"));
        assert_ne!(name("/a", "secret"), name("/a", "other"));
        assert!(!name("/a", "secret").leader().contains("secret"));
        assert!(name("/a", "b").member(7).starts_with(&name("/a", "b").members()));
    }
}
