//! A DOM event listener that is removed when it is dropped.

use std::rc::Rc;

use wasm_bindgen::prelude::*;
use web_sys::{Event, EventTarget};

/// A listener that is removed when dropped, also from inside itself: a running closure is freed when it returns.
pub(crate) struct Listener {
    target: EventTarget,
    event_type: Rc<str>,
    closure: Closure<dyn Fn(Event)>,
}

impl Listener {
    pub(crate) fn new(target: &EventTarget, event_type: &str, handle: impl Fn(Event) + 'static) -> Self {
        let closure = Closure::new(handle);
        let listener = Self { target: target.clone(), event_type: Rc::from(event_type), closure };
        // Adding and removing throw only for arguments that are no listener.
        let _ = target.add_event_listener_with_callback(event_type, listener.callback());
        listener
    }

    fn callback(&self) -> &js_sys::Function {
        self.closure.as_js_value().unchecked_ref()
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let _ = self.target.remove_event_listener_with_callback(&self.event_type, self.callback());
    }
}
