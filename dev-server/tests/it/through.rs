//! Faults put into an upstream's streams.

use std::convert::Infallible;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse as _;
use axum::routing::get;
use dev_server::TestServer;
use tokio::sync::mpsc;

use crate::proxy::{answering, frames, in_front_of};
use crate::support::{Client, body, header, status};

/// Six events, with what else a stream may have between them.
const TEXT: &str = "retry: 9\n\nid: 0\ndata: 0\n\n: hi\n\nid: 1\ndata: 1\n\nid: 2\ndata: 2\n\nid: 3\ndata: 3\n\nid: 4\r\ndata: \
                    4\r\n\r\nid: 5\nmine: x\ndata: 5\n\n";

/// A server before one whose `/stream` is the text, and whose `/asked` says with which headers it was asked.
async fn before_text() -> TestServer {
    let headers = [("content-type", "text/event-stream; charset=utf-8"), ("x-mine", "1")];
    let stream = get(async move || (headers, TEXT));
    let asked = get(async |request: Request| {
        let (head, _) = request.into_parts();
        ([(CONTENT_TYPE, "text/event-stream")], format!("data: {} {:?}\n\n", head.uri, head.headers))
    });
    in_front_of(Router::new().route("/stream", stream).route("/asked", asked)).await
}

/// The ids that arrive, and how the connection ends.
async fn ids(server: &TestServer, path: &str) -> (String, Option<std::io::ErrorKind>, bool) {
    let mut client = Client::get(server.address(), path, "").await;
    let (answer, error) = client.read_to_any_end_of_stream().await;
    let ids = body(&answer).lines().filter_map(|line| line.strip_prefix("id: ").map(str::to_owned)).collect();
    (ids, error, answer.ends_with("0\r\n\r\n"))
}

#[tokio::test]
async fn without_a_fault_all_bytes_and_headers_are_the_upstreams() {
    let server = before_text().await;
    for params in ["", "seed=1"] {
        let answer = Client::get(server.address(), &format!("/through/{params}/stream"), "").await.answer().await;
        assert_eq!(body(&answer), TEXT);
        assert_eq!(header(&answer, "x-mine"), Some("1"));
        assert_eq!(header(&answer, "content-type"), Some("text/event-stream; charset=utf-8"));
    }
    let path = "/through/drop=3/asked?room=1&drop=2";
    let answer = Client::get(server.address(), path, "Last-Event-ID: 7\r\n").await.answer().await;
    assert!(answer.contains("data: /asked?room=1&drop=2 "), "{answer}");
    assert!(answer.contains("\"last-event-id\": \"7\""), "{answer}");
}

#[tokio::test]
async fn events_are_left_out_doubled_and_reordered() {
    let server = before_text().await;
    for (params, expected) in
        [("gap=3", "0134"), ("dup=2", "011233455"), ("reorder=2", "103254"), ("gap=2&dup=1", "002244")]
    {
        let (ids, _, whole) = ids(&server, &format!("/through/{params}/stream")).await;
        assert_eq!((ids.as_str(), whole), (expected, true), "{params}");
    }
    let (one, _, _) = ids(&server, "/through/reorder=4&seed=5/stream").await;
    let mut sorted: Vec<_> = one.chars().collect();
    sorted.sort_unstable();
    assert!(one != "012345" && sorted.iter().collect::<String>() == "012345", "{one}");
}

#[tokio::test]
async fn streams_end_where_and_as_the_url_says() {
    let server = before_text().await;
    for (params, expected, end, error) in [
        ("drop=2", "01", true, false),
        ("drop=2&end=abort", "01", false, false),
        ("drop=3&end=reset", "012", false, true),
        ("limit_data=40&end=abort", "01", false, false),
        ("end=reset", "012345", false, true),
    ] {
        let (ids, failed, whole) = ids(&server, &format!("/through/{params}/stream")).await;
        assert_eq!((ids.as_str(), whole, failed.is_some()), (expected, end, error), "{params}");
    }
}

#[tokio::test]
async fn bytes_and_heads_are_changed_as_the_url_says() {
    let server = before_text().await;
    let get = async |path: &str| Client::get(server.address(), path, "").await.answer().await;
    let answer = get("/through/eol=crlf&bom=1&retry=3/stream").await;
    let expected = TEXT.replace("\r\n", "\n").replace('\n', "\r\n");
    assert_eq!(body(&answer), format!("\u{feff}retry: 3\r\n\r\n{expected}"));
    let answer = get("/through/mime=text%2Fplain&cookie=a=1&retry-after=2/stream").await;
    assert_eq!(header(&answer, "content-type"), Some("text/plain"));
    assert_eq!((header(&answer, "set-cookie"), header(&answer, "retry-after")), (Some("a=1"), Some("2")));
    let answer = get("/through/chunk_size=7&chunk_delay=0/stream").await;
    assert!(body(&answer) == TEXT && answer.contains("\r\n7\r\n"), "{answer}");
    assert_eq!(status(&get("/through/status=503/stream").await), "503");
    let plan = "/through/token=a&plan=503,200:drop=1/stream";
    assert_eq!(status(&get(plan).await), "503");
    assert!(get(plan).await.contains("id: 0\ndata: 0\n\n"));
}

