//! What a page, or a worker as far as it can, tells about the network and itself.

use wasm_bindgen::prelude::*;
use web_sys::{Event, EventTarget};

use crate::core::connection::{Connection, Input};
use crate::platform::global::{document, member};
use crate::platform::listener::Listener;
use crate::runtime::reporter::Port;

/// Tells the port. A worker has no document and is never shown, hidden or cached; it sees the network.
pub(crate) fn follow_page(port: &Port) -> Vec<Listener> {
    let global: EventTarget = js_sys::global().unchecked_into();
    let on = |target: &EventTarget, event_type: &str, input: fn(&Event) -> Option<Input>| {
        let port = Port::clone(port);
        Listener::new(target, event_type, move |event| {
            if let Some(input) = input(&event) {
                port(input);
            }
        })
    };
    let mut listeners = vec![on(&global, "online", |_| Some(online())), on(&global, "offline", |_| Some(offline()))];
    if let Some(document) = document() {
        let visibility = |_: &Event| Some(if is_hidden() { hidden() } else { shown() });
        listeners.push(on(document.unchecked_ref(), "visibilitychange", visibility));
        listeners.push(on(&global, "pagehide", |event| is_persisted(event).then(cached)));
        listeners.push(on(&global, "pageshow", |event| is_persisted(event).then(restored)));
    }
    // What holds already will not be told.
    if is_offline() {
        port(offline());
    }
    if is_hidden() {
        port(hidden());
    }
    listeners
}

fn online() -> Input {
    let random = js_sys::Math::random();
    Box::new(move |connection, now| connection.online(now, random))
}

fn offline() -> Input {
    Box::new(Connection::offline)
}

fn hidden() -> Input {
    Box::new(|connection, _| connection.hidden())
}

fn shown() -> Input {
    Box::new(Connection::shown)
}

fn cached() -> Input {
    Box::new(Connection::cached)
}

fn restored() -> Input {
    Box::new(Connection::restored)
}

fn is_persisted(event: &Event) -> bool {
    member(event, "persisted") == Some(JsValue::TRUE)
}

fn is_hidden() -> bool {
    document().is_some_and(|document| member(&document, "hidden") == Some(JsValue::TRUE))
}

fn is_offline() -> bool {
    let navigator = member(&js_sys::global(), "navigator");
    navigator.is_some_and(|navigator| member(&navigator, "onLine") == Some(JsValue::FALSE))
}
