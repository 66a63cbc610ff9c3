//! Recognises messages that were delivered before, for a source that is asked to.

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
        // Read before the borrow: a page may have put getters of its own in the place of the browser's.
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
