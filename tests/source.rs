//! A source against the dev server, in a page.
#![cfg(target_family = "wasm")]

mod common;

use std::cell::RefCell;
use std::rc::Rc;

use common::{CLOSED_BY_HAND, call_on_wake, closed, dispatch, live_streams, native, next, open, until, url};
use eventsource_wasm::{CloseReason, Error, EventSource, Gap, Item, Overflow, State, SubscribeOptions};
use futures_util::{FutureExt, StreamExt};
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

#[wasm_bindgen_test]
async fn a_message_tells_its_type_data_id_and_origin() {
    let source = open("/events");
    let message = next(&mut source.subscribe("message")).await;
    assert_eq!(message.event_type(), "message");
    assert!(message.data().ends_with('M') && message.data().contains(':'), "a time of day: {}", message.data());
    assert!(message.last_event_id().ends_with("-0"), "the stream's first id: {}", message.last_event_id());
    assert_eq!(message.origin(), url(""));
    assert_eq!(message.clone().into_data(), message.data());
    assert_eq!(source.last_event_id(), message.last_event_id());
}

#[wasm_bindgen_test]
async fn the_url_is_absolute_and_credentials_are_the_browsers() {
    let source = EventSource::builder(&url("/a/../events?count=7")).with_credentials(true).open().unwrap();
    assert_eq!(source.url(), url("/events?count=7"));
    assert!(native(&next(&mut source.subscribe("message")).await).with_credentials());
}

#[wasm_bindgen_test]
async fn names_are_taken_as_whatever_is_a_string_and_messages_show_their_data() {
    let source = open("/events?data=n");
    let mut one = source.subscribe(String::from("message"));
    let names: Vec<String> = vec!["message".into(), "gap".into()];
    let mut many = source.subscribe_many(&names);
    let options = SubscribeOptions { capacity: 8, overflow: None };
    let mut with = source.subscribe_with(names, options).unwrap();
    for messages in [&mut one, &mut many, &mut with] {
        let text = format!("{:?}", next(messages).await);
        assert!(text.contains("event_type: \"message\", data: \"0\", last_event_id: "), "{text}");
    }
}

#[wasm_bindgen_test]
async fn data_is_counted_once_however_often_it_is_read() {
    let source = open("/events?interval=1h&data=n&size=1KiB");
    let (mut one, mut other) = (source.subscribe("message"), source.subscribe("message"));
    let first = next(&mut one).await;
    let (before, second) = (first.clone(), next(&mut other).await);
    assert_eq!(source.stats().bytes, 0, "nothing has been read");
    for message in [&first, &before, &second, &first.clone()] {
        assert_eq!(message.data().len(), 1024);
        assert_eq!(source.stats().bytes, 1024);
    }
}

#[wasm_bindgen_test]
async fn handles_are_equal_if_they_are_of_one_source() {
    let (source, other) = (open("/events"), open("/events"));
    assert_eq!(source, source.clone());
    assert_ne!(source, other);
}

#[wasm_bindgen_test]
async fn a_named_event_reaches_only_those_who_asked_for_it() {
    let source = open("/events?lastEventId=no-id-of-this-stream");
    let mut gaps = source.subscribe("gap");
    let mut both = source.subscribe_many(["message", "gap", "gap"]);
    let mut messages = source.subscribe("message");
    assert_eq!(next(&mut gaps).await.event_type(), "gap");
    assert_eq!(next(&mut both).await.event_type(), "gap");
    assert_eq!(next(&mut both).await.event_type(), "message");
    assert_eq!(next(&mut messages).await.event_type(), "message");
}

#[wasm_bindgen_test]
async fn events_that_the_server_names_open_or_error_are_messages() {
    let source = open("/events");
    let native = native(&next(&mut source.subscribe("message")).await);
    let mut named = source.subscribe_many(["error", "open"]);
    dispatch(&native, "error", "not a failure");
    dispatch(&native, "open", "not an opening");
    assert_eq!(next(&mut named).await.data(), "not a failure");
    assert_eq!(next(&mut named).await.data(), "not an opening");
    assert_eq!((source.state(), source.stats().reconnects), (State::Open, 0));
    native.dispatch_event(&web_sys::Event::new("open").unwrap()).unwrap();
    assert!(named.next().now_or_never().is_none(), "the connection's own event is no message");
}

#[wasm_bindgen_test]
async fn dropping_the_source_keeps_a_subscription_fed() {
    let source = open("/events?interval=11ms");
    let mut messages = source.subscribe("message");
    drop(source);
    for _ in 0..5 {
        next(&mut messages).await;
    }
}

#[wasm_bindgen_test]
async fn dropping_all_closes_the_connection() {
    let source = open("/events?interval=51ms");
    let other = source.clone();
    let mut messages = source.subscribe("message");
    next(&mut messages).await;
    until("the server sends", async || live_streams("interval=51ms").await == 1).await;
    drop((source, messages));
    let mut messages = other.subscribe("message");
    next(&mut messages).await;
    drop((other, messages));
    until("the server sends no more", async || live_streams("interval=51ms").await == 0).await;
}

