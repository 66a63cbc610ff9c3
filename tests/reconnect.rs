//! A source that goes on where the browser's own gives up.
#![cfg(target_family = "wasm")]

mod common;

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use common::{
    CLOSED_BY_HAND, closed, dispatch, dispatch_with_id, gave_up, live_streams, native, next, number, puppet, raw,
    sleep, until, url,
};
use eventsource_wasm::{
    Answer, Backoff, CloseReason, Error, EventSource, EventSourceBuilder, Gap, Item, RetryContext, State,
};
use futures_util::StreamExt;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

const SOON: Duration = Duration::from_millis(20);

/// A source whose attempts get these addresses in turn, and the last one ever after; waits are short.
fn attempts(paths: &'static [&'static str]) -> EventSourceBuilder {
    let next = Cell::new(0);
    EventSource::builder(&url("/events")).reconnect(|_: &RetryContext| Some(SOON)).url_provider(move |_| {
        let path = paths[next.get().min(paths.len() - 1)];
        next.set(next.get() + 1);
        async move { Ok::<_, Error>(url(path)) }
    })
}

/// Collects the states of a source as they come.
fn record(source: &EventSource) -> Rc<RefCell<Vec<State>>> {
    let states = Rc::new(RefCell::new(Vec::new()));
    let (record, mut stream) = (Rc::clone(&states), source.states());
    wasm_bindgen_futures::spawn_local(async move {
        while let Some(state) = stream.next().await {
            record.borrow_mut().push(state);
        }
    });
    states
}

async fn opened(source: &EventSource) {
    source.states().filter(|state| std::future::ready(*state == State::Open)).next().await.expect("the source opens");
}

#[wasm_bindgen_test]
async fn errors_and_wrong_types_are_followed_by_new_attempts() {
    let paths = &["/events?status=503", "/events?status=404", "/events?mime=application/json", "/events?interval=21ms"];
    let source = attempts(paths).open().unwrap();
    let states = record(&source);
    let mut messages = source.subscribe("message");
    next(&mut messages).await;
    next(&mut messages).await;
    let seen: Vec<State> = states.borrow().clone();
    let cause = || Error::ConnectionFailed { url: source.url().to_owned() };
    let mut expected = vec![State::Connecting { attempt: 1 }];
    for attempt in 2..=4 {
        expected.push(State::Waiting { attempt, delay: Some(SOON), cause: cause() });
        expected.push(State::Connecting { attempt });
    }
    expected.push(State::Open);
    assert_eq!(seen, expected);
}

#[wasm_bindgen_test]
async fn the_policy_learns_cause_streak_and_time_and_can_give_up() {
    let asked = Rc::new(RefCell::new(Vec::new()));
    let contexts = Rc::clone(&asked);
    let source = EventSource::builder(&url("/events?count=1&interval=1ms"))
        .reconnect(move |context: &RetryContext| {
            contexts.borrow_mut().push(context.clone());
            (context.failure_streak < 3).then_some(SOON)
        })
        .open()
        .unwrap();
    // The stream ends, the browser reconnects and gets 204; so do all later attempts, which carry the last id.
    let mut messages = source.subscribe("message");
    next(&mut messages).await;
    let cause = gave_up(&source).await;
    assert_eq!(messages.next().await.unwrap().unwrap_err(), cause);
    let asked = asked.borrow();
    assert_eq!(asked.iter().map(|context| context.failure_streak).collect::<Vec<_>>(), [1, 2, 3]);
    assert!(asked.iter().all(|context| context.cause == cause && (0.0..1.0).contains(&context.random)));
    assert!(asked[0].connected_for.is_some() && asked[1].connected_for.is_none());
}

#[wasm_bindgen_test]
async fn backoff_keeps_its_limit() {
    let backoff = Backoff { min_delay: SOON, max_attempts: Some(2), ..Default::default() };
    let source = EventSource::builder(&url("/events?status=500")).reconnect(backoff).open().unwrap();
    let states = record(&source);
    gave_up(&source).await;
    until("all states are there", async || states.borrow().len() == 6).await;
    let attempts = states.borrow().iter().filter(|state| matches!(state, State::Connecting { .. })).count();
    assert_eq!(attempts, 3, "the first, and two that the policy allowed");
}

