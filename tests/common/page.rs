//! The page's own life. The browser is not taken offline, hidden or cached: `navigator.onLine`, `document.hidden` and the
//! events are the tests' own, as the browser would have them.

use js_sys::Reflect;
use wasm_bindgen::prelude::*;
use web_sys::{Event, EventTarget, Storage};

use super::stub::Stub;

pub fn window() -> JsValue {
    web_sys::window().unwrap().into()
}

fn document() -> JsValue {
    web_sys::window().unwrap().document().unwrap().into()
}

pub fn fire(target: &JsValue, event_type: &str, persisted: bool) {
    let event = Event::new(event_type).unwrap();
    let _persisted = Stub::new(&event, "persisted", persisted);
    target.unchecked_ref::<EventTarget>().dispatch_event(&event).unwrap();
}

pub fn offline() -> Stub {
    let navigator = Reflect::get(&window(), &"navigator".into()).unwrap();
    let stub = Stub::new(&navigator, "onLine", false);
    fire(&window(), "offline", false);
    stub
}

pub fn online(stub: Stub) {
    drop(stub);
    fire(&window(), "online", false);
}

pub fn hide() -> Stub {
    let stub = Stub::new(&document(), "hidden", true);
    fire(&document(), "visibilitychange", false);
    stub
}

pub fn show(stub: Stub) {
    drop(stub);
    fire(&document(), "visibilitychange", false);
}

/// The page is left, and not cached.
pub fn leave() {
    fire(&window(), "pagehide", false);
}

/// Where the page keeps what is to outlive a reload.
pub fn storage() -> Storage {
    web_sys::window().unwrap().session_storage().unwrap().unwrap()
}

/// How many places are kept there.
pub fn kept() -> u32 {
    storage().length().unwrap()
}
