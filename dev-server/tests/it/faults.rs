//! Faults on the wire, byte for byte.

use std::io::ErrorKind;
use std::time::Duration;

use crate::support::{Client, body, eventually, header, status, stuck};
use dev_server::{Cors, Data, End, Script, StreamUrl, TestServer};

async fn server() -> TestServer {
    TestServer::spawn().await.unwrap()
}

async fn get(server: &TestServer, path: &str) -> String {
    Client::get(server.address(), path, "").await.answer().await
}

/// All that comes, and how it ends.
async fn to_end(server: &TestServer, path: &str) -> (String, Option<ErrorKind>) {
    Client::get(server.address(), path, "Connection: close\r\n").await.read_to_any_end().await
}

const FIRST: &str = "id: 7-0\ndata: 0\n\n";

#[tokio::test]
async fn a_stream_with_a_t0_has_the_same_bytes_each_time() {
    let server = server().await;
    let path = "/events?t0=7&data=n&count=2&interval=1ms&event=a&retry=10";
    let expected = "retry: 10\n\nevent: a\nid: 7-0\ndata: 0\n\nevent: a\nid: 7-1\ndata: 1\n\n";
    for _ in 0..2 {
        assert_eq!(body(&get(&server, path).await), expected);
    }
}

#[tokio::test]
async fn a_drop_with_eof_is_a_whole_answer() {
    let (answer, end) = to_end(&server().await, "/events?t0=7&data=n&drop=1&interval=0").await;
    assert!(answer.ends_with("\r\n11\r\nid: 7-0\ndata: 0\n\n\r\n0\r\n\r\n"), "{answer:?}");
    assert_eq!(end, None);
}

#[tokio::test]
async fn an_abort_closes_in_the_middle_of_the_answer() {
    let (answer, end) = to_end(&server().await, "/events?t0=7&data=n&drop=1&interval=0&end=abort").await;
    assert!(answer.ends_with("\r\n11\r\nid: 7-0\ndata: 0\n\n\r\n"), "{answer:?}");
    assert_eq!(end, None, "a FIN");
}

#[tokio::test]
async fn a_reset_is_a_reset_and_what_was_sent_before_arrives() {
    let (answer, end) = to_end(&server().await, "/events?t0=7&data=n&drop=1&interval=0&end=reset").await;
    assert!(answer.ends_with("\r\n11\r\nid: 7-0\ndata: 0\n\n\r\n"), "{answer:?}");
    assert_eq!(end, Some(ErrorKind::ConnectionReset));
}

#[tokio::test]
async fn an_answer_to_a_post_is_broken_like_one_to_a_get() {
    let server = server().await;
    for (end, expected) in [("abort", None), ("reset", Some(ErrorKind::ConnectionReset))] {
        let path = format!("/events?t0=7&data=n&count=1&size=3MiB&end={end}");
        let head = format!("POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n");
        let (answer, found) = Client::request(server.address(), &head).await.read_to_any_end().await;
        assert_eq!((body(&answer).len(), found), ("id: 7-0\ndata: \n\n".len() + (3 << 20), expected), "{end}");
    }
}

#[tokio::test]
async fn a_stall_stays_until_it_is_ended() {
    let server = server().await;
    let path = "/events?t0=7&data=n&drop=1&end=stall";
    let mut client = Client::get(server.address(), path, "").await;
    let answer = client.read_until("first event", |text| text.contains(FIRST)).await;
    assert_eq!(server.connections().count(), 1);
    server.connections().end_all(End::Eof);
    assert_eq!(client.answer().await, answer + "0\r\n\r\n");
}

#[tokio::test]
async fn a_finite_stream_ends_as_asked_too() {
    let (answer, end) = to_end(&server().await, "/events?t0=7&data=n&count=1&end=reset").await;
    assert!(answer.contains(FIRST));
    assert_eq!(end, Some(ErrorKind::ConnectionReset));
}

