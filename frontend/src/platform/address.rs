//! URLs, resolved as the page or worker does.

use web_sys::Url;

use crate::error::Error;
use crate::platform::global::{document, member};

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
        let separator = if query.is_empty() { "?" } else { "&" };
        let (name, value) = (String::from(encode(name)), String::from(encode(value)));
        parsed.set_search(&[&*query, separator, &name, "=", &value].concat());
    }
    parsed.href()
}

fn base() -> Option<String> {
    let base = match document() {
        Some(document) => member(&document, "baseURI"),
        None => member(&member(&js_sys::global(), "location")?, "href"),
    };
    base?.as_string()
}
