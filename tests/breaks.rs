//! Each way in which a connection breaks, and who mends it.
#![cfg(target_family = "wasm")]

mod common;

use std::cell::Cell;
use std::time::Duration;

use common::{delete, get, live_streams, next, number, until, url};
use eventsource_wasm::{Error, EventSource, EventSourceBuilder, RetryContext, State, States};
use futures_util::StreamExt;
use js_sys::Math;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

/// A source that does not wait long, on a stream of numbers with a plan of its own.
fn planned(plan: &str) -> EventSourceBuilder {
    let token = Math::random();
    retrying(&format!("/events?interval=5ms&retry=1&token={token}&plan={plan}"))
}

fn retrying(path: &str) -> EventSourceBuilder {
    EventSource::builder(&url(path)).reconnect(|_: &RetryContext| Some(Duration::from_millis(10)))
}

/// Reads on, and checks that nothing is missing and nothing comes twice.
async fn reads_on(source: &EventSource, events: u64) {
    let mut messages = source.subscribe("message");
    let first = number(&next(&mut messages).await);
    for expected in first + 1..first + events {
        assert_eq!(number(&next(&mut messages).await), expected);
    }
}

/// The causes of all waits until the source is open a second time, and whether a time was set for each.
async fn causes(mut states: States) -> Vec<(Error, Option<Duration>)> {
    let (mut causes, mut opened) = (Vec::new(), 0);
    while opened < 2 {
        match states.next().await.expect("the source goes on") {
            State::Open => opened += 1,
            State::Waiting { cause, delay, .. } => causes.push((cause, delay)),
            _ => {}
        }
    }
    causes
}

#[wasm_bindgen_test]
async fn a_connection_that_ends_breaks_or_is_killed_is_left_to_the_browser() {
    for end in ["eof", "abort", "reset", "kill"] {
        let plan = if end == "kill" { "200".to_owned() } else { format!("200:drop=3:end={end},200") };
        let source = planned(&plan).open().unwrap();
        let states = source.states();
        if end == "kill" {
            let mut messages = source.subscribe("message");
            next(&mut messages).await;
            delete("/connections").await;
        }
        let (causes, ()) = futures_util::join!(causes(states), reads_on(&source, 8));
        assert!(
            causes.iter().all(|(cause, delay)| delay.is_none() && matches!(cause, Error::Disconnected { .. })),
            "{end}: {causes:?}"
        );
    }
}

#[wasm_bindgen_test]
async fn an_error_after_a_break_gets_a_new_connection_that_goes_on_after_the_last_id() {
    let source = planned("200:drop=3,503,500,200").open().unwrap();
    let (causes, ()) = futures_util::join!(causes(source.states()), reads_on(&source, 8));
    let given_up =
        |(cause, delay): &(Error, Option<Duration>)| delay.is_some() && matches!(cause, Error::ConnectionFailed { .. });
    assert_eq!(causes.iter().filter(|cause| given_up(cause)).count(), 2, "{causes:?}");
}

#[wasm_bindgen_test]
async fn a_server_that_refuses_is_asked_again() {
    let refused = get("/refused").await.trim().to_owned();
    let asked = Cell::new(0);
    let source = retrying("/events")
        .url_provider(move |_| {
            asked.set(asked.get() + 1);
            let address = if asked.get() == 1 { refused.clone() } else { url("/events?interval=5ms") };
            async move { Ok::<_, Error>(address) }
        })
        .open_timeout(Duration::from_millis(1500))
        .open()
        .unwrap();
    // Firefox gives up on another origin at once; Chromium tries for as long as it is let.
    reads_on(&source, 3).await;
}

#[wasm_bindgen_test]
async fn an_attempt_that_hangs_is_given_up() {
    let timeout = Duration::from_secs(1);
    let source = planned("200:delay-headers=1h,200").open_timeout(timeout).open().unwrap();
    let waits = source.states().filter(|state| std::future::ready(matches!(state, State::Waiting { .. })));
    let State::Waiting { cause, .. } = std::pin::pin!(waits).next().await.unwrap() else { unreachable!() };
    assert_eq!(cause, Error::OpenTimeout { after: timeout });
    reads_on(&source, 3).await;
}

#[wasm_bindgen_test]
async fn a_reconnection_of_the_browsers_that_hangs_is_given_up() {
    let timeout = Duration::from_secs(3);
    let source = planned("200:drop=1,200:delay-headers=1h,200").open_timeout(timeout).open().unwrap();
    let (causes, ()) = futures_util::join!(causes(source.states()), reads_on(&source, 3));
    assert_eq!(causes.last().map(|(cause, _)| cause), Some(&Error::OpenTimeout { after: timeout }));
}

