//! The request that an attempt makes, whoever has described it.

use super::body::Body;
use crate::error::Error;

/// What an attempt asks for.
pub(super) struct Asked {
    /// `None` for the attempt's own.
    pub(super) url: Option<String>,
    pub(super) method: String,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Option<Body>,
    /// Whether it may be made twice in a row, to learn why the first one failed.
    pub(super) may_be_repeated: bool,
    /// The error that it is when the browser refuses to make this request, for this reason.
    pub(super) refused: fn(String) -> Error,
}

/// Whether a method is one that changes nothing.
pub(super) fn is_safe(method: &str) -> bool {
    ["GET", "HEAD"].iter().any(|safe| method.eq_ignore_ascii_case(safe))
}
