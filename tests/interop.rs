//! nginx with nchan, two nodes over one Redis, each of which is killed and restarted. `tests/run.sh interop` starts them.
#![cfg(target_family = "wasm")]

use std::cell::Cell;
use std::time::Duration;

use eventsource_wasm::{Error, EventSource, EventSourceBuilder, FetchOptions, RetryContext};
use futures_util::{FutureExt, StreamExt, select};
use js_sys::{Math, Promise};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

const COUNT: u32 = 5_000;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = fetch)]
    fn fetch(url: &str) -> Promise;
}

/// Asks the server that starts and kills the others.
async fn tell(action: &str) -> String {
    let Some(control) = option_env!("EVENTSOURCE_TEST_INTEROP") else {
        panic!(
            "these tests need the servers that tests/run.sh interop starts, and their address in EVENTSOURCE_TEST_INTEROP"
        );
    };
    let response: web_sys::Response =
        JsFuture::from(fetch(&format!("{control}/{action}"))).await.unwrap().unchecked_into();
    let text = JsFuture::from(response.text().unwrap()).await.unwrap().as_string().unwrap();
    assert!(response.ok(), "{action}: {text}");
    text
}

#[wasm_bindgen_test]
async fn every_message_is_seen_once_and_in_order_whatever_is_killed() {
    see_all(|builder| builder).await;
}

#[wasm_bindgen_test]
async fn over_fetch_too() {
    see_all(|builder| builder.fetch(FetchOptions::new())).await;
}

async fn see_all(transport: fn(EventSourceBuilder) -> EventSourceBuilder) {
    let addresses: serde_json::Value = serde_json::from_str(&tell("addresses").await).expect("it answers with JSON");
    let node = |name: &str| addresses[name].as_str().expect("it has an address").to_owned();
    let (nodes, attempts) = ([node("nchan1"), node("nchan2")], Cell::new(0));
    let channel = format!("rust-{}", (Math::random() * 1e15).round());
    let path = format!("/events/{channel}");
    let builder = EventSource::builder("/")
        .url_provider(move |_| {
            let address = format!("{}{path}", nodes[attempts.get() % nodes.len()]);
            attempts.set(attempts.get() + 1);
            async move { Ok::<_, Error>(address) }
        })
        .last_event_id_param("lastEventId")
        .reconnect(|_: &RetryContext| Some(Duration::from_millis(50)));
    let source = transport(builder).open().expect("the options fit");
    let mut messages = source.subscribe("message");

    let storm = async { tell(&format!("storm?channel={channel}&count={COUNT}")).await };
    let mut storm = std::pin::pin!(storm.fuse());
    let mut next = 0;
    while next < COUNT {
        select! {
            _ = storm => {}
            message = messages.next() => {
                let message = message.expect("the stream goes on").expect("the source goes on");
                assert_eq!(message.data(), next.to_string());
                next += 1;
            }
        }
    }
    assert_eq!(messages.dropped(), 0);
    assert!(source.stats().reconnects >= 1, "it has reconnected");
}