#[tokio::test]
async fn what_describes_events_is_refused_and_so_is_a_missing_upstream() {
    let server = before_text().await;
    for name in ["interval=1s", "count=1", "data=n", "t0=1", "history=1", "channel=a", "event=a", "last-event-id=1"] {
        let answer = Client::get(server.address(), &format!("/through/{name}/stream"), "").await.answer().await;
        let line = format!("`{}` is not allowed for /through", name.split('=').next().unwrap());
        assert!(status(&answer) == "400" && body(&answer).starts_with(&line), "{answer}");
    }
    let server = TestServer::spawn().await.unwrap();
    let answer = Client::get(server.address(), "/through//stream", "").await.answer().await;
    assert!(status(&answer) == "404" && answer.contains("--upstream"), "{answer}");
}

#[tokio::test]
async fn an_upstream_that_breaks_breaks_the_relayed_stream() {
    let head = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\nd\r\ndata: 1\n\ndata\r\n";
    let server = answering(head).await;
    let (text, _) = Client::get(server.address(), "/through//a", "").await.read_to_any_end().await;
    assert!(
        body(&text).starts_with("data: 1\n\n") && text.contains("data\r\n") && !text.ends_with("0\r\n\r\n"),
        "{text}"
    );
}

/// A server before one whose `/live` is what is sent.
async fn before_live() -> (TestServer, mpsc::UnboundedSender<Result<Bytes, Infallible>>) {
    let (sent, received) = mpsc::unbounded_channel();
    let received = Arc::new(Mutex::new(Some(received)));
    let live = get(async move || {
        let received = received.lock().unwrap().take().unwrap();
        ([(CONTENT_TYPE, "text/event-stream")], frames(received)).into_response()
    });
    (in_front_of(Router::new().route("/live", live)).await, sent)
}

#[tokio::test]
async fn events_are_relayed_as_they_come_and_listed_and_a_leaving_reader_ends_the_request() {
    let (server, sent) = before_live().await;
    let mut client = Client::get(server.address(), "/through/rate=100/live", "").await;
    for n in 0..3 {
        sent.send(Ok(format!("id: {n}\ndata: {n}\n\n").into())).unwrap();
        client.read_until("event", |text| text.contains(&format!("data: {n}\n\n"))).await;
    }
    let listed = &server.connections().list()[0];
    assert_eq!((listed.events, listed.last_event_id.as_deref()), (3, Some("2")));
    assert!(listed.upstream.as_deref().is_some_and(|url| url.ends_with("/live")));
    drop(client);
    sent.closed().await;
    server.connections().wait_for_count(0).await;
}

#[tokio::test]
async fn a_stalled_stream_stays_and_a_slow_reader_slows_the_upstream() {
    let (server, sent) = before_live().await;
    let mut client = Client::get(server.address(), "/through/drop=1&end=stall/live", "").await;
    sent.send(Ok("data: 1\n\ndata: 2\n\n".into())).unwrap();
    client.read_until("event", |text| text.contains("data: 1\n\n")).await;
    assert_eq!(server.connections().count(), 1);
    server.connections().end_all(dev_server::End::Abort);
    let (text, _) = client.read_to_any_end().await;
    assert!(!text.contains("data: 2") && !text.ends_with("0\r\n\r\n"), "{text}");

    let (counter, order) = (Arc::new(std::sync::atomic::AtomicUsize::new(0)), std::sync::atomic::Ordering::SeqCst);
    let pushes = Arc::clone(&counter);
    let endless = get(async move || {
        let event = Bytes::from(format!("data: {}\n\n", "x".repeat(1000)));
        let body = Body::from_stream(futures_util::stream::repeat_with(move || {
            pushes.fetch_add(1, order);
            Ok::<_, Infallible>(event.clone())
        }));
        ([(CONTENT_TYPE, "text/event-stream")], body).into_response()
    });
    let server = in_front_of(Router::new().route("/endless", endless)).await;
    let _client = Client::get(server.address(), "/through//endless", "").await;
    crate::support::stuck(server.connections()).await;
    let before = counter.load(order);
    crate::support::stuck(server.connections()).await;
    assert_eq!(counter.load(order), before, "the upstream is not read on");
}
