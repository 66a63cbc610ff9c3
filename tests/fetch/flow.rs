//! How much is held, and who waits for whom.

use std::cell::Cell;
use std::time::Duration;

use eventsource_wasm::{Backoff, Error, EventSource, FetchOptions, Overflow, State, SubscribeOptions};
use futures_util::{FutureExt, StreamExt};
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::Response;

use crate::common::{self, Engine, engine, get, next, number, until, url};
use crate::support::{builder, builder_with, failed_with, open};

#[wasm_bindgen_test]
async fn small_messages_after_a_large_one_hold_little_memory() {
    let text = format!("data: {}\n\n{}", "x".repeat(1 << 20), "data: small\n\n".repeat(900));
    let response = response_of(&text);
    let source = EventSource::builder(&url("/")).fetch(FetchOptions::from_response(response)).open().unwrap();
    let before = memory();
    let messages: Vec<_> = source.subscribe("message").collect().await;
    assert_eq!(messages.len(), 901);
    let grown = memory() - before;
    assert!(grown < 64e6, "{grown} more bytes");
}

#[wasm_bindgen_test]
async fn large_messages_one_after_the_other_take_the_room_of_one() {
    let before = memory();
    let source = open("/events?interval=0&data=n&size=15MiB&count=10");
    let mut messages = source.subscribe_with(["message"], SubscribeOptions { capacity: 1, overflow: None }).unwrap();
    let mut sizes = Vec::new();
    for n in 0..10 {
        assert_eq!(number(&next(&mut messages).await), n);
        sizes.push(memory() - before);
    }
    wasm_bindgen_test::console_log!("15 MiB messages grew wasm's memory by {sizes:?} bytes");
    // Which of them makes it grow is the allocator's choice, and the earlier tests'.
    assert!(sizes[9] < 64e6, "{sizes:?}");
}

#[wasm_bindgen_test]
async fn large_messages_that_wait_take_no_room_in_wasms_memory() {
    let before = memory();
    let source = open("/events?interval=0&data=n&size=8MiB&count=12&end=stall");
    let mut messages = source.subscribe("message");
    until("all wait", async || source.stats().messages == 12).await;
    let grown = memory() - before;
    wasm_bindgen_test::console_log!("twelve messages of 8 MiB that wait grew wasm's memory by {grown} bytes");
    assert!(grown < 60e6, "{grown}");
    assert_eq!(source.stats().bytes, 12 * (8 << 20));
    for n in 0..12 {
        let message = next(&mut messages).await;
        assert_eq!((number(&message), message.data().len()), (n, 8 << 20));
    }
    assert_eq!(source.stats().bytes, 12 * (8 << 20), "reading counts nothing twice");
}

/// A stream that a page made itself.
fn response_of(text: &str) -> Response {
    let init = web_sys::ResponseInit::new();
    let headers = web_sys::Headers::new().unwrap();
    headers.set("Content-Type", "text/event-stream").unwrap();
    init.set_headers(&headers);
    Response::new_with_opt_str_and_init(Some(text), &init).unwrap()
}

#[wasm_bindgen_test]
async fn a_message_that_is_too_large_ends_the_source() {
    let small = FetchOptions::new().max_message_size(1000);
    let source = builder_with("/events?interval=1ms&size=2000", small).reconnect(Backoff::default());
    let error = failed_with(source).await;
    assert!(matches!(error, Error::TooLarge { limit: 1000, .. }), "{error}");
    let source = open("/events?size=9000000");
    assert_eq!(
        next(&mut source.subscribe("message")).await.data().len(),
        9_000_000,
        "well above other clients' limits"
    );
}

#[wasm_bindgen_test]
async fn a_full_queue_makes_the_server_wait_and_the_page_holds_no_more_for_it() {
    // The others read on and keep what nobody takes, outside of what a page can see or prevent: they get less to keep.
    let pushes_back = engine() == Engine::Chrome;
    let rate = if pushes_back { "" } else { "&rate=4MB/s" };
    let source = builder(&format!("/events?interval=0&data=n&size=1000&seed=1717{rate}"))
        .idle_timeout(Duration::from_millis(500))
        .open()
        .unwrap();
    let mut slow =
        source.subscribe_with(["message"], SubscribeOptions { capacity: 10, overflow: Some(Overflow::Wait) }).unwrap();
    next(&mut slow).await;
    let stalled = Cell::new(0);
    let calm = Cell::new(0);
    until("the server's writes have stalled", async || {
        let before = stalled.replace(sent("seed=1717").await);
        calm.set(if stalled.get() == before || !pushes_back { calm.get() + 1 } else { 0 });
        stalled.get() > 0 && calm.get() > 60
    })
    .await;
    assert_eq!(source.state(), State::Open, "no silence of the server's, so no timeout either");
    let held = memory();
    for n in 1..10_000 {
        assert_eq!(number(&next(&mut slow).await), n, "nothing is lost");
    }
    assert_eq!((memory(), slow.dropped()), (held, 0), "10 MB have gone through");
    if pushes_back {
        until("the server has gone on", async || sent("seed=1717").await > stalled.get()).await;
    }
}

/// How many bytes the server has written to the stream whose URL contains `part`.
async fn sent(part: &str) -> u64 {
    let live: serde_json::Value = serde_json::from_str(&get("/connections").await).unwrap();
    let mut streams = live["connections"].as_array().unwrap().iter();
    let mine = streams.find(|stream| stream["url"].as_str().unwrap().contains(part));
    mine.map_or(0, |stream| stream["bytes"].as_u64().unwrap())
}

/// The size of wasm's memory.
fn memory() -> f64 {
    let memory: js_sys::WebAssembly::Memory = wasm_bindgen::memory().unchecked_into();
    js_sys::Reflect::get(&memory.buffer(), &"byteLength".into()).unwrap().as_f64().unwrap()
}

#[wasm_bindgen_test]
async fn the_slowest_who_waits_sets_the_pace_and_who_drops_holds_nobody_up() {
    let source = open("/events?interval=0&data=n&count=5000");
    let options = |capacity, overflow| SubscribeOptions { capacity, overflow: Some(overflow) };
    let mut idle = source.subscribe_with(["message"], options(10, Overflow::DropOldest)).unwrap();
    let stuck = source.subscribe_with(["message"], options(10, Overflow::Wait)).unwrap();
    let mut messages = source.subscribe("message");
    for n in 0..10 {
        assert_eq!(number(&next(&mut messages).await), n);
    }
    until("the first have come", async || source.stats().messages >= 10).await;
    common::sleep(100).await;
    assert_eq!(source.stats().messages, 10, "one waits for room, so all do");
    assert!(messages.next().now_or_never().is_none());
    drop(stuck);
    for n in 10..5000 {
        assert_eq!(number(&next(&mut messages).await), n);
    }
    assert_eq!(number(&next(&mut idle).await), 4990, "the newest that its queue holds");
    assert_eq!(idle.dropped(), 4990);
}

#[wasm_bindgen_test]
async fn batches_are_taken_whole() {
    let source = open("/events?interval=0&data=n&count=10000");
    let mut batches = source.subscribe("message").ready_chunks(500);
    let (mut seen, mut largest) = (0, 0);
    while seen < 10_000 {
        let batch = batches.next().await.unwrap();
        largest = largest.max(batch.len());
        for message in batch {
            assert_eq!(number(&message.unwrap()), seen);
            seen += 1;
        }
    }
    assert_eq!(largest, 500);
}
