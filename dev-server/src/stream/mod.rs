//! `/events`: from a URL to bytes.

mod attempts;
mod body;
mod cors;
mod description;
mod echo;
mod events;
mod handler;
mod help;
mod id;
mod local_time;
pub(crate) mod params;
mod player;
mod random;
mod raw;
mod script;
mod shape;

pub(crate) use attempts::Attempts;
pub(crate) use cors::wrong_cors;
#[cfg(test)]
pub(crate) use description::Endpoint;
pub(crate) use description::Stream;
pub(crate) use handler::{echo_request, events, keep_script, raw};
pub(crate) use help::help;
pub(crate) use id::Moment;
pub use params::answer::Cors;
pub use params::bytes::{Eol, Newline, Split};
pub use params::end::End;
pub use params::ids::{Data, IdMode};
pub use params::pace::HeartbeatMode;
pub(crate) use player::Progress;
pub(crate) use raw::Scripts;
pub use script::Script;
