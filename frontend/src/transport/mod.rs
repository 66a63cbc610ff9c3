//! What carries a stream from the server: opens once, and reports until it is dropped.

mod native;
mod probe;

pub(crate) use native::Native;
pub(crate) use probe::probe;

use crate::Message;

/// What a transport has to say.
#[derive(Debug)]
pub(crate) enum Report {
    /// The server answered with an event stream.
    Opened,
    Message(Message),
    /// The connection is lost; the transport itself makes it again.
    Interrupted,
    /// The transport has given up.
    Failed,
}
