//! `/events` on the wire.

use std::time::Duration;

use crate::support::{Client, body, header, status};
use dev_server::{Options, Script, TestServer};

async fn answer(server: &TestServer, path: &str, headers: &str) -> String {
    Client::get(server.address(), path, headers).await.answer().await
}

/// The ids of the events in a body.
fn ids(body: &str) -> Vec<&str> {
    body.lines().filter_map(|line| line.strip_prefix("id: ")).collect()
}

#[tokio::test]
async fn a_stream_is_events_of_an_id_and_a_time_and_nothing_else() {
    let server = TestServer::spawn().await.unwrap();
    let answer = answer(&server, "/events?count=2&interval=1ms", "Accept: text/event-stream\r\n").await;
    assert_eq!(status(&answer), "200");
    assert_eq!(header(&answer, "content-type"), Some("text/event-stream"));
    assert_eq!(header(&answer, "cache-control"), Some("no-cache, no-transform"));
    assert_eq!(header(&answer, "x-accel-buffering"), Some("no"));

    let body = body(&answer);
    let ids = ids(&body);
    let times: Vec<_> = body.lines().filter_map(|line| line.strip_prefix("data: ")).collect();
    assert_eq!(
        body,
        format!("id: {}\ndata: {}\n\nid: {}\ndata: {}\n\n", ids[0], times[0], ids[1], times[1]),
        "byte for byte"
    );
    let t0 = ids[0].strip_suffix("-0").unwrap();
    assert_eq!(ids[1], format!("{t0}-1"));
    assert!(times[0].ends_with(" AM") || times[0].ends_with(" PM"), "{body}");
}

#[tokio::test]
async fn the_first_event_comes_at_once() {
    let server = TestServer::spawn().await.unwrap();
    let mut client = Client::get(server.address(), "/events?interval=24h", "").await;
    client.read_until("first event", |text| text.contains("-0\ndata: ")).await;
}

#[tokio::test]
async fn a_last_event_id_is_continued_and_the_header_beats_the_query() {
    let server = TestServer::spawn().await.unwrap();
    let path = "/events?count=4&interval=1ms&last-event-id=1700000000000-0";
    assert_eq!(ids(&body(&answer(&server, path, "").await)).len(), 3);
    let later = answer(&server, path, "Last-Event-ID: 1700000000000-2\r\n").await;
    assert_eq!(ids(&body(&later)), ["1700000000000-3"]);
}

#[tokio::test]
async fn an_id_of_another_kind_gets_a_gap_event_and_a_fresh_start() {
    let server = TestServer::spawn().await.unwrap();
    for id in ["nonsense", "9999999999999-1", "\u{e9}"] {
        let answer = answer(&server, "/events?count=1", &format!("Last-Event-ID: {id}\r\n")).await;
        let body = body(&answer);
        assert!(body.starts_with("event: gap\ndata: "), "{body}");
        assert!(ids(&body)[0].ends_with("-0"), "{body}");
    }
}

#[tokio::test]
async fn resuming_a_finished_stream_gets_204() {
    let server = TestServer::spawn().await.unwrap();
    let answer = answer(&server, "/events?count=2", "Last-Event-ID: 1700000000000-1\r\n").await;
    assert_eq!(status(&answer), "204");
}

#[tokio::test]
async fn status_and_mime_are_as_asked() {
    let server = TestServer::spawn().await.unwrap();
    for asked in ["204", "404", "503"] {
        assert_eq!(status(&answer(&server, &format!("/events?status={asked}"), "").await), asked);
    }
    let plain = answer(&server, "/events?mime=text/plain&count=1", "").await;
    assert_eq!(header(&plain, "content-type"), Some("text/plain"));
    assert!(body(&plain).starts_with("id: "));
    assert_eq!(header(&answer(&server, "/events?mime=&count=1", "").await, "content-type"), None);
}

#[tokio::test]
async fn an_unknown_parameter_is_refused_with_a_line_that_names_it() {
    let server = TestServer::spawn().await.unwrap();
    let answer = answer(&server, "/events?interal=5s", "Accept: text/event-stream\r\n").await;
    assert_eq!(status(&answer), "400");
    assert!(body(&answer).starts_with("`interal` is not a parameter: allowed are interval, count,"), "{answer}");
}

