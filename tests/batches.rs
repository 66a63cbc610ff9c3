//! Messages without a wait for each: `try_next`, `drain` and batches.
#![cfg(target_family = "wasm")]

mod common;

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use common::stub::Stub;
use common::{dispatch, next, number, open, puppet, sleep, until, url};
use eventsource_wasm::{Error, EventSource, FetchOptions, Message, Overflow, SubscribeOptions, Subscription};
use futures_util::stream::FusedStream;
use futures_util::{FutureExt, StreamExt};
use js_sys::Function;
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

fn send(native: &web_sys::EventSource, numbers: std::ops::Range<u32>) {
    for n in numbers {
        dispatch(native, "message", &n.to_string());
    }
}

fn data(messages: &[Message]) -> Vec<&str> {
    messages.iter().map(Message::data).collect()
}

fn of_capacity(source: &EventSource, capacity: usize) -> Subscription {
    source.subscribe_with(["message"], SubscribeOptions { capacity, overflow: None }).unwrap()
}

fn over_fetch(path: &str) -> EventSource {
    EventSource::builder(&url(path)).fetch(FetchOptions::new()).open().unwrap()
}

#[wasm_bindgen_test]
async fn try_next_takes_what_waits_and_does_not_wait() {
    let (source, native) = puppet().await;
    let mut messages = source.subscribe("message");
    assert!(messages.try_next().is_none());
    send(&native, 0..3);
    for expected in ["0", "1", "2"] {
        assert_eq!(messages.try_next().unwrap().unwrap().data(), expected);
    }
    assert!(messages.try_next().is_none() && !messages.is_terminated());
    send(&native, 3..4);
    source.close();
    assert_eq!(messages.try_next().unwrap().unwrap().data(), "3", "what had arrived before the close");
    assert!(messages.try_next().is_none() && messages.is_terminated());
}

#[wasm_bindgen_test]
async fn try_next_and_batches_tell_an_error_once_after_what_waits() {
    let finished = || over_fetch("/events?interval=0&data=n&count=3&retry=1");
    let (source, other) = (finished(), finished());
    let (mut messages, batches) = (source.subscribe("message"), other.subscribe("message").batches());
    for source in [&source, &other] {
        until("the server says that there is no more", async || source.state().is_closed()).await;
    }
    for expected in ["0", "1", "2"] {
        assert_eq!(messages.try_next().unwrap().unwrap().data(), expected);
    }
    assert!(matches!(messages.try_next(), Some(Err(Error::Stopped { .. }))));
    assert!(messages.try_next().is_none());
    let batches: Vec<_> = batches.collect().await;
    let [Ok(batch), Err(Error::Stopped { .. })] = &batches[..] else { panic!("{batches:?}") };
    assert_eq!(data(batch), ["0", "1", "2"]);
}

#[wasm_bindgen_test]
async fn drain_takes_all_that_waits() {
    let (source, native) = puppet().await;
    let mut messages = source.subscribe("message");
    assert!(messages.drain().is_empty());
    send(&native, 0..3);
    assert_eq!(data(&messages.drain()), ["0", "1", "2"]);
    assert!(messages.drain().is_empty());
    send(&native, 3..4);
    assert_eq!(next(&mut messages).await.data(), "3");
}

#[wasm_bindgen_test]
async fn draining_makes_room_for_the_server_to_go_on() {
    let source = over_fetch("/events?interval=0&data=n&count=100");
    let messages = RefCell::new(of_capacity(&source, 7));
    let seen = Cell::new(0);
    until("all have come", async || {
        let drained = messages.borrow_mut().drain();
        assert!(drained.len() <= 7, "{drained:?}");
        for message in drained {
            assert_eq!(number(&message), seen.replace(seen.get() + 1));
        }
        seen.get() == 100
    })
    .await;
    assert_eq!(messages.borrow().dropped(), 0);
}

#[wasm_bindgen_test]
async fn a_burst_comes_as_one_batch_after_its_first_message_at_most() {
    let (source, native) = puppet().await;
    let mut batches = source.subscribe("message").batches();
    for _ in 0..3 {
        assert!(batches.next().now_or_never().is_none());
        send(&native, 0..1000);
        let mut batch = batches.next().await.unwrap().unwrap();
        if batch.len() == 1 {
            batch.extend(batches.next().await.unwrap().unwrap());
        }
        let expected: Vec<String> = (0..1000).map(|n| n.to_string()).collect();
        assert_eq!(data(&batch), expected);
    }
    source.close();
    assert!(batches.next().await.is_none() && batches.is_terminated());
}

