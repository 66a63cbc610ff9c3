//! Does what a connection decides, and brings its messages to those who listen.

pub(crate) mod bookmark;
pub(crate) mod delivery;
pub(crate) mod duplicates;
#[cfg(feature = "fetch")]
pub(crate) mod flow;
pub(crate) mod outlet;
pub(crate) mod page;
pub(crate) mod parts;
pub(crate) mod place;
pub(crate) mod positions;
pub(crate) mod reporter;
pub(crate) mod routes;
#[expect(clippy::module_inception, reason = "it is what the folder is named after")]
pub(crate) mod runtime;
