//! The request of an attempt, from the options or from `resume`.

use super::body::Body;
use crate::error::Error;

/// The request of an attempt.
pub(super) struct Asked {
    /// `None` for the attempt's own URL.
    pub(super) url: Option<String>,
    pub(super) method: String,
    /// The source's own headers. Those that describe a body are sent only with the source's own body.
    pub(super) headers: Vec<(String, String)>,
    /// Headers that take precedence over those, and over a provider's.
    pub(super) more: Vec<(String, String)>,
    pub(super) body: Option<Body>,
    /// Whether the body is the source's own.
    pub(super) has_own_body: bool,
    /// Whether it may be repeated at once, to learn why the first one failed.
    pub(super) may_be_repeated: bool,
    /// The error if the browser refuses to make this request, for this reason.
    pub(super) refused: fn(String) -> Error,
}

impl Asked {
    /// All headers, with those of a provider; of several with the same name, the last one counts.
    pub(super) fn headers<'a>(&'a self, fresh: &'a [(String, String)]) -> impl Iterator<Item = &'a (String, String)> {
        let own = self.headers.iter().chain(fresh);
        let own = own.filter(|(name, _)| self.has_own_body || !name.to_ascii_lowercase().starts_with("content-"));
        own.chain(&self.more)
    }
}

/// Whether a method is safe: it changes nothing on the server.
pub(super) fn is_safe(method: &str) -> bool {
    ["GET", "HEAD"].iter().any(|safe| method.eq_ignore_ascii_case(safe))
}
