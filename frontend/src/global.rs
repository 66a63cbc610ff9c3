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
