//! Callbacks, and the guards that keep them.
#![cfg(target_family = "wasm")]

mod common;

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use common::stub::Stub;
use common::{CLOSED_BY_HAND, closed, dispatch, gave_up, live_streams, native, next, open, puppet, until, url};
use eventsource_wasm::{Error, EventSource, FetchOptions, Guard, State};
use futures_util::{FutureExt, StreamExt};
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
use web_sys::MessageEvent;

wasm_bindgen_test_configure!(run_in_browser);

/// What callbacks have written down.
type Log<T> = Rc<RefCell<Vec<T>>>;

/// A callback for messages that writes their data down.
fn write_to(log: &Log<String>) -> impl Fn(&eventsource_wasm::Message) + 'static {
    let log = Rc::clone(log);
    move |message| log.borrow_mut().push(message.data().to_owned())
}

fn over_fetch(path: &str) -> EventSource {
    EventSource::builder(&url(path)).fetch(FetchOptions::new()).open().unwrap()
}

#[wasm_bindgen_test]
async fn a_callback_is_called_while_the_browser_dispatches_the_event() {
    let (source, native) = puppet().await;
    let seen = Log::default();
    let _message = source.on("message", write_to(&seen));
    let _several = source.on(["created", "deleted", "created"], write_to(&seen));
    let _owned = source.on(vec!["created".to_owned()], write_to(&seen));
    dispatch(&native, "message", "1");
    assert_eq!(*seen.borrow(), ["1"]);
    dispatch(&native, "created", "2");
    dispatch(&native, "other", "nobody's");
    dispatch(&native, "deleted", "3");
    assert_eq!(*seen.borrow(), ["1", "2", "2", "3"]);
}

#[wasm_bindgen_test]
async fn a_callback_gets_the_servers_messages_over_both_transports() {
    for open in [open, over_fetch] {
        let source = open("/events?interval=5ms&data=n");
        let seen = Log::default();
        let _guard = source.on("message", write_to(&seen));
        until("three have come", async || seen.borrow().len() >= 3).await;
        assert_eq!(seen.borrow()[..3], ["0", "1", "2"]);
    }
}

#[wasm_bindgen_test]
async fn a_callback_for_all_types_is_for_fetch() {
    let source = over_fetch("/events?interval=5ms&lastEventId=no-id-of-this-stream");
    let types = Log::default();
    let log = Rc::clone(&types);
    let _guard = source.on_any(move |message| log.borrow_mut().push(message.event_type().to_owned())).unwrap();
    until("both types have come", async || types.borrow().len() >= 2).await;
    assert_eq!(types.borrow()[..2], ["gap", "message"]);
    let error = open("/events?interval=1h").on_any(|_| {}).unwrap_err().to_string();
    assert!(error.contains("fetch"), "{error}");
}

#[wasm_bindgen_test]
async fn a_guard_that_is_dropped_inside_its_callback_ends_it() {
    let (source, native) = puppet().await;
    let (calls, slot) = (Rc::new(Cell::new(0)), Rc::new(RefCell::new(None::<Guard>)));
    let guard = source.on("message", {
        let (calls, slot) = (Rc::clone(&calls), Rc::clone(&slot));
        move |_| {
            calls.set(calls.get() + 1);
            drop(slot.take());
        }
    });
    slot.replace(Some(guard));
    dispatch(&native, "message", "1");
    dispatch(&native, "message", "2");
    assert_eq!(calls.get(), 1);
}

#[wasm_bindgen_test]
async fn a_guard_that_is_dropped_by_the_callback_before_it_is_not_called_for_that_message() {
    let (source, native) = puppet().await;
    let (seen, slot) = (Log::default(), Rc::new(RefCell::new(None::<Guard>)));
    let victim = Rc::clone(&slot);
    let _first = source.on("message", move |_| drop(victim.take()));
    slot.replace(Some(source.on("message", write_to(&seen))));
    dispatch(&native, "message", "1");
    dispatch(&native, "message", "2");
    assert!(seen.borrow().is_empty(), "{seen:?}");
}

#[wasm_bindgen_test]
async fn a_guard_keeps_its_source_alive_and_lets_it_go() {
    for over_fetch in [false, true] {
        let path = url("/events?interval=37ms");
        let builder = EventSource::builder(&path);
        let source = if over_fetch { builder.fetch(FetchOptions::new()) } else { builder }.open().unwrap();
        let seen = Log::default();
        let (guard, states) = (source.on("message", write_to(&seen)), source.states());
        drop(source);
        until("messages have come", async || seen.borrow().len() >= 2).await;
        drop(guard);
        assert_eq!(states.collect::<Vec<_>>().await.last(), Some(&CLOSED_BY_HAND));
        until("the server sends no more", async || live_streams("interval=37ms").await == 0).await;
    }
}

