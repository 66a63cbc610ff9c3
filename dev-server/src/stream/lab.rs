//! The state that the handlers share.

use std::io;
use std::time::Duration;

use super::channels::Channels;
use super::clock::Clock;
use super::connections::Connections;
use super::description::Stream;
use super::raw::Scripts;
use super::tokens::Tokens;
use crate::closed_port::ClosedPort;
use crate::duration;
use crate::requests::Journal;
use crate::upstream::address::Upstream;

/// The state that the handlers share.
#[derive(Debug)]
pub(crate) struct Lab {
    /// The stream that an empty query describes.
    pub(crate) stream: Stream,
    pub(crate) clock: Clock,
    /// The counts of connections by token.
    pub(crate) tokens: Tokens,
    pub(crate) scripts: Scripts,
    pub(crate) channels: Channels,
    pub(crate) connections: Connections,
    pub(crate) journal: Journal,
    /// The server that gets requests for all other paths.
    pub(crate) upstream: Option<Upstream>,
    closed_port: ClosedPort,
}

impl Lab {
    /// A lab whose streams have an event this often, a day at most, unless their URL says otherwise.
    pub(crate) fn new(interval: Duration, upstream: Option<Upstream>) -> Self {
        Self {
            stream: Stream::new(interval.min(duration::MAX)),
            clock: Clock::start(),
            tokens: Tokens::default(),
            scripts: Scripts::new(),
            channels: Channels::default(),
            connections: Connections::default(),
            journal: Journal::default(),
            upstream,
            closed_port: ClosedPort::default(),
        }
    }

    /// A URL whose port refuses connections.
    pub(crate) fn refused_url(&self) -> io::Result<String> {
        self.closed_port.address().map(|address| format!("http://{address}/events"))
    }
}
