//! The server in front of another one.

use std::convert::Infallible;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse as _;
use axum::routing::{any, get};
use dev_server::{Options, TestServer};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::sync::mpsc;

use crate::support::{Client, body, header, status};

pub(crate) type Frames = mpsc::UnboundedReceiver<Result<Bytes, Infallible>>;

/// Answers with what a channel sends.
pub(crate) fn frames(mut frames: Frames) -> Body {
    Body::from_stream(futures_util::stream::poll_fn(move |context| frames.poll_recv(context)))
}

/// Serves a router as the upstream of a new server.
pub(crate) async fn in_front_of(upstream: Router) -> TestServer {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, upstream).await });
    before(address.to_string()).await
}

async fn before(address: String) -> TestServer {
    let upstream = Some(format!("http://{address}").parse().unwrap());
    TestServer::spawn_with(Options { upstream, ..Options::default() }).await.unwrap()
}

/// Says what was asked, and with which body.
async fn echo(request: Request) -> String {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, 1 << 20).await.unwrap();
    format!("{} {}\n{:?}\n{}", parts.method, parts.uri, parts.headers, String::from_utf8_lossy(&body))
}

#[tokio::test]
async fn what_is_not_served_here_is_passed_on_as_it_is() {
    let server = in_front_of(Router::new().fallback(any(echo))).await;
    let text = "PATCH /a%2Fb//c?x=%20y&& HTTP/1.1\r\nHost: localhost\r\nX-Mine: 1\r\nConnection: x-hop\r\nX-Hop: 1\r\n\
                Origin: https://stranger.example\r\nContent-Length: 5\r\n\r\nhello";
    let answer = Client::request(server.address(), text).await.answer().await;
    assert!(body(&answer).starts_with("PATCH /a%2Fb//c?x=%20y&&\n"), "{answer}");
    assert!(answer.ends_with("\nhello") && answer.contains("\"x-mine\": \"1\""), "{answer}");
    assert!(answer.contains("\"x-forwarded-host\": \"localhost\"") && !answer.contains("x-hop"), "{answer}");
    let page = Client::get(server.address(), "/some/page", "Accept: text/html\r\n").await.answer().await;
    assert!(body(&page).starts_with("GET /some/page\n"), "{page}");
    let own = Client::get(server.address(), "/events?count=1", "").await.answer().await;
    assert!(body(&own).starts_with("id: "), "{own}");
    let foreign = "GET /a HTTP/1.1\r\nHost: stranger.example\r\n\r\n";
    assert_eq!(status(&Client::request(server.address(), foreign).await.answer().await), "403");
}

#[tokio::test]
async fn both_bodies_are_passed_on_as_they_come() {
    // Sends back each piece as it arrives.
    let back = any(async |request: Request| request.into_body().into_response());
    let server = in_front_of(Router::new().route("/back", back)).await;
    let head = "POST /back HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n";
    let mut client = Client::request(server.address(), head).await;
    client.ask_more("3\r\none\r\n").await;
    client.read_until("first piece", |text| text.contains("one")).await;
    client.ask_more("3\r\ntwo\r\n0\r\n\r\n").await;
    assert_eq!(body(&client.answer().await), "onetwo");
}

#[tokio::test]
async fn a_reader_that_leaves_ends_the_request_to_the_upstream() {
    let (sent, received) = mpsc::unbounded_channel();
    let received = std::sync::Arc::new(std::sync::Mutex::new(Some(received)));
    let stream = get(async move || {
        let received = received.lock().unwrap().take().unwrap();
        let body = frames(received);
        ([(CONTENT_TYPE, "text/event-stream")], body).into_response()
    });
    let server = in_front_of(Router::new().route("/stream", stream)).await;
    let mut client = Client::get(server.address(), "/stream", "").await;
    sent.send(Ok("data: 1\n\n".into())).unwrap();
    client.read_until("event", |text| text.contains("data: 1\n\n")).await;
    drop(client);
    sent.closed().await;
}

/// An upstream that answers each connection with these bytes, then closes it.
pub(crate) async fn answering(bytes: &'static [u8]) -> TestServer {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let _ = stream.read(&mut [0; 4096]).await;
            let _ = stream.write_all(bytes).await;
        }
    });
    before(address.to_string()).await
}

#[tokio::test]
async fn an_upstream_that_is_away_or_no_http_server_is_502_with_the_cure() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let answer = Client::get(before(address.to_string()).await.address(), "/a", "").await.answer().await;
    assert_eq!(status(&answer), "502");
    let line = format!("The upstream http://{address} can't be reached (");
    assert!(body(&answer).starts_with(&line) && answer.ends_with("start it, or give --upstream another address.\n"));
    let server = answering(b"SSH-2.0-OpenSSH\r\n\r\n").await;
    let answer = Client::get(server.address(), "/a", "").await.answer().await;
    assert_eq!(status(&answer), "502");
    assert!(body(&answer).contains("did not respond with HTTP/1.1") && header(&answer, "content-type").is_some());
}

#[tokio::test]
async fn an_upstream_that_breaks_in_mid_stream_breaks_the_answer() {
    for head in [
        &b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\ndata: 1\n\n\r\n"[..],
        b"HTTP/1.1 404 No\r\nTransfer-Encoding: chunked\r\n\r\n9\r\ndata: 1\n\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\ndata: 1\n\n",
    ] {
        let server = answering(head).await;
        let (text, _) = Client::get(server.address(), "/a", "").await.read_to_any_end().await;
        assert!(text.contains("data: 1\n\n") && !text.ends_with("0\r\n\r\n"), "{text}");
    }
}

#[tokio::test]
async fn a_server_that_is_its_own_upstream_says_so() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let upstream = Some(format!("http://{address}").parse().unwrap());
    let server = TestServer::spawn_at(address, Options { upstream, ..Options::default() }).await.unwrap();
    let answer = Client::get(server.address(), "/a", "").await.answer().await;
    assert_eq!(status(&answer), "508", "{answer}");
}
