//! What one request can make the server hold. By itself in its program, as all memory of that is counted.

use dev_server::TestServer;
use peak_alloc::PeakAlloc;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// The status of the answer, and how many bytes were held at most while it was made, beyond what was held before.
async fn answered(server: &TestServer, request: &str) -> (String, usize) {
    let mut stream = TcpStream::connect(server.address()).await.expect("a connection");
    let before = MEMORY.current_usage();
    MEMORY.reset_peak_usage();
    stream.write_all(request.as_bytes()).await.expect("written");
    let mut status = [0; 12];
    stream.read_exact(&mut status).await.expect("an answer");
    // The body is made, and held, as it is taken.
    let mut piece = [0; 1024];
    while stream.read(&mut piece).await.expect("the rest") > 0 {}
    let peak = MEMORY.peak_usage().saturating_sub(before);
    (String::from_utf8_lossy(&status[9..]).into_owned(), peak)
}

#[tokio::test]
async fn no_single_request_makes_the_server_hold_more_than_a_few_mebibytes() {
    let server = TestServer::spawn().await.expect("a port");
    let get = |path: &str| format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    let post = |path: &str, body: &str| {
        let head = format!("POST {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n");
        format!("{head}Content-Length: {}\r\n\r\n{body}", body.len())
    };
    let plan = ["200"; 100].join(",");
    let names = ["name"; 1_000].join(",");
    for (what, request, status) in [
        ("a list of types", get(&format!("/events?count=1&event={}", ",".repeat(60_000))), "400"),
        ("types in a plan", get(&format!("/events?count=1&event={names}&token=a&plan={plan}")), "200"),
        ("a message", get(&format!("/events?count=1&message={}", "%7Bn%7D".repeat(8_000))), "400"),
        (
            "a message in a plan",
            get(&format!("/events?count=1&message={}&token=b&plan={plan}", "{n}".repeat(1_000))),
            "200",
        ),
        (
            "an id in a plan",
            get(&format!("/events?count=1&lastEventId={}&token=c&plan={plan}", "x".repeat(60_000))),
            "200",
        ),
        ("a long plan", get(&format!("/events?count=1&token=d&plan={plan}:mime={}", "x".repeat(60_000))), "200"),
        ("an echo", post("/echo", &"\u{1}".repeat(64 << 10)), "200"),
        ("a longer echo", post("/echo", &"\u{1}".repeat((64 << 10) + 1)), "413"),
        ("a script of too many items", post("/raw", &format!("[{}\"\"]", "\"\",".repeat(300_000))), "400"),
        ("a body", post("/events?count=1", &"x".repeat(1 << 20)), "200"),
    ] {
        // A body is held as it is, and gathered from its parts; all else is little.
        let most = if what.starts_with("a body") || what.starts_with("a script") { 3 << 20 } else { 2 << 20 };
        // Once before, so that what is kept for all requests is there.
        let (found, _) = answered(&server, &request).await;
        assert_eq!(found, status, "{what}");
        let (_, peak) = answered(&server, &request).await;
        assert!(peak < most, "{what}: {} KiB", peak >> 10);
    }
}
