//! Where a client is in its stream.

use std::sync::Arc;

use wasm_bindgen::JsCast;
use web_sys::{MessageEvent, Storage};

use crate::connection::Instant;
use crate::options::is_id;
use crate::{clock, global};

/// The last event ID, also over a change of transports.
///
/// A native message is asked for its id when someone wants to know, not when it comes.
#[derive(Debug, Default)]
pub(crate) struct Place {
    /// Where the client was when its newest transport was made.
    before: Arc<str>,
    newest: Option<Newest>,
    /// Whether the newest message's id is the place. A new native object does not know the id that it was opened with:
    /// until a message brings one, its empty ids mean nothing.
    told: bool,
}

/// The newest message, as far as it matters here.
#[derive(Debug)]
pub(crate) enum Newest {
    Event(MessageEvent),
    Text { id: Arc<str>, came: Instant },
}

impl Newest {
    /// When it came.
    pub(crate) fn time(&self) -> Instant {
        match self {
            Self::Event(event) => clock::time_of(event),
            Self::Text { came, .. } => *came,
        }
    }
}

impl Place {
    pub(crate) fn new(initial: String) -> Self {
        Self { before: initial.into(), newest: None, told: false }
    }

    /// Takes in a message of the native object.
    pub(crate) fn note(&mut self, message: MessageEvent) {
        self.told = self.told || self.before.is_empty() || !message.last_event_id().is_empty();
        self.newest = Some(Newest::Event(message));
    }

    /// Takes in a message whose id is the stream's, even if it is empty.
    pub(crate) fn note_text(&mut self, id: Arc<str>, came: Instant) {
        self.told = true;
        self.newest = Some(Newest::Text { id, came });
    }

    /// The stream has another id now, without a message that anyone reads.
    pub(crate) fn move_to(&mut self, id: Arc<str>) {
        self.told = false;
        self.before = id;
    }

    pub(crate) fn newest(&self) -> Option<&Newest> {
        self.newest.as_ref()
    }

    pub(crate) fn last_event_id(&self) -> Arc<str> {
        match &self.newest {
            Some(Newest::Event(event)) if self.told => event.last_event_id().into(),
            Some(Newest::Text { id, .. }) if self.told => Arc::clone(id),
            _ => Arc::clone(&self.before),
        }
    }

    /// A new transport is about to be made, and told the place.
    pub(crate) fn carry_over(&mut self) {
        self.before = self.last_event_id();
        self.told = false;
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
        Some(place).filter(|place| !place.is_empty() && is_id(place))
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
