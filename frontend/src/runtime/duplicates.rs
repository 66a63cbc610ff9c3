//! Recognizes messages that were delivered before, for sources with `suppress_duplicates`.

use std::cell::RefCell;

use crate::core::dedup::Seen;
use crate::message::Message;
use crate::runtime::delivery::Duplicates;

pub(crate) struct Suppress(RefCell<Seen>);

impl Suppress {
    pub(crate) fn new(window: usize) -> Self {
        Self(RefCell::new(Seen::new(window)))
    }
}

impl Duplicates for Suppress {
    fn is_duplicate(&self, message: &Message) -> bool {
        if !message.has_own_id() {
            return false;
        }
        // Read before the borrow, because a page may have replaced the browser's getters with its own code.
        let id = message.last_event_id();
        !self.0.borrow_mut().admits(id)
    }

    fn reconnected(&self) {
        self.0.borrow_mut().reconnected();
    }

    fn clear(&self) {
        self.0.borrow_mut().clear();
    }
}
