//! Brings messages and states to the JavaScript class.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

use js_sys::{Array, JsString, Promise};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::MessageEvent;

use super::convert;
use crate::core::close::CloseReason;
use crate::core::queue::Pushed;
use crate::core::state::State;
use crate::message::Message;
use crate::runtime::delivery::Delivery;
use crate::runtime::outlet::Outlet;
use crate::runtime::place::{Mark, Place};
use crate::runtime::runtime::Runtime;

#[wasm_bindgen]
extern "C" {
    /// The class's side. What it throws is reported as an unhandled error.
    pub type Sink;

    /// The browser's own event. A promise makes the source wait, if it can, until it is kept.
    #[wasm_bindgen(method, catch)]
    fn message(this: &Sink, number: f64, raw: &MessageEvent) -> Result<JsValue, JsValue>;

    /// A message that no event stands for.
    #[wasm_bindgen(method, catch)]
    fn text(
        this: &Sink,
        number: f64,
        event_type: &str,
        data: &JsString,
        last_event_id: &str,
        origin: &str,
    ) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(method, catch)]
    fn state(this: &Sink, state: JsValue) -> Result<(), JsValue>;

    /// Whether someone reads here who would take more now.
    #[wasm_bindgen(method, catch, js_name = wantsMore)]
    fn wants_more(this: &Sink) -> Result<bool, JsValue>;

    /// Iterators that are full are not waited for any longer.
    #[wasm_bindgen(method, catch)]
    fn excuse(this: &Sink) -> Result<(), JsValue>;

    /// The number and the id of the message that was taken last before those that wait for a reader; undefined if none
    /// waits.
    #[wasm_bindgen(method, catch)]
    fn behind(this: &Sink) -> Result<Option<Array>, JsValue>;

    /// Nothing comes any more.
    #[wasm_bindgen(method, catch)]
    fn end(this: &Sink) -> Result<(), JsValue>;

    #[wasm_bindgen(js_name = reportError)]
    fn report_error(thrown: &JsValue);
}

/// Calls the class for each message and state.
pub(super) struct ClassOutlet {
    me: Weak<Self>,
    sink: RefCell<Option<Rc<Sink>>>,
    delivery: Weak<Delivery>,
    /// Whether the class has asked to wait before the next message.
    busy: Cell<bool>,
}

impl ClassOutlet {
    pub(super) fn new(sink: Sink, source: &Runtime) -> Rc<Self> {
        Rc::new_cyclic(|me| Self {
            me: Weak::clone(me),
            sink: RefCell::new(Some(Rc::new(sink))),
            delivery: Rc::downgrade(source.delivery()),
            busy: Cell::new(false),
        })
    }

    fn sink(&self) -> Option<Rc<Sink>> {
        self.sink.borrow().clone()
    }

    fn wait_for(&self, promise: Promise) {
        self.busy.set(true);
        let me = Weak::clone(&self.me);
        spawn_local(async move {
            drop(JsFuture::from(promise).await);
            if let Some(outlet) = me.upgrade() {
                outlet.busy.set(false);
                if let Some(delivery) = outlet.delivery.upgrade() {
                    delivery.made_room();
                }
            }
        });
    }
}

impl Outlet for ClassOutlet {
    #[expect(clippy::cast_precision_loss, reason = "no page sees 2^53 messages")]
    fn message(&self, message: Cow<'_, Message>, _before: Option<&Place>) -> Pushed {
        if let Some(sink) = self.sink() {
            let number = message.number() as f64;
            let told = if let Some(raw) = message.as_raw() {
                sink.message(number, raw)
            } else {
                let (data, id) = (message.data_js(), message.last_event_id());
                sink.text(number, message.event_type(), &data, id, message.origin())
            };
            match told.map(JsCast::dyn_into::<Promise>) {
                Ok(Ok(promise)) => self.wait_for(promise),
                Ok(Err(_)) => {}
                Err(thrown) => report_error(&thrown),
            }
        }
        Pushed::default()
    }

    fn state(&self, state: &State) {
        if let Some(Err(thrown)) = self.sink().map(|sink| sink.state(convert::state(state))) {
            report_error(&thrown);
        }
    }

    fn room(&self) -> usize {
        // One at a time: the class may ask to wait after each.
        usize::from(!self.busy.get())
    }

    fn wants_more(&self) -> bool {
        self.sink().is_some_and(|sink| sink.wants_more().unwrap_or_default())
    }

    fn excuse(&self) {
        if let Some(Err(thrown)) = self.sink().map(|sink| sink.excuse()) {
            report_error(&thrown);
        }
    }

    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is a number given to it")]
    fn behind(&self) -> Option<Mark> {
        let behind = self.sink()?.behind().ok()??;
        let number = behind.get(0).as_f64()? as u64;
        let id: String = JsString::from(behind.get(1)).into();
        Some(Mark::at(number, id.into()))
    }

    fn finish(&self, _reason: &CloseReason) {
        let sink = self.sink.take();
        if let Some(Err(thrown)) = sink.map(|sink| sink.end()) {
            report_error(&thrown);
        }
    }
}
