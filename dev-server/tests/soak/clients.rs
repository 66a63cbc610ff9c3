//! Good and bad clients.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::{sleep, timeout};

use crate::random::Random;

/// An answer later than this fails its test, however busy the machine is.
const PATIENCE: Duration = Duration::from_secs(60);

/// Follows one finite stream over breaks that it makes itself.
pub(crate) struct Follower {
    address: SocketAddr,
    interval: Duration,
    events: u64,
    random: Random,
    last_event_id: Option<String>,
    /// How many events it has.
    next: u64,
}

impl Follower {
    pub(crate) fn new(address: SocketAddr, interval: Duration, events: u64, random: Random) -> Self {
        Self { address, interval, events, random, last_event_id: None, next: 0 }
    }

    /// Reads the whole stream, panics where an event is missing or comes again, and returns how many breaks there were.
    pub(crate) async fn follow(&mut self) -> usize {
        for breaks in 0.. {
            let Some(mut stream) = self.open().await else { return breaks };
            // Sometimes it goes away before anything has come.
            let patience = self.random.below(12);
            self.read(&mut stream, patience).await;
            if self.random.below(2) == 0 {
                stream.set_zero_linger().unwrap();
            }
        }
        unreachable!("there are fewer breaks than numbers")
    }

    /// Connects where it left off; `None` when the server says that this was all.
    async fn open(&self) -> Option<TcpStream> {
        let Self { address, interval, events, .. } = self;
        let header = self.last_event_id.as_ref().map(|id| format!("Last-Event-ID: {id}\r\n")).unwrap_or_default();
        let path = format!("/events?interval={}ms&count={events}", interval.as_millis());
        let mut stream = TcpStream::connect(address).await.unwrap();
        let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\n{header}\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(timeout(PATIENCE, stream.read_u8()).await.expect("a head").unwrap());
        }
        let head = String::from_utf8(head).unwrap();
        if head.starts_with("HTTP/1.1 204 ") {
            assert_eq!(self.next, self.events, "a stream that has more");
            return None;
        }
        assert!(head.starts_with("HTTP/1.1 200 "), "{head}");
        Some(stream)
    }

    /// Reads this many more events, or to the end.
    async fn read(&mut self, stream: &mut TcpStream, more: u64) {
        let until = self.next + more;
        let mut text = String::new();
        while self.next < until {
            let ended = self.read_some(stream, &mut text).await;
            if ended {
                assert_eq!(self.next, self.events, "the end before the last event");
                return;
            }
        }
    }

    /// Reads the stream far more slowly than it could come; never done.
    pub(crate) async fn dawdle(mut self) {
        let mut stream = self.open().await.expect("a stream");
        let mut text = String::new();
        while !self.read_some(&mut stream, &mut text).await {
            sleep(Duration::from_millis(20)).await;
        }
    }

    /// Takes the events of the next read; returns whether they were the last.
    async fn read_some(&mut self, stream: &mut TcpStream, text: &mut String) -> bool {
        let mut bytes = [0; 1024];
        let length = timeout(PATIENCE, stream.read(&mut bytes)).await.expect("an event").unwrap();
        text.push_str(std::str::from_utf8(&bytes[..length]).unwrap());
        while let Some((event, rest)) = text.split_once("\n\n") {
            self.take(event);
            *text = rest.into();
        }
        length == 0 || text.ends_with("0\r\n\r\n")
    }

    fn take(&mut self, event: &str) {
        let id =
            event.lines().find_map(|line| line.strip_prefix("id: ")).unwrap_or_else(|| panic!("no id in {event:?}"));
        let (t0, n) = id.split_once('-').unwrap();
        assert_eq!(n, self.next.to_string(), "after {:?} came {event:?}", self.last_event_id);
        let same = self.last_event_id.as_ref().is_none_or(|last| last.starts_with(&format!("{t0}-")));
        assert!(same, "after {:?} came {event:?}", self.last_event_id);
        self.last_event_id = Some(id.to_owned());
        self.next += 1;
    }
}

/// A connection that asks for events without end and reads none.
pub(crate) async fn stuck(address: SocketAddr) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    // The system would hold megabytes otherwise.
    socket.set_recv_buffer_size(16 * 1024).unwrap();
    let mut stream = socket.connect(address).await.unwrap();
    let request = format!("GET /events?interval=0 HTTP/1.1\r\nHost: {address}\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    stream
}

/// Sends what is no request, or the beginning of one, again and again; never done.
pub(crate) async fn talk_nonsense(address: SocketAddr, mut random: Random) {
    let long = format!("GET /{} HTTP/1.1\r\n", "x".repeat(100_000));
    let texts = [
        "\0\u{1}\u{2}\r\n\r\n",
        "GET\r\n\r\n",
        "GET /events HTTP/1.1\r\nHost",
        "GET /events HTTP/9.9\r\nHost: localhost\r\n\r\n",
        "GET /events?interval=never HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "GET /%zz?%ff HTTP/1.1\r\nHost: [[[\r\nHost: b\r\n\r\n",
        "POST /events HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999999999999999\r\n\r\n",
        "POST /events HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nnot hex\r\n",
        "GET /events HTTP/1.1\r\nHost: localhost\r\nLast-Event-ID: \u{fffd}--9-\r\n\r\n",
        &long,
    ];
    loop {
        let mut stream = TcpStream::connect(address).await.unwrap();
        // The server may have refused it before it was sent.
        let _ = stream.write_all(random.pick(&texts).as_bytes()).await;
        let mut bytes = [0; 256];
        // Whether there is an answer does not matter here; that it is waited for only now and then makes both orders happen.
        let _ = timeout(Duration::from_millis(random.below(200)), stream.read(&mut bytes)).await;
        sleep(Duration::from_millis(random.below(200))).await;
    }
}

/// What the server answers until it closes the connection.
pub(crate) async fn answer(address: SocketAddr, request: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    timeout(PATIENCE, stream.read_to_string(&mut answer)).await.expect("an answer").unwrap();
    answer
}