#[wasm_bindgen_test]
async fn no_call_comes_after_a_close_inside_a_callback() {
    let (source, native) = puppet().await;
    let seen = Log::default();
    let _first = source.on("message", {
        let (source, write) = (source.clone(), write_to(&seen));
        move |message| {
            write(message);
            source.close();
        }
    });
    let _second = source.on("message", write_to(&seen));
    dispatch(&native, "message", "1");
    dispatch(&native, "message", "2");
    assert_eq!((source.state(), &seen.borrow()[..]), (CLOSED_BY_HAND, &["1".to_owned()][..]));
    assert_eq!(native.ready_state(), web_sys::EventSource::CLOSED);
}

#[wasm_bindgen_test]
async fn a_close_inside_a_callback_over_fetch_ends_the_chunk() {
    let source = over_fetch("/events?interval=0&data=n&count=1000");
    let calls = Rc::new(Cell::new(0));
    let _guard = source.on("message", {
        let (source, calls) = (source.clone(), Rc::clone(&calls));
        move |_| {
            calls.set(calls.get() + 1);
            if calls.get() == 10 {
                source.close();
            }
        }
    });
    closed(&source).await;
    assert_eq!((calls.get(), source.stats().messages), (10, 10));
}

#[wasm_bindgen_test]
async fn a_subscription_gets_the_message_that_a_callback_beside_it_closes_at() {
    let (source, native) = puppet().await;
    let before = source.subscribe("message");
    let closer = source.clone();
    let _guard = source.on("message", move |_| closer.close());
    let after = source.subscribe("message");
    dispatch(&native, "message", "the last one");
    for messages in [before, after] {
        let messages: Vec<String> = messages.map(|message| message.unwrap().into_data()).collect().await;
        assert_eq!(messages, ["the last one"]);
    }
}

#[wasm_bindgen_test]
async fn all_that_there_is_may_be_dropped_inside_a_callback() {
    let source = open("/events?interval=38ms");
    let slot = Rc::new(RefCell::new(None));
    let guard = source.on("message", {
        let slot = Rc::clone(&slot);
        move |_| drop(slot.take())
    });
    let (other, states) = (source.on_state(|_| {}), source.states());
    slot.replace(Some((guard, other, source.subscribe("message"), source)));
    assert_eq!(states.collect::<Vec<_>>().await.last(), Some(&CLOSED_BY_HAND));
    assert!(slot.borrow().is_none());
    until("the server sends no more", async || live_streams("interval=38ms").await == 0).await;
}

#[wasm_bindgen_test]
async fn who_subscribes_inside_a_callback_gets_what_comes_after_that_message() {
    let (source, native) = puppet().await;
    let (seen, made) = (Log::default(), Rc::new(RefCell::new(None)));
    let _guard = source.on("message", {
        let (source, seen, made) = (source.clone(), Rc::clone(&seen), Rc::clone(&made));
        move |_| {
            let mut made = made.borrow_mut();
            made.get_or_insert_with(|| {
                (source.on("message", write_to(&seen)), source.subscribe_many(["message", "new"]))
            });
        }
    });
    dispatch(&native, "message", "1");
    dispatch(&native, "message", "2");
    dispatch(&native, "new", "3");
    assert_eq!(*seen.borrow(), ["2"]);
    let (_guard, mut messages) = made.take().unwrap();
    assert_eq!(next(&mut messages).await.data(), "2");
    assert_eq!(next(&mut messages).await.data(), "3");
}

#[wasm_bindgen_test]
async fn reconnecting_inside_a_callback_makes_one_connection() {
    let source = open("/events?interval=39ms");
    let calls = Rc::new(Cell::new(0));
    let _guard = source.on("message", {
        let (source, calls) = (source.clone(), Rc::clone(&calls));
        move |_| {
            calls.set(calls.get() + 1);
            if calls.get() < 3 {
                source.reconnect();
            }
        }
    });
    until("the third connection has sent", async || calls.get() >= 3).await;
    until("it is the only one", async || live_streams("interval=39ms").await == 1).await;
}

#[wasm_bindgen_test]
async fn a_source_that_ends_releases_its_callbacks_before_their_guards_are_dropped() {
    for path in ["/events?interval=1h", "/events?status=404"] {
        let source = open(path);
        let held = Rc::new(());
        let guards = {
            let (of_messages, of_states) = (Rc::clone(&held), Rc::clone(&held));
            let messages = source.on("message", move |_| drop(Rc::clone(&of_messages)));
            (messages, source.on_state(move |_| drop(Rc::clone(&of_states))))
        };
        assert_eq!(Rc::strong_count(&held), 3);
        if path.contains("404") {
            gave_up(&source).await;
        } else {
            source.close();
        }
        assert_eq!(Rc::strong_count(&held), 1);
        drop(guards);

        let late = Rc::clone(&held);
        let _late = source.on("message", move |_| drop(Rc::clone(&late)));
        assert_eq!(Rc::strong_count(&held), 1, "one that comes too late is not kept either");
    }
}

