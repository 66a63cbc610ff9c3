//! The server from outside. One program, so that it links once.

// Clippy's allowance for tests does not reach the functions that tests share.
#![allow(clippy::unwrap_used)]

mod bytes;
mod events;
mod faults;
mod foreign_client;
mod foreign_pages;
mod framing;
mod help;
mod inspect;
mod patch;
#[cfg(feature = "cli")]
mod program;
mod proxy;
mod push;
mod server;
mod site;
mod support;
mod through;
#[cfg(feature = "tls")]
mod tls;
