//! `/events`: from a URL to bytes.

mod body;
mod description;
mod handler;
mod id;
mod local_time;
mod pieces;

pub(crate) use description::Stream;
pub(crate) use description::help;
pub(crate) use handler::events;
pub(crate) use id::Moment;
pub(crate) use pieces::Progress;
