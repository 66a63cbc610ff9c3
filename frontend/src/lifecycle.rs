//! What a page, or a worker as far as it can, tells of the network and of itself.

use std::rc::Rc;

use wasm_bindgen::prelude::*;
use web_sys::EventTarget;

use crate::connection::Input;
use crate::global::{document, member};
use crate::listener::Listener;

/// Listens while it lives. A worker has no document and is never shown, hidden or cached; the network it sees.
pub(crate) struct Lifecycle {
    _listeners: Vec<Listener>,
}

/// Something that happened to the page.
#[derive(Debug)]
pub(crate) enum Signal {
    Input(Input),
    /// The page is going away, into the cache or for good.
    PageHide,
    /// The page is here again.
    PageShow,
}

impl Lifecycle {
    pub(crate) fn listen(handle: impl Fn(Signal) + 'static) -> Self {
        let handle = Rc::new(handle);
        let global: EventTarget = js_sys::global().unchecked_into();
        let mut listeners = vec![
            on(&global, "online", &handle, |_| vec![Signal::Input(Input::Online)]),
            on(&global, "offline", &handle, |_| vec![Signal::Input(Input::Offline)]),
        ];
        if let Some(document) = document().map(JsCast::unchecked_into) {
            listeners.extend([
                on(&document, "visibilitychange", &handle, |_| vec![Signal::Input(visibility())]),
                on(&global, "pagehide", &handle, |event| {
                    let cached = is_persisted(event).then_some(Signal::Input(Input::Cached));
                    [Signal::PageHide].into_iter().chain(cached).collect()
                }),
                on(&global, "pageshow", &handle, |event| {
                    let restored = is_persisted(event).then_some(Signal::Input(Input::Restored));
                    [Signal::PageShow].into_iter().chain(restored).collect()
                }),
            ]);
        }
        Self { _listeners: listeners }
    }

    /// What holds already and will not be signalled.
    pub(crate) fn now() -> Vec<Input> {
        let offline = (member(&js_sys::global(), "navigator"))
            .is_some_and(|navigator| member(&navigator, "onLine") == Some(JsValue::FALSE));
        let offline = offline.then_some(Input::Offline);
        let hidden = document().map(|_| visibility()).filter(|input| matches!(input, Input::Hidden));
        offline.into_iter().chain(hidden).collect()
    }
}

fn on(
    target: &EventTarget,
    event_type: &str,
    handle: &Rc<impl Fn(Signal) + 'static>,
    read: impl Fn(&JsValue) -> Vec<Signal> + 'static,
) -> Listener {
    let handle = Rc::clone(handle);
    Listener::new(target, event_type, move |event| read(&event).into_iter().for_each(&*handle))
}

fn visibility() -> Input {
    let hidden = document().is_some_and(|document| member(&document, "hidden") == Some(JsValue::TRUE));
    if hidden { Input::Hidden } else { Input::Shown }
}

fn is_persisted(event: &JsValue) -> bool {
    member(event, "persisted") == Some(JsValue::TRUE)
}
