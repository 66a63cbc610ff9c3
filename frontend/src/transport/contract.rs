//! What a transport is, what it is made for, and whom it reports to.

use std::rc::Rc;
use std::sync::Arc;
#[cfg(feature = "fetch")]
use std::task::{Context, Poll};

use crate::core::connection::Input;
use crate::error::Error;
use crate::message::{Kind, Message};

/// A connection, until it is dropped. Dropping it inside one of its own reports is safe.
pub(crate) trait Transport {
    /// Reports messages of this type from now on, if it does not report all.
    fn listen(&self, _kind: &Rc<Kind>) {}

    /// Reports messages of this type no more, if it does not report all.
    fn unlisten(&self, _kind: &Rc<Kind>) {}

    /// Makes a new connection, if it makes its connections itself. Gives whether it does.
    fn reconnect(&self) -> bool {
        false
    }

    /// The address that it connects to, without the place, if that is not the source's.
    fn address(&self) -> Option<String> {
        None
    }
}

/// What a transport is made for.
pub(crate) struct Attempt {
    /// The address, without the place.
    pub(crate) address: String,
    /// The source's own address, which errors name: it holds no place and no ticket.
    pub(crate) source_url: Rc<str>,
    /// The place.
    pub(crate) last_event_id: Arc<str>,
    /// Which query parameter tells the place, if one does.
    pub(crate) place_parameter: Option<Rc<str>>,
    pub(crate) tell_place: Option<TellPlace>,
    pub(crate) with_credentials: bool,
    /// Whether it goes on with a stream that has begun, in this source or in that of an earlier visit.
    #[cfg_attr(
        not(feature = "fetch"),
        allow(dead_code, reason = "only over fetch there may be another request for that")
    )]
    pub(crate) resumes: bool,
}

/// Gives a URL with a query parameter of this name and value. Set by those who may make a second transport, or a first one
/// that goes on somewhere.
pub(crate) type TellPlace = fn(&str, &str, &str) -> String;

impl Attempt {
    /// The URL to request: the address, and in its query the place, where the query tells it.
    pub(crate) fn url(&self) -> String {
        self.url_at(&self.address)
    }

    /// The same for another address.
    pub(crate) fn url_at(&self, address: &str) -> String {
        match (self.tell_place, &self.place_parameter) {
            (Some(tell), Some(name)) if !self.last_event_id.is_empty() => tell(address, name, &self.last_event_id),
            _ => address.to_owned(),
        }
    }
}

/// Whom a transport reports to.
pub(crate) trait Sink {
    /// The server answered with an event stream.
    fn opened(&self);

    fn message(&self, message: Message);

    /// Tells the connection what happened.
    fn input(&self, input: Input);

    /// Why a connection that was lost, or could not be made, is gone.
    fn lost(&self) -> Error;

    /// Whether it still listens to this transport.
    fn is_live(&self) -> bool;
}

/// The same for a transport that reads a stream itself: it knows how many messages have come, and can wait.
#[cfg(feature = "fetch")]
pub(crate) trait Flow: Sink {
    /// What the messages of this type have in common.
    fn kind(&self, event_type: &str) -> Rc<Kind>;

    /// How many messages may be delivered without waiting, of whatever type.
    fn room(&self) -> usize;

    /// Waits until someone reads messages: until then the body is left unread, so that none is lost.
    fn poll_wanted(&self, cx: &Context<'_>) -> Poll<()>;

    /// Waits until this message may be delivered.
    fn poll_room(&self, message: &Message, cx: &Context<'_>) -> Poll<()>;

    /// Delivers messages, and empties the list.
    fn deliver(&self, messages: &mut Vec<Message>);

    /// The stream has this id now, also without a message.
    fn place(&self, id: Arc<str>);

    /// The response goes on after this id, which is not the one that was asked for.
    fn lose_place(&self, id: String);
}
