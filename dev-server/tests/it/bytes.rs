//! Every parameter on the wire, byte for byte.

use crate::support::{Client, body, status};
use dev_server::{Options, TestServer};

/// What is asked for, and the body that comes: with `t0` and `data=n` it is the same each time.
const BODIES: &[(&str, &[u8])] = &[
    ("interval=0&count=2", b"id: 7-0\ndata: 0\n\nid: 7-1\ndata: 1\n\n"),
    ("interval=1ms&count=2&delay=1ms", b"id: 7-0\ndata: 0\n\nid: 7-1\ndata: 1\n\n"),
    ("duration=4ms&count=2", b"id: 7-0\ndata: 0\n\nid: 7-1\ndata: 1\n\n"),
    ("duration=4ms&interval=3ms&jitter=2ms", b"id: 7-0\ndata: 0\n\nid: 7-1\ndata: 1\n\n"),
    ("count=1&size=5", b"id: 7-0\ndata: 0 ...\n\n"),
    (
        "interval=0&count=3&event=a,,b",
        b"event: a\nid: 7-0\ndata: 0\n\nid: 7-1\ndata: 1\n\nevent: b\nid: 7-2\ndata: 2\n\n",
    ),
    // Limited, as a pause of the machine makes a heartbeat more.
    ("interval=1h&heartbeat=1ms&limit-data=21", b"id: 7-0\ndata: 0\n\n:\n:\n"),
    (
        "interval=1h&heartbeat=1ms&heartbeat-mode=event&limit-data=41",
        b"id: 7-0\ndata: 0\n\nevent: heartbeat\ndata:\n\n",
    ),
    ("count=1&retry=0010", b"retry: 0010\n\nid: 7-0\ndata: 0\n\n"),
    ("interval=0&count=4&id=none", b"data: 0\n\ndata: 1\n\ndata: 2\n\ndata: 3\n\n"),
    ("interval=0&count=2&id=constant", b"id: 7-0\ndata: 0\n\nid: 7-0\ndata: 1\n\n"),
    (
        "interval=0&count=4&id=regress&drop=4",
        b"id: 7-0\ndata: 0\n\nid: 7-0\ndata: 1\n\nid: 7-2\ndata: 2\n\nid: 7-1\ndata: 3\n\n",
    ),
    ("interval=0&count=4&last-event-id=7-2", b"id: 7-3\ndata: 3\n\n"),
    (
        "count=1&last-event-id=8-2",
        b"event: gap\ndata: malformed: the last event id is not one of this stream\n\nid: 7-0\ndata: 0\n\n",
    ),
    ("history=5&drop=1", b"id: 7-0\ndata: 0\n\n"),
    ("count=1&status=200&mime=text/html&delay-headers=1ms&cors=any&cookie=a&retry-after=9", b"id: 7-0\ndata: 0\n\n"),
    ("status=404", b"404 Not Found, as the URL asks\n"),
    ("location=/", b"302 Found, as the URL asks\n"),
    ("status=204", b""),
    ("header=X-Gap:1&content-length=17&count=1", b"id: 7-0\ndata: 0\n\n"),
    ("chunks=right&count=1", b"id: 7-0\ndata: 0\n\n"),
    ("count=1&eol=cr", b"id: 7-0\rdata: 0\r\r"),
    ("count=1&eol=crlf", b"id: 7-0\r\ndata: 0\r\n\r\n"),
    ("count=3&interval=0&eol=mix&seed=1", b"id: 7-0\rdata: 0\r\rid: 7-1\ndata: 1\n\rid: 7-2\r\ndata: 2\r\r\n"),
    ("count=1&bom=1", b"\xef\xbb\xbfid: 7-0\ndata: 0\n\n"),
    ("count=1&bom=2", b"\xef\xbb\xbf\xef\xbb\xbfid: 7-0\ndata: 0\n\n"),
    ("count=2&interval=0&newline=none", b"id: 7-0data: 0id: 7-1data: 1"),
    ("count=2&interval=0&newline=unfinished", b"id: 7-0\ndata: 0\n\nid: 7-1\ndata: 1\n"),
    ("count=1&message=data:+%FF%FE%0A%0A", b"data: \xff\xfe\n\n"),
    ("count=1&message=id:+{id}%00%0Adata:+%00%0A%0A", b"id: 7-0\0\ndata: \0\n\n"),
    ("count=1&message=data%0Aid:%0Aevent:%0Aretry:%0A%0A", b"data\nid:\nevent:\nretry:\n\n"),
    ("count=1&message=unknown:+x%0A:+comment%0A%0A", b"unknown: x\n: comment\n\n"),
    ("count=2&interval=0&message={n}", b"01"),
    ("count=1&chunk-size=3&chunk-delay=0", b"id: 7-0\ndata: 0\n\n"),
    ("count=1&split=both", b"id: 7-0\ndata: 0\n\n"),
    ("interval=0&drop=2", b"id: 7-0\ndata: 0\n\nid: 7-1\ndata: 1\n\n"),
    ("limit-data=11&end=eof", b"id: 7-0\ndat"),
    ("count=1&rate=1", b"id: 7-0\ndata: 0\n\n"),
    ("interval=0&count=3&gap=2", b"id: 7-0\ndata: 0\n\nid: 7-2\ndata: 2\n\n"),
    ("interval=0&count=2&dup=2", b"id: 7-0\ndata: 0\n\nid: 7-1\ndata: 1\n\nid: 7-1\ndata: 1\n\n"),
    ("interval=0&count=2&reorder=2", b"id: 7-1\ndata: 1\n\nid: 7-0\ndata: 0\n\n"),
    ("channel=bytes&heartbeat=1ms&limit-data=4", b":\n:\n"),
    ("token=bytes&plan=503,200:drop=1", b"503 Service Unavailable, as the URL asks\n"),
    ("token=bytes&plan=503,200:drop=1", b"id: 7-0\ndata: 0\n\n"),
];

