//! What the answer says: messages, ids, refusals.

use std::time::Duration;

use eventsource_wasm::{Error, EventSource, FetchOptions, Item, State};
use futures_util::StreamExt;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::Response;

use crate::common::{self, get, live_streams, next, number, raw, until, url};
use crate::support::{builder, builder_with, endless_refusal, failed_with, open, refused};

#[wasm_bindgen_test]
async fn a_message_tells_its_type_data_id_and_origin() {
    let source = open("/events");
    let message = next(&mut source.subscribe("message")).await;
    assert_eq!((message.event_type(), message.origin()), ("message", &*url("")));
    assert!(message.data().ends_with('M') && message.data().contains(':'), "a time of day: {}", message.data());
    assert!(message.last_event_id().ends_with("-0") && message.as_raw().is_none());
    assert_eq!(source.last_event_id(), message.last_event_id());
    let stats = source.stats();
    assert_eq!((stats.messages, stats.bytes), (1, message.data().len() as u64));
    assert!(stats.last_message_age.is_some());
}

#[wasm_bindgen_test]
async fn a_named_event_reaches_those_who_asked_for_it_and_those_who_asked_for_all() {
    let source = open("/events?lastEventId=no-id-of-this-stream");
    let mut any = source.subscribe_any().unwrap();
    let mut messages = source.subscribe("message");
    assert_eq!(next(&mut any).await.event_type(), "gap");
    assert_eq!(next(&mut any).await.event_type(), "message");
    assert_eq!(next(&mut messages).await.event_type(), "message");
    let native = EventSource::new(&url("/events")).unwrap();
    let error = native.subscribe_any().unwrap_err().to_string();
    assert!(error.contains("fetch") && error.contains("subscribe_many"), "{error}");
}

#[wasm_bindgen_test]
async fn a_gap_is_shown_in_its_place_to_those_who_listen_to_all() {
    let source = open("/events?lastEventId=no-id-of-this-stream");
    let mut items = source.subscribe_any().unwrap().with_gaps();
    assert!(matches!(items.next().await, Some(Ok(Item::Gap(_)))));
    assert!(matches!(items.next().await, Some(Ok(Item::Message(_)))));
}

#[wasm_bindgen_test]
async fn an_answer_without_a_stream_is_an_error_that_shows_it() {
    let address = url("/events?status=503&retry-after=7");
    match failed_with(builder("/events?status=503&retry-after=7")).await {
        Error::Status { url, status: 503, answer } => {
            assert_eq!((url, answer.retry_after), (address, Some(Duration::from_secs(7))));
            assert!(answer.body.starts_with("503 Service Unavailable"), "{}", answer.body);
            assert!(answer.headers.iter().any(|(name, value)| name == "content-type" && !value.is_empty()));
        }
        other => panic!("{other}"),
    }
    match failed_with(builder("/events?mime=application/json")).await {
        Error::ContentType { content_type, answer, .. } => {
            assert_eq!((&*content_type, answer.body_truncated), ("application/json", true), "it goes on and on");
            assert!(answer.body.contains("data:"), "{}", answer.body);
        }
        other => panic!("{other}"),
    }
    assert!(matches!(failed_with(builder("/events?mime=")).await, Error::ContentType { .. }));
    assert!(matches!(failed_with(builder("/events?status=204")).await, Error::Stopped { .. }));
    assert!(matches!(failed_with(builder("/events?status=201")).await, Error::Status { status: 201, .. }));
    let parameters = open("/events?mime=Text/Event-Stream%3B%20charset%3Dlatin1");
    next(&mut parameters.subscribe("message")).await;
}

#[wasm_bindgen_test]
async fn the_excerpt_of_a_refusal_is_bounded_in_size_and_time() {
    let refused = FetchOptions::from_response(refusal(&"é".repeat(10_000)));
    match failed_with(EventSource::builder(&url("/")).fetch(refused)).await {
        Error::Status { answer, .. } => assert_eq!((answer.body.len(), answer.body_truncated), (16 * 1024, true)),
        other => panic!("{other}"),
    }
    // A body that does not end is left after a while, with what has come of it.
    let endless = endless_refusal();
    match failed_with(EventSource::builder(&url("/")).fetch(FetchOptions::from_response(endless))).await {
        Error::Status { answer, .. } => assert_eq!((&*answer.body, answer.body_truncated), ("wait", true)),
        other => panic!("{other}"),
    }
}

