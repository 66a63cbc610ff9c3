//! What is withheld by CORS, and what is lost.

use eventsource_wasm::{Error, EventSource, FetchOptions, RetryContext, State};
use futures_util::StreamExt;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::common::network::Network;
use crate::common::{connections, gave_up, get, next, token, until};
use crate::support::{SOON, builder, builder_with};

/// Waits until a source has failed so often.
async fn failures(source: &EventSource, count: usize) {
    let waits = source.states().filter(|state| std::future::ready(matches!(state, State::Waiting { .. })));
    assert_eq!(waits.take(count).count().await, count);
}

#[wasm_bindgen_test]
async fn a_network_that_is_down_is_looked_into_once_for_a_source() {
    let refused = get("/refused").await.trim().to_owned();
    let network = Network::watched();
    let builder = EventSource::builder(&refused).fetch(FetchOptions::new()).reconnect(|_: &RetryContext| Some(SOON));
    let source = builder.open().unwrap();
    failures(&source, 4).await;
    source.close();
    assert_eq!(network.modes()[..5], ["cors", "no-cors", "cors", "cors", "cors"]);
}

#[wasm_bindgen_test]
async fn so_is_the_pages_own_origin_which_may_redirect_to_another() {
    let network = Network::down();
    let source = EventSource::builder("/events").fetch(FetchOptions::new()).reconnect(|_: &RetryContext| Some(SOON));
    let source = source.open().unwrap();
    failures(&source, 4).await;
    source.close();
    assert_eq!(network.modes()[..5], ["cors", "no-cors", "cors", "cors", "cors"]);
}

#[wasm_bindgen_test]
async fn a_refusal_by_cors_is_recognised_once_and_remembered() {
    let network = Network::watched();
    let source = builder("/events?cors=off").reconnect(|_: &RetryContext| Some(SOON)).open().unwrap();
    let causes = source.states().filter_map(|state| std::future::ready(state.cause().cloned()));
    let causes: Vec<Error> = causes.take(3).collect().await;
    source.close();
    assert!(causes.iter().all(|cause| matches!(cause, Error::Cors { last_event_id_sent: false, .. })), "{causes:?}");
    assert_eq!(network.modes()[..5], ["cors", "no-cors", "cors", "cors", "cors"]);
}

#[wasm_bindgen_test]
async fn what_may_not_be_asked_twice_is_asked_once() {
    let network = Network::watched();
    let post = builder_with("/events?cors=off", FetchOptions::new().method("POST")).open().unwrap();
    assert!(matches!(gave_up(&post).await, Error::Disconnected { messages: None, .. }));
    assert_eq!(network.modes(), ["cors"]);
}

#[wasm_bindgen_test]
async fn a_server_that_forbids_last_event_id_is_told_apart_and_the_error_has_the_cure() {
    let source = builder("/events?interval=1ms&drop=2&retry=1&cors=no-preflight").open().unwrap();
    let mut messages = source.subscribe("message");
    next(&mut messages).await;
    next(&mut messages).await;
    let error = gave_up(&source).await;
    assert!(matches!(error, Error::Cors { last_event_id_sent: true, .. }), "{error}");
    let text = error.to_string();
    assert!(text.contains("Last-Event-ID") && text.contains("last_event_id_param"), "{text}");

    let path = "/events?interval=1ms&drop=2&retry=1&cors=no-preflight";
    let cured = builder(path).last_event_id_param("lastEventId").open().unwrap();
    let mut messages = cured.subscribe("message");
    for _ in 0..5 {
        next(&mut messages).await;
    }
    until("it is open", async || cured.stats().reconnects > 0).await;
}

#[wasm_bindgen_test]
async fn a_policy_does_not_hammer_a_server_that_forbids_last_event_id() {
    let network = Network::watched();
    let token = token();
    let path = format!("/events?interval=1ms&drop=2&cors=no-preflight&token={token}");
    let source = builder(&path).reconnect(|_: &RetryContext| Some(SOON)).open().unwrap();
    let _messages = source.subscribe("message");
    let causes = source.states().filter_map(|state| std::future::ready(state.cause().cloned()));
    let refused =
        causes.filter(|cause| std::future::ready(matches!(cause, Error::Cors { last_event_id_sent: true, .. })));
    assert_eq!(refused.take(5).count().await, 5);
    source.close();
    assert_eq!(network.modes()[..7], ["cors", "cors", "no-cors", "cors", "cors", "cors", "cors"]);
    drop(network);
    assert_eq!(connections(&token).await, 2, "the stream and one look: what is preflighted in vain never gets there");
}