#[wasm_bindgen_test]
async fn a_guard_that_is_dropped_releases_its_callback() {
    let (source, _native) = puppet().await;
    let held = Rc::new(());
    let callback = |held: &Rc<()>| {
        let held = Rc::clone(held);
        move || drop(Rc::clone(&held))
    };
    let (message, state) = (callback(&held), callback(&held));
    drop((source.on("message", move |_| message()), source.on_state(move |_| state())));
    assert_eq!((Rc::strong_count(&held), source.state()), (1, State::Open));
}

#[wasm_bindgen_test]
async fn listeners_of_states_see_one_order_although_the_first_closes_inside() {
    let source = open("/events?interval=1h");
    let (one, other) = (Log::default(), Log::default());
    let _first = source.on_state({
        let (source, log) = (source.clone(), Rc::clone(&one));
        move |state| {
            log.borrow_mut().push(state.clone());
            if state.is_open() {
                source.close();
            }
        }
    });
    let log = Rc::clone(&other);
    let _second = source.on_state(move |state| log.borrow_mut().push(state.clone()));
    let stream = source.states();
    let streamed: Vec<State> = stream.collect().await;
    let expected = [State::Open, CLOSED_BY_HAND];
    assert_eq!((&one.borrow()[..], &other.borrow()[..], &streamed[1..]), (&expected[..], &expected[..], &expected[..]));
}

#[wasm_bindgen_test]
async fn a_listener_of_states_is_told_of_failures_too_and_of_nothing_after_its_guard() {
    let source = open("/events?status=404");
    let (seen, slot) = (Log::default(), Rc::new(RefCell::new(None::<Guard>)));
    let log = Rc::clone(&seen);
    let _guard = source.on_state(move |state| log.borrow_mut().push(state.cause().cloned()));
    let never = Rc::clone(&slot);
    slot.replace(Some(source.on_state(move |state| panic!("{state:?} was told to {never:?}"))));
    drop(slot.take());
    let error = gave_up(&source).await;
    assert!(matches!(error, Error::ConnectionFailed { .. }), "{error}");
    assert_eq!(*seen.borrow(), [Some(error)]);
}

#[wasm_bindgen_test]
async fn getters_that_a_page_has_put_on_events_may_use_the_source() {
    let source = EventSource::builder(&url("/events?interval=1h")).suppress_duplicates(10).open().unwrap();
    let mut messages = source.subscribe("message");
    let native = native(&next(&mut messages).await);
    let _guard = source.on("message", |message| assert_eq!(message.last_event_id(), "7"));
    let read = Rc::new(Cell::new(0));
    let get = Closure::<dyn Fn() -> JsValue>::new({
        let (source, read) = (source.clone(), Rc::clone(&read));
        move || {
            read.set(read.get() + 1);
            drop((source.subscribe("other"), source.on("message", |_| {}), source.stats(), source.state()));
            "7".into()
        }
    });
    let event = MessageEvent::new("message").unwrap();
    let _id = Stub::getter(&event, "lastEventId", &get);
    native.dispatch_event(&event).unwrap();
    assert!(read.get() > 0 && source.last_event_id() != "7", "it still waits for the other reader");
    assert!(messages.next().now_or_never().is_some());
    assert_eq!(source.last_event_id(), "7");
}

#[wasm_bindgen_test]
async fn who_comes_while_a_state_waits_to_be_told_sees_it_once() {
    let source = open("/events?interval=1h");
    until("it is open", async || source.state().is_open()).await;
    let (streams, late) = (Rc::new(RefCell::new(Vec::new())), Log::default());
    let _first = source.on_state({
        let (source, streams, late) = (source.clone(), Rc::clone(&streams), Rc::clone(&late));
        move |state| {
            if *state == (State::Connecting { attempt: 1 }) && streams.borrow().is_empty() {
                // Of this one the source is told when all have been told of the one before.
                source.close();
                let log = Rc::clone(&late);
                let guard = source.on_state(move |state| log.borrow_mut().push(state.clone()));
                streams.borrow_mut().push((source.states(), guard));
            }
        }
    });
    source.reconnect();
    let (states, _guard) = streams.borrow_mut().pop().unwrap();
    assert_eq!(states.collect::<Vec<_>>().await, [CLOSED_BY_HAND]);
    assert!(late.borrow().is_empty(), "it was closed before: {:?}", late.borrow());
}
