//! What needs no server: bare `wasm-pack test` runs this.
#![cfg(target_family = "wasm")]

use eventsource_wasm::{CloseReason, Error, EventSource, State};
use futures_util::StreamExt;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

#[wasm_bindgen_test]
fn an_address_that_is_no_url_is_an_error_that_names_it() {
    let error = EventSource::new("http://[nonsense").unwrap_err();
    assert_eq!(error, Error::InvalidUrl { url: "http://[nonsense".to_owned() });
    assert!(error.to_string().contains("http://[nonsense"));
}

#[wasm_bindgen_test]
async fn a_relative_address_is_resolved_and_a_source_can_be_closed_before_it_opens() {
    let source = EventSource::new("/events").unwrap();
    assert!(source.url().starts_with("http://") && source.url().ends_with("/events"), "{}", source.url());
    let states = source.states();
    let mut messages = source.subscribe("message");
    source.close();
    assert!(messages.next().await.is_none());
    let seen: Vec<State> = states.collect().await;
    assert_eq!(seen, [State::Connecting { attempt: 1 }, State::Closed { reason: CloseReason::ByHand }]);
}
