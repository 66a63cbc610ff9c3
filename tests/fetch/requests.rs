//! Requests whose answers stream: what is read, what ends them, what goes on with them.

use std::cell::RefCell;
use std::convert::Infallible;
use std::rc::Rc;
use std::time::Duration;

use eventsource_wasm::{
    CloseReason, Error, EventSource, FetchOptions, ResumeContext, ResumeRequest, RetryContext, State, UrlContext,
};
use futures_util::StreamExt;
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::{Request, Response};

use crate::common::network::Network;
use crate::common::{closed, live_streams, next, raw, sleep, token, until, url};
use crate::support::{SOON, builder, builder_with, failed_with};

/// A request that is not made again.
fn post() -> FetchOptions {
    FetchOptions::new().method("POST")
}

/// The data of a source's messages, to its end.
async fn data(source: &EventSource) -> Vec<String> {
    source.subscribe("message").map(|message| message.unwrap().into_data()).collect().await
}

#[wasm_bindgen_test]
async fn nothing_is_lost_before_anyone_reads() {
    type Read = fn(&EventSource, Rc<RefCell<Vec<String>>>) -> Box<dyn std::any::Any>;
    let callback: Read =
        |source, seen| Box::new(source.on("message", move |message| seen.borrow_mut().push(message.data().to_owned())));
    let of_all: Read = |source, seen| {
        Box::new(source.on_any(move |message| seen.borrow_mut().push(message.data().to_owned())).unwrap())
    };
    for read in [callback, of_all] {
        let token = token();
        let source = builder_with(&format!("/events?interval=0&count=3&data=n&token={token}&plan=200"), post());
        let source = source.open().unwrap();
        let states = Rc::new(RefCell::new(Vec::new()));
        let told = Rc::clone(&states);
        let _states = source.on_state(move |state| told.borrow_mut().push(state.clone()));
        until("the server is done", async || source.state().is_open() && live_streams(&token).await == 0).await;
        sleep(30).await;
        assert_eq!((&**states.borrow(), source.response().is_some()), (&[State::Open][..], true));
        let seen = Rc::default();
        let _reader = read(&source, Rc::clone(&seen));
        assert_eq!(closed(&source).await, CloseReason::Complete);
        assert_eq!(*seen.borrow(), ["0", "1", "2"]);
    }
    let source = builder_with("/events?interval=0&count=3&data=n", post()).open().unwrap();
    until("it is open", async || source.state().is_open()).await;
    sleep(50).await;
    assert_eq!(data(&source).await, ["0", "1", "2"]);
}

#[wasm_bindgen_test]
async fn while_nobody_reads_silence_is_no_loss() {
    let quiet = Duration::from_millis(200);
    let source = builder("/events?interval=1h&heartbeat=off").idle_timeout(quiet).open().unwrap();
    until("it is open", async || source.state().is_open()).await;
    sleep(600).await;
    assert_eq!(source.state(), State::Open);
    let _messages = source.subscribe("message");
    until("now it is", async || matches!(source.state().cause(), Some(Error::IdleTimeout { .. }))).await;
}

#[wasm_bindgen_test]
async fn a_type_the_data_or_a_look_at_a_message_tells_the_end_over_either_transport() {
    let script = r#"["data: 1\n\nevent: done\ndata: 2\n\ndata: 3\n\ndata: 4\n\n", {"end": "stall"}]"#;
    for over_fetch in [true, false] {
        for (way, expected) in [("event", &["1", "2"][..]), ("when", &["1", "2", "3"]), ("data", &["1", "2"])] {
            let builder = EventSource::builder(&raw(script).await);
            let builder = if over_fetch { builder.fetch(FetchOptions::new()) } else { builder };
            let builder = match way {
                "event" => builder.end_event("done"),
                "when" => builder.end_when(|message| message.data() == "3"),
                _ => builder.end_data("3"),
            };
            let source = builder.reconnect(|_: &RetryContext| Some(SOON)).open().unwrap();
            let messages = source.subscribe_many(["message", "done"]);
            let seen: Vec<_> = messages.map(|message| message.unwrap().into_data()).collect().await;
            assert_eq!((&*seen, source.state()), (expected_of(expected).as_slice(), complete()), "{way}");
        }
        let unread = EventSource::builder(&raw(script).await).end_event("done");
        let unread = if over_fetch { unread.fetch(FetchOptions::new()) } else { unread }.open().unwrap();
        assert_eq!(data(&unread).await, ["1"], "the source itself listens to it");
        assert_eq!(unread.state(), complete());
    }
}

