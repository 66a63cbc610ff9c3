//! What carries a stream from the server: opens once, and reports until it is dropped.

#[cfg(feature = "fetch")]
mod fetch;
mod global_fetch;
mod native;
mod probe;

use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

#[cfg(feature = "fetch")]
pub use fetch::{FetchOptions, HeadersContext};
pub(crate) use native::Native;
pub(crate) use probe::probe;

use crate::runtime::Sink;
use crate::{Error, Message};

/// A connection, until it is dropped. Dropping it inside one of its own reports is safe.
pub(crate) trait Transport {
    /// Reports messages of this type from now on, if it does not report all.
    fn listen(&self, _event_type: &Rc<str>) {}

    /// Reports messages of this type no more, if it does not report all.
    fn unlisten(&self, _event_type: &str) {}
}

/// Makes a transport.
pub(crate) type Connect = dyn Fn(Attempt) -> Result<Box<dyn Transport>, Error>;

/// What a transport is made for.
pub(crate) struct Attempt {
    /// The address, and in its query the place, where the query tells it.
    pub(crate) url: String,
    /// The source's own address, which errors name: it holds no place, and no ticket.
    pub(crate) source_url: String,
    /// The place.
    pub(crate) last_event_id: Arc<str>,
    /// Whether the address does not tell the place.
    pub(crate) tell_in_header: bool,
    pub(crate) with_credentials: bool,
    pub(crate) sink: Rc<Sink>,
}

/// What a transport has to say.
#[derive(Debug)]
pub(crate) enum Report {
    /// The server answered with an event stream.
    Opened,
    Message(Message),
    /// Bytes came, whatever they may mean. A transport that does not show them reports messages alone.
    Activity,
    /// The stream has this id now, also without a message.
    Place(Arc<str>),
    /// The server's reconnection time.
    ReconnectionTime(Duration),
    /// The connection is lost; the transport itself makes it again.
    Interrupted,
    /// The transport has given up.
    Failed(Error),
    /// The stream is at its end.
    Ended,
}
