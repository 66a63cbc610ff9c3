//! Where a client is in its stream.

use wasm_bindgen::JsCast;
use web_sys::{MessageEvent, Storage};

use crate::global;

/// The last event ID, also over a change of native objects.
///
/// It is read from the newest message when someone asks, not for each message.
#[derive(Debug, Default)]
pub(crate) struct Place {
    /// Where the client was when its newest native object was made.
    before: String,
    newest: Option<MessageEvent>,
    /// Whether the newest message's id is the place. A new object does not know the id that it was opened with: until a
    /// message brings one, its empty ids mean nothing.
    told: bool,
}

impl Place {
    pub(crate) fn new(initial: String) -> Self {
        Self { before: initial, newest: None, told: false }
    }

    /// Takes in a message.
    pub(crate) fn note(&mut self, message: MessageEvent) {
        self.told = self.told || self.before.is_empty() || !message.last_event_id().is_empty();
        self.newest = Some(message);
    }

    pub(crate) fn newest(&self) -> Option<&MessageEvent> {
        self.newest.as_ref()
    }

    pub(crate) fn last_event_id(&self) -> String {
        let newest = self.newest.as_ref().filter(|_| self.told);
        newest.map_or_else(|| self.before.clone(), MessageEvent::last_event_id)
    }

    /// A new object is about to be made, and told the place.
    pub(crate) fn carry_over(&mut self) -> &str {
        self.before = self.last_event_id();
        self.told = false;
        &self.before
    }
}

/// Keeps a place over a reload of the page, in its `sessionStorage`. Workers have none, pages may be denied theirs;
/// then nothing is kept.
#[derive(Debug)]
pub(crate) struct Bookmark {
    storage: Option<Storage>,
    key: String,
}

impl Bookmark {
    pub(crate) fn new(url: &str) -> Self {
        let storage = global::member(&js_sys::global(), "sessionStorage").map(JsCast::unchecked_into);
        Self { storage, key: format!("eventsource-wasm: {url}") }
    }

    /// The place, which is then kept no more: a duplicate of this tab has a copy of what is here, and must not go on
    /// in this one's place.
    pub(crate) fn take(&self) -> Option<String> {
        let place = self.storage.as_ref()?.get_item(&self.key).ok()??;
        self.clear();
        Some(place).filter(|place| !place.is_empty())
    }

    pub(crate) fn write(&self, place: &str) {
        if let Some(storage) = &self.storage {
            // Full or denied: the page begins anew after its reload, as it does without a bookmark.
            let _ = storage.set_item(&self.key, place);
        }
    }

    pub(crate) fn clear(&self) {
        if let Some(storage) = &self.storage {
            let _ = storage.remove_item(&self.key);
        }
    }
}
