//! Who is served, and how it ends.

use crate::support::{Client, body, eventually, header, status, stuck};
use dev_server::{Options, Server, TestServer};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::sync::oneshot;

async fn ask(server: &TestServer, text: &str) -> String {
    Client::request(server.address(), text).await.answer().await
}

#[tokio::test]
async fn a_foreign_host_is_refused_with_the_cure() {
    let server = TestServer::spawn().await.unwrap();
    let answer = ask(&server, "GET /events HTTP/1.1\r\nHost: evil.example\r\n\r\n").await;
    assert_eq!(status(&answer), "403");
    assert!(body(&answer).contains("--allow-host evil.example"), "{answer}");
    let answer = ask(&server, "GET http://evil.example/help HTTP/1.1\r\nHost: localhost\r\n\r\n").await;
    assert_eq!(status(&answer), "403");
    assert_eq!(status(&ask(&server, "GET /help HTTP/1.1\r\nHost: localhost:1\r\n\r\n").await), "200");
}

#[tokio::test]
async fn pages_of_this_machine_may_read_with_credentials_and_headers_and_foreign_ones_may_not() {
    let server = TestServer::spawn().await.unwrap();
    let preflight = |origin: &str| {
        format!(
            "OPTIONS /events HTTP/1.1\r\nHost: localhost\r\nOrigin: {origin}\r\nAccess-Control-Request-Method: POST\r\n\
             Access-Control-Request-Headers: last-event-id,authorization\r\n\r\n"
        )
    };
    let answer = ask(&server, &preflight("http://localhost:3000")).await;
    assert_eq!(header(&answer, "access-control-allow-origin"), Some("http://localhost:3000"));
    assert_eq!(header(&answer, "access-control-allow-credentials"), Some("true"));
    assert_eq!(header(&answer, "access-control-allow-methods"), Some("POST"));
    assert_eq!(header(&answer, "access-control-allow-headers"), Some("last-event-id,authorization"));
    let answer = ask(&server, &preflight("https://evil.example")).await;
    assert_eq!(header(&answer, "access-control-allow-origin"), None);

    let get = "GET /events?count=1 HTTP/1.1\r\nHost: localhost\r\nOrigin: http://127.0.0.1:9\r\n\r\n";
    assert_eq!(header(&ask(&server, get).await, "access-control-allow-origin"), Some("http://127.0.0.1:9"));
}

#[tokio::test]
async fn a_change_by_a_foreign_page_is_refused() {
    let server = TestServer::spawn().await.unwrap();
    let post = "POST /events HTTP/1.1\r\nHost: localhost\r\nOrigin: https://evil.example\r\nContent-Length: 0\r\n\r\n";
    assert_eq!(status(&ask(&server, post).await), "403");
}

#[tokio::test]
async fn more_connections_than_allowed_get_a_clear_503() {
    let server = TestServer::spawn_with(Options { max_connections: 1, ..Options::default() }).await.unwrap();
    let mut first = Client::get(server.address(), "/events", "").await;
    first.read_until("first event", |text| text.contains("data: ")).await;
    let page = "http://localhost:3000";
    let second = Client::get(server.address(), "/events", &format!("Origin: {page}\r\n")).await.read_to_end().await;
    assert_eq!((status(&second), header(&second, "access-control-allow-origin")), ("503", Some(page)));
    assert!(
        body(&second).contains("All 1 connections are in use") && body(&second).contains("--max-connections"),
        "{second}"
    );
    assert_eq!(header(&second, "retry-after"), Some("1"));
}

#[tokio::test]
async fn a_shutdown_ends_streams_at_once_and_cleanly() {
    let server = Server::bind("127.0.0.1:0", Options::default()).await.unwrap();
    let address = server.address().unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let running = tokio::spawn(server.run(async { drop(stopped.await) }));
    let mut client = Client::get(address, "/events?interval=24h", "").await;
    client.read_until("first event", |text| text.contains("data: ")).await;

    drop(stop);
    assert!(client.read_to_end().await.ends_with("0\r\n\r\n"), "the last chunk");
    running.await.unwrap();
    assert!(tokio::net::TcpStream::connect(address).await.is_err(), "nobody listens");
}