#[wasm_bindgen_test]
async fn a_new_connection_goes_on_after_the_last_id() {
    let source = EventSource::builder(&url("/events?interval=5ms")).reconnect(Backoff::default()).open().unwrap();
    let mut messages = source.subscribe("message");
    let mut expected = 0;
    for _ in 0..5 {
        for _ in 0..4 {
            assert_eq!(number(&next(&mut messages).await), expected);
            expected += 1;
        }
        source.reconnect();
    }
    assert_eq!(source.url(), url("/events?interval=5ms"), "the id is in the attempts' URLs alone");
    assert!(source.stats().reconnects >= 3);
}

#[wasm_bindgen_test]
async fn the_id_can_be_given_named_and_left_out() {
    let first = EventSource::new(&url("/events?interval=6ms")).unwrap();
    let id = {
        let mut messages = first.subscribe("message");
        next(&mut messages).await;
        next(&mut messages).await.last_event_id().to_owned()
    };
    let address = url("/events?interval=6ms");
    let resumed = EventSource::builder(&address).last_event_id(&id).open().unwrap();
    assert_eq!(resumed.last_event_id(), id);
    let mut messages = resumed.subscribe("message");
    let message = next(&mut messages).await;
    assert_eq!(number(&message), 2);
    let attempted = native(&message).url();
    assert!(attempted.starts_with(&format!("{address}&lastEventId=")), "{attempted}");

    // A parameter that the server knows shows the name; it would read an id as its interval.
    let renamed =
        EventSource::builder(&url("/events")).last_event_id("13ms").last_event_id_param("interval").open().unwrap();
    assert_eq!(native(&next(&mut renamed.subscribe("message")).await).url(), url("/events?interval=13ms"));

    let off = EventSource::builder(&address).last_event_id(&id).last_event_id_param(None).open().unwrap();
    let message = next(&mut off.subscribe("message")).await;
    assert_eq!((number(&message), native(&message).url()), (0, address));
}

#[wasm_bindgen_test]
async fn an_empty_id_on_a_new_connection_does_not_lose_the_place() {
    let source =
        EventSource::builder(&url("/events")).last_event_id("5-no-id-of-the-server").gap_event(None).open().unwrap();
    let mut gaps = source.subscribe("gap");
    let gap = next(&mut gaps).await;
    assert_eq!(gap.last_event_id(), "");
    dispatch(&native(&gap), "gap", "no id either");
    next(&mut gaps).await;
    assert_eq!(source.last_event_id(), "5-no-id-of-the-server");
}

#[wasm_bindgen_test]
async fn what_the_server_repeats_after_a_reconnect_is_delivered_once() {
    let t0 = js_sys::Date::now() - 2000.0;
    // The id is never sent, so each connection goes on after the same one.
    let path = format!("/events?interval=10ms&lastEventId={t0}-0");
    let source = EventSource::builder(&url(&path))
        .reconnect(Backoff::default())
        .last_event_id_param(None)
        .suppress_duplicates(10_000)
        .open()
        .unwrap();
    let mut messages = source.subscribe("message");
    let mut expected = 1;
    for _ in 0..3 {
        for _ in 0..250 {
            assert_eq!(number(&next(&mut messages).await), expected);
            expected += 1;
        }
        source.reconnect();
    }
    next(&mut messages).await;
    let stats = source.stats();
    assert!(stats.duplicates >= 750, "{stats:?}");
    assert_eq!((stats.dropped, stats.messages > 750), (0, true));
}

#[wasm_bindgen_test]
async fn events_of_one_constant_id_are_not_taken_for_repetitions() {
    let scripts = [
        r#"["id: k\ndata: a\n\nid: k\ndata: b\n\nid: k\ndata: c\n\n"]"#,
        r#"["id: k\ndata: d\n\nid: k\ndata: e\n\nid: k\ndata: f\n\n", {"end": "stall"}]"#,
    ];
    let addresses = RefCell::new(vec![raw(scripts[1]).await, raw(scripts[0]).await]);
    let source = EventSource::builder("/")
        .reconnect(|_: &RetryContext| Some(SOON))
        .url_provider(move |_| std::future::ready(addresses.borrow_mut().pop().ok_or("there are two")))
        .last_event_id_param(None)
        .suppress_duplicates(100)
        .open()
        .unwrap();
    let mut messages = source.subscribe("message");
    for expected in ["a", "b", "c", "d", "e", "f"] {
        assert_eq!(next(&mut messages).await.data(), expected);
    }
    assert_eq!((source.stats().duplicates, source.stats().reconnects), (0, 1));
}

