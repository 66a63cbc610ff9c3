//! The platform's own sources, also where a page has put the class here in their place.

use wasm_bindgen::prelude::*;
use web_sys::EventSource;

#[wasm_bindgen(module = "/frontend/src/js/platform.js")]
extern "C" {
    #[wasm_bindgen(catch, js_name = makeSource)]
    pub(super) fn make_source(url: &str, with_credentials: bool) -> Result<EventSource, JsValue>;
}
