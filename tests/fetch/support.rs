//! What these tests share.

use std::time::Duration;

use eventsource_wasm::{Error, EventSource, EventSourceBuilder, FetchOptions, State, States};
use futures_util::StreamExt;
use wasm_bindgen::prelude::*;
use web_sys::Response;

use crate::common::{gave_up, next, url};

pub(crate) const SOON: Duration = Duration::from_millis(20);

pub(crate) fn builder(path: &str) -> EventSourceBuilder {
    builder_with(path, FetchOptions::new())
}

pub(crate) fn builder_with(path: &str, options: FetchOptions) -> EventSourceBuilder {
    EventSource::builder(&url(path)).fetch(options)
}

pub(crate) fn open(path: &str) -> EventSource {
    builder(path).open().unwrap()
}

/// What `/echo` says of the request.
pub(crate) async fn echoed(builder: EventSourceBuilder) -> serde_json::Value {
    let source = builder.open().unwrap();
    next(&mut source.subscribe("message")).await.json().unwrap()
}

/// A stream whose connections go by a plan of their own.
pub(crate) fn planned(parameters: &str, plan: &str) -> String {
    format!("/events?{parameters}&token={}&plan={plan}", js_sys::Math::random())
}

/// The next wait.
pub(crate) async fn wait(states: &mut States) -> State {
    loop {
        match states.next().await {
            Some(state @ State::Waiting { .. }) => return state,
            Some(_) => {}
            None => panic!("it ended"),
        }
    }
}

/// Why a source gives up that somebody reads.
pub(crate) async fn failed_with(builder: EventSourceBuilder) -> Error {
    let source = builder.open().unwrap();
    let _messages = source.subscribe("message");
    gave_up(&source).await
}

/// A response that says no, whose body begins and never ends.
pub(crate) fn endless_refusal() -> Response {
    let source = js_sys::Function::new_no_args(
        "return new ReadableStream({ start(controller) { controller.enqueue(new TextEncoder().encode('wait')) } })",
    );
    let body: web_sys::ReadableStream = source.call0(&JsValue::NULL).unwrap().unchecked_into();
    Response::new_with_opt_readable_stream_and_init(Some(&body), &refused()).unwrap()
}

pub(crate) fn refused() -> web_sys::ResponseInit {
    let init = web_sys::ResponseInit::new();
    init.set_status(500);
    init
}
