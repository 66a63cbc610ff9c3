//! Who ends a source, and what is let go with it.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use eventsource_wasm::{
    CloseReason, Error, EventSource, FetchOptions, ResumeContext, RetryContext, State, SubscribeOptions,
};
use futures_util::StreamExt;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::AbortController;

use crate::common::{self, closed, connections, live_streams, next, token, until, url};
use crate::support::{SOON, builder, builder_with, open};

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
        abort.abort_with_reason(&"the user has left".into());
        let aborted = State::Closed { reason: CloseReason::Aborted { reason: "the user has left".to_owned() } };
        assert_eq!(source.state(), aborted);
        while messages.next().await.is_some() {}
        until("the server sends no more", async || live_streams("interval=57ms").await == 0).await;
        let token = token();
        let path = format!("{path}&token={token}");
        let builder = EventSource::builder(&path).signal(abort.signal());
        let builder = if over_fetch { builder.fetch(FetchOptions::new()) } else { builder };
        let unopened = builder.open().unwrap();
        assert_eq!(unopened.state(), aborted);
        assert_eq!(connections(&token).await, 0);
    }
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
async fn so_is_what_looks_at_messages_and_what_resumes() {
    let holder: Rc<RefCell<Option<EventSource>>> = Rc::default();
    let weak = Rc::downgrade(&holder);
    let (looks, resumes) = (Rc::clone(&holder), Rc::clone(&holder));
    let options = FetchOptions::new().resume(async move |_: ResumeContext| {
        drop(resumes.borrow().clone());
        Ok::<_, Error>(None)
    });
    let builder = builder_with("/events?interval=60ms", options).end_when(move |_| looks.borrow().is_none());
    let source = builder.position(move |_| holder.borrow().as_ref().map(EventSource::last_event_id)).open().unwrap();
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
    until("it is over", async || source.state().is_closed()).await;
    let arrived = source.stats().messages;
    assert!(arrived < 100_000, "{arrived} had arrived when it closed");
    assert_eq!(messages.count().await as u64, arrived);
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
    assert_eq!(closed(&source).await, CloseReason::ByHand);
    until("the server sends no more", async || live_streams("interval=61ms").await == 0).await;
}
