//! What users hold: the handle, its builder, and those who are given messages and states.

pub(crate) mod arrivals;
pub(crate) mod batches;
pub(crate) mod builder;
pub(crate) mod listeners;
mod reader;
#[cfg(feature = "share")]
pub(crate) mod share;
#[expect(clippy::module_inception, reason = "it is what the folder is named after")]
pub(crate) mod source;
pub(crate) mod states;
pub(crate) mod subscription;

#[cfg(all(test, feature = "fetch", not(target_family = "wasm")))]
mod outlets_tests;
