//! The contract between a source and its transport: what a transport is, what it gets, and what it reports to.

use std::rc::Rc;
use std::sync::Arc;
#[cfg(feature = "fetch")]
use std::task::{Context, Poll};

use crate::core::connection::Input;
use crate::error::Error;
use crate::message::{Kind, Message};

/// A connection, until it is dropped. Dropping it inside one of its own reports is safe.
pub(crate) trait Transport {
    /// Reports messages of this type from now on, if it does not report those of all types.
    fn listen(&self, _kind: &Rc<Kind>) {}

    /// Reports messages of this type no more, if it does not report those of all types.
    fn unlisten(&self, _kind: &Rc<Kind>) {}

    /// Makes a new connection, if it makes its connections itself. Returns whether it does.
    fn reconnect(&self) -> bool {
        false
    }

    /// The URL that it connects to, without the last event ID, if that is not the source's.
    fn address(&self) -> Option<String> {
        None
    }
}

/// An attempt, for which a transport is created.
pub(crate) struct Attempt {
    /// The URL, without the last event ID.
    pub(crate) address: String,
    /// The source's own URL, for error messages: it contains no last event ID and no ticket.
    pub(crate) source_url: Rc<str>,
    /// The place: the last event ID.
    pub(crate) last_event_id: Arc<str>,
    /// The query parameter for the last event ID, if there is one.
    pub(crate) place_parameter: Option<Rc<str>>,
    pub(crate) tell_place: Option<TellPlace>,
    pub(crate) with_credentials: bool,
    /// Whether it continues a stream that has begun, in this source or in that of an earlier visit.
    #[cfg_attr(
        not(feature = "fetch"),
        allow(dead_code, reason = "only over fetch there may be another request for that")
    )]
    pub(crate) resumes: bool,
}

/// Returns a URL with a query parameter of this name and value. Set by the options with which a transport may have to
/// continue a stream.
pub(crate) type TellPlace = fn(&str, &str, &str) -> String;

impl Attempt {
    /// The URL to request: with the last event ID in its query, if there is a parameter for it.
    pub(crate) fn url(&self) -> String {
        self.url_at(&self.address)
    }

    /// The same for another URL.
    pub(crate) fn url_at(&self, address: &str) -> String {
        match (self.tell_place, &self.place_parameter) {
            (Some(tell), Some(name)) if !self.last_event_id.is_empty() => tell(address, name, &self.last_event_id),
            _ => address.to_owned(),
        }
    }
}

/// The receiver of a transport's reports.
pub(crate) trait Sink {
    /// The server answered with an event stream.
    fn opened(&self);

    fn message(&self, message: Message);

    /// Passes an input to the connection.
    fn input(&self, input: Input);

    /// The error for a connection that was lost, or could not be made.
    fn lost(&self) -> Error;

    /// Whether it still listens to this transport.
    fn is_live(&self) -> bool;
}

/// The same for a transport that reads a stream itself, which knows how many messages have arrived, and can wait.
#[cfg(feature = "fetch")]
pub(crate) trait Flow: Sink {
    /// What the messages of this type have in common.
    fn kind(&self, event_type: &str) -> Rc<Kind>;

    /// How many messages may be delivered without waiting, of whatever type.
    fn room(&self) -> usize;

    /// Waits until messages have a reader. The body is not read before, so that no message is lost.
    fn poll_wanted(&self, cx: &Context<'_>) -> Poll<()>;

    /// Waits until this message may be delivered.
    fn poll_room(&self, message: &Message, cx: &Context<'_>) -> Poll<()>;

    /// Waits until the page has been called for every message that was delivered.
    #[cfg(feature = "js")]
    fn poll_dispatched(&self, cx: &Context<'_>) -> Poll<()>;

    /// Delivers messages, and empties the list.
    fn deliver(&self, messages: &mut Vec<Message>);

    /// The stream has this id now, also without a message.
    fn place(&self, id: Arc<str>);

    /// The response continues after this ID, which is not the requested one.
    fn lose_place(&self, id: String);
}