#[wasm_bindgen_test]
async fn a_stream_of_states_does_not_keep_the_source_alive() {
    let source = open("/events?interval=52ms");
    let mut states = source.states();
    next(&mut source.subscribe("message")).await;
    drop(source);
    let seen: Vec<State> = states.by_ref().collect().await;
    assert_eq!(seen, [State::Connecting { attempt: 1 }, State::Open, CLOSED_BY_HAND]);
    until("the server sends no more", async || live_streams("interval=52ms").await == 0).await;
}

#[wasm_bindgen_test]
async fn every_subscription_gets_every_message() {
    let source = open("/events?interval=12ms");
    let (mut one, mut other) = (source.subscribe("message"), source.subscribe("message"));
    for _ in 0..5 {
        assert_eq!(next(&mut one).await.last_event_id(), next(&mut other).await.last_event_id());
    }
    drop(one);
    next(&mut other).await;
}

#[wasm_bindgen_test]
async fn after_close_what_had_arrived_is_read_and_then_the_stream_ends() {
    let source = open("/events");
    let mut messages = source.subscribe("message");
    let native = native(&next(&mut messages).await);
    dispatch(&native, "message", "arrived in time");
    source.close();
    dispatch(&native, "message", "too late");
    assert_eq!(next(&mut messages).await.data(), "arrived in time");
    assert!(messages.next().await.is_none());
    assert!(messages.next().await.is_none());
    assert_eq!(source.state(), CLOSED_BY_HAND);
    assert!(source.subscribe("message").next().await.is_none(), "a later subscription ends too");
    assert_eq!(native.ready_state(), web_sys::EventSource::CLOSED);
    source.close();
}

#[wasm_bindgen_test]
async fn a_fatal_failure_is_one_error_and_then_the_end() {
    for path in [
        "/events?status=404",
        "/events?status=204",
        "/events?mime=text/plain&count=1",
        "/events?mime=application/json",
        "/no/such/path",
    ] {
        let source = open(path);
        let failed = Error::ConnectionFailed { url: source.url().to_owned() };
        let mut messages = source.subscribe("message");
        assert_eq!(messages.next().await.unwrap().unwrap_err(), failed, "{path}");
        assert!(messages.next().await.is_none());
        assert_eq!(source.state(), State::Closed { reason: CloseReason::Failed { cause: failed.clone() } });
        let mut late = source.subscribe("message");
        assert_eq!(late.next().await.unwrap().unwrap_err(), failed);
        assert!(late.next().await.is_none());
    }
}

#[wasm_bindgen_test]
async fn the_end_of_a_response_is_no_end_of_the_stream() {
    // The browser reconnects, and the server says that a finished stream has no more: 204.
    let source = open("/events?count=2&interval=1ms");
    let states = source.states();
    let mut messages = source.subscribe("message");
    next(&mut messages).await;
    next(&mut messages).await;
    let cause = messages.next().await.unwrap().unwrap_err();
    let url = source.url().to_owned();
    let seen: Vec<State> = states.collect().await;
    assert_eq!(
        seen,
        [
            State::Connecting { attempt: 1 },
            State::Open,
            State::Waiting { attempt: 1, delay: None, cause: Error::Disconnected { url, messages: Some(2) } },
            State::Closed { reason: CloseReason::Failed { cause } },
        ]
    );
}

#[wasm_bindgen_test]
async fn a_full_queue_drops_the_oldest_counts_and_shows_where() {
    let source = open("/events");
    let native = native(&next(&mut source.subscribe("message")).await);
    let options = SubscribeOptions { capacity: 3, ..Default::default() };
    let plain = source.subscribe_with(["message"], options).unwrap();
    let gaps = source.subscribe_with(["message"], options).unwrap().with_gaps();
    for n in 0..10 {
        dispatch(&native, "message", &n.to_string());
    }
    assert_eq!((plain.dropped(), gaps.dropped(), source.stats().dropped), (7, 7, 14));
    source.close();
    let data: Vec<String> = plain.map(|message| message.unwrap().into_data()).collect().await;
    assert_eq!(data, ["7", "8", "9"]);
    let items: Vec<Item> = gaps.map(Result::unwrap).collect().await;
    assert!(matches!(items[0], Item::Gap(Gap::Overflow { dropped: 7 })));
    assert!(matches!(&items[1..], [Item::Message(first), Item::Message(_), Item::Message(_)] if first.data() == "7"));
}

#[wasm_bindgen_test]
async fn waiting_for_room_is_refused_with_the_cure() {
    let source = open("/events");
    let options = SubscribeOptions { overflow: Some(Overflow::Wait), ..Default::default() };
    let error = source.subscribe_with(["message"], options).unwrap_err();
    assert!(matches!(&error, Error::Unsupported { reason } if reason.contains("DropOldest")), "{error}");
}

