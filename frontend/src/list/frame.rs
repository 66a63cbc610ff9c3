use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use wasm_bindgen::prelude::*;

/// The next animation frame. Dropping it cancels the request.
pub(crate) struct Frame {
    id: Option<i32>,
    shared: Rc<Shared>,
    _closure: Closure<dyn Fn()>,
}

#[derive(Default)]
struct Shared {
    come: Cell<bool>,
    waker: RefCell<Option<Waker>>,
}

impl Frame {
    pub(crate) fn request() -> Self {
        let shared = Rc::new(Shared::default());
        let closure = Closure::new({
            let shared = Rc::clone(&shared);
            move || {
                shared.come.set(true);
                let waker = shared.waker.take();
                if let Some(waker) = waker {
                    waker.wake();
                }
            }
        });
        let callback = closure.as_js_value().unchecked_ref();
        let id = web_sys::window().and_then(|window| window.request_animation_frame(callback).ok());
        Self { id, shared, _closure: closure }
    }

    pub(crate) fn poll(&self, cx: &Context<'_>) -> Poll<()> {
        if self.shared.come.get() {
            return Poll::Ready(());
        }
        self.shared.waker.replace(Some(cx.waker().clone()));
        Poll::Pending
    }
}

impl Drop for Frame {
    fn drop(&mut self) {
        if let (Some(id), Some(window)) = (self.id, web_sys::window()) {
            let _ = window.cancel_animation_frame(id);
        }
    }
}