fn expected_of(data: &[&str]) -> Vec<String> {
    data.iter().map(|text| (*text).to_owned()).collect()
}

fn complete() -> State {
    State::Closed { reason: CloseReason::Complete }
}

#[wasm_bindgen_test]
async fn an_answer_that_ends_without_its_mark_has_broken_off() {
    let unmarked = EventSource::builder(&raw(r#"["data: 1\n\n"]"#).await).fetch(post()).end_data("[DONE]");
    assert!(matches!(failed_with(unmarked).await, Error::Disconnected { messages: Some(1), .. }));
}

#[wasm_bindgen_test]
async fn closing_the_source_where_a_message_is_looked_at_is_safe() {
    let holder: Rc<RefCell<Option<EventSource>>> = Rc::default();
    let closes = Rc::clone(&holder);
    let builder = builder("/events?interval=0&data=n&count=100").end_when(move |message| {
        if message.data() == "3" {
            closes.take().inspect(EventSource::close);
        }
        false
    });
    let source = builder.open().unwrap();
    holder.replace(Some(source.clone()));
    assert_eq!((data(&source).await, source.state()), (expected_of(&["0", "1", "2"]), crate::common::CLOSED_BY_HAND));
}

#[wasm_bindgen_test]
async fn a_place_in_the_data_is_where_the_stream_goes_on() {
    let network = Network::playing(&["data: a1\n\nid: own\ndata: none\n\ndata: a2\n\n", "data: a3\n\n"], &[]);
    let asked = Rc::new(RefCell::new(Vec::new()));
    let told = Rc::clone(&asked);
    let source = EventSource::builder("/any")
        .fetch(FetchOptions::new())
        .position(|message| message.data().strip_prefix('a').map(|number| format!("at {number}")))
        .url_provider(async move |context: UrlContext| {
            told.borrow_mut().push(context.last_event_id);
            Ok::<_, Infallible>("/elsewhere".to_owned())
        })
        .reconnect(|_: &RetryContext| Some(SOON))
        .open()
        .unwrap();
    let mut messages = source.subscribe("message");
    let mut ids = Vec::new();
    for _ in 0..4 {
        ids.push(next(&mut messages).await.last_event_id().to_owned());
    }
    assert_eq!(ids, ["at 1", "own", "at 2", "at 3"]);
    assert_eq!(
        (&**asked.borrow(), &network.ids()[..2]),
        (&[String::new(), "at 2".to_owned()][..], &[String::new(), "2".to_owned()][..])
    );
}

#[wasm_bindgen_test]
async fn a_place_in_the_data_is_kept_over_the_native_transport_too() {
    let script = r#"["data: 1\n\ndata: 2\n\n", {"end": "stall"}]"#;
    let builder = EventSource::builder(&raw(script).await).position(|message| Some(format!("p{}", message.data())));
    let source = builder.suppress_duplicates(10).open().unwrap();
    let mut messages = source.subscribe("message");
    let first = next(&mut messages).await;
    assert_eq!((first.last_event_id(), &*source.last_event_id()), ("p1", "p1"));
    next(&mut messages).await;
    assert_eq!(source.last_event_id(), "p2");
}

#[wasm_bindgen_test]
async fn an_answer_that_broke_is_gone_on_with_by_another_request() {
    let asked: Rc<RefCell<Vec<String>>> = Rc::default();
    let (noted, contexts) = (Rc::clone(&asked), Rc::new(RefCell::new(Vec::new())));
    let told = Rc::clone(&contexts);
    let options = post()
        .header("X-Auth", "me")
        .header("Content-Type", "text/plain")
        .body("a question")
        .fetch_with(async move |request: Request| {
            let header = |name: &str| request.headers().get(name).unwrap().unwrap_or_default();
            let line = [request.method(), header("Last-Event-ID"), header("X-Auth"), header("Content-Type")].join(" ");
            noted.borrow_mut().push(line);
            let count = noted.borrow().len();
            Ok::<_, JsValue>(match count {
                1 => broken("id: 1\ndata: a\n\n"),
                2 => refused(503),
                _ => streamed("id: 2\ndata: b\n\n"),
            })
        })
        .resume(async move |context: ResumeContext| {
            let status = context.response.as_ref().map(|response| response.status);
            told.borrow_mut().push((context.last_event_id, status));
            Ok::<_, Infallible>(Some(ResumeRequest::new("/chat/7/stream").header("X-Auth", "more")))
        });
    let source = EventSource::builder(&url("/chat")).fetch(options).reconnect(|_: &RetryContext| Some(SOON));
    let source = source.open().unwrap();
    assert_eq!((data(&source).await, source.state()), (vec!["a".to_owned(), "b".to_owned()], complete()));
    assert_eq!(*asked.borrow(), ["POST  me text/plain", "GET 1 more ", "GET 1 more "]);
    assert_eq!(*contexts.borrow(), [("1".to_owned(), Some(200)), ("1".to_owned(), Some(200))]);
}

#[wasm_bindgen_test]
async fn where_nothing_can_be_resumed_the_source_ends() {
    let resumed = |second: fn() -> Response, request: fn() -> Result<Option<ResumeRequest>, &'static str>| {
        let first = std::cell::Cell::new(true);
        let options = post()
            .fetch_with(async move |_: Request| Ok(if first.take() { broken("data: a\n\n") } else { second() }))
            .resume(async move |_: ResumeContext| request());
        EventSource::builder(&url("/chat")).fetch(options).reconnect(|_: &RetryContext| Some(SOON))
    };
    let over = resumed(|| refused(204), || Ok(Some(ResumeRequest::default()))).open().unwrap();
    assert_eq!((data(&over).await, over.state()), (vec!["a".to_owned()], complete()));
    let error = failed_with(resumed(|| refused(500), || Ok(None))).await;
    assert!(matches!(error, Error::Resume { reason: None }) && error.is_final(), "{error}");
    let failing = resumed(|| refused(500), || Err("logged out")).open().unwrap();
    let _messages = failing.subscribe("message");
    let waits =
        |state: &State| matches!(state.cause(), Some(Error::Resume { reason: Some(reason) }) if reason == "logged out");
    let mut states = failing.states();
    while !waits(&states.next().await.unwrap()) {}
}

#[wasm_bindgen_test]
async fn what_makes_requests_in_the_place_of_fetch_may_fail_in_its_own_way() {
    let failing = |thrown: fn() -> JsValue| {
        let options = FetchOptions::new().fetch_with(async move |_: Request| Err(thrown()));
        EventSource::builder(&url("/events")).fetch(options).reconnect(|_: &RetryContext| None)
    };
    let error = failed_with(failing(|| js_sys::Error::new("logged out").into())).await;
    assert!(matches!(&error, Error::Fetch { reason } if reason == "logged out"), "{error}");
    let error = failed_with(failing(|| js_sys::TypeError::new("no network").into())).await;
    assert!(matches!(error, Error::Disconnected { messages: None, .. }), "{error}");
}

/// A response whose body ends.
fn streamed(body: &str) -> Response {
    Response::new_with_opt_str_and_init(Some(body), &stream()).unwrap()
}

/// A response whose body breaks off.
fn broken(body: &str) -> Response {
    let make = js_sys::Function::new_with_args(
        "body",
        "return new ReadableStream({
            start: (controller) => controller.enqueue(new TextEncoder().encode(body)),
            pull: (controller) => controller.error(new TypeError('lost')),
        }, { highWaterMark: 0 })",
    );
    let body: web_sys::ReadableStream = make.call1(&JsValue::NULL, &body.into()).unwrap().unchecked_into();
    Response::new_with_opt_readable_stream_and_init(Some(&body), &stream()).unwrap()
}

fn refused(status: u16) -> Response {
    let init = web_sys::ResponseInit::new();
    init.set_status(status);
    Response::new_with_opt_str_and_init(None, &init).unwrap()
}

fn stream() -> web_sys::ResponseInit {
    let init = web_sys::ResponseInit::new();
    let headers = web_sys::Headers::new().unwrap();
    headers.set("Content-Type", "text/event-stream").unwrap();
    init.set_headers(&headers);
    init
}
