//! Thin wrappers of what the browser offers: clock, listeners, tasks, frames, `fetch`, URLs, globals.

pub(crate) mod address;
#[cfg(feature = "share")]
pub(crate) mod channel;
pub(crate) mod clock;
pub(crate) mod fetch;
pub(crate) mod frame;
pub(crate) mod global;
pub(crate) mod js_error;
pub(crate) mod listener;
#[cfg(feature = "share")]
pub(crate) mod locks;
#[cfg(feature = "fetch")]
pub(crate) mod pause;
pub(crate) mod task;
pub(crate) mod turn;
