//! Events that are pushed into streams.

use std::fmt::Write as _;

use crate::support::{Client, body, status};
use dev_server::{PushedEvent, TestServer};

async fn post(server: &TestServer, path: &str, media_type: &str, text: &str) -> String {
    let head = format!("POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {media_type}\r\n");
    Client::request(server.address(), &format!("{head}Content-Length: {}\r\n\r\n{text}", text.len()))
        .await
        .answer()
        .await
}

/// Pushes as `curl -d` does.
async fn push(server: &TestServer, path: &str, text: &str) -> serde_json::Value {
    let answer = post(server, path, "application/x-www-form-urlencoded", text).await;
    assert_eq!(status(&answer), "200", "{answer}");
    serde_json::from_str(&body(&answer)).unwrap()
}

/// A reader of a path that is known to be one.
async fn reader(server: &TestServer, path: &str, headers: &str) -> Client {
    let before = server.connections().count();
    let mut client = Client::get(server.address(), path, headers).await;
    client.read_until("first bytes", |text| body(text).ends_with('\n')).await;
    assert_eq!(server.connections().count(), before + 1);
    client
}

#[tokio::test]
async fn what_is_pushed_goes_to_every_open_stream_of_its_channel_at_once() {
    let server = TestServer::spawn().await.unwrap();
    let mut one = reader(&server, "/events?channel=news&heartbeat=off", "").await;
    let mut two = reader(&server, "/events?channel=news&eol=crlf&chunk-size=3&chunk-delay=0", "").await;
    let mut other = reader(&server, "/events?channel=other", "").await;
    let answer = push(&server, "/push/news?type=greeting&id=a%201&retry=500", "hello\r\nyou\n").await;
    assert_eq!(answer, serde_json::json!({ "id": "a 1", "readers": 2 }));
    let event = "event: greeting\nid: a 1\nretry: 500\ndata: hello\ndata: you\ndata: \n\n";
    let text = one.read_until("event", |text| body(text).ends_with("data: \n\n")).await;
    assert_eq!(body(&text), format!(":\n{event}"));
    let text = two.read_until("event", |text| body(text).ends_with("data: \r\n\r\n")).await;
    assert_eq!(body(&text), format!(":\n{event}").replace('\n', "\r\n"));

    push(&server, "/push/other", "").await;
    let text = other.read_until("event", |text| body(text).ends_with("data: \n\n")).await;
    assert!(!text.contains("hello"), "{text}");
    let listed = &server.connections().list()[0];
    assert_eq!((listed.events, listed.last_event_id.as_deref()), (1, Some("a 1")));
}

