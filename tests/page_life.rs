//! A source and the life of its page.
//!
//! The browser is not taken offline, hidden or cached: `navigator.onLine`, `document.hidden` and the events are the
//! tests' own, as the browser would have them.
#![cfg(target_family = "wasm")]

mod common;

use std::time::Duration;

use common::{live_streams, next, number, open, until, url};
use eventsource_wasm::{EventSource, EventSourceBuilder, PauseReason, RetryContext, State};
use js_sys::{Object, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
use web_sys::{Event, EventTarget};

wasm_bindgen_test_configure!(run_in_browser);

const LONG: Duration = Duration::from_secs(3600);

fn window() -> JsValue {
    web_sys::window().unwrap().into()
}

fn document() -> JsValue {
    web_sys::window().unwrap().document().unwrap().into()
}

/// Gives a property of the platform's another value, until it is dropped.
struct Stub {
    object: Object,
    name: JsValue,
}

impl Stub {
    fn new(object: &JsValue, name: &str, value: impl Into<JsValue>) -> Self {
        let stub = Self { object: object.clone().unchecked_into(), name: name.into() };
        let descriptor = Object::new();
        Reflect::set(&descriptor, &"value".into(), &value.into()).unwrap();
        Reflect::set(&descriptor, &"configurable".into(), &true.into()).unwrap();
        Object::define_property(&stub.object, &stub.name, &descriptor);
        stub
    }
}

impl Drop for Stub {
    fn drop(&mut self) {
        let _ = Reflect::delete_property(&self.object, &self.name);
    }
}

fn fire(target: &JsValue, event_type: &str, persisted: bool) {
    let event = Event::new(event_type).unwrap();
    let _persisted = Stub::new(&event, "persisted", persisted);
    target.unchecked_ref::<EventTarget>().dispatch_event(&event).unwrap();
}

fn offline() -> Stub {
    let navigator = Reflect::get(&window(), &"navigator".into()).unwrap();
    let stub = Stub::new(&navigator, "onLine", false);
    fire(&window(), "offline", false);
    stub
}

fn online(stub: Stub) {
    drop(stub);
    fire(&window(), "online", false);
}

fn hide() -> Stub {
    let stub = Stub::new(&document(), "hidden", true);
    fire(&document(), "visibilitychange", false);
    stub
}

fn show(stub: Stub) {
    drop(stub);
    fire(&document(), "visibilitychange", false);
}

/// A source that would wait for an hour before a new attempt.
fn patient(path: &str) -> EventSourceBuilder {
    EventSource::builder(&url(path)).reconnect(|_: &RetryContext| Some(LONG))
}

async fn until_state(source: &EventSource, what: &str, wanted: impl Fn(&State) -> bool) {
    until(what, async || wanted(&source.state())).await;
}

fn is_waiting(state: &State) -> bool {
    matches!(state, State::Waiting { delay: Some(_), .. })
}

fn is_paused(wanted: PauseReason) -> impl Fn(&State) -> bool {
    move |state| *state == State::Paused { reason: wanted }
}

#[wasm_bindgen_test]
async fn being_online_again_ends_the_wait() {
    let source = patient("/events?status=503").open().unwrap();
    until_state(&source, "the source waits", is_waiting).await;
    fire(&window(), "online", false);
    assert_eq!(source.state(), State::Connecting { attempt: 2 });
}

#[wasm_bindgen_test]
async fn offline_holds_attempts_until_the_browser_is_online() {
    let source = patient("/events?status=503").open().unwrap();
    until_state(&source, "the source waits", is_waiting).await;
    let stub = offline();
    assert!(is_paused(PauseReason::Offline)(&source.state()));
    let later = patient("/events?status=503").open().unwrap();
    until_state(&later, "a source opened offline is held after its first attempt", is_paused(PauseReason::Offline))
        .await;
    online(stub);
    for source in [source, later] {
        assert_eq!(source.state(), State::Connecting { attempt: 2 });
    }
}

#[wasm_bindgen_test]
async fn a_connection_that_holds_is_kept_offline() {
    let source = patient("/events?interval=25ms").open().unwrap();
    let mut messages = source.subscribe("message");
    next(&mut messages).await;
    let stub = offline();
    next(&mut messages).await;
    assert_eq!(source.state(), State::Open);
    online(stub);
    assert_eq!((source.state(), source.stats().reconnects), (State::Open, 0));
}

#[wasm_bindgen_test]
async fn a_hidden_page_lets_go_after_its_grace_and_goes_on_where_it_was() {
    let source =
        EventSource::builder(&url("/events?interval=26ms")).pause_when_hidden(Duration::from_millis(30)).open();
    let source = source.unwrap();
    let mut messages = source.subscribe("message");
    let mut last = number(&next(&mut messages).await);
    let stub = hide();
    until_state(&source, "the source pauses", is_paused(PauseReason::Hidden)).await;
    until("the server sends no more", async || live_streams("interval=26ms").await == 0).await;
    show(stub);
    for _ in 0..5 {
        let number = number(&next(&mut messages).await);
        assert_eq!(number, last + 1);
        last = number;
    }
}

#[wasm_bindgen_test]
async fn a_page_that_is_shown_within_the_grace_keeps_its_connection() {
    let source = EventSource::builder(&url("/events?interval=27ms")).pause_when_hidden(LONG).open().unwrap();
    let mut messages = source.subscribe("message");
    next(&mut messages).await;
    let stub = hide();
    next(&mut messages).await;
    show(stub);
    next(&mut messages).await;
    assert_eq!((source.state(), source.stats().reconnects), (State::Open, 0));
}

#[wasm_bindgen_test]
async fn a_cached_page_holds_no_connection_and_goes_on_when_it_returns() {
    let source = patient("/events?interval=28ms").open().unwrap();
    let mut messages = source.subscribe("message");
    let mut last = number(&next(&mut messages).await);
    fire(&window(), "pagehide", true);
    assert!(is_paused(PauseReason::Cached)(&source.state()));
    until("the server sends no more", async || live_streams("interval=28ms").await == 0).await;
    fire(&window(), "pageshow", true);
    for _ in 0..5 {
        let number = number(&next(&mut messages).await);
        assert_eq!(number, last + 1);
        last = number;
    }
}

#[wasm_bindgen_test]
async fn by_default_a_source_does_not_follow_its_page() {
    let source = open("/events?interval=29ms");
    let mut messages = source.subscribe("message");
    next(&mut messages).await;
    fire(&window(), "pagehide", true);
    let stub = hide();
    next(&mut messages).await;
    show(stub);
    assert_eq!(source.state(), State::Open);
}

fn resuming(path: &str) -> EventSource {
    EventSource::builder(&url(path)).resume_after_reload(true).open().unwrap()
}

fn kept() -> u32 {
    web_sys::window().unwrap().session_storage().unwrap().unwrap().length().unwrap()
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

#[wasm_bindgen_test]
async fn a_dropped_source_follows_nothing() {
    let source = patient("/events?interval=33ms").pause_when_hidden(LONG).resume_after_reload(true).open().unwrap();
    next(&mut source.subscribe("message")).await;
    drop(source);
    until("the server sends no more", async || live_streams("interval=33ms").await == 0).await;
    fire(&window(), "pagehide", true);
    fire(&window(), "pageshow", true);
    fire(&window(), "online", false);
    assert_eq!((kept(), live_streams("interval=33ms").await), (0, 0));
}
