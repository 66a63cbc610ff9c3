//! When a connection is made again.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use eventsource_wasm::{Backoff, CloseReason, Error, FetchOptions, RetryContext, State};
use futures_util::StreamExt;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::common::page::{hide, offline, online, show};
use crate::common::{Engine, closed, connections, engine, next, number, sleep, token, until};
use crate::support::{SOON, builder, builder_with, failed_with, open, planned, wait};

#[wasm_bindgen_test]
async fn without_a_policy_a_lost_connection_is_made_again_as_the_standard_says() {
    for end in ["eof", "abort", "reset"] {
        let source = open(&format!("/events?interval=30ms&data=n&drop=3&retry=600&end={end}"));
        let came = Rc::new(Cell::new(0));
        let _counter = source.on("message", {
            let came = Rc::clone(&came);
            move |_| came.set(came.get() + 1)
        });
        let waits = Rc::new(RefCell::new(Vec::new()));
        let _waits = source.on_state({
            let (came, waits) = (Rc::clone(&came), Rc::clone(&waits));
            move |state| {
                if let State::Waiting { .. } = state {
                    waits.borrow_mut().push((state.clone(), came.take()));
                }
            }
        });
        let mut messages = source.subscribe("message");
        for n in 0..9 {
            assert_eq!(number(&next(&mut messages).await), n, "{end}");
        }
        until("it has waited", async || waits.borrow().len() >= 3).await;
        for (state, came) in waits.take() {
            let State::Waiting { attempt: 1, delay, cause } = state else { panic!("{end}: {state:?}") };
            assert_eq!(delay, Some(Duration::from_millis(600)), "{end}: the server's reconnection time");
            let Error::Disconnected { messages: Some(told), .. } = cause else { panic!("{end}: {cause}") };
            assert_eq!(told, came, "{end}: as many as came on that connection");
            // What a browser has not handed over when a connection breaks is lost, and comes with the next one.
            assert!(if end == "eof" { told == 3 } else { told <= 3 }, "{end}: {told}");
        }
    }
}

#[wasm_bindgen_test]
async fn the_end_of_a_finished_stream_is_told_by_204() {
    let source = open("/events?interval=0&count=3&retry=1");
    let messages: Vec<_> = source.subscribe("message").collect().await;
    assert!(matches!(&messages[..], [Ok(_), Ok(_), Ok(_), Err(Error::Stopped { .. })]), "{messages:?}");
}

#[wasm_bindgen_test]
async fn with_a_policy_what_may_pass_is_tried_again_and_what_will_not_is_not() {
    let contexts = Rc::new(RefCell::new(Vec::new()));
    let policy = {
        let contexts = Rc::clone(&contexts);
        move |context: &RetryContext| {
            contexts.borrow_mut().push(context.clone());
            Some(SOON)
        }
    };
    let plan = "503,500,425,429:retry-after=3,200:retry=4000:drop=1:end=reset,200";
    let source = builder(&planned("interval=1ms", plan)).reconnect(policy).open().unwrap();
    let mut messages = source.subscribe("message");
    assert_eq!(number(&next(&mut messages).await), 0);
    assert_eq!(number(&next(&mut messages).await), 1);
    let contexts = contexts.take();
    let seen = |context: &RetryContext| match &context.cause {
        Error::Status { status, .. } => *status,
        Error::Disconnected { .. } => 0,
        other => panic!("{other}"),
    };
    assert_eq!(contexts.iter().map(seen).collect::<Vec<_>>(), [503, 500, 425, 429, 0]);
    let seconds = |seconds| Some(Duration::from_secs(seconds));
    assert_eq!((contexts[3].retry_after, contexts[3].server_retry), (seconds(3), None));
    assert_eq!((contexts[4].retry_after, contexts[4].server_retry), (None, seconds(4)));
    // Not in the plan: Chromium by itself makes such a request once more.
    let slow = builder("/events?status=408").reconnect(|_: &RetryContext| Some(SOON)).open().unwrap();
    assert!(matches!(wait(&mut slow.states()).await, State::Waiting { cause: Error::Status { status: 408, .. }, .. }));

    for status in [400, 401, 403, 404, 410, 422] {
        let refused = builder(&format!("/events?status={status}")).reconnect(Backoff::default());
        assert!(matches!(failed_with(refused).await, Error::Status { status: seen, .. } if seen == status));
    }
}