#[tokio::test]
async fn a_large_answer_arrives_whole_before_its_abort() {
    let (answer, end) = to_end(&server().await, "/events?count=1&size=3MiB&end=abort").await;
    let body = body(&answer);
    let (_, data) = body.split_once("data: ").unwrap();
    assert_eq!((data.len(), data.ends_with("...\n\n")), ((3 << 20) + 2, true));
    assert_eq!((end, answer.ends_with("\n\n\r\n")), (None, true));
}

#[tokio::test]
async fn data_can_be_limited_in_the_middle_of_an_event() {
    for (end, expected) in [("eof", "5\r\nid: 7\r\n0\r\n\r\n"), ("abort", "5\r\nid: 7\r\n")] {
        let path = format!("/events?t0=7&limit-data=5&end={end}");
        let (answer, _) = to_end(&server().await, &path).await;
        assert!(answer.ends_with(&format!("\r\n\r\n{expected}")), "{answer:?}");
    }
}

#[tokio::test]
async fn a_client_that_resumes_over_drops_gets_each_event_once_and_then_204() {
    for end in ["eof", "abort", "reset"] {
        let server = server().await;
        let mut id = String::new();
        let mut data = String::new();
        for _ in 0..3 {
            let path = format!("/events?data=n&interval=0&count=8&drop=3&end={end}");
            let header = if id.is_empty() { String::new() } else { format!("Last-Event-ID: {id}\r\n") };
            let (answer, _) = Client::get(server.address(), &path, &header).await.read_to_any_end_of_stream().await;
            data.extend(answer.lines().filter_map(|line| line.strip_prefix("data: ")));
            id = answer.lines().filter_map(|line| line.strip_prefix("id: ")).next_back().unwrap().to_owned();
        }
        assert_eq!(data, "01234567", "{end}");
        let last = Client::get(server.address(), "/events?count=8&interval=0", &format!("Last-Event-ID: {id}\r\n"))
            .await
            .answer()
            .await;
        assert_eq!(status(&last), "204");
    }
}

#[tokio::test]
async fn each_connection_of_a_token_gets_its_attempt_of_the_plan() {
    let server = server().await;
    let path = "/events?t0=7&data=n&interval=0&token=a&plan=200:drop=1,503,none:end=reset,none,302:location=/x,204";
    assert_eq!(body(&get(&server, path).await), FIRST);
    assert_eq!(status(&get(&server, path).await), "503");
    assert_eq!(to_end(&server, path).await, (String::new(), Some(ErrorKind::ConnectionReset)));
    assert_eq!(to_end(&server, path).await, (String::new(), None));
    assert_eq!(header(&get(&server, path).await, "location"), Some("/x"));
    for _ in 0..3 {
        assert_eq!(status(&get(&server, path).await), "204");
    }
    assert_eq!(status(&get(&server, &path.replace("token=a", "token=b")).await), "200", "another token");
}

#[tokio::test]
async fn no_answer_can_be_a_stall() {
    let server = server().await;
    let mut client = Client::get(server.address(), "/events?status=none&end=stall", "").await;
    server.connections().wait_for_count(1).await;
    assert_eq!(server.connections().end_all(End::Reset), 1);
    assert_eq!(client.read_to_any_end().await, (String::new(), Some(ErrorKind::ConnectionReset)));
}

#[tokio::test]
async fn an_echo_tells_of_its_request() {
    let server = server().await;
    let request = "PUT /echo?token=t&x HTTP/1.1\r\nHost: localhost\r\nX-A: 1\r\nX-A: 2\r\nLast-Event-ID: 7-0\r\n\
                   Content-Length: 5\r\n\r\nh\u{e9}\n\""
        .replace("&x", "");
    let ask = async || Client::request(server.address(), &request).await.answer().await;
    for attempt in 1..3 {
        let answer = body(&ask().await);
        let (_, data) = answer.split_once("data: ").unwrap();
        let json: serde_json::Value = serde_json::from_str(data.trim_end()).unwrap();
        assert_eq!(
            json,
            serde_json::json!({
                "method": "PUT",
                "url": "/echo?token=t",
                "headers": { "host": "localhost", "x-a": "1, 2", "last-event-id": "7-0", "content-length": "5" },
                "lastEventId": "7-0",
                "body": "h\u{e9}\n\"",
                "attempt": attempt,
            })
        );
    }
}

