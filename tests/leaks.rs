//! What is dropped is gone: from wasm's memory, from its table of JavaScript values, and from the server.
#![cfg(target_family = "wasm")]

mod common;

use std::time::Duration;

use common::{live_streams, next, open, sleep, until, url};
use eventsource_wasm::{
    Backoff, Error, EventSource, EventSourceBuilder, FetchOptions, MessageList, MessageListOptions,
};
use js_sys::{Reflect, WebAssembly};
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
use web_sys::AbortController;

wasm_bindgen_test_configure!(run_in_browser);

/// The sizes of wasm's memory, in bytes, and of its table of JavaScript values.
fn footprint() -> (f64, u32, u32) {
    let memory: WebAssembly::Memory = wasm_bindgen::memory().unchecked_into();
    let bytes = Reflect::get(&memory.buffer(), &"byteLength".into()).unwrap().as_f64().unwrap();
    let table = Reflect::get(&wasm_bindgen::exports(), &"__wbindgen_externrefs".into()).unwrap();
    let table: WebAssembly::Table = table.unchecked_into();
    (bytes, table.length(), wasm_bindgen::externref_heap_live_count())
}

/// A source over `fetch`, with what it has of its own.
fn over_fetch(builder: EventSourceBuilder) -> EventSource {
    let abort = AbortController::new().unwrap();
    let headers = async |_| Ok::<_, Error>([("X-Token", "1")]);
    let options = FetchOptions::new().headers_provider(headers).resume(async |_| Ok::<_, Error>(None));
    builder.fetch(options).signal(abort.signal()).open().unwrap()
}

/// A source with everything on.
fn full() -> EventSourceBuilder {
    let long = Duration::from_secs(3600);
    EventSource::builder(&url("/events"))
        .reconnect(Backoff::default())
        .url_provider(async |_| Ok::<_, Error>(url("/events?interval=56ms")))
        .open_timeout(long)
        .heartbeat_event("heartbeat")
        .idle_timeout(long)
        .pause_when_hidden(long)
        .suppress_duplicates(100)
        .resume_after_reload(true)
        .probe(true)
        .position(|message| Some(message.last_event_id().to_owned()))
        .end_event("end")
        .end_when(|message| message.data().is_empty())
}

async fn churn(sources: u32) {
    for n in 0..sources {
        let source = match n % 4 {
            0 => open("/events?interval=56ms"),
            1 => full().open().unwrap(),
            2 => over_fetch(EventSource::builder(&url("/events?interval=56ms"))),
            _ => over_fetch(full()),
        };
        let messages = source.subscribe_many(["message", "other"]);
        let states = source.states();
        drop(source.subscribe("message"));
        let held = source.clone();
        let guards = (source.on(["message", "tick"], move |_| drop(held.state())), source.on_state(|_| {}));
        let batches = source.subscribe("tick").batches().per_frame();
        match n % 100 {
            // Some live to see messages, some end by hand, most never open.
            0 | 1 => {
                let mut messages = messages;
                next(&mut messages).await;
            }
            2..50 => source.close(),
            50..60 => source.reconnect(),
            60..70 => {
                let document = web_sys::window().unwrap().document().unwrap();
                let list = document.create_element("ul").unwrap();
                drop(MessageList::new(&list, &source, &MessageListOptions::default()).unwrap());
            }
            70..80 => {
                // A provider that never answers.
                let hangs = EventSource::builder("/").url_provider(|_| std::future::pending::<Result<String, Error>>());
                drop(hangs.open().unwrap());
            }
            _ => drop((source, messages, states)),
        }
        drop((guards, batches));
        if n % 50 == 0 {
            sleep(0).await;
        }
    }
    // What was cancelled is gone after the tasks that are queued.
    sleep(0).await;
}

#[wasm_bindgen_test]
async fn ten_thousand_sources_leave_nothing_behind() {
    churn(1000).await;
    churn(4000).await;
    let after_5_000 = footprint();
    churn(5000).await;
    assert_eq!(footprint(), after_5_000);
    until("the server counts no connection", async || live_streams("interval=56ms").await == 0).await;
}