#[wasm_bindgen_test]
async fn a_time_to_be_left_alone_is_kept_to_while_the_network_and_the_page_come_and_go() {
    let token = token();
    let path = format!("/events?interval=5ms&token={token}&plan=503:retry-after=2,200");
    let soon = Backoff { min_delay: SOON, ..Default::default() };
    let source = builder(&path).reconnect(soon).pause_when_hidden(Duration::ZERO).open().unwrap();
    let mut messages = source.subscribe("message");
    wait(&mut source.states()).await;
    let asked = js_sys::Date::now();
    for _ in 0..20 {
        online(offline());
        let stub = hide();
        sleep(20).await;
        show(stub);
    }
    next(&mut messages).await;
    let waited = js_sys::Date::now() - asked;
    assert!(waited >= 1990.0, "asked again after {waited} ms");
    assert_eq!(connections(&token).await, 2);
}

#[wasm_bindgen_test]
async fn a_post_that_was_answered_is_made_once_unless_it_is_safe_to_make_it_again() {
    let post =
        |path: &str| builder_with(path, FetchOptions::new().method("POST")).reconnect(|_: &RetryContext| Some(SOON));
    let source = post(&planned("interval=1ms", "200:drop=3,200")).open().unwrap();
    let messages: Vec<_> = source.subscribe("message").collect().await;
    assert!(matches!(messages[..], [Ok(_), Ok(_), Ok(_)]), "the end is no error: {messages:?}");
    assert_eq!(source.state(), State::Closed { reason: CloseReason::Complete });
    for end in ["abort", "reset"] {
        let broken = post(&planned("interval=1ms", &format!("200:drop=3:end={end},200")));
        // WebKitGTK takes a connection that is closed between two chunks for the end of the answer.
        if end == "abort" && engine() == Engine::Safari {
            let source = broken.open().unwrap();
            let _messages = source.subscribe("message");
            assert!(matches!(closed(&source).await, CloseReason::Complete));
        } else {
            assert!(matches!(failed_with(broken).await, Error::Disconnected { .. }));
        }
    }
    let refused = planned("", "503,200");
    let once = builder_with(&refused, FetchOptions::new().method("POST").resend(false));
    let once = once.reconnect(|_: &RetryContext| Some(SOON));
    assert!(matches!(failed_with(once).await, Error::Status { status: 503, .. }));
    let without_a_policy = builder_with(&planned("", "503,200"), FetchOptions::new().method("POST"));
    assert!(matches!(failed_with(without_a_policy).await, Error::Status { status: 503, .. }));

    let safe = || FetchOptions::new().method("POST").resend(true);
    let source = builder_with(&planned("interval=5ms&retry=1", "200:drop=3:end=reset,200:drop=2,200"), safe());
    let source = source.open().unwrap();
    let messages: Vec<_> = source.subscribe("message").collect().await;
    let numbers: Vec<u64> = messages.iter().flatten().map(number).collect();
    assert_eq!((numbers, source.stats().reconnects), (vec![0, 1, 2, 3, 4], 1), "broken off, then complete");
    assert_eq!(source.state(), State::Closed { reason: CloseReason::Complete });
}

#[wasm_bindgen_test]
async fn a_post_that_is_refused_is_made_again_where_there_is_a_policy() {
    let post = FetchOptions::new().method("POST").resend_before_open();
    for options in [post, FetchOptions::new().method("POST")] {
        let plan = planned("interval=1ms", "429:retry-after=0,503,200:drop=2,200");
        let source = builder_with(&plan, options).reconnect(|_: &RetryContext| Some(SOON)).open().unwrap();
        let messages: Vec<_> = source.subscribe("message").collect().await;
        assert!(matches!(messages[..], [Ok(_), Ok(_)]), "{messages:?}");
        assert_eq!(source.state(), State::Closed { reason: CloseReason::Complete });
    }
    let wrong = builder_with(&planned("", "200:mime=application/json,200"), FetchOptions::new().method("POST"));
    let wrong = wrong.reconnect(|_: &RetryContext| Some(SOON));
    assert!(matches!(failed_with(wrong).await, Error::ContentType { .. }), "it was served, and not as a stream");
}

#[wasm_bindgen_test]
async fn comments_show_that_a_connection_lives_and_silence_that_it_does_not() {
    let quiet = Duration::from_millis(1500);
    let policy = |_: &RetryContext| Some(SOON);
    let source = builder("/events?interval=1h&heartbeat=50ms").idle_timeout(quiet).reconnect(policy).open().unwrap();
    let mut messages = source.subscribe("message");
    next(&mut messages).await;
    until("comments have come for longer than that", async || source.stats().last_message_age > Some(2 * quiet)).await;
    assert_eq!((source.state(), source.stats().reconnects), (State::Open, 0));
    assert!(source.stats().last_activity_age < Some(quiet));

    let silent = builder("/events?interval=1h&heartbeat=off").idle_timeout(quiet);
    assert!(matches!(failed_with(silent).await, Error::IdleTimeout { .. }), "without a policy, as over the native one");
}