#[wasm_bindgen_test]
async fn batches_lose_nothing_over_either_transport() {
    let burst = "/events?interval=0&data=n&drop=5000&end=stall";
    // What comes before anyone listens is for nobody, so each is opened when it is read.
    for open in [open, over_fetch] {
        let source = open(burst);
        let mut batches = of_capacity(&source, 5000).batches();
        let (mut seen, mut count) = (0, 0);
        while seen < 5000 {
            for message in batches.next().await.unwrap().unwrap() {
                assert_eq!(number(&message), seen);
                seen += 1;
            }
            count += 1;
        }
        assert_eq!(batches.dropped(), 0);
        assert!(count < 2500, "{count} batches for 5,000 messages");
    }
}

#[wasm_bindgen_test]
async fn a_batch_is_no_larger_than_the_queue() {
    let (source, native) = puppet().await;
    let mut batches = of_capacity(&source, 10).batches();
    send(&native, 0..100);
    let batch = batches.next().await.unwrap().unwrap();
    assert_eq!(data(&batch), (90..100).map(|n| n.to_string()).collect::<Vec<_>>());
    assert_eq!((batches.dropped(), source.stats().dropped), (90, 90));

    let source = over_fetch("/events?interval=0&data=n&count=1000");
    let mut batches = of_capacity(&source, 10).batches();
    let mut seen = 0;
    while seen < 1000 {
        let batch = batches.next().await.unwrap().unwrap();
        assert!((1..=10).contains(&batch.len()), "{batch:?}");
        for message in batch {
            assert_eq!(number(&message), seen, "the server waits, and nothing is dropped");
            seen += 1;
        }
    }
}

#[wasm_bindgen_test]
async fn a_queue_over_fetch_holds_no_more_than_its_capacity() {
    let source = over_fetch("/events?interval=0&data=n&count=50");
    let options = SubscribeOptions { capacity: 1, overflow: Some(Overflow::Wait) };
    let mut messages = source.subscribe_with(["message"], options).unwrap();
    for n in 0..50 {
        until("one message waits", async || source.stats().messages == n + 1).await;
        sleep(0).await;
        assert_eq!(source.stats().messages, n + 1, "and no second one");
        assert_eq!(number(&next(&mut messages).await), n);
    }
}

/// Takes the place of `requestAnimationFrame` until it is dropped; frames come when the test calls for them.
struct Frames {
    requested: Rc<RefCell<Vec<Function>>>,
    _request: Closure<dyn Fn(Function) -> i32>,
    _stub: Stub,
}

impl Frames {
    fn new() -> Self {
        let requested = Rc::new(RefCell::new(Vec::new()));
        let request = Closure::<dyn Fn(Function) -> i32>::new({
            let requested = Rc::clone(&requested);
            move |callback| {
                requested.borrow_mut().push(callback);
                0
            }
        });
        let stub = Stub::new(&common::page::window(), "requestAnimationFrame", request.as_js_value());
        Self { requested, _request: request, _stub: stub }
    }

    fn requested(&self) -> usize {
        self.requested.borrow().len()
    }

    fn come(&self) {
        for frame in self.requested.take() {
            frame.call1(&JsValue::UNDEFINED, &0.into()).unwrap();
        }
    }
}

#[wasm_bindgen_test]
async fn a_batch_per_frame_holds_all_that_has_come_until_the_frame() {
    let frames = Frames::new();
    let (source, native) = puppet().await;
    let mut batches = source.subscribe("message").batches().per_frame();
    assert!(batches.next().now_or_never().is_none());
    assert_eq!(frames.requested(), 0, "nothing to show, so no frame is asked for");
    for round in 0..3 {
        send(&native, round * 10..round * 10 + 4);
        assert!(batches.next().now_or_never().is_none());
        send(&native, round * 10 + 4..round * 10 + 10);
        assert!(batches.next().now_or_never().is_none());
        assert_eq!(frames.requested(), 1, "one frame for both");
        frames.come();
        let batch = batches.next().await.unwrap().unwrap();
        assert_eq!(data(&batch), (round * 10..round * 10 + 10).map(|n| n.to_string()).collect::<Vec<_>>());
    }
}

#[wasm_bindgen_test]
async fn batches_per_frame_end_with_their_source() {
    let (source, native) = puppet().await;
    let batches = source.subscribe("message").batches().per_frame();
    send(&native, 0..3);
    source.close();
    let batches: Vec<_> = batches.collect().await;
    assert!(matches!(&batches[..], [Ok(batch)] if data(batch) == ["0", "1", "2"]), "{batches:?}");
}

#[wasm_bindgen_test]
async fn the_end_needs_no_frame_as_a_hidden_page_has_none() {
    let frames = Frames::new();
    let (source, native) = puppet().await;
    let mut batches = source.subscribe("message").batches().per_frame();
    send(&native, 0..3);
    assert!(batches.next().now_or_never().is_none());
    frames.come();
    assert_eq!(data(&batches.next().await.unwrap().unwrap()), ["0", "1", "2"]);
    assert!(batches.next().now_or_never().is_none());
    source.close();
    assert!(batches.next().now_or_never().expect("told at once").is_none());
    assert_eq!(frames.requested(), 0);
}