/// A response that says no, with a body.
fn refusal(body: &str) -> Response {
    Response::new_with_opt_str_and_init(Some(body), &refused()).unwrap()
}

#[wasm_bindgen_test]
async fn what_cors_withholds_ends_the_source_and_what_the_network_loses_does_not() {
    for cors in ["off", "other", "twice"] {
        let error = failed_with(builder(&format!("/events?cors={cors}"))).await;
        assert!(matches!(error, Error::Cors { .. }), "{cors}: {error}");
    }
    let unallowed = FetchOptions::new().header("X-One", "1");
    let error = failed_with(builder_with("/events?cors=no-preflight", unallowed)).await;
    assert!(matches!(error, Error::Cors { .. }), "{error}");

    let refused = EventSource::builder(&get("/refused").await).fetch(FetchOptions::new()).open().unwrap();
    until("the source waits", async || matches!(refused.state(), State::Waiting { .. })).await;
    let silent = open("/events?status=none&end=reset");
    until("this one too", async || matches!(silent.state(), State::Waiting { .. })).await;
}

#[wasm_bindgen_test]
async fn a_response_of_the_applications_own_is_read_to_its_end() {
    let fetched =
        async |path: &str| -> Response { JsFuture::from(common::fetch(&url(path))).await.unwrap().unchecked_into() };
    let source =
        |response: Response| EventSource::builder(&response.url()).fetch(FetchOptions::from_response(response));
    let path = "/events?interval=0&count=3";
    let messages: Vec<_> = source(fetched(path).await).open().unwrap().subscribe("message").collect().await;
    assert!(matches!(messages[..], [Ok(_), Ok(_), Ok(_)]), "{messages:?}");

    let read = fetched(path).await;
    JsFuture::from(read.text().unwrap()).await.unwrap();
    assert!(matches!(failed_with(source(read)).await, Error::Unsupported { .. }));
    let error = failed_with(source(fetched("/connections").await)).await;
    assert!(matches!(error, Error::ContentType { .. }), "{error}");

    // Whether it was never begun or is being read: what is dropped is let go.
    let unread = source(fetched("/events?interval=58ms").await).open().unwrap();
    unread.close();
    drop((unread, FetchOptions::from_response(fetched("/events?interval=58ms").await)));
    let endless = source(fetched("/events?interval=58ms").await).open().unwrap();
    next(&mut endless.subscribe("message")).await;
    drop(endless);
    until("the server sends no more", async || live_streams("interval=58ms").await == 0).await;

    // Slow enough for a position to be known when the least wait before a reconnection is over.
    let path = "/events?interval=10ms&drop=2&retry=1";
    let on = FetchOptions::from_response(fetched(path).await).resend(true);
    let source = EventSource::builder(&url(path)).fetch(on).open().unwrap();
    let mut messages = source.subscribe("message");
    for n in 0..5 {
        assert_eq!(number(&next(&mut messages).await), n);
    }
}

#[wasm_bindgen_test]
async fn an_id_without_a_message_moves_the_place() {
    let address = raw(r#"["id: 5\ndata: a\n\n", "id: 6\n\n", {"end": "stall"}]"#).await;
    let source = EventSource::builder(&address).fetch(FetchOptions::new()).open().unwrap();
    let mut messages = source.subscribe("message");
    assert_eq!(next(&mut messages).await.last_event_id(), "5");
    until("the id has moved", async || source.last_event_id() == "6").await;
}

#[wasm_bindgen_test]
async fn an_id_of_a_message_that_nobody_reads_moves_the_place() {
    let script = r#"["id: 5\ndata: a\n\n", {"pause": "20ms"}, "event: other\nid: 6\ndata: b\n\n", {"end": "stall"}]"#;
    let source = EventSource::builder(&raw(script).await).fetch(FetchOptions::new()).open().unwrap();
    let mut messages = source.subscribe("message");
    assert_eq!(next(&mut messages).await.last_event_id(), "5");
    until("the id has moved", async || source.last_event_id() == "6").await;
}
