//! The streams: from a URL to bytes.

mod body;
mod clock;
pub(crate) mod connections;
pub(crate) mod cors;
pub(crate) mod description;
mod echo;
mod events;
pub(crate) mod handler;
mod heartbeat;
pub(crate) mod help;
mod id;
pub(crate) mod inspect;
pub(crate) mod lab;
mod lines;
mod local_time;
pub(crate) mod params;
mod player;
pub(crate) mod query;
mod random;
mod raw;
pub(crate) mod script;
mod shape;
mod step;
pub(crate) mod table;
mod tokens;
