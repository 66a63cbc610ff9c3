//! web-sys's `EventSource` with one handler, as a class for JavaScript.

use wasm_bindgen::prelude::*;
use web_sys::{EventSource, MessageEvent};

/// An open stream.
#[wasm_bindgen]
pub struct Source {
    source: EventSource,
    _handler: Closure<dyn FnMut(MessageEvent)>,
}

#[wasm_bindgen]
impl Source {
    /// Opens a stream, and logs the data of its messages.
    ///
    /// # Errors
    /// What the platform throws.
    #[wasm_bindgen(constructor)]
    pub fn new(url: &str) -> Result<Source, JsValue> {
        let source = EventSource::new(url)?;
        let handler = Closure::<dyn FnMut(_)>::new(|message: MessageEvent| log(&message.data()));
        source.set_onmessage(Some(handler.as_ref().unchecked_ref()));
        Ok(Self { source, _handler: handler })
    }

    /// Closes it.
    pub fn close(&self) {
        self.source.close();
    }
}

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = console)]
    fn log(data: &JsValue);
}
