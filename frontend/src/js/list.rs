//! A list as the JavaScript class holds it.

use std::rc::Rc;

use wasm_bindgen::prelude::*;
use web_sys::Element;

use crate::list::message_list::{MessageList, MessageListOptions};
use crate::platform::js_error::js_error;
use crate::source::source::EventSource;

#[wasm_bindgen(private, skip_typescript)]
pub struct ListHandle(Rc<MessageList>);

impl ListHandle {
    /// A list that lives until its source has ended and all is shown, so that a page need not hold it.
    pub(super) fn new(list: &Element, source: &EventSource, options: &MessageListOptions) -> Result<Self, JsValue> {
        let list = MessageList::new(list, source, options).map_err(|error| js_error(&error))?;
        let list = Rc::new(list);
        let kept = Rc::clone(&list);
        list.on_finish(move || drop(kept));
        Ok(Self(list))
    }
}

#[wasm_bindgen]
impl ListHandle {
    #[wasm_bindgen(getter, skip_typescript)]
    pub fn paused(&self) -> bool {
        self.0.is_paused()
    }

    #[wasm_bindgen(skip_typescript)]
    pub fn pause(&self) {
        self.0.pause();
    }

    #[wasm_bindgen(skip_typescript)]
    pub fn resume(&self) {
        self.0.resume();
    }

    #[wasm_bindgen(skip_typescript)]
    pub fn clear(&self) {
        self.0.clear();
    }

    /// Takes no further message; what has arrived is still shown.
    #[wasm_bindgen(skip_typescript)]
    pub fn close(&self) {
        self.0.end();
    }
}
