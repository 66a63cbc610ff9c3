//! A source that keeps its place while its page is reloaded.
#![cfg(target_family = "wasm")]

mod common;

use std::convert::Infallible;

use common::page::{fire, kept, leave, storage, window};
use common::{dispatch_with_id, gave_up, native, next, number, until, url};
use eventsource_wasm::{EventSource, EventSourceBuilder, FetchOptions, ResumeContext, ResumeRequest, Subscription};
use futures_util::StreamExt;
use serde_json::Value;
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
async fn an_answer_that_was_begun_before_the_reload_is_gone_on_with_by_the_request_that_resumes() {
    let ask = |path: &'static str| {
        let options = FetchOptions::new().method("POST").resume(async move |context: ResumeContext| {
            assert!(context.response.is_none());
            Ok::<_, Infallible>(Some(ResumeRequest::new(url(path))))
        });
        let builder = EventSource::builder(&url("/echo?interval=34ms&count=9")).fetch(options);
        builder.resume_key("the answer").open().unwrap()
    };
    let before = ask("/unused");
    let mut messages = before.subscribe("message");
    assert_eq!(next(&mut messages).await.json::<Value>().unwrap()["method"], "POST");
    fire(&window(), "pagehide", false);
    drop((before, messages));
    let after = ask("/echo?interval=34ms&count=9");
    let request: Value = next(&mut after.subscribe("message")).await.json().unwrap();
    assert_eq!(request["method"], "GET");
    assert!(request["lastEventId"].as_str().is_some_and(|id| !id.is_empty()), "{request}");
    after.close();
    assert_eq!(kept(), 0);
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

/// Takes so many messages; returns the id of the last.
async fn take(messages: &mut Subscription, count: usize) -> String {
    let last = messages.take(count).map(|message| message.unwrap().last_event_id().to_owned()).collect::<Vec<_>>();
    last.await.pop().expect("at least one")
}

/// The names and values that the page keeps.
fn entries() -> Vec<(String, String)> {
    let (storage, count) = (storage(), kept());
    let names = (0..count).map(|n| storage.key(n).unwrap().unwrap());
    names.map(|name| (name.clone(), storage.get_item(&name).unwrap().unwrap())).collect()
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

#[wasm_bindgen_test]
async fn a_reload_goes_on_after_the_last_message_that_was_taken() {
    forget();
    for over_fetch in [false, true] {
        let path = "/events?interval=0&data=n&drop=500&end=stall";
        let open = || {
            let builder = EventSource::builder(&url(path)).resume_after_reload(true);
            if over_fetch { builder.fetch(FetchOptions::new()) } else { builder }.open().unwrap()
        };
        let before = open();
        let (mut messages, mut slower) = (before.subscribe("message"), before.subscribe("message"));
        let all_called = before.on("message", |_| {});
        take(&mut messages, 20).await;
        let place = take(&mut slower, 10).await;
        until("all have come", async || before.stats().messages == 500).await;
        assert_eq!(before.last_event_id(), place, "that of the slower one");
        leave();
        drop((before, messages, slower, all_called));

        let after = open();
        assert_eq!(after.last_event_id(), place);
        let mut messages = after.subscribe("message");
        for n in 10..500 {
            assert_eq!(number(&next(&mut messages).await), n);
        }
    }
}

#[wasm_bindgen_test]
async fn a_message_that_a_callback_got_is_taken() {
    forget();
    let source = resuming("/events?interval=0&data=n&drop=500&end=stall&seed=1");
    let guard = source.on("message", |_| {});
    until("all have come", async || source.stats().messages == 500).await;
    leave();
    drop((source, guard));
    let after = resuming("/events?interval=0&data=n&drop=500&end=stall&seed=1");
    assert!(after.last_event_id().ends_with("-499"), "{}", after.last_event_id());
}

#[wasm_bindgen_test]
async fn a_place_that_is_older_than_a_day_or_that_the_page_has_spoilt_is_none() {
    forget();
    let path = "/events?interval=45ms";
    let hours = |hours: f64| (js_sys::Date::now() - hours * 3_600_000.0).to_string();
    for (entry, found) in [
        (format!("{} 7", hours(23.0)), "7"),
        (format!("{} 7", hours(25.0)), ""),
        (format!("{} 7\n8", hours(0.0)), ""),
        ("7".to_owned(), ""),
        (String::new(), ""),
    ] {
        let source = resuming(path);
        take(&mut source.subscribe("message"), 1).await;
        leave();
        drop(source);
        let (name, _) = entries().pop().expect("it is kept");
        storage().set_item(&name, &entry).unwrap();
        assert_eq!((resuming(path).last_event_id(), kept()), (found.to_owned(), 0), "{entry:?}");
    }
}

#[wasm_bindgen_test]
async fn a_page_that_makes_many_urls_keeps_fifty_places_at_most() {
    forget();
    let source = resuming("/events?interval=46ms");
    let mut messages = source.subscribe("message");
    take(&mut messages, 1).await;
    let (storage, now) = (storage(), js_sys::Date::now());
    for n in 1..=60 {
        storage.set_item(&format!("eventsource-wasm: {n}"), &format!("{} 7", now - f64::from(n))).unwrap();
    }
    storage.set_item("the page's own", "kept").unwrap();
    leave();
    assert_eq!(kept(), 51);
    assert_eq!(storage.get_item("the page's own").unwrap().as_deref(), Some("kept"));
    assert!(storage.get_item("eventsource-wasm: 49").unwrap().is_some(), "the newest stay");
    assert!(storage.get_item("eventsource-wasm: 50").unwrap().is_none());
    storage.clear().unwrap();
}
