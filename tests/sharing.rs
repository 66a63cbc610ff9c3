//! Sources that share a connection, as Rust has them. What tabs, frames and workers do is tested in tests/js.
#![cfg(target_family = "wasm")]

mod common;

use common::{live_streams, next, number, token, until, url};
use eventsource_wasm::{
    CloseReason, Error, EventSource, EventSourceBuilder, FetchOptions, Sharing, State, SubscribeOptions,
};
use futures_util::StreamExt;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

/// A stream of its own, and what the server knows it by.
fn stream(more: &str) -> (String, String) {
    let token = token();
    (url(&format!("/events?data=n&token={token}&{more}")), token)
}

fn sharing(address: &str, over_fetch: bool) -> EventSourceBuilder {
    let builder = EventSource::builder(address).share(true);
    if over_fetch { builder.fetch(FetchOptions::new()) } else { builder }
}

async fn role(source: &EventSource, role: Sharing) {
    until("it has its part", || async { source.sharing() == Some(role) && source.state() == State::Open }).await;
}

#[wasm_bindgen_test]
async fn two_sources_have_one_connection_and_each_every_message_in_order() {
    for over_fetch in [false, true] {
        let (address, token) = stream("interval=10ms");
        let one = sharing(&address, over_fetch).open().unwrap();
        let mut messages = one.subscribe("message");
        role(&one, Sharing::Leader).await;
        let two = sharing(&address, over_fetch).open().unwrap();
        let mut others = two.subscribe("message");
        let first = number(&next(&mut others).await);
        role(&two, Sharing::Follower).await;
        assert_eq!(live_streams(&token).await, 1);
        for n in first + 1..first + 20 {
            assert_eq!(number(&next(&mut others).await), n);
        }
        while number(&next(&mut messages).await) < first + 10 {}
        assert_eq!((two.stats().reconnects, two.response()), (0, None));
        assert_eq!(one.response().is_some(), over_fetch, "the leader has the answer");
        // The leader's readers go, and with them its source.
        drop((one, messages));
        role(&two, Sharing::Leader).await;
        assert_eq!(number(&next(&mut others).await), first + 20);
        for n in first + 21..first + 60 {
            assert_eq!(number(&next(&mut others).await), n);
        }
        assert_eq!(live_streams(&token).await, 1);
        two.close();
        until("nobody reads", || async { live_streams(&token).await == 0 }).await;
    }
}

#[wasm_bindgen_test]
async fn a_change_of_parts_is_told_with_the_state() {
    let (address, _) = stream("interval=1s");
    let one = sharing(&address, false).open().unwrap();
    role(&one, Sharing::Leader).await;
    let two = sharing(&address, false).open().unwrap();
    role(&two, Sharing::Follower).await;
    let mut states = two.states();
    assert_eq!(states.next().await, Some(State::Open));
    one.close();
    while two.sharing() != Some(Sharing::Leader) {
        states.next().await.unwrap();
    }
    two.close();
    assert_eq!(EventSource::new(&address).unwrap().sharing(), None);
}

#[wasm_bindgen_test]
async fn a_reader_that_waits_gets_all_of_a_burst_however_small_its_queue() {
    let (address, _) = stream("interval=0&count=2000");
    let one = sharing(&address, true).open().unwrap();
    let two = sharing(&address, true).open().unwrap();
    let options = SubscribeOptions { capacity: 8, ..SubscribeOptions::default() };
    let slow = two.subscribe_with(["message"], options).unwrap();
    let fast = one.subscribe("message");
    let all = |messages: eventsource_wasm::Subscription| async {
        let numbers = messages.map(|message| number(&message.unwrap())).take(2000);
        numbers.collect::<Vec<_>>().await
    };
    let (slow, fast) = futures_util::future::join(all(slow), all(fast)).await;
    let expected: Vec<u64> = (0..2000).collect();
    assert!(slow == expected && fast == expected, "{:?} {:?}", slow.first(), fast.first());
}

#[wasm_bindgen_test]
async fn an_error_of_the_leaders_ends_all() {
    let address = url(&format!("/events?status=404&token={}", token()));
    let sources = [sharing(&address, true).open().unwrap(), sharing(&address, true).open().unwrap()];
    for source in &sources {
        let end = source.states().filter(|state| std::future::ready(state.is_closed())).next().await;
        let Some(State::Closed { reason: CloseReason::Failed { cause } }) = end else { panic!("{end:?}") };
        assert_eq!((cause.status(), cause.url()), (Some(404), Some(&*address)));
    }
}

#[wasm_bindgen_test]
async fn what_can_not_be_shared_is_refused() {
    let post = || FetchOptions::new().method("POST");
    for options in
        [post(), post().body(wasm_bindgen::JsValue::from(js_sys::Uint8Array::new_with_length(1))).resend(true)]
    {
        let refused = EventSource::builder("/events").fetch(options).share(true).open();
        assert!(matches!(refused, Err(Error::Unsupported { .. })), "{refused:?}");
    }
    let text = EventSource::builder(&stream("").0).fetch(post().body("text").resend(true)).share(true);
    assert!(text.open().is_ok());
}
