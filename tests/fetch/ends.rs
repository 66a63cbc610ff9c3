//! How sources end, what a connection had until then, and where a stream goes on.

use eventsource_wasm::{CloseReason, Error, EventSource, FetchOptions, Gap, Item, RetryContext, State};
use futures_util::StreamExt;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::{AbortController, Response};

use crate::common::network::Network;
use crate::common::{closed, next, until, url};
use crate::support::{SOON, builder, builder_with, failed_with, open, wait};

#[wasm_bindgen_test]
async fn how_a_source_ended_is_told_apart() {
    let by_hand = open("/events");
    by_hand.close();
    assert_eq!(closed(&by_hand).await, CloseReason::ByHand);

    for over_fetch in [true, false] {
        let abort = AbortController::new().unwrap();
        let builder = EventSource::builder(&url("/events")).signal(abort.signal());
        let source = if over_fetch { builder.fetch(FetchOptions::new()) } else { builder }.open().unwrap();
        abort.abort_with_reason(&"enough of this".into());
        assert_eq!(closed(&source).await, CloseReason::Aborted { reason: "enough of this".to_owned() });
        assert_eq!(source.state().cause(), None, "an abort is no failure");
    }
    let abort = AbortController::new().unwrap();
    abort.abort();
    let unopened = builder("/events").signal(abort.signal()).open().unwrap();
    assert!(
        matches!(closed(&unopened).await, CloseReason::Aborted { reason } if reason.contains("AbortError")),
        "the browser's own reason"
    );

    let post = builder_with("/events?interval=0&count=2", FetchOptions::new().method("POST")).open().unwrap();
    let _messages = post.subscribe("message");
    assert_eq!(closed(&post).await, CloseReason::Complete);

    let failed = open("/events?status=404");
    assert!(matches!(closed(&failed).await, CloseReason::Failed { cause: Error::Status { status: 404, .. } }));
    let error = failed.state().cause().cloned().unwrap();
    assert_eq!((error.status(), error.url(), error.is_final()), (Some(404), Some(failed.url()), true));
}

#[wasm_bindgen_test]
async fn a_connection_that_broke_says_after_how_many_messages_and_one_that_never_was_does_not() {
    let source = open("/events?interval=1ms&drop=3&retry=600");
    let _messages = source.subscribe("message");
    let State::Waiting { cause, .. } = wait(&mut source.states()).await else { unreachable!() };
    assert!(matches!(cause, Error::Disconnected { messages: Some(3), .. }), "{cause}");
    assert!(cause.to_string().contains("broke after 3 messages"), "{cause}");
    let silent = open("/events?status=none&end=reset");
    let State::Waiting { cause, .. } = wait(&mut silent.states()).await else { unreachable!() };
    assert!(cause.to_string().contains("no connection to"), "{cause}");
}

#[wasm_bindgen_test]
async fn the_response_of_the_open_connection_can_be_looked_at() {
    let source = open("/events?interval=1h");
    assert_eq!(source.response(), None, "there is none yet");
    next(&mut source.subscribe("message")).await;
    let response = source.response().expect("it is open");
    assert_eq!((response.status, &*response.url), (200, source.url()));
    assert!(response.header("Content-Type").is_some_and(|value| value.starts_with("text/event-stream")));
    source.close();
    assert_eq!(source.response(), None, "there is none any more");
    let native = EventSource::new(&url("/events")).unwrap();
    next(&mut native.subscribe("message")).await;
    assert_eq!(native.response(), None);
}

#[wasm_bindgen_test]
async fn a_response_that_goes_on_elsewhere_says_so_by_a_header() {
    let stream = ["id: 10\ndata: a\n\n"];
    for (after, shown) in [("5", true), ("9", false), ("", false)] {
        let _network = Network::playing(&stream, &[("Last-Event-ID", "9")]);
        let options = FetchOptions::new().gap_header("last-event-id");
        let source = EventSource::builder("/any").last_event_id(after).fetch(options).open().unwrap();
        let mut items = source.subscribe("message").with_gaps();
        let first = items.next().await.unwrap().unwrap();
        assert_eq!(
            matches!(&first, Item::Gap(Gap::Header { last_event_id }) if last_event_id == "9"),
            shown,
            "{first:?}"
        );
        if shown {
            assert!(matches!(items.next().await, Some(Ok(Item::Message(_)))));
        }
    }
}

