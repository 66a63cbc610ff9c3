//! What is asked for, and with which headers.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use eventsource_wasm::{Error, EventSource, FetchOptions, HeadersContext, RetryContext, State};
use futures_util::StreamExt;
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::{RequestMode, RequestRedirect};

use crate::common::{Engine, engine, gave_up, next, number};
use crate::support::{SOON, builder, builder_with, echoed, endless_refusal, failed_with, planned};

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
        // WebKitGTK takes a header's bytes for characters, and encodes those.
        let sent = if engine() == Engine::Safari { id.bytes().map(char::from).collect() } else { id.to_owned() };
        assert_eq!((&request["headers"]["last-event-id"], &request["url"]), (&sent.into(), &"/echo".into()));
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
async fn a_scheme_that_is_not_http_ends_the_source() {
    for address in ["data:text/event-stream,data: 1%0a%0a", "blob:null/1", "ftp://localhost/", "about:blank"] {
        let source = EventSource::builder(address).fetch(FetchOptions::new()).open().unwrap();
        assert_eq!(source.state().ready_state(), 0, "{address}: as the browser's, it fails in the background");
        let error = gave_up(&source).await;
        assert!(matches!(&error, Error::Unsupported { reason } if reason.contains("http")), "{address}: {error}");
    }
}

#[wasm_bindgen_test]
async fn a_request_that_the_browser_refuses_is_an_error_of_opening() {
    let refused = [
        FetchOptions::new().method("TRACE"),
        FetchOptions::new().body("a GET has none"),
        FetchOptions::new().header("no name", "1"),
        FetchOptions::new().method("POST").body(JsValue::from(endless_refusal().body().unwrap())),
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
    let plan = planned("interval=5ms&retry=1", "401,200:drop=2,200");
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
