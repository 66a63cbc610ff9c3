//! Keeps a source's place over a reload of its page.

use wasm_bindgen::prelude::*;
use web_sys::{EventTarget, Storage};

use crate::global::member;
use crate::options::is_id;
use crate::runtime::Runtime;

/// Takes the place that the page before has left, and leaves this one's to the page after.
pub(crate) fn resume(runtime: &Runtime) {
    let Some(bookmark) = Bookmark::of(runtime) else { return };
    if let Some(place) = bookmark.take() {
        runtime.begin_after(place);
    }
    let global: EventTarget = js_sys::global().unchecked_into();
    runtime.listen(&global, "pagehide", |runtime, _| {
        if let Some(bookmark) = Bookmark::of(runtime) {
            bookmark.write(&runtime.last_event_id());
        }
    });
    runtime.listen(&global, "pageshow", |runtime, _| {
        if let Some(bookmark) = Bookmark::of(runtime) {
            bookmark.clear();
        }
    });
}

/// An entry in the page's `sessionStorage`.
struct Bookmark {
    storage: Storage,
    key: String,
}

impl Bookmark {
    /// Workers have no storage, pages may be denied theirs; then nothing is kept.
    fn of(runtime: &Runtime) -> Option<Self> {
        let storage = member(&js_sys::global(), "sessionStorage")?.unchecked_into();
        Some(Self { storage, key: ["eventsource-wasm: ", runtime.url()].concat() })
    }

    /// The place, which is then kept no more: a duplicate of this tab has a copy of what is here, and must not go on
    /// in this one's place.
    fn take(&self) -> Option<String> {
        let place = self.storage.get_item(&self.key).ok()??;
        self.clear();
        Some(place).filter(|place| !place.is_empty() && is_id(place))
    }

    fn write(&self, place: &str) {
        // Full or denied: the page begins anew after its reload, as it does without a bookmark.
        let _ = self.storage.set_item(&self.key, place);
    }

    fn clear(&self) {
        let _ = self.storage.remove_item(&self.key);
    }
}