#[wasm_bindgen_test]
async fn a_gap_of_the_servers_is_an_item_in_its_place() {
    let source = EventSource::builder(&url("/events")).last_event_id("no-id-of-the-server").open().unwrap();
    let mut plain = source.subscribe("message");
    let mut items = source.subscribe_many(["message", "other"]).with_gaps();
    assert!(
        matches!(items.next().await, Some(Ok(Item::Gap(Gap::Server { message }))) if message.event_type() == "gap")
    );
    assert!(matches!(items.next().await, Some(Ok(Item::Message(_)))));
    assert_eq!(next(&mut plain).await.event_type(), "message");
    assert_eq!(source.stats().messages, 1, "nobody subscribed to the gap");

    let renamed = EventSource::builder(&url("/events")).gap_event("reset").open().unwrap();
    let mut items = renamed.subscribe("message").with_gaps();
    let Some(Ok(Item::Message(message))) = items.next().await else { panic!("a message comes first") };
    dispatch(&native(&message), "reset", "");
    assert!(matches!(items.next().await, Some(Ok(Item::Gap(Gap::Server { .. })))));
}

#[wasm_bindgen_test]
async fn a_provider_is_asked_for_every_attempt_and_its_failures_are_retried() {
    let asked = Rc::new(Cell::new(0));
    let count = Rc::clone(&asked);
    let source = EventSource::builder("/not/asked/for")
        .reconnect(|_: &RetryContext| Some(SOON))
        .url_provider(move |_| {
            let attempt = count.get() + 1;
            count.set(attempt);
            async move {
                match attempt {
                    1 => Err("no ticket left"),
                    2 => Ok("http://[nonsense".to_owned()),
                    3 => Ok(url("/events?status=503")),
                    _ => Ok(url("/events?interval=22ms")),
                }
            }
        })
        .open()
        .unwrap();
    let states = record(&source);
    next(&mut source.subscribe("message")).await;
    assert_eq!(asked.get(), 4);
    let causes: Vec<String> = (states.borrow().iter())
        .filter_map(|state| match state {
            State::Waiting { cause, .. } => Some(cause.to_string()),
            _ => None,
        })
        .collect();
    assert!(causes[0].contains("no ticket left") && causes[1].contains("nonsense"), "{causes:?}");
}

/// A source whose provider closes it when asked a second time: before its future is made, or in the poll that ends it.
fn closing_provider(before: bool) -> EventSource {
    let slot: Rc<RefCell<Option<EventSource>>> = Rc::default();
    let inside = Rc::clone(&slot);
    let source = EventSource::builder("/events")
        .reconnect(|_: &RetryContext| Some(SOON))
        .url_provider(move |_| {
            let source = inside.take();
            let path = if source.is_none() { "/events?status=503" } else { "/events?interval=23ms" };
            if before {
                source.as_ref().inspect(|source| source.close());
            }
            async move {
                source.inspect(EventSource::close);
                Ok::<_, Error>(url(path))
            }
        })
        .open()
        .unwrap();
    slot.replace(Some(source.clone()));
    source
}

#[wasm_bindgen_test]
async fn closing_wins_over_waits_attempts_providers_and_policies() {
    let waiting = EventSource::builder(&url("/events?status=503&interval=23ms"))
        .reconnect(|_: &RetryContext| Some(SOON))
        .open()
        .unwrap();
    waiting.states().filter(|state| std::future::ready(matches!(state, State::Waiting { .. }))).next().await;
    waiting.close();

    let asked = Rc::new(Cell::new(0));
    let count = Rc::clone(&asked);
    let providing = EventSource::builder("/events")
        .url_provider(move |_| {
            count.set(count.get() + 1);
            async {
                sleep(5).await;
                Ok::<_, Error>(url("/events?interval=23ms"))
            }
        })
        .open()
        .unwrap();
    until("the provider is at work", async || asked.get() == 1).await;
    providing.close();

    let slot: Rc<RefCell<Option<EventSource>>> = Rc::default();
    let inside = Rc::clone(&slot);
    let deciding = EventSource::builder(&url("/events?status=503"))
        .reconnect(move |_: &RetryContext| {
            if let Some(source) = inside.take() {
                source.close();
            }
            Some(SOON)
        })
        .open()
        .unwrap();
    slot.replace(Some(deciding.clone()));

    for source in [waiting, providing, deciding, closing_provider(true), closing_provider(false)] {
        assert_eq!(closed(&source).await, CloseReason::ByHand);
        source.reconnect();
        sleep(50).await;
        assert_eq!(source.state(), CLOSED_BY_HAND);
    }
    assert_eq!(live_streams("interval=23ms").await, 0);
}

