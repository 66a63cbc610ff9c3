//! Headers as the URL has them, and answers whose framing is wrong.

use crate::support::{Client, header, status};
use dev_server::TestServer;

async fn server() -> TestServer {
    TestServer::spawn().await.unwrap()
}

async fn get(server: &TestServer, path: &str) -> String {
    Client::get(server.address(), path, "").await.answer().await
}

const FIRST: &str = "id: 7-0\ndata: 0\n\n";

#[tokio::test]
async fn an_answer_has_the_headers_of_its_url_in_place_of_its_own() {
    let server = server().await;
    for query in ["count=1", "status=503", "token=h&plan=503:header=X-Gap%253A%25203"] {
        let path = format!("/events?header=X-Gap:%201&header=X-Gap:%202&header=Cache-Control:max-age%3D9&{query}");
        let answer = get(&server, &path).await;
        let values: Vec<_> = answer.lines().filter_map(|line| line.strip_prefix("x-gap: ")).collect();
        assert_eq!(values[..2], ["1", "2"], "{answer}");
        assert_eq!(values.get(2).copied(), query.contains("plan").then_some("3"));
        assert_eq!(answer.matches("cache-control").count(), 1, "{answer}");
        assert_eq!(header(&answer, "cache-control"), Some("max-age=9"));
    }
    for refused in ["Content-Length:1", "Access-Control-Allow-Origin:*", "a%0D%0Ab:c"] {
        let answer = get(&server, &format!("/events?header={refused}")).await;
        assert!(status(&answer) == "400" && answer.contains("is invalid: expected a name, a colon"), "{answer}");
    }
}

#[tokio::test]
async fn a_content_length_is_as_given_whatever_comes_and_the_connection_is_closed() {
    let server = server().await;
    for length in ["0", "5", "17", "1000"] {
        let path = format!("/events?t0=7&data=n&count=1&content-length={length}");
        let (answer, end) = Client::get(server.address(), &path, "").await.read_to_any_end().await;
        assert_eq!(header(&answer, "content-length"), Some(length));
        assert_eq!((header(&answer, "transfer-encoding"), header(&answer, "connection")), (None, Some("close")));
        assert_eq!((answer.split_once("\r\n\r\n").unwrap().1, end), (FIRST, None), "{length}");
    }
}

#[tokio::test]
async fn a_malformed_chunk_comes_after_a_right_one_or_at_the_end_whatever_was_asked_before() {
    let server = server().await;
    for (query, rest) in
        [("count=1", "malformed\r\n"), ("count=9&interval=0&chunk-size=17", "malformed\r\nid: 7-1\ndata: 1\n\n\r\n")]
    {
        let path = format!("/events?t0=7&data=n&chunks=malformed&{query}");
        // The answer before is one that hyper sends.
        let mut client = Client::get(server.address(), "/help", "").await;
        client.answer().await;
        client.ask_again(&format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n")).await;
        let (answer, end) = client.read_to_any_end().await;
        let body = answer.split_once("\r\n\r\n").unwrap().1;
        assert_eq!((body, end), (&*format!("11\r\n{FIRST}\r\n{rest}"), None));
    }
}

#[tokio::test]
async fn a_framing_that_cannot_be_wrong_is_refused_with_the_reason() {
    let server = server().await;
    for query in ["chunks=malformed", "content-length=1", "token=f&plan=200:chunks=malformed"] {
        let post = format!("POST /events?count=1&{query} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n");
        let answer = Client::request(server.address(), &post).await.answer().await;
        assert_eq!(status(&answer), "400");
        assert!(answer.contains("allowed only for GET over HTTP/1.1"), "{answer}");
    }
    assert_eq!(server.attempts("f"), 0, "no attempt was spent");
}
