//! A list as the JavaScript class holds it.

use std::future::poll_fn;
use std::rc::Rc;

use wasm_bindgen::prelude::*;
use web_sys::Element;

use super::convert;
use crate::{EventSource, MessageList, MessageListOptions};

#[wasm_bindgen(private, skip_typescript)]
pub struct ListHandle(Rc<MessageList>);

impl ListHandle {
    /// A list that lives until its source has ended and all is shown, so that a page need not hold it.
    pub(super) fn new(list: &Element, source: &EventSource, options: &MessageListOptions) -> Result<Self, JsValue> {
        let list = MessageList::new(list, source, options).map_err(|error| convert::error(&error))?;
        let list = Rc::new(list);
        let kept = Rc::clone(&list);
        wasm_bindgen_futures::spawn_local(async move { poll_fn(|cx| kept.poll_finished(cx)).await });
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
