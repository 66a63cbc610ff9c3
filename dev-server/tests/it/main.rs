//! The server from outside. One program, so that it links once.

// Clippy's allowance for tests does not reach the functions that tests share.
#![allow(clippy::unwrap_used)]

mod events;
mod server;
mod support;
