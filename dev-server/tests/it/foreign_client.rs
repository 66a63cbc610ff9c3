//! Streams as a client reads them that is not ours.

use std::time::Duration;

use dev_server::{Options, TestServer};
use eventsource_client::{Client as _, ClientBuilder, Event, ReconnectOptions, SSE};
use futures_util::TryStreamExt as _;
use futures_util::stream::BoxStream;

type Events = BoxStream<'static, Result<SSE, eventsource_client::Error>>;

fn open(url: &str) -> Events {
    let quickly = ReconnectOptions::reconnect(true).retry_initial(true).delay(Duration::from_millis(10)).build();
    Box::pin(ClientBuilder::for_url(url).unwrap().reconnect(quickly).build_http().stream())
}

/// The next event, over breaks of the connection.
async fn next(events: &mut Events) -> Event {
    loop {
        if let Ok(Some(SSE::Event(event))) = events.try_next().await {
            return event;
        }
    }
}

#[tokio::test]
async fn an_event_has_an_id_a_time_and_the_default_type() {
    let server = TestServer::spawn().await.unwrap();
    let event = next(&mut open(&server.url("/events"))).await;
    assert_eq!(event.event_type, "message");
    assert!(event.id.unwrap().ends_with("-0"));
    let (_, half) = event.data.split_once(' ').unwrap();
    assert!(matches!(half, "AM" | "PM"), "{}", event.data);
}

#[tokio::test]
async fn a_gap_is_an_event_of_its_own_type() {
    let server = TestServer::spawn().await.unwrap();
    let mut events = open(&server.url("/events?lastEventId=nonsense"));
    let gap = next(&mut events).await;
    assert_eq!((gap.event_type.as_str(), gap.id), ("gap", None));
    assert!(gap.data.starts_with("malformed: "), "{}", gap.data);
    assert!(next(&mut events).await.id.unwrap().ends_with("-0"));
}

#[tokio::test]
async fn nothing_is_lost_or_doubled_when_the_server_restarts() {
    let server = TestServer::spawn().await.unwrap();
    let mut events = open(&server.url("/events?interval=20ms"));
    let first = next(&mut events).await.id.unwrap();
    let t0 = first.strip_suffix("-0").unwrap();
    for n in 1..5 {
        assert_eq!(next(&mut events).await.id.unwrap(), format!("{t0}-{n}"));
    }
    let address = server.address();
    server.stop().await;
    let _restarted = TestServer::spawn_at(address, Options::default()).await.unwrap();
    for n in 5..15 {
        assert_eq!(next(&mut events).await.id.unwrap(), format!("{t0}-{n}"));
    }
}
