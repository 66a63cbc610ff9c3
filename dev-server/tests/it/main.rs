//! The server from outside. One program, so that it links once.

mod events;
mod server;
mod support;