#[tokio::test]
async fn a_path_that_does_not_exist_is_404_and_so_is_the_page_for_a_stream() {
    let server = TestServer::spawn().await.unwrap();
    for path in ["/", "/index.html", "/event", "/events/", "/pkg/../Cargo.toml"] {
        assert_eq!(status(&answer(&server, path, "Accept: text/event-stream\r\n").await), "404", "{path}");
    }
    assert_eq!(status(&answer(&server, "/event", "").await), "404");
}

#[tokio::test]
async fn without_a_page_the_address_bar_gets_an_explanation() {
    let server = TestServer::spawn().await.unwrap();
    for path in ["/", "/events", "/event", "/a/b?c"] {
        let answer = answer(&server, path, "Accept: text/html,*/*;q=0.8\r\n").await;
        assert_eq!(header(&answer, "content-type"), Some("text/html; charset=utf-8"));
        assert!(answer.contains("an <code>index.html</code>"), "{answer}");
    }
}

#[tokio::test]
async fn the_connections_are_listed_while_they_are_read() {
    let server = TestServer::spawn().await.unwrap();
    let mut client = Client::get(server.address(), "/events?interval=1h", "").await;
    client.read_until("first event", |text| text.contains("data: ")).await;
    let list = body(&answer(&server, "/connections", "").await);
    let list: serde_json::Value = serde_json::from_str(&list).unwrap();
    assert_eq!(list["count"], 1);
    assert_eq!(list["connections"][0]["url"], "/events?interval=1h");
    assert_eq!(list["connections"][0]["events"], 1);
    assert!(list["connections"][0]["lastEventId"].as_str().unwrap().ends_with("-0"));

    drop(client);
    server.connections().wait_for_count(0).await;
    assert_eq!(body(&answer(&server, "/connections", "").await), r#"{"count":0,"connections":[]}"#);
}

#[tokio::test]
async fn a_burst_is_whole_and_in_order() {
    let server = TestServer::spawn().await.unwrap();
    let answer = answer(&server, "/events?interval=0&count=50000", "").await;
    let body = body(&answer);
    let ids = ids(&body);
    assert_eq!(ids.len(), 50_000);
    assert!(ids.iter().enumerate().all(|(n, id)| id.ends_with(&format!("-{n}"))));
}

#[tokio::test]
async fn the_default_interval_is_an_option() {
    let options = Options { interval: Duration::from_millis(1), ..Options::default() };
    let server = TestServer::spawn_with(options).await.unwrap();
    let mut client = Client::get(server.address(), "/events", "").await;
    client.read_until("third event", |text| text.contains("-2\n")).await;
}

#[tokio::test]
async fn a_duration_without_end_neither_panics_nor_ends_a_stream() {
    let options = || Options { interval: Duration::MAX, ..Options::default() };
    let refused = TestServer::spawn_with(options()).await.expect_err("longer than a day");
    assert_eq!(refused.kind(), std::io::ErrorKind::InvalidInput);

    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(axum::serve(listener, dev_server::app(options())).into_future());
    let server = TestServer::spawn().await.unwrap();
    let script = server.script(Script::new().bytes(b"data: 1\n\n").pause(Duration::MAX)).to_string();
    let script = script.strip_prefix(&server.url("")).unwrap();
    for (address, path) in [(address, "/events?heartbeat=100ms"), (server.address(), script)] {
        let mut client = Client::get(address, path, "").await;
        client.read_until("first event", |text| text.contains("data: ")).await;
        let more = tokio::time::timeout(Duration::from_millis(300), client.read_to_any_end()).await;
        assert!(more.is_err(), "{path} goes on");
    }
    let url = server.events().interval(Duration::MAX).to_string();
    assert_eq!(status(&answer(&server, url.strip_prefix(&server.url("")).unwrap(), "").await), "400");
}

#[tokio::test]
async fn the_help_lists_every_parameter() {
    let server = TestServer::spawn().await.unwrap();
    let help = answer(&server, "/help", "").await;
    for name in ["status=", "mime=", "count=", "interval=", "last-event-id="] {
        assert!(help.contains(&format!("\n{name}")), "{name} in {help}");
    }
}
