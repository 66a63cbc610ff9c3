//! The transport over `fetch` against the dev server, in a page.
#![cfg(target_family = "wasm")]

mod common;

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use common::{closed, fetch_with, get, live_streams, next, number, until, url};
use eventsource_wasm::{
    Backoff, Error, EventSource, EventSourceBuilder, FetchOptions, HeadersContext, Item, Overflow, RetryContext, State,
    States, SubscribeOptions,
};
use futures_util::{FutureExt, StreamExt};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
use web_sys::{AbortController, RequestMode, RequestRedirect, Response};

wasm_bindgen_test_configure!(run_in_browser);

const SOON: Duration = Duration::from_millis(20);

fn builder(path: &str) -> EventSourceBuilder {
    builder_with(path, FetchOptions::new())
}

fn builder_with(path: &str, options: FetchOptions) -> EventSourceBuilder {
    EventSource::builder(&url(path)).fetch(options)
}

fn open(path: &str) -> EventSource {
    builder(path).open().unwrap()
}

/// What `/echo` says of the request.
async fn echoed(builder: EventSourceBuilder) -> serde_json::Value {
    let source = builder.open().unwrap();
    next(&mut source.subscribe("message")).await.json().unwrap()
}

/// A stream whose connections go by a plan of their own.
fn planned(parameters: &str, plan: &str) -> String {
    format!("/events?{parameters}&token={}&plan={plan}", js_sys::Math::random())
}

/// The next wait.
async fn wait(states: &mut States) -> State {
    loop {
        match states.next().await {
            Some(state @ State::Waiting { .. }) => return state,
            Some(_) => {}
            None => panic!("it ended"),
        }
    }
}

async fn failed_with(builder: EventSourceBuilder) -> Error {
    closed(&builder.open().unwrap()).await.expect("an error")
}

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
async fn the_request_is_the_standards_unless_asked_otherwise() {
    let request = echoed(builder("/echo")).await;
    assert_eq!((&request["method"], &request["headers"]["accept"]), (&"GET".into(), &"text/event-stream".into()));
    assert_eq!(request["headers"]["cache-control"], "no-cache", "what no-store sends");
    assert!(request["lastEventId"].is_null() && request["headers"].get("last-event-id").is_none());

    let options = FetchOptions::new().method("POST").body("a question").header("X-One", "1").header("X-Two", "2");
    let request = echoed(builder_with("/echo", options)).await;
    assert_eq!((&request["method"], &request["body"]), (&"POST".into(), &"a question".into()));
    assert_eq!((&request["headers"]["x-one"], &request["headers"]["x-two"]), (&"1".into(), &"2".into()));
}

#[wasm_bindgen_test]
async fn the_place_is_told_in_the_header_or_where_it_is_wanted() {
    for id in ["7", "é€𝄞"] {
        let request = echoed(builder("/echo").last_event_id(id)).await;
        assert_eq!((&request["headers"]["last-event-id"], &request["url"]), (&id.into(), &"/echo".into()));
    }
    let request = echoed(builder("/echo").last_event_id("7").last_event_id_param("lastEventId")).await;
    assert_eq!(request["url"], "/echo?lastEventId=7");
    assert!(request["headers"].get("last-event-id").is_none());
}

