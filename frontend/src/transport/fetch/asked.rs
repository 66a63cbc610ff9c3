//! The request that an attempt makes, whoever has described it.

use super::body::Body;
use crate::error::Error;

/// What an attempt asks for.
pub(super) struct Asked {
    /// `None` for the attempt's own.
    pub(super) url: Option<String>,
    pub(super) method: String,
    /// The source's own, of which those that describe a body go along with that alone.
    pub(super) headers: Vec<(String, String)>,
    /// What takes precedence over those, and over a provider's.
    pub(super) more: Vec<(String, String)>,
    pub(super) body: Option<Body>,
    /// Whether the body is the source's own.
    pub(super) has_own_body: bool,
    /// Whether it may be made twice in a row, to learn why the first one failed.
    pub(super) may_be_repeated: bool,
    /// The error that it is when the browser refuses to make this request, for this reason.
    pub(super) refused: fn(String) -> Error,
}

impl Asked {
    /// All headers, with those of a provider; of a name the last counts.
    pub(super) fn headers<'a>(&'a self, fresh: &'a [(String, String)]) -> impl Iterator<Item = &'a (String, String)> {
        let own = self.headers.iter().chain(fresh);
        let own = own.filter(|(name, _)| self.has_own_body || !name.to_ascii_lowercase().starts_with("content-"));
        own.chain(&self.more)
    }
}

/// Whether a method is one that changes nothing.
pub(super) fn is_safe(method: &str) -> bool {
    ["GET", "HEAD"].iter().any(|safe| method.eq_ignore_ascii_case(safe))
}
