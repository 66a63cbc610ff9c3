//! What the browser tests share.
#![allow(dead_code, unreachable_pub, reason = "each test target uses a part")]

pub mod network;
pub mod page;
pub mod stub;

use std::cell::Cell;
use std::future::Future;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};

use eventsource_wasm::{CloseReason, Error, EventSource, Message, State};
use futures_util::{Stream, StreamExt};
use js_sys::{Function, Math, Promise};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{MessageEvent, MessageEventInit};

/// The address of a path on the dev server under test.
pub fn url(path: &str) -> String {
    let Some(server) = option_env!("EVENTSOURCE_TEST_SERVER") else {
        panic!("these tests need a dev server: run tests/run.sh, or set EVENTSOURCE_TEST_SERVER to the address of one");
    };
    format!("{server}{path}")
}

pub fn open(path: &str) -> EventSource {
    EventSource::new(&url(path)).expect("the address is valid")
}

/// Waits until a condition holds, and fails when it never does.
pub async fn until<F: Future<Output = bool>>(what: &str, mut condition: impl FnMut() -> F) {
    for _ in 0..2000 {
        if condition().await {
            return;
        }
        sleep(10).await;
    }
    panic!("waited in vain until {what}");
}

/// A pause between two looks at something; no test relies on its length.
pub async fn sleep(milliseconds: i32) {
    let promise = Promise::new(&mut |resolve, _| set_timeout(&resolve, milliseconds));
    JsFuture::from(promise).await.expect("a timer never rejects");
}

/// What the server answers.
pub async fn get(path: &str) -> String {
    let response: web_sys::Response = JsFuture::from(fetch(&url(path))).await.unwrap().unchecked_into();
    JsFuture::from(response.text().unwrap()).await.unwrap().as_string().unwrap()
}

/// How many streams the server is sending whose URL contains `part`.
pub async fn live_streams(part: &str) -> usize {
    get("/connections").await.matches(part).count()
}

/// A name by which the server counts connections.
pub fn token() -> String {
    format!("t{}", Math::random())
}

/// How many connections with this token there have been. Asking is one more.
pub async fn connections(token: &str) -> u64 {
    let said = get(&format!("/echo?token={token}")).await;
    let attempt = said.split_once(r#""attempt":"#).and_then(|(_, after)| after.split(',').next()?.parse::<u64>().ok());
    attempt.expect("the server counts this one too") - 1
}

/// The address of a stream that plays this script once.
pub async fn raw(script: &str) -> String {
    let init = web_sys::RequestInit::new();
    init.set_method("POST");
    init.set_body(&script.into());
    let response: web_sys::Response = JsFuture::from(fetch_with(&url("/raw"), &init)).await.unwrap().unchecked_into();
    JsFuture::from(response.text().unwrap()).await.unwrap().as_string().unwrap().trim().to_owned()
}

/// Asks the server to delete something.
pub async fn delete(path: &str) {
    let init = web_sys::RequestInit::new();
    init.set_method("DELETE");
    JsFuture::from(fetch_with(&url(path), &init)).await.expect("the server answers");
}

/// The next message of a stream that is expected to go on.
pub async fn next(stream: &mut (impl Stream<Item = Result<Message, Error>> + Unpin)) -> Message {
    stream.next().await.expect("the stream goes on").expect("the source goes on")
}

/// A message's number in its stream: the dev server's ids are `<t0>-<n>`.
pub fn number(message: &Message) -> u64 {
    let number = message.last_event_id().rsplit_once('-').and_then(|(_, number)| number.parse().ok());
    number.unwrap_or_else(|| panic!("no id of the dev server's: {:?}", message.last_event_id()))
}

/// Waits until the source is over, and says how it ended.
pub async fn closed(source: &EventSource) -> CloseReason {
    match source.states().filter(|state| std::future::ready(state.is_closed())).next().await {
        Some(State::Closed { reason }) => reason,
        other => panic!("expected the end, got {other:?}"),
    }
}

/// Waits until the source gives up, and says why.
pub async fn gave_up(source: &EventSource) -> Error {
    match closed(source).await {
        CloseReason::Failed { cause } => cause,
        other => panic!("expected a failure, got {other:?}"),
    }
}

/// The state of a source that was closed, or dropped.
pub const CLOSED_BY_HAND: State = State::Closed { reason: CloseReason::ByHand };

/// The browser's object behind a message.
pub fn native(message: &Message) -> web_sys::EventSource {
    message.as_raw().expect("a native message").target().expect("a dispatched event").unchecked_into()
}

/// A source whose messages, after the server's first, are the test's.
pub async fn puppet() -> (EventSource, web_sys::EventSource) {
    let source = open("/events?interval=1h");
    let native = native(&next(&mut source.subscribe("message")).await);
    (source, native)
}

/// Dispatches an event as if the server had sent it.
pub fn dispatch(native: &web_sys::EventSource, event_type: &str, data: &str) {
    dispatch_with_id(native, event_type, data, "");
}

/// The same for an event that has an id.
pub fn dispatch_with_id(native: &web_sys::EventSource, event_type: &str, data: &str, id: &str) {
    let init = MessageEventInit::new();
    init.set_data(&data.into());
    init.set_last_event_id(id);
    let event = MessageEvent::new_with_event_init_dict(event_type, &init).expect("the init is valid");
    native.dispatch_event(&event).expect("the event is new");
}

/// Whose engine the tests run in; these are the browsers that have it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    Firefox,
    Chrome,
    Safari,
}

pub fn engine() -> Engine {
    match &*web_sys::window().expect("the tests run in a page").navigator().user_agent().expect("it has a name") {
        name if name.contains("Firefox") => Engine::Firefox,
        name if name.contains("Chrome") => Engine::Chrome,
        _ => Engine::Safari,
    }
}

/// A waker that runs something, once.
pub struct CallOnWake(Cell<Option<Box<dyn FnOnce()>>>);

// Tests run on one thread, and so do the wakers of what they test.
#[expect(unsafe_code, reason = "`Wake` asks for more than a test on one thread needs")]
unsafe impl Send for CallOnWake {}
#[expect(unsafe_code, reason = "`Wake` asks for more than a test on one thread needs")]
unsafe impl Sync for CallOnWake {}

impl Wake for CallOnWake {
    fn wake(self: Arc<Self>) {
        if let Some(call) = self.0.take() {
            call();
        }
    }
}

/// Polls a stream that has nothing yet with a waker that calls `call`.
pub fn call_on_wake<S: Stream + Unpin>(stream: &mut S, call: impl FnOnce() + 'static) {
    let waker = Waker::from(Arc::new(CallOnWake(Cell::new(Some(Box::new(call))))));
    assert!(matches!(stream.poll_next_unpin(&mut Context::from_waker(&waker)), Poll::Pending));
}

#[wasm_bindgen]
extern "C" {
    // Reached as plain globals, so that workers have them too.
    #[wasm_bindgen(js_name = setTimeout)]
    fn set_timeout(callback: &Function, milliseconds: i32);

    pub fn fetch(url: &str) -> Promise;

    #[wasm_bindgen(js_name = fetch)]
    pub fn fetch_with(url: &str, init: &web_sys::RequestInit) -> Promise;
}
