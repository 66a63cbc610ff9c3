//! The face for JavaScript: `listMessages`. The class that replaces the platform's `EventSource` will stand here too.

#![expect(unreachable_pub, reason = "what is exported to JavaScript must be `pub`, and nothing here is for Rust")]

mod convert;
mod options;

use std::future::poll_fn;
use std::pin::Pin;
use std::rc::Rc;

use futures_core::Stream;
use wasm_bindgen::prelude::*;
use web_sys::Element;

use crate::{EventSource, MessageList, States};
use options::ListOptions;

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = include_str!("types.d.ts");

/// The list and the source that feeds it. What each member means is told in `types.d.ts`.
#[wasm_bindgen(js_name = MessageList, skip_typescript)]
pub struct ListHandle {
    source: EventSource,
    list: Rc<MessageList>,
}

/// Opens a source and lists its messages.
#[wasm_bindgen(js_name = listMessages, skip_typescript)]
pub fn list_messages(list: &JsValue, url: &JsValue, options: &JsValue) -> Result<ListHandle, JsValue> {
    let list = list
        .dyn_ref::<Element>()
        .ok_or_else(|| js_sys::TypeError::new("listMessages: the first argument must be an element, such as a <ul>"))?;
    let url = convert::to_string(url)?;
    let options = ListOptions::read(options)?;
    let source = EventSource::builder(&url)
        .with_credentials(options.with_credentials)
        .open()
        .map_err(|error| convert::error(&error))?;
    let list = MessageList::new(list, &source, &options.list).map_err(|error| convert::error(&error))?;
    let list = Rc::new(list);
    wasm_bindgen_futures::spawn_local(keep(Rc::clone(&list), source.states(), options.on_state_change));
    Ok(ListHandle { source, list })
}

/// Keeps the list alive until its source has ended and all is shown, so that a page need not hold what `listMessages`
/// returned.
async fn keep(list: Rc<MessageList>, mut states: States, on_state_change: Option<js_sys::Function>) {
    while let Some(state) = poll_fn(|cx| Pin::new(&mut states).poll_next(cx)).await {
        if let Some(callback) = &on_state_change
            && let Err(thrown) = callback.call1(&JsValue::UNDEFINED, &convert::state(&state))
        {
            report_error(&thrown);
        }
    }
    poll_fn(|cx| list.poll_finished(cx)).await;
}

#[wasm_bindgen(js_class = MessageList)]
impl ListHandle {
    #[wasm_bindgen(getter, skip_typescript)]
    pub fn state(&self) -> JsValue {
        convert::state(&self.source.state())
    }

    #[wasm_bindgen(getter, skip_typescript)]
    pub fn stats(&self) -> JsValue {
        convert::stats(&self.source.stats())
    }

    #[wasm_bindgen(getter, skip_typescript)]
    pub fn url(&self) -> String {
        self.source.url().to_owned()
    }

    #[wasm_bindgen(getter, js_name = lastEventId, skip_typescript)]
    pub fn last_event_id(&self) -> String {
        self.source.last_event_id()
    }

    #[wasm_bindgen(getter, skip_typescript)]
    pub fn paused(&self) -> bool {
        self.list.is_paused()
    }

    #[wasm_bindgen(skip_typescript)]
    pub fn pause(&self) {
        self.list.pause();
    }

    #[wasm_bindgen(skip_typescript)]
    pub fn resume(&self) {
        self.list.resume();
    }

    #[wasm_bindgen(skip_typescript)]
    pub fn clear(&self) {
        self.list.clear();
    }

    #[wasm_bindgen(skip_typescript)]
    pub fn close(&self) {
        self.source.close();
    }
}

#[wasm_bindgen]
extern "C" {
    /// What the platform does with what a listener throws: tells the page, and goes on.
    #[wasm_bindgen(js_name = reportError)]
    fn report_error(thrown: &JsValue);
}
