//! What carries a stream from the server.

pub(crate) mod by_provider;
pub(crate) mod contract;
#[cfg(feature = "fetch")]
pub(crate) mod fetch;
pub(crate) mod native;
pub(crate) mod probe;
