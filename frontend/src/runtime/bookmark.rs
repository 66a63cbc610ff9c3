//! Keeps a source's place over a reload of its page, in `sessionStorage`.

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::Date;
use wasm_bindgen::prelude::*;
use web_sys::{EventTarget, Storage};

use crate::core::bookmark_key;
use crate::core::close::CloseReason;
use crate::core::digits::digits;
use crate::platform::global::member;
use crate::platform::listener::Listener;
use crate::runtime::delivery::Delivery;
use crate::runtime::parts::{Keeping, Kept};

const PREFIX: &str = "eventsource-wasm: ";

/// How long a place is kept if no page takes it, in milliseconds, and how many places are kept at most.
const LONGEST: u64 = 24 * 3_600_000;
const MOST: usize = 50;

thread_local! {
    /// The names that the page's sources have now.
    static NAMES: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

/// An entry in the page's `sessionStorage`.
pub(crate) struct Bookmark {
    storage: Storage,
    name: String,
}

impl Bookmark {
    /// The bookmark of a source with this URL, or this key if there is one. Workers have no storage, and pages may be
    /// denied theirs; then there is no bookmark.
    pub(crate) fn open(key: Option<&str>, url: &str) -> Option<Kept> {
        let storage = member(&js_sys::global(), "sessionStorage")?.unchecked_into();
        let base = match key {
            Some(key) => [PREFIX, "key ", key].concat(),
            None => [PREFIX, &bookmark_key::of_url(url)].concat(),
        };
        // Each of several sources of one stream has its own place. A reloaded page opens them in the same order.
        let name = NAMES.with_borrow_mut(|names| {
            let mut name = base.clone();
            while names.contains(&name) {
                name.push('+');
            }
            names.push(name.clone());
            name
        });
        let bookmark = Rc::new(Self { storage, name });
        Some(Kept { found: bookmark.find(), take: Box::new(move |delivery| bookmark.keep(delivery)) })
    }

    /// Takes the stored place, and stores that of the delivery when the page is left, or its source gives up.
    fn keep(self: Rc<Self>, delivery: &Rc<Delivery>) -> Keeping {
        self.clear();
        let global: EventTarget = js_sys::global().unchecked_into();
        let (hidden, delivered) = (Rc::clone(&self), Rc::downgrade(delivery));
        let hide = Listener::new(&global, "pagehide", move |_| {
            if let Some(delivery) = delivered.upgrade() {
                hidden.leave(&delivery.taken_id());
            }
        });
        let shown = Rc::clone(&self);
        let show = Listener::new(&global, "pageshow", move |_| shown.clear());
        let delivered = Rc::downgrade(delivery);
        let ended = Box::new(move |reason: &CloseReason| {
            if let (CloseReason::Failed { .. }, Some(delivery)) = (reason, delivered.upgrade()) {
                self.leave(&delivery.taken_id());
            }
        });
        Keeping { listeners: vec![hide, show], ended }
    }

    fn find(&self) -> Option<String> {
        let entry = self.storage.get_item(&self.name).ok()??;
        let (time, place) = parse(&entry);
        (time.saturating_add(LONGEST) >= now() && !place.is_empty() && is_id(place)).then(|| place.to_owned())
    }

    /// A duplicate of this tab has a copy of the storage, and must not continue at this tab's place.
    fn clear(&self) {
        let _ = self.storage.remove_item(&self.name);
    }

    fn leave(&self, place: &str) {
        if place.is_empty() {
            return;
        }
        self.purge();
        // Full or denied: after its reload, the page starts from the beginning, as it does without a bookmark.
        let _ = self.storage.set_item(&self.name, &[&*digits(now()), " ", place].concat());
    }

    /// Removes places that no page has taken: those that are too old, and the oldest if there are too many.
    fn purge(&self) {
        let count = self.storage.length().unwrap_or_default();
        let names = (0..count).filter_map(|index| self.storage.key(index).ok().flatten());
        let time_of = |name: &String| self.storage.get_item(name).ok().flatten().map_or(0, |entry| parse(&entry).0);
        let mut entries: Vec<(u64, String)> =
            names.filter(|name| name.starts_with(PREFIX)).map(|name| (time_of(&name), name)).collect();
        let is_old = |time: u64| time.saturating_add(LONGEST) < now();
        while let Some(oldest) = entries.iter().map(|(time, _)| *time).min() {
            if !is_old(oldest) && entries.len() < MOST {
                break;
            }
            entries.retain(|(time, name)| {
                if *time == oldest {
                    let _ = self.storage.remove_item(name);
                }
                *time > oldest
            });
        }
    }
}

/// The wall-clock time in milliseconds, which continues while the page is reloaded.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the cast saturates")]
fn now() -> u64 {
    Date::now() as u64
}

/// When an entry was made, and the place.
fn parse(entry: &str) -> (u64, &str) {
    let (time, place) = entry.split_once(' ').unwrap_or_default();
    (time.parse().unwrap_or_default(), place)
}

impl Drop for Bookmark {
    fn drop(&mut self) {
        NAMES.with_borrow_mut(|names| names.retain(|name| *name != self.name));
    }
}

/// Whether a stream can have this last event ID.
pub(crate) fn is_id(id: &str) -> bool {
    !id.contains(['\0', '\n', '\r'])
}
