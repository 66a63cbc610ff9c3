//! Faults that are changed while a stream runs.

use std::time::{Duration, Instant};

use axum::Router;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse as _;
use axum::routing::get;
use dev_server::{ChangeError, TestServer};
use tokio::sync::mpsc;

use crate::proxy::{frames, in_front_of};
use crate::support::{Client, body, header, status};

/// A stream of numbers of which one has come, and the id of its connection.
async fn reading(server: &TestServer, path: &str) -> (Client, u64) {
    let mut client = Client::get(server.address(), path, "").await;
    client.read_until("first event", |text| text.contains("\n\n")).await;
    (client, server.connections().list()[0].id)
}

async fn patch(server: &TestServer, path: &str, headers: &str) -> String {
    let text = format!("PATCH /connections/{path} HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n");
    Client::request(server.address(), &text).await.answer().await
}

/// The data of all events.
fn data(answer: &str) -> Vec<u64> {
    body(answer).lines().filter_map(|line| line.strip_prefix("data: ")?.parse().ok()).collect()
}

#[tokio::test]
async fn a_stream_is_slowed_down_and_set_free_again() {
    let server = TestServer::spawn().await.unwrap();
    let (mut client, id) = reading(&server, "/events?data=n&interval=20ms&count=150").await;
    let answer = patch(&server, &format!("{id}?rate=1B/s"), "").await;
    assert_eq!(status(&answer), "200", "{answer}");
    let info: serde_json::Value = serde_json::from_str(&body(&answer)).unwrap();
    assert_eq!((&info["id"], &info["url"]), (&id.into(), &"/events?data=n&interval=20ms&count=150".into()));
    // Single bytes come from now on; at this rate the rest would take many minutes.
    client.read_until("single bytes", |text| text.contains("\r\n1\r\n")).await;
    assert_eq!(status(&patch(&server, &format!("{id}?rate="), "").await), "200");
    let began = Instant::now();
    assert_eq!(data(&client.answer().await), (0..150).collect::<Vec<_>>());
    assert!(began.elapsed() < Duration::from_secs(15));
}

#[tokio::test]
async fn a_stream_ends_after_so_many_more_events() {
    let server = TestServer::spawn().await.unwrap();
    let (mut client, id) = reading(&server, "/events?data=n&interval=300ms").await;
    let info = server.connections().change(id, "drop=2&end=abort").unwrap();
    let (text, _) = client.read_to_any_end().await;
    assert_eq!(data(&text), (0..info.events + 2).collect::<Vec<_>>());
    assert!(!text.ends_with("0\r\n\r\n"), "{text}");
}

#[tokio::test]
async fn a_stream_that_waits_ends_at_once() {
    let server = TestServer::spawn().await.unwrap();
    let (mut client, id) = reading(&server, "/events?data=n&interval=1h").await;
    server.connections().change(id, "drop=0").unwrap();
    assert_eq!(data(&client.answer().await), [0]);
}

#[tokio::test]
async fn events_are_left_out_and_doubled_from_now_on() {
    let server = TestServer::spawn().await.unwrap();
    for (query, expected) in [("gap=2", [34, 36, 38]), ("dup=1", [38, 39, 39]), ("gap=2&dup=1", [36, 38, 38])] {
        let (mut client, id) = reading(&server, "/events?data=n&interval=50ms&count=40").await;
        server.connections().change(id, query).unwrap();
        let all = data(&client.answer().await);
        assert!(all.ends_with(&expected) && !all.starts_with(&[0, 0]), "{query}: {all:?}");
        server.connections().wait_for_count(0).await;
    }
}

#[tokio::test]
async fn bytes_are_cut_and_limited_from_now_on() {
    let server = TestServer::spawn().await.unwrap();
    let (mut client, id) = reading(&server, "/events?data=n&interval=300ms").await;
    let before = server.connections().change(id, "chunk_size=3&chunk-delay=0&limit-data=10").unwrap().bytes;
    let text = client.answer().await;
    assert_eq!(body(&text).len() as u64, before + 10);
    assert_eq!(text.matches("\r\n3\r\n").count(), 3, "{text}");
}

