//! Where there is no `window`.

use eventsource_wasm::{Error, EventSource, State};
use futures_util::StreamExt;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::common::{live_streams, next, open, until};

#[wasm_bindgen_test]
async fn a_source_opens_counts_and_closes() {
    assert!(web_sys::window().is_none());
    let source = open("/events?interval=55ms");
    let mut messages = source.subscribe("message");
    for _ in 0..3 {
        next(&mut messages).await;
    }
    assert_eq!(source.state(), State::Open);
    assert!(source.stats().last_message_age.is_some());
    drop((source, messages));
    until("the server sends no more", async || live_streams("interval=55ms").await == 0).await;
}

#[wasm_bindgen_test]
async fn a_failure_is_an_error_here_too() {
    let mut messages = open("/events?status=404").subscribe("message");
    assert!(matches!(messages.next().await, Some(Err(Error::ConnectionFailed { .. }))));
    assert!(messages.next().await.is_none());
    assert!(matches!(EventSource::new("http://[nonsense"), Err(Error::InvalidUrl { .. })));
}
