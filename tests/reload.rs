//! A source that keeps its place while its page is reloaded.
#![cfg(target_family = "wasm")]

mod common;

use common::page::{fire, kept, window};
use common::{next, number, url};
use eventsource_wasm::EventSource;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

fn resuming(path: &str) -> EventSource {
    EventSource::builder(&url(path)).resume_after_reload(true).open().unwrap()
}

#[wasm_bindgen_test]
async fn a_reload_goes_on_where_the_page_was_and_a_duplicate_of_the_tab_does_not() {
    let path = "/events?interval=31ms";
    let before = resuming(path);
    let mut messages = before.subscribe("message");
    next(&mut messages).await;
    let last = next(&mut messages).await.last_event_id().to_owned();
    assert_eq!(kept(), 0, "while the page lives nothing is kept that a duplicate could find");
    fire(&window(), "pagehide", false);
    assert_eq!(kept(), 1);
    drop((before, messages));

    let after = resuming(path);
    assert_eq!((after.last_event_id(), kept()), (last, 0));
    assert_eq!(number(&next(&mut after.subscribe("message")).await), 2);

    let duplicate = web_sys::window().unwrap().open_with_url("about:blank").unwrap().expect("a window opens");
    assert_eq!(duplicate.session_storage().unwrap().unwrap().length().unwrap(), 0);
    duplicate.close().unwrap();
    assert_eq!(resuming(path).last_event_id(), "", "a second source takes no place that is taken");
}

#[wasm_bindgen_test]
async fn a_page_that_returns_from_the_cache_and_a_closed_source_leave_nothing_behind() {
    let source = resuming("/events?interval=32ms");
    next(&mut source.subscribe("message")).await;
    fire(&window(), "pagehide", true);
    assert_eq!(kept(), 1);
    fire(&window(), "pageshow", true);
    assert_eq!(kept(), 0);
    source.close();
    fire(&window(), "pagehide", false);
    assert_eq!(kept(), 0);
}