#[tokio::test]
async fn each_url_plays_its_bytes() {
    let server = TestServer::spawn().await.unwrap();
    for (query, expected) in BODIES {
        let data = if query.contains("message=") { "" } else { "data=n&" };
        let fixed = if query.contains("channel=") { String::new() } else { format!("t0=7&{data}") };
        let mut client = Client::get(server.address(), &format!("/events?{fixed}{query}"), "").await;
        client.answer().await;
        let got = bytes(client.received());
        assert_eq!(got, *expected, "{query} got {:?}", String::from_utf8_lossy(&got));
    }
    let help = body(&Client::get(server.address(), "/help", "").await.answer().await);
    let names: Vec<_> = help.lines().filter(|line| line.ends_with('=') && !line.contains(' ')).collect();
    assert!(names.len() > 30);
    for name in names {
        let tested = matches!(name, "t0=" | "data=") || BODIES.iter().any(|(query, _)| query.contains(name));
        assert!(tested, "{name}");
    }
}

/// The body of an answer, out of its chunks.
pub(crate) fn bytes(answer: &[u8]) -> Vec<u8> {
    let head = answer.windows(4).position(|four| four == b"\r\n\r\n").unwrap() + 4;
    let (head, mut rest) = answer.split_at(head);
    if !String::from_utf8_lossy(head).contains("transfer-encoding: chunked") {
        return rest.to_vec();
    }
    let mut bytes = Vec::new();
    while let Some(end) = rest.windows(2).position(|two| two == b"\r\n") {
        let length = usize::from_str_radix(std::str::from_utf8(&rest[..end]).unwrap(), 16).unwrap();
        bytes.extend_from_slice(&rest[end + 2..][..length]);
        rest = &rest[end + 2 + length + 2..];
    }
    bytes
}

#[tokio::test]
async fn a_ten_mebibyte_event_arrives_whole() {
    let server = TestServer::spawn().await.unwrap();
    let mut client = Client::get(server.address(), "/events?t0=7&data=n&count=1&size=10MiB", "").await;
    client.answer().await;
    let expected = format!("id: 7-0\ndata: 0 {}\n\n", ".".repeat((10 << 20) - 2));
    assert!(bytes(client.received()) == expected.as_bytes());
}

#[tokio::test]
async fn an_impossible_url_is_400_with_one_line() {
    let server = TestServer::spawn().await.unwrap();
    for query in ["x=1", "count=x", "end=eof", "plan=200", "message=a&size=1", "count=1&count=1", "token=a&plan=x"] {
        let answer = Client::get(server.address(), &format!("/events?{query}"), "").await.answer().await;
        assert_eq!(status(&answer), "400", "{query}");
        let line = body(&answer);
        assert!(line.starts_with('`') && line.matches('\n').count() == 1 && line.ends_with('\n'), "{line}");
    }
}

/// The data of the events in a body.
fn data(answer: &str) -> Vec<u64> {
    body(answer).lines().filter_map(|line| line.strip_prefix("data: ")).map(|n| n.parse().unwrap()).collect()
}

#[tokio::test]
async fn every_kind_of_stream_resumes_exactly_after_a_restart() {
    for query in
        ["", "gap=3", "dup=4", "gap=20%25&dup=30%25&seed=9", "jitter=1ms", "delay=1ms", "duration=20ms", "eol=crlf"]
    {
        let server = TestServer::spawn().await.unwrap();
        let address = server.address();
        let path = format!("/events?data=n&interval=0&count=20&{query}")
            .replace("interval=0&count=20&duration", "count=20&duration");
        let whole = data(&Client::get(address, &path, "").await.answer().await);
        let mut mutable = Some(server);
        let (mut got, mut id) = (Vec::new(), String::new());
        loop {
            let header = if id.is_empty() { String::new() } else { format!("Last-Event-ID: {id}\r\n") };
            let answer = Client::get(address, &format!("{path}&drop=3"), &header).await.answer().await;
            if status(&answer) == "204" {
                break;
            }
            got.extend(data(&answer));
            id = body(&answer).lines().filter_map(|line| line.strip_prefix("id: ")).next_back().unwrap().to_owned();
            mutable.take().unwrap().stop().await;
            mutable = Some(TestServer::spawn_at(address, Options::default()).await.unwrap());
        }
        // A double that a drop cut off is not owed to who has the event.
        got.dedup();
        let mut whole = whole;
        whole.dedup();
        assert_eq!(got, whole, "{query}");
    }
}