#[tokio::test]
async fn an_event_may_be_json_and_what_is_none_is_refused_with_the_cure() {
    let server = TestServer::spawn().await.unwrap();
    let mut client = reader(&server, "/events?channel=a", "").await;
    let json = "application/json; charset=utf-8";
    let answer = post(&server, "/push/a", json, r#"{"data": "{\"n\":1}", "type": "t", "id": "7", "retry": 1}"#).await;
    assert_eq!(body(&answer), r#"{"id":"7","readers":1}"#);
    // An event without data moves the id only.
    post(&server, "/push/a", json, r#"{"id": "8"}"#).await;
    let text = client.read_until("event", |text| body(text).ends_with("id: 8\n\n")).await;
    assert_eq!(body(&text), ":\nevent: t\nid: 7\nretry: 1\ndata: {\"n\":1}\n\nid: 8\n\n");

    for (path, media_type, text, line) in [
        ("/push/a", json, "{", "the body is not an event: "),
        ("/push/a", json, r#"{"dat": ""}"#, "the body is not an event: unknown field `dat`"),
        ("/push/a", json, r#"{"data": "", "id": "a\nb"}"#, "`id` is invalid: expected one line"),
        ("/push/a?type=t", json, "{}", "a JSON body can't be combined with URL parameters"),
        ("/push/a?event=t", "text/plain", "", "`event` is not a parameter: allowed are type, id and retry"),
        ("/push/a?type=a%0Ab", "text/plain", "", "`type` is invalid: expected one line"),
        ("/push/a?retry=1s", "text/plain", "", "`retry=1s` is invalid: expected a number of milliseconds"),
        (
            &format!("/push/{}", "x".repeat(65)),
            "text/plain",
            "",
            "the name of the channel is invalid: expected 1 to 64 characters",
        ),
    ] {
        let answer = post(&server, path, media_type, text).await;
        assert_eq!(status(&answer), "400", "{path} {text}");
        assert!(body(&answer).starts_with(line), "{path} {text} got {}", body(&answer));
    }
    assert_eq!(status(&post(&server, "/push/a", "text/plain", &"x".repeat((1 << 20) + 1)).await), "413");
    let foreign =
        "POST /push/a HTTP/1.1\r\nHost: localhost\r\nOrigin: https://evil.example\r\nContent-Length: 0\r\n\r\n";
    assert_eq!(status(&Client::request(server.address(), foreign).await.answer().await), "403");
}

#[tokio::test]
async fn who_reconnects_gets_what_was_pushed_meanwhile_and_who_can_not_is_told() {
    let server = TestServer::spawn().await.unwrap();
    let event = |n: usize| PushedEvent::data(n.to_string());
    let path = "/events?channel=a&drop=2";
    let mut first = reader(&server, path, "").await;
    assert_eq!(server.push("a", event(0)), Ok(1));
    assert_eq!(server.push("a", event(1)), Ok(1));
    let text = body(&first.answer().await);
    let ids: Vec<_> = text.lines().filter_map(|line| line.strip_prefix("id: ")).collect();
    assert_eq!((ids.len(), text.ends_with("data: 1\n\n")), (2, true), "{text}");

    server.connections().wait_for_count(0).await;
    assert_eq!(server.push("a", event(2)), Ok(0));
    assert_eq!(server.push("a", event(3)), Ok(0));
    for (header, query) in [(format!("Last-Event-ID: {}\r\n", ids[1]), ""), (String::new(), ids[1])] {
        let path = format!("{path}&lastEventId={query}");
        let text = body(&Client::get(server.address(), &path, &header).await.answer().await);
        assert!(text.starts_with(":\n") && text.contains("data: 2\n\n") && text.ends_with("data: 3\n\n"), "{text}");
    }
    for n in 0..998 {
        server.push("a", event(n)).unwrap();
    }
    let mut forgotten = reader(&server, path, &format!("Last-Event-ID: {}\r\n", ids[1])).await;
    server.push("a", PushedEvent::data("new").event_type("t")).unwrap();
    let text = body(&forgotten.read_until("event", |text| text.contains("data: new")).await);
    assert!(text.starts_with("event: gap\ndata: unknown: ") && text.contains("\n\nevent: t\nid: "), "{text}");
    assert_eq!(text.matches("id: ").count(), 1, "nothing of before: {text}");
}

#[tokio::test]
async fn a_burst_arrives_whole_and_in_order_and_a_long_event_in_pieces() {
    let server = TestServer::spawn().await.unwrap();
    let mut client = reader(&server, "/events?channel=a&drop=901", "").await;
    let mut expected = String::new();
    for n in 0..900 {
        server.push("a", PushedEvent::data(n.to_string()).id(n.to_string())).unwrap();
        let _ = write!(expected, "id: {n}\ndata: {n}\n\n");
        if n % 100 == 0 {
            tokio::task::yield_now().await;
        }
    }
    let long = format!("{}\n{}", "\u{20ac}".repeat(200_000), "x".repeat(40_000));
    server.push("a", PushedEvent::data(&long).id("long")).unwrap();
    let _ = write!(expected, "id: long\ndata: {}\n\n", long.replace('\n', "\ndata: "));
    client.answer().await;
    let bytes = crate::bytes::bytes(client.received());
    assert!(bytes == format!(":\n{expected}").as_bytes(), "{} bytes", bytes.len());
}

#[tokio::test]
async fn a_reader_that_is_too_slow_is_told_how_much_it_missed() {
    let server = TestServer::spawn().await.unwrap();
    let mut client = reader(&server, "/events?channel=a&rate=100", "").await;
    // At 100 KB/s the first one takes a second, and meanwhile the next ones are forgotten.
    server.push("a", PushedEvent::data("x".repeat(50_000))).unwrap();
    client.read_until("its beginning", |text| text.contains("data: x")).await;
    for n in 0..1_500 {
        server.push("a", PushedEvent::data(n.to_string())).unwrap();
    }
    let text = client.read_until("gap", |text| text.contains("event: gap") && text.contains("discarded")).await;
    assert!(
        text.contains("too slow: 500 events were discarded before this client read them"),
        "{}",
        &text[text.len() - 300..]
    );
}

#[tokio::test]
async fn a_foreign_page_makes_no_channel_and_a_pushed_stream_can_go_wrong() {
    let server = TestServer::spawn().await.unwrap();
    let evil = "Origin: https://evil.example\r\n";
    for n in 0..70 {
        Client::get(server.address(), &format!("/events?channel={n}&limit-data=0"), evil).await.answer().await;
    }
    let mut readers = Vec::new();
    for n in 0..64 {
        readers.push(reader(&server, &format!("/events?channel=own{n}"), "").await);
    }
    let full = Client::get(server.address(), "/events?channel=more", "").await.answer().await;
    assert_eq!(status(&full), "503");
    assert!(body(&full).contains("all 64 channels have readers"), "{full}");

    let mut broken =
        Client::get(server.address(), "/events?channel=own0&drop=1&end=reset&token=t&plan=503,200", "").await;
    assert_eq!(status(&broken.answer().await), "503");
    let mut broken = reader(&server, "/events?channel=own0&drop=1&end=reset&token=t&plan=503,200", "").await;
    server.push("own0", PushedEvent::data("1")).unwrap();
    let (text, end) = broken.read_to_any_end().await;
    assert!(text.contains("data: 1\n\n") && end == Some(std::io::ErrorKind::ConnectionReset), "{text}");
}