#[wasm_bindgen_test]
async fn reconnecting_inside_the_provider_makes_one_connection() {
    let slot: Rc<RefCell<Option<EventSource>>> = Rc::default();
    let inside = Rc::clone(&slot);
    let source = EventSource::builder("/events")
        .url_provider(move |_| {
            let source = inside.take();
            async move {
                if let Some(source) = source {
                    source.reconnect();
                }
                Ok::<_, Error>(url("/events?interval=36ms"))
            }
        })
        .open()
        .unwrap();
    slot.replace(Some(source.clone()));
    source.reconnect();
    next(&mut source.subscribe("message")).await;
    until("one connection is live", async || live_streams("interval=36ms").await == 1).await;
}

#[wasm_bindgen_test]
async fn reconnecting_by_hand_keeps_one_connection_only() {
    let source = EventSource::builder(&url("/events?interval=24ms")).reconnect(Backoff::default()).open().unwrap();
    let mut messages = source.subscribe("message");
    for _ in 0..10 {
        next(&mut messages).await;
        source.reconnect();
        source.reconnect();
    }
    opened(&source).await;
    until("only the last is live", async || live_streams("interval=24ms").await == 1).await;
    drop((source, messages));
    until("none is live", async || live_streams("interval=24ms").await == 0).await;
}

#[wasm_bindgen_test]
async fn a_probe_tells_the_status_and_stops_where_trying_again_is_no_use() {
    let always = |path: &str| EventSource::builder(&url(path)).reconnect(|_: &RetryContext| Some(SOON)).probe(true);
    for status in [401, 403, 404, 410] {
        let source = always(&format!("/events?status={status}")).open().unwrap();
        let address = source.url().to_owned();
        let answer = Answer::default();
        assert_eq!(gave_up(&source).await, Error::Status { url: address, status, answer });
    }
    let stopped = always("/events?status=204").open().unwrap();
    assert!(matches!(gave_up(&stopped).await, Error::Stopped { .. }));
    let finished = always("/events?count=1").open().unwrap();
    let _messages = finished.subscribe("message");
    assert!(matches!(gave_up(&finished).await, Error::Stopped { .. }), "the probe asks for what is after the last id");

    let refused = attempts(&["/events?status=401", "/events?interval=35ms"]).probe(true).open().unwrap();
    next(&mut refused.subscribe("message")).await;

    let busy = always("/events?status=503").open().unwrap();
    let waiting =
        busy.states().filter(|state| std::future::ready(matches!(state, State::Waiting { delay: Some(_), .. })));
    let state = std::pin::pin!(waiting).next().await;
    assert!(matches!(state, Some(State::Waiting { cause: Error::Status { status: 503, .. }, .. })), "{state:?}");

    let unasked = EventSource::builder(&url("/events?status=403")).probe(true).open().unwrap();
    assert!(matches!(gave_up(&unasked).await, Error::Status { status: 403, .. }), "a probe needs no policy");
}

#[wasm_bindgen_test]
fn an_idle_timeout_without_a_heartbeat_is_refused_with_the_reason() {
    let error = EventSource::builder("/events").idle_timeout(SOON).open().unwrap_err();
    assert!(matches!(&error, Error::Unsupported { reason } if reason.contains("heartbeat_event")), "{error}");
}

#[wasm_bindgen_test]
async fn a_gap_that_nobody_reads_moves_the_place() {
    let (source, native) = puppet().await;
    let mut messages = source.subscribe("message");
    dispatch_with_id(&native, "gap", "begun anew", "40");
    assert_eq!(source.last_event_id(), "40");
    dispatch_with_id(&native, "message", "", "41");
    next(&mut messages).await;
    assert_eq!(source.last_event_id(), "41");
    dispatch_with_id(&native, "gap", "and once more", "50");
    source.reconnect();
    let attempted = common::native(&next(&mut messages).await).url();
    assert!(attempted.ends_with("lastEventId=50"), "{attempted}");
}
