//! The receivers of a source's messages and states: subscriptions, streams of states, callbacks, lists, the JavaScript
//! class.

use std::borrow::Cow;
#[cfg(feature = "fetch")]
use std::sync::Arc;

use crate::core::close::CloseReason;
use crate::core::queue::Pushed;
use crate::core::state::State;
use crate::message::{Gap, Message};
use crate::runtime::place::{Mark, Place};

/// A receiver of a source's messages and states.
///
/// An outlet either queues messages, and runs no code of the page or the caller before it is woken; or it calls such
/// code, and gets a message after the outlets that queue.
pub(crate) trait Outlet {
    /// Takes a message of a type that it is registered for. `before` is where the stream was, for outlets that queue.
    fn message(&self, _message: Cow<'_, Message>, _before: Option<&Place>) -> Pushed {
        Pushed::default()
    }

    /// The same for messages that arrived together, if it queues.
    #[cfg(feature = "fetch")]
    fn messages(&self, messages: &mut dyn Iterator<Item = Message>, before: &Place) -> Pushed {
        messages.fold(Pushed::default(), |sum, message| {
            let pushed = self.message(Cow::Owned(message), Some(before));
            Pushed { need: sum.need.max(pushed.need), dropped: sum.dropped + pushed.dropped }
        })
    }

    /// Whether it wants gaps. It then gets the server's gap event as a gap, not as a message, whatever the event's
    /// type.
    fn shows_gaps(&self) -> bool {
        false
    }

    /// Takes a gap that the server has reported. `before` is where the stream was.
    fn gap(&self, _gap: Gap, _before: &Place) -> Pushed {
        Pushed::default()
    }

    /// Messages are missing here that other sources of a shared stream have received. May run callers' code.
    #[cfg(feature = "share")]
    fn missed(&self) {}

    /// The stream has this id now, without a message.
    #[cfg(feature = "fetch")]
    fn moved(&self, _id: &Arc<str>) {}

    /// Takes a state. May run callers' code.
    fn state(&self, _state: &State) {}

    /// How many messages it can take before the stream has to wait for it.
    #[cfg_attr(not(feature = "fetch"), allow(dead_code, reason = "only a transport that can be held asks"))]
    fn room(&self) -> usize {
        usize::MAX
    }

    /// Whether it has a reader that would take more now, and has not been [excused](Self::excuse).
    #[cfg_attr(not(feature = "fetch"), allow(dead_code, reason = "only a transport that can be held asks"))]
    fn wants_more(&self) -> bool {
        true
    }

    /// Whether it is still calling the page for messages that it has taken, and its reader isn't full.
    #[cfg(feature = "js")]
    fn is_dispatching(&self) -> bool {
        false
    }

    /// It has made the stream wait for too long; the stream does not wait for it until it takes something.
    #[cfg_attr(not(feature = "fetch"), allow(dead_code, reason = "only a transport that can be held asks"))]
    fn excuse(&self) {}

    /// Wakes the reader of the queued messages. May run callers' code.
    fn wake(&self) {}

    /// Where its reader is in the stream, if that is behind what has arrived.
    fn behind(&self) -> Option<Mark> {
        None
    }

    /// The source has ended. May run callers' code.
    fn finish(&self, _reason: &CloseReason) {}
}