#[wasm_bindgen_test]
async fn an_attempt_that_hangs_ends_a_source_without_a_policy() {
    let timeout = Duration::from_millis(500);
    let source = EventSource::builder(&url("/events?delay-headers=1h")).open_timeout(timeout).open().unwrap();
    let mut messages = source.subscribe("message");
    assert_eq!(messages.next().await.unwrap().unwrap_err(), Error::OpenTimeout { after: timeout });
    assert!(messages.next().await.is_none());
}

#[wasm_bindgen_test]
async fn a_connection_that_falls_silent_is_replaced() {
    let timeout = Duration::from_secs(1);
    let heartbeats = "heartbeat=100ms&heartbeat-mode=event";
    let source = planned(&format!("200:drop=3:end=stall,200&{heartbeats}"))
        .heartbeat_event("heartbeat")
        .idle_timeout(timeout)
        .open()
        .unwrap();
    let (causes, ()) = futures_util::join!(causes(source.states()), reads_on(&source, 8));
    assert_eq!(causes[0].0, Error::IdleTimeout { after: timeout });
}

#[wasm_bindgen_test]
async fn heartbeats_alone_keep_a_connection_and_are_nobodys_messages() {
    let path = "/events?interval=1h&heartbeat=100ms&heartbeat-mode=event";
    let timeout = Duration::from_secs(2);
    let source = retrying(path).heartbeat_event("heartbeat").idle_timeout(timeout).open().unwrap();
    next(&mut source.subscribe("message")).await;
    until("the message is older than the timeout", async || source.stats().last_message_age > Some(timeout * 2)).await;
    let stats = source.stats();
    assert_eq!((source.state(), stats.reconnects, stats.messages), (State::Open, 0, 1));
    assert!(stats.last_activity_age < stats.last_message_age);
    let mut heartbeats = source.subscribe("heartbeat");
    assert_eq!(next(&mut heartbeats).await.event_type(), "heartbeat");
}

#[wasm_bindgen_test]
async fn a_flapping_server_does_not_look_stable() {
    let streak = std::rc::Rc::new(Cell::new(0));
    let seen = std::rc::Rc::clone(&streak);
    let token = Math::random();
    let plan = "200:drop=1,503,200:drop=1,503,200:drop=1,503,200";
    let path = url(&format!("/events?interval=5ms&retry=1&token={token}&plan={plan}"));
    let source = EventSource::builder(&path)
        .reconnect(move |retry: &RetryContext| {
            seen.set(retry.failure_streak);
            Some(Duration::from_millis(10))
        })
        .open()
        .unwrap();
    reads_on(&source, 6).await;
    assert_eq!(streak.get(), 3, "opening alone ends no streak");
}

#[wasm_bindgen_test]
async fn duplicates_that_the_server_sends_on_its_own_are_its_will() {
    let source = retrying("/events?interval=5ms&count=40&dup=3").suppress_duplicates(100).open().unwrap();
    let mut messages = source.subscribe("message");
    while number(&next(&mut messages).await) < 39 {}
    assert_eq!(source.stats().duplicates, 0, "without a reconnect nothing is suppressed");
    assert!(source.stats().messages > 40);
    drop((source, messages));
    until("the stream is over", async || live_streams("dup=").await == 0).await;
}

#[wasm_bindgen_test]
async fn a_page_that_was_busy_for_longer_than_the_timeout_has_lost_nothing() {
    let source =
        retrying("/events?interval=20ms").heartbeat_event("heartbeat").idle_timeout(Duration::from_millis(700));
    let source = source.open().unwrap();
    let states = source.states();
    let mut messages = source.subscribe("message");
    for _ in 0..3 {
        next(&mut messages).await;
        let begin = js_sys::Date::now();
        while js_sys::Date::now() - begin < 1000.0 {}
        until("messages come again", async || source.stats().last_message_age < Some(Duration::from_millis(200))).await;
    }
    // Busy again before it is looked at a second time.
    for _ in 0..3 {
        next(&mut messages).await;
        let begin = js_sys::Date::now();
        while js_sys::Date::now() - begin < 1000.0 {}
        messages.drain();
        next(&mut messages).await;
    }
    source.close();
    let states: Vec<State> = states.collect().await;
    assert!(!states.iter().any(|state| matches!(state, State::Waiting { .. })), "{states:?}");
}