#[wasm_bindgen_test]
async fn events_without_an_id_and_a_constant_id_are_not_taken_for_repetitions() {
    let some = [
        "id: 1\ndata: a\n\ndata: b\n\nid: 2\ndata: c\n\n",
        "id: 2\ndata: c\n\ndata: d\n\nid: 3\ndata: e\n\ndata: f\n\n",
    ];
    let constant = [
        "id: k\ndata: a\n\nid: k\ndata: b\n\nid: k\ndata: c\n\n",
        "id: k\ndata: d\n\nid: k\ndata: e\n\nid: k\ndata: f\n\n",
    ];
    for bodies in [some, constant] {
        let network = Network::playing(&bodies, &[]);
        let builder = EventSource::builder("/any").fetch(FetchOptions::new()).suppress_duplicates(100);
        let source = builder.reconnect(|_: &RetryContext| Some(SOON)).open().unwrap();
        let mut messages = source.subscribe("message");
        let mut seen = String::new();
        while seen.len() < 6 {
            seen.push_str(next(&mut messages).await.data());
        }
        source.close();
        assert_eq!(seen, "abcdef", "{:?}", network.ids());
    }
}

#[wasm_bindgen_test]
async fn a_date_to_be_left_alone_until_is_one_of_the_servers_clock() {
    let init = web_sys::ResponseInit::new();
    init.set_status(429);
    let headers = web_sys::Headers::new().unwrap();
    headers.set("Date", "Wed, 01 Jan 2020 00:00:00 GMT").unwrap();
    headers.set("Retry-After", "Wed, 01 Jan 2020 00:02:00 GMT").unwrap();
    init.set_headers(&headers);
    let response = Response::new_with_opt_str_and_init(Some("busy"), &init).unwrap();
    match failed_with(EventSource::builder(&url("/")).fetch(FetchOptions::from_response(response))).await {
        Error::Status { answer, .. } => assert_eq!(answer.retry_after, Some(std::time::Duration::from_secs(120))),
        other => panic!("{other}"),
    }
}

#[wasm_bindgen_test]
async fn errors_become_javascripts_with_a_name_and_what_is_known() {
    let error = failed_with(builder("/events?status=503&retry-after=7")).await;
    let text = error.to_string();
    let thrown = wasm_bindgen::JsValue::from(error);
    let member = |name: &str| js_sys::Reflect::get(&thrown, &name.into()).unwrap();
    assert_eq!(member("name"), "StatusError");
    assert_eq!((member("status"), member("retryAfter")), (503.into(), 7000.into()));
    assert_eq!(member("message"), text.as_str());
    let invalid = wasm_bindgen::JsValue::from(EventSource::new("http://[nonsense").unwrap_err());
    assert_eq!(js_sys::Reflect::get(&invalid, &"name".into()).unwrap(), "SyntaxError");
}

#[wasm_bindgen_test]
async fn a_server_that_wants_to_be_asked_at_once_is_asked_twice_a_second_at_most() {
    let source = open("/events?interval=1ms&drop=1&retry=0");
    let _messages = source.subscribe("message");
    let state = wait(&mut source.states()).await;
    let half = Some(std::time::Duration::from_millis(500));
    assert!(matches!(state, State::Waiting { delay, .. } if delay == half), "{state:?}");
    // A policy says otherwise.
    let source =
        builder("/events?interval=1ms&drop=1&retry=0").reconnect(|_: &RetryContext| Some(SOON)).open().unwrap();
    let _messages = source.subscribe("message");
    assert!(matches!(wait(&mut source.states()).await, State::Waiting { delay: Some(SOON), .. }));
    until("it goes on", async || source.stats().messages > 3).await;
}
