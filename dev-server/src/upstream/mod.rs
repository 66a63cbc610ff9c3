//! A real server behind this one: requests are passed on to it, with or without faults in its streams.

pub(crate) mod address;
pub(crate) mod body;
pub(crate) mod client;
pub(crate) mod headers;
pub(crate) mod pass_on;
pub(crate) mod relay;
mod splitter;
pub(crate) mod through;