#[tokio::test]
async fn a_shutdown_does_not_wait_for_who_does_not_read() {
    let server = Server::bind("127.0.0.1:0", Options::default()).await.unwrap();
    let address = server.address().unwrap();
    let connections = server.connections();
    let (stop, stopped) = oneshot::channel::<()>();
    let running = tokio::spawn(server.run(async { drop(stopped.await) }));
    let _stuck = Client::get(address, "/events?interval=0", "").await;
    stuck(&connections).await;
    drop(stop);
    running.await.unwrap();
    connections.wait_for_count(0).await;
}

#[tokio::test]
async fn a_stream_is_the_same_on_a_used_connection_and_for_old_clients() {
    const STREAM: &str = "/events?interval=0&count=3&last-event-id=1700000000000-0";
    let server = TestServer::spawn().await.unwrap();
    let fresh = Client::get(server.address(), STREAM, "").await.answer().await;
    assert!(body(&fresh).starts_with("id: 1700000000000-1\n"), "{fresh}");

    let twice = format!(
        "GET /help HTTP/1.1\r\nHost: localhost\r\n\r\nGET {STREAM} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    );
    let used = Client::request(server.address(), &twice).await.read_to_end().await;
    let (_, second) = used[1..].split_once("HTTP/1.1 200").unwrap();
    assert_eq!(body(second.trim_start()), body(&fresh));
    assert_eq!(header(second, "content-type"), header(&fresh, "content-type"));

    let old = format!("GET {STREAM} HTTP/1.0\r\nHost: localhost\r\n\r\n");
    let old = Client::request(server.address(), &old).await.read_to_end().await;
    assert_eq!((header(&old, "transfer-encoding"), body(&old)), (None, body(&fresh)));
}

#[tokio::test]
async fn finite_streams_leave_their_connection_usable() {
    let server = TestServer::spawn().await.unwrap();
    let get = |path: &str, headers: &str| format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n");
    let stream = "/events?t0=7&data=n&count=2&interval=1ms";
    let mut client = Client::connect(server.address()).await;
    for path in [stream, stream, "/help", stream, "/echo", "/events?status=503", stream] {
        client.ask_again(&get(path, "")).await;
        let answer = client.answer().await;
        assert_eq!(status(&answer), if path.contains("503") { "503" } else { "200" }, "{path}");
        if path == stream {
            assert_eq!(body(&answer), "id: 7-0\ndata: 0\n\nid: 7-1\ndata: 1\n\n");
            assert!(matches!(header(&answer, "connection"), Some("keep-alive") | None), "{answer}");
        }
        server.connections().wait_for_count(0).await;
    }
    client.ask_again(&get(stream, "Connection: close\r\n")).await;
    let last = client.read_to_end().await;
    assert!(last.ends_with("0\r\n\r\n"), "{last}");
    let fresh = Client::get(server.address(), stream, "Connection: close\r\n").await.read_to_end().await;
    assert_eq!(header(&fresh, "connection"), Some("close"));
}

#[tokio::test]
async fn a_request_that_comes_during_a_stream_is_answered_after_it() {
    let server = TestServer::spawn().await.unwrap();
    let get = |path: &str| format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n");
    let (first, second) = (get("/events?t0=7&data=n&count=2&interval=50ms"), get("/events?t0=8&data=n&count=1"));
    for (early, late) in [(format!("{first}{second}"), String::new()), (first, second)] {
        let mut client = Client::request(server.address(), &early).await;
        client.read_until("first event", |text| text.contains("id: 7-0")).await;
        client.ask_more(&late).await;
        let text = client.read_until("second stream", |text| text.contains("id: 8-0\ndata: 0\n\n")).await;
        assert!(text.contains("id: 7-1\ndata: 1\n\n\r\n0\r\n\r\nHTTP/1.1 200 OK\r\n"), "{text}");
    }
}

#[tokio::test]
async fn a_stream_that_breaks_or_counts_attempts_or_has_a_request_body_closes_its_connection() {
    let server = TestServer::spawn().await.unwrap();
    for (path, headers) in [
        ("/events?drop=1&end=abort", ""),
        ("/events?drop=1&end=reset", ""),
        ("/events?count=1&token=a", ""),
        ("/events?count=1", "Content-Length: 3\r\n"),
    ] {
        let mut client = Client::get(server.address(), path, headers).await;
        client.ask_more("abc").await;
        // In vain if it stays open.
        client.read_to_any_end().await;
    }
}

#[tokio::test]
async fn a_reader_that_goes_away_is_noticed_before_the_next_event() {
    let server = TestServer::spawn().await.unwrap();
    let mut client = Client::get(server.address(), "/events?interval=24h", "").await;
    client.read_until("first event", |text| text.contains("data: ")).await;
    server.connections().wait_for_count(1).await;
    drop(client);
    server.connections().wait_for_count(0).await;
}

#[tokio::test]
async fn a_client_that_sent_a_byte_too_many_and_left_is_noticed() {
    let server = TestServer::spawn_with(Options { max_connections: 1, ..Options::default() }).await.unwrap();
    for (method, path) in [
        ("GET", "/events?drop=1&end=stall"),
        ("GET", "/events?delay-headers=1h"),
        ("GET", "/events?status=none&end=stall"),
        ("POST", "/events?interval=1h"),
        ("POST", "/events?drop=1&end=stall"),
    ] {
        let text = format!("{method} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\nx");
        let client = Client::request(server.address(), &text).await;
        server.connections().wait_for_count(1).await;
        drop(client);
        let gone = server.connections().clone();
        tokio::time::timeout(std::time::Duration::from_secs(5), gone.wait_for_count(0)).await.expect(path);
        // Its place is free again.
        let help = async || Client::get(server.address(), "/help", "Connection: close\r\n").await.read_to_end().await;
        eventually("a place", async || status(&help().await) == "200").await;
    }
}

#[tokio::test]
async fn who_closes_its_side_after_the_request_gets_an_answer_still() {
    let server = TestServer::spawn().await.unwrap();
    let mut client = Client::get(server.address(), "/help", "").await;
    client.stream().shutdown().await.unwrap();
    assert_eq!(status(&client.read_to_end().await), "200");
}

#[tokio::test]
async fn a_dropped_test_server_breaks_its_connections() {
    let server = TestServer::spawn().await.unwrap();
    let address = server.address();
    let mut client = Client::get(address, "/events", "").await;
    client.read_until("first event", |text| text.contains("data: ")).await;
    drop(server);
    assert!(!client.read_to_end().await.ends_with("0\r\n\r\n"), "broken, not ended");
}

#[tokio::test]
async fn a_stopped_test_server_can_be_followed_by_another_at_its_address() {
    let first = TestServer::spawn().await.unwrap();
    let address = first.address();
    first.stop().await;
    let second = TestServer::spawn_at(address, Options::default()).await.unwrap();
    assert_eq!(second.address(), address);
}

#[tokio::test(start_paused = true)]
async fn a_head_that_never_ends_is_given_up() {
    let server = TestServer::spawn().await.unwrap();
    let mut stream = tokio::net::TcpStream::connect(server.address()).await.unwrap();
    stream.write_all(b"GET /events HTTP/1.1\r\n").await.unwrap();
    let started = tokio::time::Instant::now();
    stream.read_to_end(&mut Vec::new()).await.unwrap();
    assert_eq!(started.elapsed().as_secs(), 30);
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_nobody_uses_after_its_stream_is_given_up() {
    let server = TestServer::spawn().await.unwrap();
    let mut client = Client::get(server.address(), "/events?count=1", "").await;
    client.answer().await;
    let ended = tokio::time::Instant::now();
    let mut rest = [0; 1];
    assert_eq!(client.stream().read(&mut rest).await.unwrap(), 0);
    assert_eq!(ended.elapsed().as_secs(), 30);
}

#[tokio::test]
async fn malformed_requests_get_400_or_an_end_and_no_panic() {
    let server = TestServer::spawn().await.unwrap();
    for text in [
        "\0\0\0\0\r\n\r\n",
        "GET\r\n\r\n",
        "GET /events HTTP/9.9\r\n\r\n",
        "GET /%zz?%ff=%00 HTTP/1.1\r\nHost: a\r\n\r\n",
    ] {
        let answer = Client::request(server.address(), text).await.answer().await;
        assert!(status(&answer).starts_with('4'), "{text:?} got {answer}");
    }
    assert_eq!(status(&ask(&server, "GET /help HTTP/1.1\r\nHost: localhost\r\n\r\n").await), "200");
}
