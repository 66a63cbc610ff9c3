//! A plain TCP client, to see the bytes as they are, and what else tests share.

use std::fs;
use std::io::ErrorKind;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use dev_server::Connections;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};

/// A wait longer than this fails its test; none is expected to last.
const PATIENCE: Duration = Duration::from_secs(20);
/// A build on a busy machine may take some.
const BUILD: Duration = Duration::from_secs(120);

/// One connection.
pub(crate) struct Client {
    stream: TcpStream,
    received: Vec<u8>,
}

impl Client {
    pub(crate) async fn connect(address: SocketAddr) -> Self {
        Self { stream: TcpStream::connect(address).await.unwrap(), received: Vec::new() }
    }

    /// Connects and asks for a path, with more header lines, each with its `\r\n`.
    pub(crate) async fn get(address: SocketAddr, path: &str, headers: &str) -> Self {
        Self::request(address, &format!("GET {path} HTTP/1.1\r\nHost: {address}\r\n{headers}\r\n")).await
    }

    pub(crate) async fn request(address: SocketAddr, text: &str) -> Self {
        let mut client = Self::connect(address).await;
        client.stream.write_all(text.as_bytes()).await.unwrap();
        client
    }

    /// What it reads from, for tests that wait otherwise.
    pub(crate) fn stream(&mut self) -> &mut TcpStream {
        &mut self.stream
    }

    /// Asks for something else on the same connection, and forgets what came so far.
    pub(crate) async fn ask_again(&mut self, text: &str) {
        self.forget();
        self.ask_more(text).await;
    }

    /// Forgets what came so far.
    pub(crate) fn forget(&mut self) {
        self.received.clear();
    }

    /// Sends more, whatever has come or is still to come.
    pub(crate) async fn ask_more(&mut self, text: &str) {
        self.stream.write_all(text.as_bytes()).await.unwrap();
    }

    /// Reads until `done` says so and returns all that came so far.
    pub(crate) async fn read_until(&mut self, what: &str, done: impl Fn(&str) -> bool) -> String {
        self.read(what, |bytes| done(&String::from_utf8_lossy(bytes))).await
    }

    async fn read(&mut self, what: &str, done: impl Fn(&[u8]) -> bool) -> String {
        while !done(&self.received) {
            let read = timeout(PATIENCE, self.stream.read_buf(&mut self.received)).await;
            match read.unwrap_or_else(|_| panic!("no {what} in {:?}", self.text())) {
                Ok(0) => panic!("the end, and no {what} in {:?}", self.text()),
                Ok(_) => {}
                Err(error) => panic!("{error}, and no {what} in {:?}", self.text()),
            }
        }
        self.text()
    }

    /// Reads until the server closes the connection.
    pub(crate) async fn read_to_end(&mut self) -> String {
        timeout(PATIENCE, self.stream.read_to_end(&mut self.received)).await.expect("an end").unwrap();
        self.text()
    }

    /// Reads until the connection ends, and returns what came and how it ended: `None` is an orderly end.
    pub(crate) async fn read_to_any_end(&mut self) -> (String, Option<ErrorKind>) {
        let end = timeout(PATIENCE, self.stream.read_to_end(&mut self.received)).await.expect("an end");
        (self.text(), end.err().map(|error| error.kind()))
    }

    /// Reads until the stream or its connection ends.
    pub(crate) async fn read_to_any_end_of_stream(&mut self) -> (String, Option<ErrorKind>) {
        while !is_whole(&self.received) {
            match timeout(PATIENCE, self.stream.read_buf(&mut self.received)).await.expect("an end") {
                Ok(0) => break,
                Ok(_) => {}
                Err(error) => return (self.text(), Some(error.kind())),
            }
        }
        (self.text(), None)
    }

    /// What one read brings; empty at the end.
    pub(crate) async fn read_once(&mut self) -> Vec<u8> {
        let before = self.received.len();
        timeout(PATIENCE, self.stream.read_buf(&mut self.received)).await.expect("bytes").unwrap();
        self.received[before..].to_vec()
    }

    /// All bytes that came so far.
    pub(crate) fn received(&self) -> &[u8] {
        &self.received
    }

    /// Reads a whole answer that has a `Content-Length` or is chunked, and returns it as it came.
    pub(crate) async fn answer(&mut self) -> String {
        self.read("whole answer", is_whole).await
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.received).into_owned()
    }
}

/// The status of an answer.
pub(crate) fn status(answer: &str) -> &str {
    &answer["HTTP/1.1 ".len()..][..3]
}

/// The value of an answer's header.
pub(crate) fn header<'a>(answer: &'a str, name: &str) -> Option<&'a str> {
    let head = answer.split_once("\r\n\r\n").map_or(answer, |(head, _)| head);
    head.lines().find_map(|line| {
        let (found, value) = line.split_once(": ")?;
        found.eq_ignore_ascii_case(name).then_some(value)
    })
}

/// The body of an answer, without the lines that chunked coding adds.
pub(crate) fn body(answer: &str) -> String {
    let (_, body) = answer.split_once("\r\n\r\n").unwrap_or((answer, ""));
    if header(answer, "transfer-encoding") != Some("chunked") {
        return body.to_owned();
    }
    let mut rest = body;
    let mut text = String::new();
    while let Some((length, chunk)) = rest.split_once("\r\n") {
        let length = usize::from_str_radix(length, 16).unwrap();
        text.push_str(&chunk[..length.min(chunk.len())]);
        rest = chunk.get(length + 2..).unwrap_or_default();
    }
    text
}

fn is_whole(answer: &[u8]) -> bool {
    let Some(head) = answer.windows(4).position(|four| four == b"\r\n\r\n") else { return false };
    let (head, body) = answer.split_at(head + 4);
    let head = String::from_utf8_lossy(head);
    match header(&head, "content-length") {
        Some(length) => body.len() == length.parse::<usize>().unwrap(),
        None if header(&head, "transfer-encoding").is_some() => body.ends_with(b"0\r\n\r\n"),
        None => true,
    }
}

/// A new, empty folder for one test.
pub(crate) fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    match fs::remove_dir_all(&folder) {
        Err(error) if error.kind() != ErrorKind::NotFound => panic!("{error}"),
        _ => fs::create_dir_all(&folder).unwrap(),
    }
    folder
}

/// Waits until nothing more goes to the first reader, as it does not read.
pub(crate) async fn stuck(connections: &Connections) {
    let bytes = || connections.list().first().map_or(0, |first| first.bytes);
    eventually("a reader that is full", async || {
        let before = bytes();
        sleep(Duration::from_millis(200)).await;
        before > 0 && bytes() == before
    })
    .await;
}

/// Looks again and again, until the condition holds.
pub(crate) async fn eventually(what: &str, condition: impl AsyncFn() -> bool) {
    let looks = async {
        while !condition().await {
            sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(BUILD, looks).await.unwrap_or_else(|_| panic!("waited in vain: {what}"));
}
