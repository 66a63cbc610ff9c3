//! Readers that are slow, and one that has been forgotten.

use std::cell::RefCell;
use std::rc::Rc;

use eventsource_wasm::{Error, Item, Overflow, State, SubscribeOptions};
use futures_util::StreamExt;
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::common::page::window;
use crate::common::stub::Stub;
use crate::common::{delete, next, number, until};
use crate::support::{open, wait};

/// What is warned of on the console, until it is dropped.
struct Warnings {
    texts: Rc<RefCell<Vec<String>>>,
    _stub: Stub,
    _closure: Closure<dyn Fn(String)>,
}

impl Warnings {
    fn watched() -> Self {
        let texts: Rc<RefCell<Vec<String>>> = Rc::default();
        let seen = Rc::clone(&texts);
        let closure = Closure::<dyn Fn(String)>::new(move |text| seen.borrow_mut().push(text));
        let console = js_sys::Reflect::get(&window(), &"console".into()).unwrap();
        let stub = Stub::new(&console, "warn", closure.as_js_value().clone());
        Self { texts, _stub: stub, _closure: closure }
    }
}

#[wasm_bindgen_test]
async fn a_reader_that_takes_nothing_holds_the_others_for_seconds_only_and_loses_what_it_does_not_read() {
    let warnings = Warnings::watched();
    let source = open("/events?interval=0&data=n&count=3000");
    let options = SubscribeOptions { capacity: 10, overflow: Some(Overflow::Wait) };
    let mut forgotten = source.subscribe_with(["message"], options).unwrap().with_gaps();
    let mut messages = source.subscribe("message");
    for n in 0..3000 {
        assert_eq!(number(&next(&mut messages).await), n, "who reads gets all");
    }
    let texts = warnings.texts.borrow().clone();
    assert_eq!(texts.len(), 1, "{texts:?}");
    assert!(texts[0].contains(source.url()) && texts[0].contains("DropOldest"), "{texts:?}");
    assert_eq!((forgotten.dropped(), source.stats().dropped), (2990, 2990));
    assert!(matches!(forgotten.next().await, Some(Ok(Item::Gap(_)))), "and sees where");
}

#[wasm_bindgen_test]
async fn a_reader_that_takes_nothing_does_not_hide_that_the_connection_is_gone() {
    let _warnings = Warnings::watched();
    let source = open("/events?interval=1ms&data=n&seed=20&retry=600");
    let options = SubscribeOptions { capacity: 10, overflow: Some(Overflow::Wait) };
    let forgotten = source.subscribe_with(["message"], options).unwrap();
    let mut messages = source.subscribe("message");
    until("both queues are full", async || source.stats().messages == 10).await;
    delete("/connections").await;
    let State::Waiting { cause, .. } = wait(&mut source.states()).await else { unreachable!() };
    assert!(matches!(cause, Error::Disconnected { messages: Some(10..), .. }), "{cause}");
    assert!(forgotten.dropped() > 0 && messages.dropped() == 0);
    assert_eq!(number(&next(&mut messages).await), 0);
}

#[wasm_bindgen_test]
async fn a_lone_reader_that_takes_nothing_is_warned_of_and_loses_nothing() {
    let warnings = Warnings::watched();
    let source = open("/events?interval=0&data=n&count=100");
    let options = SubscribeOptions { capacity: 10, overflow: Some(Overflow::Wait) };
    let mut messages = source.subscribe_with(["message"], options).unwrap();
    until("it is warned of", async || warnings.texts.borrow().len() == 1).await;
    for n in 0..100 {
        assert_eq!(number(&next(&mut messages).await), n);
    }
    assert_eq!((messages.dropped(), warnings.texts.borrow().len()), (0, 1));
}

#[wasm_bindgen_test]
async fn a_reader_that_was_full_too_when_nobody_was_excused_is_not_left_behind_a_forgotten_one() {
    let warnings = Warnings::watched();
    let source = open("/events?interval=0&data=n&count=100");
    let options = || SubscribeOptions { capacity: 10, overflow: Some(Overflow::Wait) };
    let forgotten = source.subscribe_with(["message"], options()).unwrap();
    let mut slow = source.subscribe_with(["message"], options()).unwrap();
    until("the page is told that both hold it", async || warnings.texts.borrow().len() == 1).await;
    for n in 0..100 {
        assert_eq!(number(&next(&mut slow).await), n);
    }
    assert_eq!((slow.dropped(), forgotten.dropped()), (0, 90));
}

#[wasm_bindgen_test]
async fn beside_one_that_was_excused_a_slow_reader_is_alone() {
    let warnings = Warnings::watched();
    let source = open("/events?interval=0&data=n&count=1000");
    let options = || SubscribeOptions { capacity: 10, overflow: Some(Overflow::Wait) };
    let forgotten = source.subscribe_with(["message"], options()).unwrap();
    let mut slow = source.subscribe_with(["message"], options()).unwrap();
    for n in 0..100 {
        assert_eq!(number(&next(&mut slow).await), n);
    }
    assert!(forgotten.dropped() > 0);
    until("it holds the stream in its turn", async || warnings.texts.borrow().len() == 2).await;
    for n in 100..1000 {
        assert_eq!(number(&next(&mut slow).await), n);
    }
    assert_eq!(slow.dropped(), 0);
}
