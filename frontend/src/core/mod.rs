//! What is decided without a browser: when to connect and to wait, what has been seen, what a queue holds.
//!
//! Nothing in this folder names JavaScript, a clock or a source of randomness; each comes in as an argument. So all of
//! it is tested on the host.

pub(crate) mod bookmark_key;
pub(crate) mod close;
pub(crate) mod connection;
pub(crate) mod dedup;
pub(crate) mod digits;
#[cfg(feature = "share")]
pub(crate) mod mirror;
pub(crate) mod outbox;
pub(crate) mod pacing;
pub(crate) mod phase;
pub(crate) mod queue;
pub(crate) mod recovery;
pub(crate) mod retry;
pub(crate) mod rules;
#[cfg(feature = "share")]
pub(crate) mod share;
pub(crate) mod state;
pub(crate) mod stats;
pub(crate) mod time;
pub(crate) mod timers;
pub(crate) mod visits;
