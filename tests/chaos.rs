//! Many breaks of every kind: the application sees each event once, in order.
//!
//! The short version runs with all tests. The long one, 20,000 events over more than 200 breaks, and its figures:
//! `EVENTSOURCE_CHAOS=long tests/run.sh firefox chromium`, then `grep -h "of 20000 events" target/test-logs/*.log`.
#![cfg(target_family = "wasm")]

mod common;

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use common::{delete, get, sleep, url};
use eventsource_wasm::{Error, EventSource, EventSourceBuilder, FetchOptions, Item, PauseReason, RetryContext, State};
use futures_util::StreamExt;
use js_sys::{Object, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::{console_log, wasm_bindgen_test, wasm_bindgen_test_configure};
use web_sys::{Event, MessageEvent};

wasm_bindgen_test_configure!(run_in_browser);

/// What the connections of one address meet, in turn. Each ends with something that asks for another address.
const PLANS: [&str; 7] = [
    "200:drop=75:end=eof,503",
    "200:drop=75:end=abort,200:drop=75:end=stall",
    "200:drop=75:end=reset,503",
    "kill",
    "refused",
    "503",
    "200:drop=75:end=stall",
];

fn events() -> usize {
    if option_env!("EVENTSOURCE_CHAOS") == Some("long") { 20_000 } else { 1_500 }
}

fn address(plan: &str) -> String {
    let (token, count) = (js_sys::Math::random(), events());
    let heartbeat = "heartbeat=150ms&heartbeat-mode=event";
    url(&format!("/events?interval=0&count={count}&data=n&retry=1&{heartbeat}&token={token}&plan={plan}"))
}

/// Makes the browser say that it is offline, for a moment.
fn go_offline() {
    let window = web_sys::window().unwrap();
    let navigator: Object = Reflect::get(&window, &"navigator".into()).unwrap().unchecked_into();
    let descriptor = Object::new();
    Reflect::set(&descriptor, &"value".into(), &false.into()).unwrap();
    Reflect::set(&descriptor, &"configurable".into(), &true.into()).unwrap();
    Object::define_property(&navigator, &"onLine".into(), &descriptor);
    window.dispatch_event(&Event::new("offline").unwrap()).unwrap();
    wasm_bindgen_futures::spawn_local(async move {
        sleep(20).await;
        Reflect::delete_property(&navigator, &"onLine".into()).unwrap();
        window.dispatch_event(&Event::new("online").unwrap()).unwrap();
    });
}

/// A source for which everything breaks; `kill` is set when its server's streams are to be killed.
fn unlucky(refused: String, kill: Rc<Cell<bool>>) -> EventSourceBuilder {
    let (attempts, failures) = (Cell::new(0), Cell::new(0));
    EventSource::builder("/")
        .url_provider(move |_| {
            let plan = PLANS[attempts.get() % PLANS.len()];
            attempts.set(attempts.get() + 1);
            kill.set(plan == "kill");
            let address = match plan {
                "kill" => address("200:drop=75:end=stall"),
                "refused" => refused.clone(),
                plan => address(plan),
            };
            async move { Ok::<_, Error>(address) }
        })
        .reconnect(move |_: &RetryContext| {
            failures.set(failures.get() + 1);
            if failures.get() % 4 == 0 {
                go_offline();
            }
            Some(Duration::from_millis(10))
        })
        .open_timeout(Duration::from_millis(2500))
        .heartbeat_event("heartbeat")
        .idle_timeout(Duration::from_millis(800))
        .suppress_duplicates(1000)
}

/// Counts why the source had no connection.
fn count_breaks(source: &EventSource) -> Rc<RefCell<BTreeMap<&'static str, usize>>> {
    let breaks = Rc::new(RefCell::new(BTreeMap::new()));
    let (counts, mut states) = (Rc::clone(&breaks), source.states());
    wasm_bindgen_futures::spawn_local(async move {
        while let Some(state) = states.next().await {
            let cause = match state {
                State::Waiting { delay: None, .. } => "left to the browser",
                State::Waiting { cause: Error::Disconnected { .. }, .. } => "lost",
                State::Waiting { cause: Error::Status { .. }, .. } => "refused",
                State::Waiting { cause: Error::IdleTimeout { .. }, .. } => "silent",
                State::Waiting { cause: Error::OpenTimeout { .. }, .. } => "hung",
                State::Waiting { cause: Error::ConnectionFailed { .. }, .. } => "given up by the browser",
                State::Paused { reason: PauseReason::Offline } => "offline",
                _ => continue,
            };
            *counts.borrow_mut().entry(cause).or_insert(0) += 1;
        }
    });
    breaks
}

#[wasm_bindgen_test]
async fn every_event_is_seen_once_and_in_order_whatever_breaks() {
    let causes = ["left to the browser", "silent", "given up by the browser", "offline"];
    see_all("the native transport", |builder| builder, &causes).await;
}

#[wasm_bindgen_test]
async fn over_fetch_too() {
    see_all("fetch", |builder| builder.fetch(FetchOptions::new()), &["lost", "silent", "refused", "offline"]).await;
}

async fn see_all(over: &str, transport: fn(EventSourceBuilder) -> EventSourceBuilder, causes: &[&str]) {
    let kill = Rc::new(Cell::new(false));
    let source = transport(unlucky(get("/refused").await.trim().to_owned(), Rc::clone(&kill))).open().unwrap();
    let breaks = count_breaks(&source);
    let mut items = source.subscribe("message").with_gaps();
    for expected in 0..events() {
        match items.next().await {
            Some(Ok(Item::Message(message))) => assert_eq!(message.data(), expected.to_string()),
            other => panic!("expected event {expected}, got {other:?} after {:?}", breaks.borrow()),
        }
        if kill.replace(false) {
            delete("/connections").await;
        }
    }
    let stats = source.stats();
    source.close();
    assert_eq!((stats.messages, stats.dropped), (events() as u64, 0));
    let breaks = breaks.borrow();
    let total: usize = breaks.values().sum();
    console_log!("over {over}: {} of {} events, {total} breaks {breaks:?}", stats.messages, events());
    assert!(total >= events() / 100, "too few breaks to show anything: {breaks:?}");
    for cause in causes {
        assert!(breaks.contains_key(cause), "nothing was {cause}: {breaks:?}");
    }
}

/// What the browser's own object makes of such a stream: a figure for comparison, and no assertion.
#[wasm_bindgen_test]
async fn the_browsers_own_object_loses_what_comes_after_an_error() {
    let plan = "200:drop=75:end=eof,200:drop=75:end=abort,200:drop=75:end=reset,503,200";
    let native = web_sys::EventSource::new(&address(plan)).unwrap();
    let seen = Rc::new(Cell::new(0));
    let count = Rc::clone(&seen);
    let on_message = Closure::<dyn Fn(MessageEvent)>::new(move |_| count.set(count.get() + 1));
    native.set_onmessage(Some(on_message.as_js_value().unchecked_ref()));
    while native.ready_state() != web_sys::EventSource::CLOSED && seen.get() < events() {
        sleep(100).await;
    }
    console_log!("the browser's own EventSource: {} of {} events, then closed for good", seen.get(), events());
    native.close();
}