#[tokio::test]
async fn an_upstreams_stream_is_cut() {
    let (sent, received) = mpsc::unbounded_channel();
    let received = std::sync::Mutex::new(Some(received));
    let received = std::sync::Arc::new(received);
    let live = get(async move || {
        let received = received.lock().unwrap().take().unwrap();
        ([(CONTENT_TYPE, "text/event-stream")], frames(received)).into_response()
    });
    let server = in_front_of(Router::new().route("/live", live)).await;
    let push = |n: u64| sent.send(Ok(format!("data: {n}\n\n").into())).unwrap();
    push(0);
    let (mut client, id) = reading(&server, "/through//live").await;
    server.connections().change(id, "drop=3&dup=2&end=abort").unwrap();
    for n in 1..9 {
        push(n);
    }
    let (text, _) = client.read_to_any_end().await;
    assert_eq!(data(&text), [0, 1, 1, 2]);
    assert!(!text.ends_with("0\r\n\r\n"), "{text}");
    sent.closed().await;
}

#[tokio::test]
async fn what_is_not_possible_is_refused_with_what_is() {
    let server = TestServer::spawn().await.unwrap();
    let (_client, id) = reading(&server, "/events?data=n&interval=1h").await;
    for (query, line) in [
        (
            "status=500",
            "`status` can't be changed while a stream runs, because what was already sent depends on it: allowed are rate, end, ",
        ),
        ("interval=1s", "`interval` can't be changed"),
        ("rate=1KB/s&token=a", "`token` can't be changed"),
        ("speed=1", "`speed` is not a parameter: allowed are rate, "),
        ("rate=x", "`rate=x` is invalid: expected "),
        ("end=goaway", "`end=rst-stream` and `end=goaway` need HTTP/2"),
        ("drop=1&drop=2", "`drop` is given twice"),
        ("", "Say what to change"),
    ] {
        let answer = patch(&server, &format!("{id}?{query}"), "").await;
        assert!(status(&answer) == "400" && body(&answer).starts_with(line), "{query}: {answer}");
    }
    for path in ["99?rate=1KB/s", "x?rate=1KB/s"] {
        assert_eq!(status(&patch(&server, path, "").await), "404", "{path}");
    }
    let evil = patch(&server, &format!("{id}?drop=0"), "Origin: https://evil.example\r\n").await;
    assert_eq!(status(&evil), "403");
    let page = patch(&server, &format!("{id}?rate=1KB/s"), "Origin: http://localhost:3000\r\n").await;
    assert_eq!((status(&page), header(&page, "access-control-allow-origin")), ("200", Some("http://localhost:3000")));
    assert_eq!(server.connections().change(99, "drop=0").unwrap_err(), ChangeError::Unknown);
}

#[tokio::test]
async fn channels_have_no_gaps_and_a_stalled_stream_no_changes() {
    let server = TestServer::spawn().await.unwrap();
    let mut client = Client::get(server.address(), "/events?channel=a", "").await;
    client.read_until("comment", |text| text.contains(":\n")).await;
    let id = server.connections().list()[0].id;
    let error = server.connections().change(id, "gap=2").unwrap_err();
    assert!(error.to_string().starts_with("`gap` has no effect on this stream"), "{error}");
    server.connections().change(id, "drop=0&end=stall").unwrap();
    let refused = async || loop {
        match server.connections().change(id, "rate=") {
            Err(error) => break error.to_string(),
            Ok(_) => tokio::task::yield_now().await,
        }
    };
    let line = tokio::time::timeout(Duration::from_secs(20), refused()).await.unwrap();
    assert!(line.starts_with("The stream has ended"), "{line}");
}
