//! A source that keeps its place while its page is reloaded.
#![cfg(target_family = "wasm")]

mod common;

use common::page::{fire, kept, leave, storage, window};
use common::{dispatch_with_id, gave_up, native, next, number, url};
use eventsource_wasm::{EventSource, EventSourceBuilder, FetchOptions};
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

/// A source that has not opened yet and begins after this id.
fn beginning(path: &str, id: &str) -> EventSourceBuilder {
    EventSource::builder(&url(path)).last_event_id(id)
}

fn forget() {
    storage().clear().unwrap();
}

#[wasm_bindgen_test]
async fn the_place_is_that_of_what_was_taken() {
    forget();
    let source = resuming("/events?interval=1h&seed=1");
    let mut messages = source.subscribe("message");
    let mut others = source.subscribe("other");
    let native = native(&next(&mut messages).await);
    for (event_type, id) in [("message", "1"), ("other", "2"), ("message", "3"), ("message", "4")] {
        dispatch_with_id(&native, event_type, "", id);
    }
    assert_eq!(next(&mut messages).await.last_event_id(), "1");
    assert_eq!(next(&mut messages).await.last_event_id(), "3");
    assert_eq!(source.last_event_id(), "1", "`other` has not been read");
    next(&mut others).await;
    assert_eq!(source.last_event_id(), "3");
    leave();
    drop((source, messages, others));
    assert_eq!(resuming("/events?interval=1h&seed=1").last_event_id(), "3", "what still waited comes again");
}

#[wasm_bindgen_test]
async fn giving_up_leaves_the_place_to_the_page_after() {
    forget();
    let path = "/events?interval=1ms&count=2";
    let source = resuming(path);
    let mut messages = source.subscribe("message");
    next(&mut messages).await;
    let last = next(&mut messages).await.last_event_id().to_owned();
    gave_up(&source).await;
    assert_eq!(kept(), 1);
    drop((source, messages));
    assert_eq!(resuming(path).last_event_id(), last);
}

#[wasm_bindgen_test]
async fn a_source_that_does_not_open_takes_no_place() {
    forget();
    let path = "/events?interval=1h&seed=2";
    drop(beginning(path, "7").resume_after_reload(true).open().inspect(|_| leave()).unwrap());
    assert_eq!(kept(), 1);
    let refused = FetchOptions::new().method("TRACE");
    assert!(EventSource::builder(&url(path)).resume_after_reload(true).fetch(refused).open().is_err());
    let abort = web_sys::AbortController::new().unwrap();
    abort.abort();
    let aborted = EventSource::builder(&url(path)).resume_after_reload(true).signal(abort.signal()).open().unwrap();
    assert!(aborted.state().is_closed());
    drop(aborted);
    assert_eq!(kept(), 1);
    assert_eq!(resuming(path).last_event_id(), "7");
}

#[wasm_bindgen_test]
async fn sources_of_one_stream_keep_a_place_each() {
    forget();
    let path = "/events?interval=1h&seed=3";
    let sources = ["1", "2"].map(|id| beginning(path, id).resume_after_reload(true).open().unwrap());
    leave();
    drop(sources);
    assert_eq!(kept(), 2);
    let [one, other] = [resuming(path), resuming(path)];
    assert_eq!((&*one.last_event_id(), &*other.last_event_id()), ("1", "2"));
}

#[wasm_bindgen_test]
async fn a_stream_is_known_without_its_tokens_and_nothing_of_its_url_is_kept_in_clear() {
    forget();
    let with = |token: &str| format!("/events?interval=1h&token={token}&plan=200");
    drop(beginning(&with("secret-1"), "5").resume_after_reload(true).open().inspect(|_| leave()).unwrap());
    let name = storage().key(0).unwrap().unwrap();
    let entry = storage().get_item(&name).unwrap().unwrap();
    for clear in ["secret", "events", "http", "token"] {
        assert!(!name.replace("eventsource-wasm", "").contains(clear) && !entry.contains(clear), "{name}: {entry}");
    }
    assert_eq!(resuming(&with("secret-2")).last_event_id(), "5");

    drop(beginning("/events?interval=1h&seed=4", "6").resume_key("news").open().inspect(|_| leave()).unwrap());
    let other = EventSource::builder(&url("/events?interval=2h&seed=5")).resume_key("news").open().unwrap();
    assert_eq!(other.last_event_id(), "6", "the key alone counts");
}

#[wasm_bindgen_test]
async fn places_that_no_page_has_come_for_are_removed() {
    forget();
    for n in 0..80 {
        storage().set_item(&format!("eventsource-wasm: old {n}"), "1000 7").unwrap();
    }
    storage().set_item("the page's own", "stays").unwrap();
    drop(beginning("/events?interval=1h&seed=6", "5").resume_after_reload(true).open().inspect(|_| leave()).unwrap());
    assert_eq!(kept(), 2);
    forget();
}