#[tokio::test]
async fn an_echo_goes_on_with_each_connection_and_can_go_wrong() {
    let server = server().await;
    let answer = get(&server, "/echo?t0=7").await;
    assert!(body(&answer).starts_with("id: 7-0\ndata: {\""));
    let answer = get(&server, "/echo?t0=7&last-event-id=7-0").await;
    assert!(body(&answer).starts_with("id: 7-1\ndata: {\"") && answer.contains("\"lastEventId\":\"7-0\""));
    assert_eq!(to_end(&server, "/echo?end=reset").await.1, Some(ErrorKind::ConnectionReset));
    assert_eq!(status(&get(&server, "/echo?data=n").await), "400");
}

async fn post(server: &TestServer, path: &str, text: &str) -> String {
    let length = text.len();
    let head = format!("POST {path} HTTP/1.1\r\nHost: {}\r\nContent-Length: {length}\r\n", server.address());
    Client::request(server.address(), &format!("{head}\r\n{text}")).await.answer().await
}

#[tokio::test]
async fn a_script_is_played_once_byte_for_byte() {
    let server = server().await;
    let answer = post(&server, "/raw", r#"["a\n", {"base64": "/wA="}, {"pause": "5ms"}, "b"]"#).await;
    assert_eq!(status(&answer), "201");
    let path = header(&answer, "location").unwrap().to_owned();
    assert_eq!(body(&answer), server.url(&path) + "\n");

    assert_eq!(status(&get(&server, &format!("{path}?count=1")).await), "400");
    let mut client = Client::get(server.address(), &path, "").await;
    let answer = client.answer().await;
    assert_eq!(header(&answer, "content-type"), Some("text/event-stream"));
    assert!(client.received().ends_with(b"\r\n\r\n4\r\na\n\xff\0\r\n1\r\nb\r\n0\r\n\r\n"), "{answer:?}");
    assert_eq!(status(&get(&server, &path).await), "204");
    assert_eq!(status(&get(&server, "/raw/x").await), "404");
}

#[tokio::test]
async fn a_script_may_end_in_a_break_and_its_url_may_say_more() {
    let server = server().await;
    let url =
        async |path: &str, script: &str| header(&post(&server, path, script).await, "location").unwrap().to_owned();
    let path = url("/raw", r#"["a", {"end": "reset"}]"#).await;
    assert_eq!(to_end(&server, &path).await.1, Some(ErrorKind::ConnectionReset));
    let path = url("/raw?chunk-size=1&mime=text/plain", r#"["ab"]"#).await;
    let answer = get(&server, &path).await;
    assert_eq!(header(&answer, "content-type"), Some("text/plain"));
    assert!(answer.ends_with("\r\n1\r\na\r\n1\r\nb\r\n0\r\n\r\n"), "{answer:?}");
    assert_eq!(status(&post(&server, "/raw?count=1", "[]").await), "400");
    assert_eq!(status(&post(&server, "/raw", "[1]").await), "400");
    let large = format!("[\"{}\"]", "x".repeat(1 << 20));
    assert_eq!(status(&post(&server, "/raw", &large).await), "413");
}

#[tokio::test]
async fn who_asks_for_a_head_spends_nothing() {
    let server = server().await;
    let head = async |path: &str| {
        let text = format!("HEAD {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        Client::request(server.address(), &text).await.read_to_end().await
    };
    let script = header(&post(&server, "/raw", r#"["a"]"#).await, "location").unwrap().to_owned();
    for (path, first, then) in [(script.as_str(), "200", "204"), ("/events?token=a&plan=503,204", "503", "204")] {
        for _ in 0..2 {
            assert_eq!(status(&head(path).await), first, "{path}");
        }
        assert_eq!(status(&get(&server, path).await), first, "{path}");
        assert_eq!(status(&head(path).await), then, "{path}");
        assert_eq!(status(&get(&server, path).await), then, "{path}");
    }
    assert_eq!(server.attempts("a"), 2);
}

#[tokio::test]
async fn a_post_streams_like_a_get() {
    let server = server().await;
    let path = "/events?t0=7&data=n&count=2&interval=0";
    assert_eq!(body(&post(&server, path, "some body").await), body(&get(&server, path).await));
}

/// What each read of a body brings; the last chunk of the coding counts as a read.
async fn reads(server: &TestServer, path: &str) -> Vec<Vec<u8>> {
    let mut client = Client::get(server.address(), path, "").await;
    client.read_until("head", |text| text.contains("\r\n\r\n")).await;
    let head = client.received().windows(4).position(|four| four == b"\r\n\r\n").unwrap() + 4;
    let mut reads = vec![client.received()[head..].to_vec()];
    while !client.received().ends_with(b"\r\n0\r\n\r\n") {
        reads.push(client.read_once().await);
    }
    reads
        .iter()
        .flat_map(|read| match read.strip_suffix(b"0\r\n\r\n") {
            Some(chunk) => vec![chunk.to_vec(), b"0\r\n\r\n".to_vec()],
            None => vec![read.clone()],
        })
        .filter(|read| !read.is_empty())
        .collect()
}

#[tokio::test]
async fn pieces_arrive_as_separate_reads() {
    let server = server().await;
    let path = "/events?split=both&eol=crlf&count=1&message=data:%E2%82%AC%0D%0A%0D%0A";
    let pieces: [&[u8]; 5] = [b"data:\xe2", b"\x82", b"\xac\r", b"\n\r", b"\n"];
    let chunk = |piece: &[u8]| [format!("{:x}\r\n", piece.len()).as_bytes(), piece, b"\r\n"].concat();
    let mut expected: Vec<_> = pieces.into_iter().map(chunk).collect();
    expected.push(b"0\r\n\r\n".to_vec());
    // A client that the machine keeps from reading for as long as a pause sees two pieces at once.
    eventually("each piece by itself", async || reads(&server, path).await == expected).await;
}

#[tokio::test]
async fn cookies_are_set_and_mimes_are_wrong() {
    let server = server().await;
    let answer = get(&server, "/events?cookie=a%3D1%3B%20Path%3D/&count=1&mime=text/html").await;
    assert_eq!(header(&answer, "set-cookie"), Some("a=1; Path=/"));
    assert_eq!(header(&answer, "content-type"), Some("text/html"));
    assert_eq!(header(&get(&server, "/events?mime=&count=1").await, "content-type"), None);
}

#[tokio::test]
async fn a_busy_server_says_for_how_long() {
    let answer = get(&server().await, "/events?status=429&retry-after=2").await;
    assert_eq!(header(&answer, "retry-after"), Some("2"));
    assert_eq!(header(&answer, "access-control-expose-headers"), Some("retry-after"));
}

#[tokio::test]
async fn cors_can_be_wrong_in_many_ways() {
    let server = server().await;
    let (page, other) = ("http://localhost:3000", "https://other.example");
    for (cors, origins, credentials) in [
        ("on", vec![page], Some("true")),
        ("off", vec![], None),
        ("any", vec!["*"], Some("true")),
        ("other", vec![other], Some("true")),
        ("no-credentials", vec![page], None),
        ("twice", vec![page, page], Some("true")),
        ("no-preflight", vec![page], Some("true")),
    ] {
        // A preflight is no attempt of a plan.
        let inside = if cors == "no-preflight" { String::new() } else { format!(":cors={cors}") };
        for query in [
            format!("cors={cors}&count=1"),
            format!("cors={cors}&status=503"),
            format!("token={cors}&plan=204{inside}"),
        ] {
            let path = format!("/events?{query}");
            let answer = Client::get(server.address(), &path, &format!("Origin: {page}\r\n")).await.answer().await;
            let found: Vec<_> =
                answer.lines().filter_map(|line| line.strip_prefix("access-control-allow-origin: ")).collect();
            assert_eq!(found, origins, "{query}");
            assert_eq!(header(&answer, "access-control-allow-credentials"), credentials, "{query}");
        }
        let preflight = format!(
            "OPTIONS /events?cors={cors} HTTP/1.1\r\nHost: localhost\r\nOrigin: {page}\r\n\
             Access-Control-Request-Method: DELETE\r\n\r\n"
        );
        let answer = Client::request(server.address(), &preflight).await.answer().await;
        let refused = cors == "no-preflight";
        assert_eq!(status(&answer), if refused { "403" } else { "200" });
        let origin = header(&answer, "access-control-allow-origin");
        assert_eq!(origin, origins.first().copied().filter(|_| !refused), "{cors}");
    }
}

#[tokio::test]
async fn whatever_changes_something_is_refused_for_a_foreign_page() {
    let server = server().await;
    let mut client = Client::get(server.address(), "/events?interval=1h", "").await;
    client.read_until("first event", |text| text.contains("data: ")).await;
    for (method, path) in [
        ("POST", "/raw"),
        ("POST", "/events"),
        ("POST", "/echo"),
        ("DELETE", "/echo"),
        ("DELETE", "/connections"),
        ("DELETE", "/connections/0"),
    ] {
        let ask = async |origin: &str| {
            let head = format!("{method} {path} HTTP/1.1\r\nHost: localhost\r\nOrigin: {origin}\r\n");
            Client::request(server.address(), &format!("{head}Content-Length: 0\r\n\r\n")).await.answer().await
        };
        for origin in ["https://evil.example", "null"] {
            assert_eq!(status(&ask(origin).await), "403", "{method} {path}");
        }
    }
    assert_eq!(server.connections().count(), 1, "nothing was killed");
}

#[tokio::test]
async fn heartbeats_are_comments_or_events() {
    let server = server().await;
    for (mode, bytes) in [("idle", ":\n"), ("fixed", ":\n"), ("event", "event: heartbeat\ndata:\n\n")] {
        let path = format!("/events?t0=7&data=n&interval=1h&heartbeat=1ms&heartbeat-mode={mode}");
        let mut client = Client::get(server.address(), &path, "").await;
        let heartbeat = format!("\r\n{:x}\r\n{bytes}\r\n", bytes.len());
        let answer = client.read_until("heartbeats", |text| text.matches(&heartbeat).count() > 1).await;
        let (_, stream) = answer.split_once("\r\n\r\n").unwrap();
        // What is fixed may be due before the first event, if that waits for the machine.
        assert!(mode == "fixed" || stream.starts_with(&format!("11\r\n{FIRST}{heartbeat}")), "{stream:?}");
    }
}

#[tokio::test]
async fn heads_can_be_late() {
    let server = server().await;
    let began = std::time::Instant::now();
    assert_eq!(status(&get(&server, "/events?delay-headers=100ms&count=1").await), "200");
    assert!(began.elapsed().as_millis() >= 100);

    let mut late = Client::get(server.address(), "/events?delay-headers=1h", "").await;
    server.connections().wait_for_count(1).await;
    assert!(late.received().is_empty());
    server.connections().end_all(End::Abort);
    assert_eq!(late.read_to_any_end().await, (String::new(), None));
}

#[tokio::test]
async fn redirects_lead_anywhere() {
    let server = server().await;
    for (query, expected, location) in [
        ("location=/events%3Fcount=1", "302", Some("/events?count=1")),
        ("status=301&location=https://other.example/%3Fa", "301", Some("https://other.example/?a")),
        ("status=303&location=", "303", Some("")),
        ("status=307&location=loop", "307", Some("/events?status=307&location=loop")),
        ("status=308", "308", None),
    ] {
        let answer = get(&server, &format!("/events?{query}")).await;
        assert_eq!((status(&answer), header(&answer, "location")), (expected, location), "{query}");
    }
}

#[tokio::test]
async fn one_connection_or_all_can_be_killed() {
    let server = server().await;
    for (end, expected) in [("", None), ("?end=abort", None), ("?end=reset", Some(ErrorKind::ConnectionReset))] {
        let mut first = Client::get(server.address(), "/events?interval=1h", "").await;
        first.read_until("first event", |text| text.contains("data: ")).await;
        let mut second = Client::get(server.address(), "/events?interval=1h", "").await;
        second.read_until("first event", |text| text.contains("data: ")).await;

        let id = server.connections().list()[0].id;
        let delete = async |path: String| {
            Client::request(server.address(), &format!("DELETE {path} HTTP/1.1\r\nHost: localhost\r\n\r\n"))
                .await
                .answer()
                .await
        };
        assert_eq!(body(&delete(format!("/connections/{id}{end}")).await), r#"{"ended":1}"#);
        let (answer, error) = first.read_to_any_end().await;
        assert_eq!((answer.ends_with("0\r\n\r\n"), error), (false, expected));
        server.connections().wait_for_count(1).await;
        assert_eq!(status(&delete(format!("/connections/{id}")).await), "404");

        assert_eq!(body(&delete(format!("/connections{end}")).await), r#"{"ended":1}"#);
        assert_eq!(second.read_to_any_end().await.1, expected);
        server.connections().wait_for_count(0).await;
        assert_eq!(status(&delete("/connections?end=x".to_owned()).await), "400");
    }
}

#[tokio::test]
async fn a_reader_that_does_not_read_can_be_killed() {
    let server = server().await;
    for end in [End::Abort, End::Reset] {
        let _stuck = Client::get(server.address(), "/events?interval=0&size=1MiB", "").await;
        stuck(server.connections()).await;
        server.connections().end_all(end);
        eventually("an end", async || server.connections().count() == 0).await;
    }
}

#[tokio::test]
async fn every_answer_can_be_read_by_pages_of_other_ports() {
    let server = server().await;
    for path in [
        "/events?count=1",
        "/events?count=0",
        "/events?status=404",
        "/events?status=204",
        "/events?location=/",
        "/events?token=a&plan=503",
        "/events?count=1&last-event-id=0-0",
        "/connections",
        "/help",
        "/nowhere",
    ] {
        let answer = Client::get(server.address(), path, "Origin: http://localhost:3000\r\n").await.answer().await;
        assert_eq!(header(&answer, "access-control-allow-origin"), Some("http://localhost:3000"), "{path}");
        assert_eq!(header(&answer, "access-control-allow-credentials"), Some("true"), "{path}");
    }
}

#[tokio::test]
async fn a_refused_port_refuses_and_is_always_the_same() {
    let server = server().await;
    let url = body(&get(&server, "/refused").await);
    let address: std::net::SocketAddr =
        url.strip_prefix("http://").and_then(|url| url.strip_suffix("/events\n")).unwrap().parse().unwrap();
    for _ in 0..2 {
        let error = tokio::net::TcpStream::connect(address).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConnectionRefused);
    }
    assert_eq!(body(&get(&server, "/refused").await), url);
}

#[tokio::test]
async fn rust_tests_have_it_typed() {
    let server = server().await;
    let path = |url: dev_server::StreamUrl| url.to_string().strip_prefix(&server.url("")).unwrap().to_owned();
    let planned = [StreamUrl::attempt(200).drop(1), StreamUrl::attempt_without_answer().end(End::Reset)];
    let planned = path(server.events().t0(7).data(Data::N).plan("typed", planned));
    assert_eq!(body(&get(&server, &planned).await), FIRST);
    assert_eq!(to_end(&server, &planned).await, (String::new(), Some(ErrorKind::ConnectionReset)));
    assert_eq!(server.attempts("typed"), 2);

    let script = Script::new().bytes(b"a").pause(Duration::from_millis(1)).bytes("b").end(End::Abort);
    let (answer, _) = to_end(&server, &path(server.script(script))).await;
    assert!(answer.ends_with("\r\n\r\n1\r\na\r\n1\r\nb\r\n"), "{answer:?}");
    assert!(get(&server, &path(server.echo().cors(Cors::Off))).await.contains("\"method\":\"GET\""));
    assert_eq!(server.refused_url().unwrap() + "\n", body(&get(&server, "/refused").await));
}
