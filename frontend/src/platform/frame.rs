//! The next animation frame. Windows and dedicated workers have frames.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use wasm_bindgen::prelude::*;

/// A request for the next frame, cancelled when dropped.
pub(crate) struct Frame {
    id: JsValue,
    _closure: Closure<dyn Fn()>,
}

impl Frame {
    /// Calls `call` in the next frame; `None` where there are no frames.
    pub(crate) fn request(call: impl Fn() + 'static) -> Option<Self> {
        let closure = Closure::<dyn Fn()>::new(call);
        let id = request_animation_frame(closure.as_js_value()).ok()?;
        Some(Self { id, _closure: closure })
    }
}

impl Drop for Frame {
    fn drop(&mut self) {
        // Where a frame could be requested it can be cancelled.
        let _ = cancel_animation_frame(&self.id);
    }
}

/// A future of the next frame, requested when first polled.
#[derive(Default)]
pub(crate) struct NextFrame {
    frame: Option<Frame>,
    shared: Rc<Shared>,
}

#[derive(Default)]
struct Shared {
    come: Cell<bool>,
    waker: RefCell<Option<Waker>>,
}

impl NextFrame {
    /// Ready in the frame, and at once where there are no frames; then it waits for the one after.
    pub(crate) fn poll(&mut self, cx: &Context<'_>) -> Poll<()> {
        if self.shared.come.take() {
            self.frame = None;
            return Poll::Ready(());
        }
        let waker = cx.waker().clone();
        let before = self.shared.waker.replace(Some(waker));
        drop(before);
        if self.frame.is_none() {
            let shared = Rc::clone(&self.shared);
            self.frame = Frame::request(move || {
                shared.come.set(true);
                let waker = shared.waker.take();
                if let Some(waker) = waker {
                    waker.wake();
                }
            });
        }
        if self.frame.is_some() { Poll::Pending } else { Poll::Ready(()) }
    }
}

#[wasm_bindgen]
extern "C" {
    // Reached as globals: web-sys has them for windows alone.
    #[wasm_bindgen(catch, js_name = requestAnimationFrame)]
    fn request_animation_frame(callback: &JsValue) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(catch, js_name = cancelAnimationFrame)]
    fn cancel_animation_frame(id: &JsValue) -> Result<(), JsValue>;
}
