//! What windows and workers both have, but share no interface for: read by name.

use js_sys::Reflect;
use wasm_bindgen::prelude::*;

/// A member of an object, if it is there and may be read.
pub(crate) fn member(object: &JsValue, name: &str) -> Option<JsValue> {
    Reflect::get(object, &JsValue::from_str(name)).ok().filter(|value| !value.is_undefined() && !value.is_null())
}

/// The page's document; a worker has none.
pub(crate) fn document() -> Option<JsValue> {
    member(&js_sys::global(), "document")
}

/// What was thrown or given as a reason, as text; `None` if it has none.
pub(crate) fn text_of(value: &JsValue) -> Option<String> {
    // An object's own way of becoming text is code of the page's, and may throw.
    if value.is_symbol() { None } else { to_string(value).ok() }
}

/// The words of what was thrown, whatever it is.
#[cfg(feature = "fetch")]
pub(crate) fn words_of(thrown: &JsValue) -> String {
    let message = member(thrown, "message").filter(JsValue::is_string);
    message.as_ref().and_then(JsValue::as_string).or_else(|| text_of(thrown)).unwrap_or_default()
}

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(catch, js_name = String)]
    fn to_string(value: &JsValue) -> Result<String, JsValue>;
}