#[wasm_bindgen_test]
async fn credentials_go_along_as_they_are_asked_to() {
    let set = "/events?cookie=fetched%3D1%3B%20Path%3D/&count=1";
    next(&mut builder(set).with_credentials(true).open().unwrap().subscribe("message")).await;
    let cookie = async |builder| echoed(builder).await["headers"].get("cookie").map(ToString::to_string);
    let with = cookie(builder("/echo").with_credentials(true)).await;
    assert!(with.is_some_and(|cookie| cookie.contains("fetched=1")));
    assert_eq!(cookie(builder("/echo")).await, None, "another origin gets none");
    let omitted = FetchOptions::new().credentials(web_sys::RequestCredentials::Omit);
    assert_eq!(cookie(builder_with("/echo", omitted).with_credentials(true)).await, None);
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
async fn without_a_policy_a_lost_connection_is_made_again_as_the_standard_says() {
    for end in ["eof", "abort", "reset"] {
        let source = open(&format!("/events?interval=30ms&data=n&drop=3&retry=30&end={end}"));
        let mut states = source.states();
        let mut messages = source.subscribe("message");
        for n in 0..9 {
            assert_eq!(number(&next(&mut messages).await), n, "{end}");
        }
        let delay = Some(Duration::from_millis(30));
        let waiting = wait(&mut states).await;
        let expected =
            State::Waiting { attempt: 1, delay, cause: Error::Disconnected { url: source.url().to_owned() } };
        assert_eq!(waiting, expected, "{end}: the server's reconnection time");
    }
}

#[wasm_bindgen_test]
async fn the_end_of_a_finished_stream_is_told_by_204() {
    let source = open("/events?interval=0&count=3&retry=1");
    let messages: Vec<_> = source.subscribe("message").collect().await;
    assert!(matches!(&messages[..], [Ok(_), Ok(_), Ok(_), Err(Error::Stopped { .. })]), "{messages:?}");
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
        Error::ContentType { content_type, .. } => assert_eq!(content_type, "application/json"),
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
        Error::Status { answer, .. } => assert_eq!(answer.body.len(), 1024),
        other => panic!("{other}"),
    }
    // A body that does not end is left after a second, with what has come of it.
    let endless = endless_refusal();
    match failed_with(EventSource::builder(&url("/")).fetch(FetchOptions::from_response(endless))).await {
        Error::Status { answer, .. } => assert_eq!(answer.body, "wait"),
        other => panic!("{other}"),
    }
}

/// A response that says no, with a body.
fn refusal(body: &str) -> Response {
    Response::new_with_opt_str_and_init(Some(body), &refused()).unwrap()
}

/// One whose body begins and never ends.
fn endless_refusal() -> Response {
    let source = js_sys::Function::new_no_args(
        "return new ReadableStream({ start(controller) { controller.enqueue(new TextEncoder().encode('wait')) } })",
    );
    let body: web_sys::ReadableStream = source.call0(&JsValue::NULL).unwrap().unchecked_into();
    Response::new_with_opt_readable_stream_and_init(Some(&body), &refused()).unwrap()
}

fn refused() -> web_sys::ResponseInit {
    let init = web_sys::ResponseInit::new();
    init.set_status(500);
    init
}

