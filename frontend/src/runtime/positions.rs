//! The positions of streams that have them in their messages' data.

use std::cell::RefCell;

use super::bookmark::is_id;
use crate::message::Message;

/// Reads the position from a message's data.
type Find = dyn Fn(&Message) -> Option<String>;

/// Sets the IDs of messages to what a function finds in their data; a message in which it finds none gets the ID of the
/// one before.
pub(crate) struct Positions {
    find: Box<Find>,
    /// The last position that was found, unless the stream has sent an ID of its own since.
    found: RefCell<Option<String>>,
    /// The newest id of the stream's own.
    own: RefCell<String>,
}

impl Positions {
    pub(crate) fn new(find: impl Fn(&Message) -> Option<String> + 'static) -> Self {
        Self { find: Box::new(find), found: RefCell::default(), own: RefCell::default() }
    }

    pub(crate) fn place(&self, message: &mut Message) {
        let found = (self.find)(message).filter(|id| is_id(id));
        if self.has_own_id(message) || found.is_some() {
            self.found.replace(found);
        }
        let known = self.found.borrow().clone();
        if let Some(id) = known {
            message.set_id(&id);
        }
    }

    /// Whether the message has an `id` field. The browser's own object does not show this, but if the ID differs from
    /// the one before, it has.
    fn has_own_id(&self, message: &Message) -> bool {
        if message.as_raw().is_none() {
            return message.has_own_id();
        }
        let id = message.last_event_id();
        let is_new = *self.own.borrow() != id;
        if is_new {
            self.own.replace(id.to_owned());
        }
        is_new && !id.is_empty()
    }
}
