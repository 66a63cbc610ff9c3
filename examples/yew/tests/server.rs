//! On a server there are no streams, and the page is rendered without one.
#![cfg(all(feature = "ssr", not(target_family = "wasm")))]

use eventsource_wasm_yew::eventsource_wasm::{Error, EventSource};
use futures_executor::block_on;
use yew_example::App;

#[test]
fn opening_is_an_error_and_the_page_is_rendered() {
    assert!(matches!(EventSource::new("/events"), Err(Error::Unsupported { .. })));
    let page = block_on(yew::ServerRenderer::<App>::new().hydratable(false).render());
    assert_eq!(page, r#"<main><h1>Messages</h1><p id="state"></p><ul id="messages"></ul></main>"#);
}