/// The address of a stream that plays this script once.
async fn raw(script: &str) -> String {
    let init = web_sys::RequestInit::new();
    init.set_method("POST");
    init.set_body(&script.into());
    let response: Response = JsFuture::from(fetch_with(&url("/raw"), &init)).await.unwrap().unchecked_into();
    JsFuture::from(response.text().unwrap()).await.unwrap().as_string().unwrap().trim().to_owned()
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
async fn a_scheme_that_is_not_http_ends_the_source() {
    for address in ["data:text/event-stream,data: 1%0a%0a", "blob:null/1", "ftp://localhost/", "about:blank"] {
        let source = EventSource::builder(address).fetch(FetchOptions::new()).open().unwrap();
        assert_eq!(source.state().ready_state(), 0, "{address}: as the browser's, it fails in the background");
        let error = closed(&source).await;
        assert!(
            matches!(&error, Some(Error::Unsupported { reason }) if reason.contains("http")),
            "{address}: {error:?}"
        );
    }
}

#[wasm_bindgen_test]
async fn a_request_that_the_browser_refuses_is_an_error_of_opening() {
    let refused = [
        FetchOptions::new().method("TRACE"),
        FetchOptions::new().body("a GET has none"),
        FetchOptions::new().header("no name", "1"),
        FetchOptions::new().method("POST").body(endless_refusal().body().unwrap()),
        FetchOptions::new().mode(RequestMode::NoCors),
        FetchOptions::new().redirect(RequestRedirect::Manual),
    ];
    for options in refused {
        match builder_with("/events", options).open() {
            Err(Error::Unsupported { reason }) => assert!(reason.len() > 30, "{reason}"),
            other => panic!("{other:?}"),
        }
    }
}

#[wasm_bindgen_test]
async fn fresh_headers_are_asked_for_and_renewed_once_when_they_are_rejected() {
    let asked = Rc::new(RefCell::new(Vec::new()));
    let provider = {
        let asked = Rc::clone(&asked);
        move |context: HeadersContext| {
            asked.borrow_mut().push(context.rejected);
            let token = format!("token {}", asked.borrow().len());
            async move { Ok::<_, Error>([("X-Token", token)]) }
        }
    };
    let plan = planned("interval=1ms&retry=1", "401,200:drop=2,200");
    let source = builder_with(&plan, FetchOptions::new().headers_provider(provider.clone())).open().unwrap();
    let mut messages = source.subscribe("message");
    for n in 0..3 {
        assert_eq!(number(&next(&mut messages).await), n);
    }
    assert_eq!(*asked.borrow(), [false, true, false]);
    let options = FetchOptions::new().header("X-Token", "old").headers_provider(provider.clone());
    assert_eq!(echoed(builder_with("/echo", options)).await["headers"]["x-token"], "token 4", "the fresh one counts");

    let rejected = builder_with("/events?status=401", FetchOptions::new().method("POST").headers_provider(provider));
    assert!(matches!(failed_with(rejected).await, Error::Status { status: 401, .. }));
    assert_eq!(asked.borrow().len(), 6, "asked twice for one attempt, whatever the method");
}

#[wasm_bindgen_test]
async fn a_provider_of_headers_that_fails_is_a_failed_attempt() {
    let asked = Rc::new(Cell::new(0));
    let provider = {
        let asked = Rc::clone(&asked);
        move |_| {
            asked.set(asked.get() + 1);
            let headers = match asked.get() {
                1 => Err("logged out"),
                2 => Ok([("no name", "1")]),
                _ => Ok([("X-One", "1")]),
            };
            std::future::ready(headers)
        }
    };
    let source = builder_with("/events", FetchOptions::new().headers_provider(provider))
        .reconnect(|_: &RetryContext| Some(SOON))
        .open()
        .unwrap();
    let states: Vec<_> = source.states().take(6).collect().await;
    let reasons = states.iter().filter_map(|state| match state {
        State::Waiting { cause: Error::HeadersProvider { reason }, .. } => Some(reason.as_str()),
        _ => None,
    });
    let reasons: Vec<_> = reasons.collect();
    assert!(matches!(reasons[..], ["logged out", second] if !second.is_empty()), "{states:?}");
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
async fn a_post_is_made_once_unless_it_is_safe_to_make_it_again() {
    let post =
        |path: &str| builder_with(path, FetchOptions::new().method("POST")).reconnect(|_: &RetryContext| Some(SOON));
    let source = post(&planned("interval=1ms", "200:drop=3,200")).open().unwrap();
    let messages: Vec<_> = source.subscribe("message").collect().await;
    assert!(matches!(messages[..], [Ok(_), Ok(_), Ok(_)]), "the end is no error: {messages:?}");
    assert_eq!(source.state(), State::Closed { cause: None });
    let broken = post(&planned("interval=1ms", "200:drop=3:end=abort,200"));
    assert!(matches!(failed_with(broken).await, Error::Disconnected { .. }));
    assert!(matches!(failed_with(post(&planned("", "503,200"))).await, Error::Status { status: 503, .. }));

    let safe = FetchOptions::new().method("POST").resend(true);
    let source = builder_with(&planned("interval=1ms&retry=1", "200:drop=3,200"), safe).open().unwrap();
    let mut messages = source.subscribe("message");
    for n in 0..5 {
        assert_eq!(number(&next(&mut messages).await), n);
    }
}

#[wasm_bindgen_test]
async fn a_signal_closes_over_both_transports_and_one_that_was_aborted_opens_nothing() {
    for over_fetch in [true, false] {
        let abort = AbortController::new().unwrap();
        let path = url("/events?interval=57ms");
        let builder = || {
            let builder = EventSource::builder(&path).signal(abort.signal());
            if over_fetch { builder.fetch(FetchOptions::new()) } else { builder }
        };
        let source = builder().open().unwrap();
        let mut messages = source.subscribe("message");
        next(&mut messages).await;
        abort.abort();
        assert_eq!(source.state(), State::Closed { cause: None });
        while messages.next().await.is_some() {}
        until("the server sends no more", async || live_streams("interval=57ms").await == 0).await;
        assert_eq!(builder().open().unwrap().state(), State::Closed { cause: None });
    }
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

    let on = FetchOptions::from_response(fetched("/events?interval=1ms&drop=2&retry=1").await).resend(true);
    let source = EventSource::builder(&url("/events?interval=1ms&drop=2&retry=1")).fetch(on).open().unwrap();
    let mut messages = source.subscribe("message");
    for n in 0..5 {
        assert_eq!(number(&next(&mut messages).await), n);
    }
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

#[wasm_bindgen_test]
async fn small_messages_after_a_large_one_hold_little_memory() {
    let text = format!("data: {}\n\n{}", "x".repeat(1 << 20), "data: small\n\n".repeat(900));
    let response = response_of(&text);
    let source = EventSource::builder(&url("/")).fetch(FetchOptions::from_response(response)).open().unwrap();
    let before = memory();
    let messages: Vec<_> = source.subscribe("message").collect().await;
    assert_eq!(messages.len(), 901);
    let grown = memory() - before;
    assert!(grown < 64e6, "{grown} more bytes");
}

/// A stream that a page made itself.
fn response_of(text: &str) -> Response {
    let init = web_sys::ResponseInit::new();
    let headers = web_sys::Headers::new().unwrap();
    headers.set("Content-Type", "text/event-stream").unwrap();
    init.set_headers(&headers);
    Response::new_with_opt_str_and_init(Some(text), &init).unwrap()
}

#[wasm_bindgen_test]
async fn a_message_that_is_too_large_ends_the_source() {
    let small = FetchOptions::new().max_message_size(1000);
    let source = builder_with("/events?interval=1ms&size=2000", small).reconnect(Backoff::default());
    let error = failed_with(source).await;
    assert!(matches!(error, Error::TooLarge { limit: 1000, .. }), "{error}");
    let source = open("/events?size=9000000");
    assert_eq!(
        next(&mut source.subscribe("message")).await.data().len(),
        9_000_000,
        "well above other clients' limits"
    );
}

#[wasm_bindgen_test]
async fn a_full_queue_makes_the_server_wait_and_the_page_holds_no_more_for_it() {
    // Firefox reads on and keeps what nobody takes, outside of what a page can see or prevent: it gets less to keep.
    let pushes_back = !user_agent().contains("Firefox");
    let rate = if pushes_back { "" } else { "&rate=4000" };
    let source = builder(&format!("/events?interval=0&data=n&size=1000&seed=1717{rate}"))
        .idle_timeout(Duration::from_millis(500))
        .open()
        .unwrap();
    let mut slow =
        source.subscribe_with(["message"], SubscribeOptions { capacity: 10, overflow: Some(Overflow::Wait) }).unwrap();
    next(&mut slow).await;
    let stalled = Cell::new(0);
    let calm = Cell::new(0);
    until("the server's writes have stalled", async || {
        let before = stalled.replace(sent("seed=1717").await);
        calm.set(if stalled.get() == before || !pushes_back { calm.get() + 1 } else { 0 });
        stalled.get() > 0 && calm.get() > 60
    })
    .await;
    assert_eq!(source.state(), State::Open, "no silence of the server's, so no timeout either");
    let held = memory();
    for n in 1..10_000 {
        assert_eq!(number(&next(&mut slow).await), n, "nothing is lost");
    }
    assert_eq!((memory(), slow.dropped()), (held, 0), "10 MB have gone through");
    if pushes_back {
        until("the server has gone on", async || sent("seed=1717").await > stalled.get()).await;
    }
}

/// How many bytes the server has written to the stream whose URL contains `part`.
async fn sent(part: &str) -> u64 {
    let live: serde_json::Value = serde_json::from_str(&get("/connections").await).unwrap();
    let mut streams = live["connections"].as_array().unwrap().iter();
    let mine = streams.find(|stream| stream["url"].as_str().unwrap().contains(part));
    mine.map_or(0, |stream| stream["bytes"].as_u64().unwrap())
}

/// The size of wasm's memory.
fn memory() -> f64 {
    let memory: js_sys::WebAssembly::Memory = wasm_bindgen::memory().unchecked_into();
    js_sys::Reflect::get(&memory.buffer(), &"byteLength".into()).unwrap().as_f64().unwrap()
}

fn user_agent() -> String {
    web_sys::window().unwrap().navigator().user_agent().unwrap()
}

#[wasm_bindgen_test]
async fn the_slowest_who_waits_sets_the_pace_and_who_drops_holds_nobody_up() {
    let source = open("/events?interval=0&data=n&count=5000");
    let options = |capacity, overflow| SubscribeOptions { capacity, overflow: Some(overflow) };
    let mut idle = source.subscribe_with(["message"], options(10, Overflow::DropOldest)).unwrap();
    let stuck = source.subscribe_with(["message"], options(10, Overflow::Wait)).unwrap();
    let mut messages = source.subscribe("message");
    for n in 0..10 {
        assert_eq!(number(&next(&mut messages).await), n);
    }
    until("the first have come", async || source.stats().messages >= 10).await;
    common::sleep(100).await;
    assert_eq!(source.stats().messages, 10, "one waits for room, so all do");
    assert!(messages.next().now_or_never().is_none());
    drop(stuck);
    for n in 10..5000 {
        assert_eq!(number(&next(&mut messages).await), n);
    }
    assert_eq!(number(&next(&mut idle).await), 4990, "the newest that its queue holds");
    assert_eq!(idle.dropped(), 4990);
}

#[wasm_bindgen_test]
async fn batches_are_taken_whole() {
    let source = open("/events?interval=0&data=n&count=10000");
    let mut batches = source.subscribe("message").ready_chunks(500);
    let (mut seen, mut largest) = (0, 0);
    while seen < 10_000 {
        let batch = batches.next().await.unwrap();
        largest = largest.max(batch.len());
        for message in batch {
            assert_eq!(number(&message.unwrap()), seen);
            seen += 1;
        }
    }
    assert_eq!(largest, 500);
}

#[wasm_bindgen_test]
async fn closing_and_dropping_stop_a_burst_in_its_middle() {
    let source = open("/events?interval=0&data=n&count=100000");
    let mut messages =
        source.subscribe_with(["message"], SubscribeOptions { capacity: 100_000, overflow: None }).unwrap();
    next(&mut messages).await;
    let closer = source.clone();
    let taken = messages.by_ref().take(50).count().await;
    closer.close();
    let rest = messages.count().await;
    assert!(taken == 50 && rest < 99_949, "{rest} had arrived");

    let source = open("/events?interval=0&data=n&count=100000&seed=1718");
    let mut messages = source.subscribe("message");
    next(&mut messages).await;
    drop((source, messages));
    until("the server sends no more", async || live_streams("seed=1718").await == 0).await;
}

#[wasm_bindgen_test]
async fn a_provider_that_holds_its_source_is_let_go_with_it() {
    let holder: Rc<RefCell<Option<EventSource>>> = Rc::default();
    let weak = Rc::downgrade(&holder);
    let provider = move |_| {
        let source = holder.borrow().clone();
        async move {
            drop(source);
            Ok::<_, Error>([("X-One", "1")])
        }
    };
    let source = builder_with("/events?interval=60ms", FetchOptions::new().headers_provider(provider)).open().unwrap();
    weak.upgrade().unwrap().replace(Some(source.clone()));
    next(&mut source.subscribe("message")).await;
    source.close();
    assert!(weak.upgrade().is_none(), "nothing holds what was given any more");
}

#[wasm_bindgen_test]
async fn closing_dropping_and_reconnecting_are_safe_wherever_the_users_code_runs() {
    // Inside the headers provider.
    for reconnect in [false, true] {
        let holder: Rc<RefCell<Option<EventSource>>> = Rc::default();
        let asked = Rc::new(Cell::new(0));
        let provider = {
            let (holder, asked) = (Rc::clone(&holder), Rc::clone(&asked));
            move |_| {
                asked.set(asked.get() + 1);
                let source = holder.take();
                async move {
                    match source {
                        Some(source) if reconnect => source.reconnect(),
                        Some(source) => source.close(),
                        None => {}
                    }
                    Ok::<_, Error>([("X-One", "1")])
                }
            }
        };
        let builder = builder_with("/events?interval=61ms", FetchOptions::new().headers_provider(provider));
        let source = builder.open().unwrap();
        holder.replace(Some(source.clone()));
        let mut messages = source.subscribe("message");
        assert_eq!(messages.next().await.is_some(), reconnect);
        assert_eq!(asked.get(), if reconnect { 2 } else { 1 });
    }
    // Inside a waker, while a chunk is being decoded.
    let source = open("/events?interval=0&data=n&count=100000&seed=1719");
    let mut messages = source.subscribe("message");
    let closer = source.clone();
    common::call_on_wake(&mut messages, move || closer.close());
    until("it is over", async || source.state().ready_state() == 2).await;
    assert_eq!(messages.count().await, 1, "what had arrived when it closed");
    // Inside the policy.
    let holder: Rc<RefCell<Option<EventSource>>> = Rc::default();
    let policy = {
        let holder = Rc::clone(&holder);
        move |_: &RetryContext| {
            holder.take().inspect(EventSource::close);
            Some(SOON)
        }
    };
    let source = builder("/events?status=503").reconnect(policy).open().unwrap();
    holder.replace(Some(source.clone()));
    assert_eq!(closed(&source).await, None);
    until("the server sends no more", async || live_streams("interval=61ms").await == 0).await;
}
