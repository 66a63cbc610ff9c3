//! Brings messages and states to the JavaScript class.

use std::borrow::Cow;
use std::cell::RefCell;
use std::rc::Rc;

use js_sys::{Array, JsString};
use wasm_bindgen::prelude::*;
use web_sys::MessageEvent;

use super::convert;
use crate::core::close::CloseReason;
use crate::core::queue::Pushed;
use crate::core::state::State;
use crate::message::Message;
use crate::runtime::outlet::Outlet;
use crate::runtime::place::{Mark, Place};

#[wasm_bindgen]
extern "C" {
    /// The class's side. What it throws is reported as an unhandled error.
    pub type Sink;

    /// The browser's own event; and its id, where that is known, and may be another than the event's own.
    #[wasm_bindgen(method, catch)]
    fn message(this: &Sink, number: f64, raw: &MessageEvent, id: Option<&str>) -> Result<(), JsValue>;

    #[wasm_bindgen(method, catch)]
    pub(super) fn state(this: &Sink, state: JsValue) -> Result<(), JsValue>;

    /// Messages are missing that others who share the stream have had.
    #[cfg(feature = "share")]
    #[wasm_bindgen(method, catch)]
    pub(super) fn missed(this: &Sink) -> Result<(), JsValue>;

    /// Whether someone reads here who would take more now.
    #[wasm_bindgen(method, catch, js_name = wantsMore)]
    pub(super) fn wants_more(this: &Sink) -> Result<bool, JsValue>;

    /// Iterators that are full are not waited for any longer.
    #[wasm_bindgen(method, catch)]
    pub(super) fn excuse(this: &Sink) -> Result<(), JsValue>;

    /// The number and the id of the message that was taken last before those that wait for a reader; undefined if none
    /// waits.
    #[wasm_bindgen(method, catch)]
    pub(super) fn behind(this: &Sink) -> Result<Option<Array>, JsValue>;

    /// Nothing comes any more.
    #[wasm_bindgen(method, catch)]
    pub(super) fn end(this: &Sink) -> Result<(), JsValue>;
}

#[wasm_bindgen(module = "/frontend/src/js/report.js")]
extern "C" {
    // Without `catch` this would be an import of a module of its own, which npm/build.mjs does not shorten.
    #[wasm_bindgen(catch, js_name = report)]
    fn report_thrown(thrown: &JsValue) -> Result<(), JsValue>;
}

/// Reports what the class has thrown.
pub(super) fn report(told: Result<(), JsValue>) {
    if let Err(thrown) = told {
        // What a reporter throws has nobody left to go to.
        let _ = report_thrown(&thrown);
    }
}

/// Where the class's readers are, if that is behind what it was told.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is a number given to it")]
pub(super) fn mark_of(sink: &Sink) -> Option<Mark> {
    let behind = sink.behind().ok()??;
    let number = behind.get(0).as_f64()? as u64;
    let id: String = JsString::from(behind.get(1)).into();
    Some(Mark::at(number, id.into()))
}

/// Calls the class for each message of the browser's own object, and for each state.
pub(super) struct ClassOutlet(RefCell<Option<Rc<Sink>>>);

impl ClassOutlet {
    pub(super) fn new(sink: Sink) -> Self {
        Self(RefCell::new(Some(Rc::new(sink))))
    }

    fn sink(&self) -> Option<Rc<Sink>> {
        self.0.borrow().clone()
    }
}

impl Outlet for ClassOutlet {
    #[expect(clippy::cast_precision_loss, reason = "no page sees 2^53 messages")]
    fn message(&self, message: Cow<'_, Message>, _before: Option<&Place>) -> Pushed {
        if let (Some(sink), Some(raw)) = (self.sink(), message.as_raw()) {
            let id = message.knows_id().then(|| message.last_event_id());
            report(sink.message(message.number() as f64, raw, id));
        }
        Pushed::default()
    }

    fn state(&self, state: &State) {
        if let Some(sink) = self.sink() {
            report(sink.state(convert::state(state, None)));
        }
    }

    fn behind(&self) -> Option<Mark> {
        self.sink().and_then(|sink| mark_of(&sink))
    }

    fn finish(&self, _reason: &CloseReason) {
        let sink = self.0.take();
        if let Some(sink) = sink {
            report(sink.end());
        }
    }
}
