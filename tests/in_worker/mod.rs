//! Where there is no `window`.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use eventsource_wasm::{Error, EventSource, FetchOptions, Message, RetryContext, State};
use futures_util::StreamExt;
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::{Event, EventTarget};

use crate::common::{live_streams, next, number, open, until, url};

#[wasm_bindgen_test]
async fn a_source_opens_counts_and_closes() {
    assert!(web_sys::window().is_none());
    let source = open("/events?interval=55ms");
    let mut messages = source.subscribe("message");
    for _ in 0..3 {
        next(&mut messages).await;
    }
    assert_eq!(source.state(), State::Open);
    assert!(source.stats().last_message_age.is_some());
    drop((source, messages));
    until("the server sends no more", async || live_streams("interval=55ms").await == 0).await;
}

#[wasm_bindgen_test]
async fn callbacks_and_batches_work_here_too_also_per_frame_where_there_are_no_frames() {
    let source = open("/events?interval=62ms&data=n");
    let seen: Rc<RefCell<Vec<String>>> = Rc::default();
    let log = Rc::clone(&seen);
    let guard = source.on("message", move |message| log.borrow_mut().push(message.data().to_owned()));
    let mut batches = source.subscribe("message").batches().per_frame();
    let mut read = Vec::new();
    while read.len() < 3 {
        read.extend(batches.next().await.unwrap().unwrap().into_iter().map(Message::into_data));
    }
    assert_eq!((&read[..3], &seen.borrow()[..3]), (&["0", "1", "2"].map(str::to_owned)[..], &read[..3]));
    drop((source, guard, batches));
    until("the server sends no more", async || live_streams("interval=62ms").await == 0).await;
}

#[wasm_bindgen_test]
async fn a_failure_is_an_error_here_too() {
    let mut messages = open("/events?status=404").subscribe("message");
    assert!(matches!(messages.next().await, Some(Err(Error::ConnectionFailed { .. }))));
    assert!(messages.next().await.is_none());
    assert!(matches!(EventSource::new("http://[nonsense"), Err(Error::InvalidUrl { .. })));
}

#[wasm_bindgen_test]
async fn the_network_is_followed_and_what_only_pages_have_breaks_nothing() {
    let hour = Duration::from_secs(3600);
    let source = EventSource::builder(&url("/events?status=503"))
        .reconnect(move |_: &RetryContext| Some(hour))
        .pause_when_hidden(hour)
        .resume_after_reload(true)
        .open()
        .unwrap();
    until("the source waits", async || matches!(source.state(), State::Waiting { .. })).await;
    let states = source.states();
    let global: EventTarget = js_sys::global().unchecked_into();
    global.dispatch_event(&Event::new("online").unwrap()).unwrap();
    let again = State::Connecting { attempt: 2 };
    states.filter(|state| std::future::ready(*state == again)).next().await.expect("the source tries again");
}

#[wasm_bindgen_test]
async fn a_new_connection_goes_on_after_the_last_id_here_too() {
    let source = open("/events?interval=34ms");
    let mut messages = source.subscribe("message");
    assert_eq!(number(&next(&mut messages).await), 0);
    source.reconnect();
    assert_eq!(number(&next(&mut messages).await), 1);
}

#[wasm_bindgen_test]
async fn the_transport_over_fetch_works_here_too() {
    let source = EventSource::builder(&url("/events?interval=59ms")).fetch(FetchOptions::new()).open().unwrap();
    let mut messages = source.subscribe("message");
    assert_eq!(number(&next(&mut messages).await), 0);
    source.reconnect();
    assert_eq!(number(&next(&mut messages).await), 1, "after the id in the header");
    drop((source, messages));
    until("the server sends no more", async || live_streams("interval=59ms").await == 0).await;
    let refused = EventSource::builder(&url("/events?status=404")).fetch(FetchOptions::new()).open().unwrap();
    let mut messages = refused.subscribe("message");
    assert!(matches!(messages.next().await, Some(Err(Error::Status { status: 404, .. }))));
}
