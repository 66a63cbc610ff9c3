//! What the server tells of itself.

use std::time::Duration;

use crate::support::{Client, body, header, status};
use dev_server::{End, TestServer};
use serde_json::Value;

async fn ask(server: &TestServer, method: &str, path: &str, headers: &str) -> String {
    let text = format!("{method} {path} HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n");
    Client::request(server.address(), &text).await.answer().await
}

async fn json(server: &TestServer, path: &str) -> Value {
    serde_json::from_str(&body(&ask(server, "GET", path, "").await)).unwrap()
}

#[tokio::test]
async fn a_token_is_told_and_begins_anew_when_it_is_deleted() {
    let server = TestServer::spawn().await.unwrap();
    let address = server.address();
    let path = "/events?token=again&plan=503,200:drop=1";
    let attempt = async || status(&Client::get(address, path, "").await.answer().await).to_owned();
    assert_eq!([attempt().await, attempt().await], ["503", "200"]);
    let told = Client::get(address, "/tokens/again", "").await.answer().await;
    assert_eq!(body(&told), r#"{"attempts":2}"#);
    let delete = "DELETE /tokens/again HTTP/1.1\r\nHost: localhost\r\n\r\n";
    assert_eq!(body(&Client::request(address, delete).await.answer().await), r#"{"attempts":2}"#);
    assert_eq!((attempt().await.as_str(), server.attempts("again"), server.reset_attempts("again")), ("503", 1, 1));
    assert_eq!(server.attempts("again"), 0);
}

#[tokio::test]
async fn the_journal_says_what_a_client_asked_and_got() {
    let server = TestServer::spawn().await.unwrap();
    ask(&server, "GET", "/events?count=1", "Last-Event-ID: 7-0\r\nX-A: 1\r\nX-A: 2\r\n").await;
    ask(&server, "GET", "/nowhere", "").await;
    ask(&server, "DELETE", "/connections", "Origin: https://evil.example\r\n").await;
    let mut stalled = Client::get(server.address(), "/events?status=none&end=stall", "").await;
    server.connections().wait_for_count(1).await;

    let journal = json(&server, "/requests").await;
    assert_eq!(journal["count"], 4);
    let requests = journal["requests"].as_array().unwrap();
    let asked: Vec<_> =
        requests.iter().map(|request| (&request["method"], &request["url"], &request["status"])).collect();
    let text = |text: &str| Value::from(text);
    assert_eq!(
        asked,
        [
            (&text("GET"), &text("/events?count=1"), &Value::from(204)),
            (&text("GET"), &text("/nowhere"), &Value::from(404)),
            (&text("DELETE"), &text("/connections"), &Value::from(403)),
            (&text("GET"), &text("/events?status=none&end=stall"), &Value::Null),
        ]
    );
    assert_eq!(requests[0]["headers"]["last-event-id"], "7-0");
    assert_eq!(requests[0]["headers"]["x-a"], "1, 2");
    assert!(requests[0]["peer"].as_str().unwrap().starts_with("127.0.0.1:"));
    assert!(requests[0]["at"].as_u64().unwrap() > 1_700_000_000_000);
    assert_eq!(server.requests()[0].headers["last-event-id"], "7-0");

    assert_eq!(body(&ask(&server, "DELETE", "/requests", "").await), r#"{"forgotten":4}"#);
    assert_eq!(body(&ask(&server, "GET", "/requests", "").await), r#"{"count":0,"requests":[]}"#);
    ask(&server, "GET", "/help", "").await;
    assert_eq!(server.requests().len(), 1);
    server.forget_requests();
    assert_eq!(server.requests().len(), 0);
    server.connections().end_all(End::Abort);
    stalled.read_to_any_end().await;
}

/// The next message of a stream of lists.
async fn next(client: &mut Client) -> Value {
    let text = client.read_until("message", |text| text.contains("\n\n")).await;
    let (_, data) = text.split_once("data: ").unwrap();
    let value = serde_json::from_str(data.lines().next().unwrap()).unwrap();
    client.forget();
    value
}

#[tokio::test]
async fn an_event_source_is_told_who_reads_and_what_is_sent_and_can_end_it() {
    let server = TestServer::spawn().await.unwrap();
    let accept = "Accept: text/event-stream\r\n";
    let mut watching = Client::get(server.address(), "/connections", accept).await;
    let head = watching.read_until("head", |text| text.contains("\r\n\r\n")).await;
    assert_eq!(header(&head, "content-type"), Some("text/event-stream"));
    assert_eq!(next(&mut watching).await["count"], 0);

    let mut reader = Client::get(server.address(), "/events?interval=700ms&data=n", "").await;
    let opened = next(&mut watching).await;
    assert_eq!(
        (&opened["count"], &opened["connections"][0]["url"]),
        (&1.into(), &"/events?interval=700ms&data=n".into())
    );
    let sent = opened["connections"][0]["events"].as_u64().unwrap();
    let later = next(&mut watching).await;
    assert!(later["connections"][0]["events"].as_u64().unwrap() > sent, "{later}");

    let id = opened["connections"][0]["id"].as_u64().unwrap();
    let ended = ask(&server, "DELETE", &format!("/connections/{id}"), "").await;
    assert_eq!(body(&ended), r#"{"ended":1}"#);
    reader.read_to_any_end().await;
    // What was sent meanwhile may be told before.
    while next(&mut watching).await["count"] != 0 {}

    assert_eq!(json(&server, "/connections").await["count"], 0, "who watches reads no stream");
    let quiet = tokio::time::timeout(Duration::from_millis(1_500), watching.read_once()).await;
    assert!(quiet.is_err(), "nothing is told where nothing changes");
}

#[tokio::test]
async fn foreign_pages_can_neither_read_nor_change_what_is_told() {
    let server = TestServer::spawn().await.unwrap();
    let (page, evil) = ("http://localhost:3000", "https://evil.example");
    for path in ["/requests", "/connections"] {
        for (origin, method, allowed) in
            [(page, "GET", true), (page, "DELETE", true), (evil, "GET", false), (evil, "DELETE", false)]
        {
            let answer = ask(&server, method, path, &format!("Origin: {origin}\r\n")).await;
            let readable = header(&answer, "access-control-allow-origin");
            assert_eq!(readable, allowed.then_some(origin), "{method} {path}");
            let refused = !allowed && method == "DELETE";
            assert_eq!(status(&answer), if refused { "403" } else { "200" }, "{method} {path} {origin}");
        }
    }
    let answer =
        Client::request(server.address(), "GET /requests HTTP/1.1\r\nHost: evil.example\r\n\r\n").await.answer().await;
    assert_eq!(status(&answer), "403", "a name that a stranger points here");
}
