//! What a page, or a worker as far as it can, tells of the network and of itself.

use wasm_bindgen::prelude::*;
use web_sys::{Event, EventTarget};

use crate::connection::Input;
use crate::global::{document, member};
use crate::runtime::Runtime;

/// Makes a source live with its page. A worker has no document and is never shown, hidden or cached; the network it sees.
pub(crate) fn follow_page(runtime: &Runtime) {
    let global: EventTarget = js_sys::global().unchecked_into();
    runtime.listen(&global, "online", |runtime, _| runtime.step(Input::Online));
    runtime.listen(&global, "offline", |runtime, _| runtime.step(Input::Offline));
    if let Some(document) = document() {
        runtime.listen(document.unchecked_ref(), "visibilitychange", |runtime, _| {
            runtime.step(if is_hidden() { Input::Hidden } else { Input::Shown });
        });
        runtime.listen(&global, "pagehide", |runtime, event| step_if_cached(runtime, event, Input::Cached));
        runtime.listen(&global, "pageshow", |runtime, event| step_if_cached(runtime, event, Input::Restored));
    }
    // What holds already will not be told.
    if is_offline() {
        runtime.step(Input::Offline);
    }
    if is_hidden() {
        runtime.step(Input::Hidden);
    }
}

fn step_if_cached(runtime: &Runtime, event: &Event, input: Input) {
    if member(event, "persisted") == Some(JsValue::TRUE) {
        runtime.step(input);
    }
}

fn is_hidden() -> bool {
    document().is_some_and(|document| member(&document, "hidden") == Some(JsValue::TRUE))
}

fn is_offline() -> bool {
    let navigator = member(&js_sys::global(), "navigator");
    navigator.is_some_and(|navigator| member(&navigator, "onLine") == Some(JsValue::FALSE))
}
