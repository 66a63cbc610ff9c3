//! URLs, resolved as the page or worker does.

use js_sys::Reflect;
use wasm_bindgen::prelude::*;
use web_sys::Url;

use crate::Error;

/// The absolute URL for an address.
pub(crate) fn resolve(address: &str) -> Result<String, Error> {
    let url = match base() {
        Some(base) => Url::new_with_base(address, &base),
        None => Url::new(address),
    };
    url.map(|url| url.href()).map_err(|_| Error::InvalidUrl { url: address.to_owned() })
}

/// An absolute URL with a query parameter set; the rest of the query stays as it is written, if it can.
pub(crate) fn with_parameter(url: &str, name: &str, value: &str) -> String {
    let Ok(parsed) = Url::new(url) else { return url.to_owned() };
    let parameters = parsed.search_params();
    if parameters.has(name) {
        parameters.set(name, value);
    } else {
        let (query, encode) = (parsed.search(), js_sys::encode_uri_component);
        let separator = if query.is_empty() { '?' } else { '&' };
        parsed.set_search(&format!("{query}{separator}{}={}", encode(name), encode(value)));
    }
    parsed.href()
}

fn base() -> Option<String> {
    let get = |object: &JsValue, name: &str| Reflect::get(object, &JsValue::from_str(name)).ok();
    let global = js_sys::global();
    let document = get(&global, "document").filter(|document| !document.is_undefined());
    document
        .and_then(|document| get(&document, "baseURI"))
        .or_else(|| get(&get(&global, "location")?, "href"))
        .and_then(|base| base.as_string())
}
