//! A source and the life of its page.
#![cfg(target_family = "wasm")]

mod common;

use std::time::Duration;

use common::network::Network;
use common::page::{fire, hide, kept, offline, online, show, window};
use common::{live_streams, next, number, open, until, url};
use eventsource_wasm::{
    Backoff, EventSource, EventSourceBuilder, FetchOptions, PauseReason, RetryContext, State, States,
};
use futures_util::StreamExt;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

const LONG: Duration = Duration::from_secs(3600);

/// A source that would wait for an hour before a new attempt.
fn patient(path: &str) -> EventSourceBuilder {
    EventSource::builder(&url(path)).reconnect(|_: &RetryContext| Some(LONG))
}

async fn until_state(source: &EventSource, what: &str, wanted: impl Fn(&State) -> bool) {
    until(what, async || wanted(&source.state())).await;
}

/// Waits for an attempt: one may be over before it is looked for.
async fn until_connecting(states: States, attempt: u32) {
    let wanted = State::Connecting { attempt };
    states.filter(|state| std::future::ready(*state == wanted)).next().await.expect("the source tries again");
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
    let states = source.states();
    fire(&window(), "online", false);
    until_connecting(states, 2).await;
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
    let states = [source.states(), later.states()];
    online(stub);
    for states in states {
        until_connecting(states, 2).await;
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

#[wasm_bindgen_test]
async fn what_the_server_asks_for_is_waited_whatever_the_network_and_the_page_do() {
    let network = Network::watched();
    let source = EventSource::builder(&url("/events?status=429&retry-after=3600"))
        .fetch(FetchOptions::new())
        .reconnect(Backoff::default())
        .pause_when_hidden(Duration::ZERO)
        .open()
        .unwrap();
    until_state(&source, "the source waits", is_waiting).await;
    for _ in 0..20 {
        online(offline());
    }
    let waits_long =
        |state: &State| matches!(state, State::Waiting { delay: Some(delay), .. } if delay.as_secs() > 3000);
    assert!(waits_long(&source.state()), "{:?}", source.state());
    let stub = hide();
    until_state(&source, "the source pauses", is_paused(PauseReason::Hidden)).await;
    show(stub);
    assert!(waits_long(&source.state()), "{:?}", source.state());
    assert_eq!(network.modes().len(), 1, "it was asked once");
}

#[wasm_bindgen_test]
async fn a_connection_that_opens_although_the_browser_says_offline_ends_the_doubt() {
    let token = js_sys::Math::random();
    let plan = "503,200:drop=1,200";
    let source = EventSource::builder(&url(&format!("/events?interval=1ms&token={token}&plan={plan}")))
        .fetch(FetchOptions::new())
        .reconnect(|_: &RetryContext| Some(Duration::from_millis(10)))
        .open()
        .unwrap();
    let mut messages = source.subscribe("message");
    let states = source.states();
    let _offline = offline();
    until_state(&source, "the attempt is held", is_paused(PauseReason::Offline)).await;
    source.reconnect();
    for n in 0..3 {
        assert_eq!(number(&next(&mut messages).await), n);
    }
    source.close();
    let states: Vec<State> = states.collect().await;
    let opened = states.iter().position(State::is_open).expect("it opened");
    assert!(!states[opened..].iter().any(is_paused(PauseReason::Offline)), "{states:?}");
}

#[wasm_bindgen_test]
async fn reconnecting_by_hand_in_a_hidden_page_holds_for_the_grace() {
    let grace = Duration::from_millis(300);
    let source = EventSource::builder(&url("/events?interval=37ms")).pause_when_hidden(grace).open().unwrap();
    let mut messages = source.subscribe("message");
    next(&mut messages).await;
    let stub = hide();
    until_state(&source, "the source pauses", is_paused(PauseReason::Hidden)).await;
    source.reconnect();
    next(&mut messages).await;
    until_state(&source, "it pauses again", is_paused(PauseReason::Hidden)).await;
    until("the server sends no more", async || live_streams("interval=37ms").await == 0).await;
    show(stub);
}