#[wasm_bindgen_test]
async fn stats_count_each_message_once() {
    let source = open("/events");
    assert_eq!(source.stats().last_message_age, None);
    let (mut one, _other) = (source.subscribe("message"), source.subscribe("message"));
    next(&mut one).await;
    let stats = source.stats();
    assert_eq!((stats.messages, stats.dropped, stats.reconnects), (1, 0, 0));
    let age = stats.last_message_age.unwrap();
    until("the message is older", async || source.stats().last_message_age.unwrap() > age).await;
}

#[wasm_bindgen_test]
async fn json_is_read_into_a_type_and_what_is_none_is_an_error() {
    let source = open("/events");
    let mut messages = source.subscribe("message");
    let time = next(&mut messages).await;
    assert!(time.json::<Vec<u8>>().is_err());
    dispatch(&native(&time), "message", "[1, 2]");
    assert_eq!(next(&mut messages).await.json::<Vec<u8>>().unwrap(), [1, 2]);
}

#[wasm_bindgen_test]
async fn select_sees_the_end() {
    let source = open("/events?interval=1h");
    let (mut messages, mut states) = (source.subscribe("message"), source.states());
    source.close();
    let (mut ends, mut seen) = (0, Vec::new());
    while ends < 2 {
        futures_util::select! {
            message = messages.next() => {
                assert!(message.is_none());
                ends += 1;
            }
            state = states.next() => match state {
                Some(state) => seen.push(state),
                None => ends += 1,
            },
        }
    }
    assert_eq!(seen, [State::Connecting { attempt: 1 }, CLOSED_BY_HAND]);
}

struct ClosesWhenDropped(EventSource);

impl Drop for ClosesWhenDropped {
    fn drop(&mut self) {
        self.0.close();
    }
}

#[wasm_bindgen_test]
async fn a_waker_that_closes_when_it_is_dropped_is_safe() {
    let source = open("/events?interval=1h");
    let mut messages = source.subscribe("message");
    let closing = ClosesWhenDropped(source.clone());
    call_on_wake(&mut messages, move || drop(closing));
    // Polled by another task, the stream lets go of the first one's waker.
    assert!(messages.next().await.is_none());
    assert_eq!(source.state(), CLOSED_BY_HAND);
}

#[wasm_bindgen_test]
async fn closing_inside_a_waker_is_safe() {
    let source = open("/events?interval=13ms");
    let mut messages = source.subscribe("message");
    let mut other = source.subscribe("message");
    call_on_wake(&mut messages, {
        let source = source.clone();
        move || source.close()
    });
    assert_eq!(closed(&source).await, CloseReason::ByHand);
    next(&mut messages).await;
    assert!(messages.next().await.is_none());
    next(&mut other).await;
    assert!(other.next().await.is_none(), "the message came before the close, for both");
}

#[wasm_bindgen_test]
async fn closing_inside_the_wakers_of_open_and_of_the_end_is_safe() {
    for path in ["/events?interval=14ms", "/events?status=404"] {
        let source = open(path);
        let mut states = source.states();
        assert_eq!(states.next().await, Some(State::Connecting { attempt: 1 }));
        call_on_wake(&mut states, {
            let source = source.clone();
            move || {
                source.close();
                drop(source.subscribe("message"));
            }
        });
        closed(&source).await;
    }
}

#[wasm_bindgen_test]
async fn dropping_and_subscribing_inside_a_waker_is_safe() {
    let source = open("/events?interval=53ms");
    let mut first = source.subscribe("message");
    // Everything there is goes away, from inside the browser's own dispatch.
    let everything = Rc::new(RefCell::new(None));
    call_on_wake(&mut first, {
        let everything = Rc::clone(&everything);
        move || {
            if let Some((source, second)) = everything.take() {
                let source: EventSource = source;
                drop(source.subscribe_many(["message", "other"]));
                drop((source, second));
            }
        }
    });
    everything.replace(Some((source.clone(), source.subscribe("message"))));
    let states = source.states();
    drop(source);
    until("the waker has run", async || everything.borrow().is_none()).await;
    next(&mut first).await;
    drop(first);
    assert_eq!(states.collect::<Vec<_>>().await.last(), Some(&CLOSED_BY_HAND));
    until("the server sends no more", async || live_streams("interval=53ms").await == 0).await;
}

#[wasm_bindgen_test]
async fn dropping_the_last_subscription_inside_its_own_waker_is_safe() {
    let source = open("/events?interval=54ms");
    let slot = Rc::new(RefCell::new(Some(source.subscribe("message"))));
    drop(source);
    let dropped_by_waker = Rc::clone(&slot);
    let mut messages = slot.take().unwrap();
    call_on_wake(&mut messages, move || drop(dropped_by_waker.take()));
    slot.replace(Some(messages));
    until("the waker has run", async || slot.borrow().is_none()).await;
    until("the server sends no more", async || live_streams("interval=54ms").await == 0).await;
}
