//! Who is given a source's messages and states: subscriptions, streams of states, callbacks, lists, the JavaScript class.

use std::borrow::Cow;
#[cfg(feature = "fetch")]
use std::sync::Arc;

use crate::core::close::CloseReason;
use crate::core::queue::Pushed;
use crate::core::state::State;
use crate::message::{Gap, Message};
use crate::runtime::place::{Mark, Place};

/// One of those who are given what a source has to tell.
///
/// An outlet either queues messages, and runs no code of the page's or the user's before it is woken; or it calls
/// someone, and is given a message after those who queue.
pub(crate) trait Outlet {
    /// Takes a message of a type that it is registered for. `before` is where the stream was, for those who queue.
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

    /// Whether it wants gaps, of whatever type of event; then such an event is no message for it.
    fn shows_gaps(&self) -> bool {
        false
    }

    /// Takes a gap that the server has told. `before` is where the stream was.
    fn gap(&self, _gap: Gap, _before: &Place) -> Pushed {
        Pushed::default()
    }

    /// Messages are missing here that others who share the stream have had. May call someone.
    #[cfg(feature = "share")]
    fn missed(&self) {}

    /// The stream has this id now, without a message.
    #[cfg(feature = "fetch")]
    fn moved(&self, _id: &Arc<str>) {}

    /// Takes a state. May call someone.
    fn state(&self, _state: &State) {}

    /// How many messages it can take before the stream has to be held for it.
    #[cfg_attr(not(feature = "fetch"), allow(dead_code, reason = "only a transport that can be held asks"))]
    fn room(&self) -> usize {
        usize::MAX
    }

    /// Whether it has a reader that would take more now, and has not been [excused](Self::excuse).
    #[cfg_attr(not(feature = "fetch"), allow(dead_code, reason = "only a transport that can be held asks"))]
    fn wants_more(&self) -> bool {
        true
    }

    /// It has held the stream for too long, and is not waited for until it takes something.
    #[cfg_attr(not(feature = "fetch"), allow(dead_code, reason = "only a transport that can be held asks"))]
    fn excuse(&self) {}

    /// Wakes whoever waits for what has been queued. May call someone.
    fn wake(&self) {}

    /// Where its reader is in the stream, if that is behind what has arrived.
    fn behind(&self) -> Option<Mark> {
        None
    }

    /// Nothing comes any more. May call someone.
    fn finish(&self, _reason: &CloseReason) {}
}
