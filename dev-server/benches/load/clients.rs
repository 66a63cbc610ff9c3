//! The clients: one process with many connections, which counts what they receive.

use std::cell::RefCell;
use std::io::{BufRead as _, ErrorKind, Write as _};
use std::net::{Ipv4Addr, SocketAddr};
use std::rc::Rc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use dev_server::parse_duration;
use serde::{Deserialize, Serialize};
use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpSocket, TcpStream};
use tokio::sync::{Semaphore, mpsc};
use tokio::task::LocalSet;
use tokio::time::timeout;

use crate::Result;

/// How many connections are being made at once, so that no server's backlog overflows.
const CONNECTING: usize = 100;
/// A server that is too busy to accept connections could take minutes for them.
const PATIENCE: Duration = Duration::from_secs(40);
/// An address has about 28,000 ports, and the more of them are taken the longer the system looks for a free one. So after
/// this many connections the next address is used.
const PER_ADDRESS: usize = 5_000;
/// Thousands of sockets with buffers as large as the system would make them may fill the memory it sets aside for them.
const RECEIVE_BUFFER: u32 = 64 * 1024;

/// What was received since the last report.
#[derive(Serialize, Deserialize)]
pub(crate) struct Received {
    pub(crate) events: u64,
    pub(crate) seconds: f64,
    /// In milliseconds, from when an event was due to when it was read; none in a burst.
    pub(crate) delay_p50: f64,
    pub(crate) delay_p99: f64,
}

/// What the clients ask for.
struct Plan {
    address: SocketAddr,
    count: usize,
    interval: Duration,
    /// What to ask for in place of a stream of that interval.
    target: Option<String>,
    /// When events begin, so that connecting is over by then. Spread over an interval, as clients are.
    start: Option<Instant>,
}

struct Shared {
    plan: Plan,
    connecting: Semaphore,
    state: RefCell<State>,
}

struct State {
    buffer: Vec<u8>,
    since: Instant,
    events: u64,
    delays: Vec<Duration>,
}

/// Opens `count` connections whose events begin after `calm`, or at once if that is zero; to `target`, if there is one, which sends
/// what it does. Prints a line when each has an
/// answer, then a report for each line of stdin, until that ends.
pub(crate) fn read(address: SocketAddr, count: usize, interval: &str, calm: &str, target: Option<&str>) -> Result<()> {
    let (interval, calm) = (parse_duration(interval)?, parse_duration(calm)?);
    let start = (!calm.is_zero()).then(|| Instant::now() + calm);
    let shared = Rc::new(Shared {
        plan: Plan { address, count, interval, target: target.map(str::to_owned), start },
        connecting: Semaphore::new(CONNECTING),
        state: RefCell::new(State {
            buffer: vec![0; RECEIVE_BUFFER as usize],
            since: Instant::now(),
            events: 0,
            delays: Vec::new(),
        }),
    });
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    LocalSet::new().block_on(&runtime, async {
        let (ready, mut readies) = mpsc::unbounded_channel();
        for index in 0..count {
            let (shared, ready) = (Rc::clone(&shared), ready.clone());
            tokio::task::spawn_local(async move {
                let error = match follow(&shared, index, &ready).await {
                    Ok(()) => "a stream ended".into(),
                    Err(error) => error,
                };
                let _ = ready.send(Err(error));
            });
        }
        let all = async {
            for _ in 0..count {
                readies.recv().await.ok_or("no more connections")??;
            }
            Result::Ok(())
        };
        timeout(PATIENCE, all).await.map_err(|_| format!("{count} connections take more than {PATIENCE:?}"))??;
        println!("ready");
        let mut asked = asked();
        loop {
            tokio::select! {
                line = asked.recv() => match line {
                    Some(()) => report(&mut shared.state.borrow_mut())?,
                    None => return Ok(()),
                },
                event = readies.recv() => event.ok_or("no more connections")??,
            }
        }
    })
}

impl Plan {
    /// How long a connection that is made now waits for its first event.
    fn delay(&self, index: usize) -> Result<Duration> {
        let Some(start) = self.start else { return Ok(Duration::ZERO) };
        let spread = self.interval * u32::try_from(index)? / u32::try_from(self.count)?;
        let delay = start.saturating_duration_since(Instant::now()) + spread;
        Ok(Duration::from_millis(u64::try_from(delay.as_millis())?))
    }

    /// What a browser sends, as its length is part of what a connection costs.
    fn request(&self, delay: Duration) -> String {
        let Self { address, interval, .. } = self;
        let (interval, delay) = (interval.as_millis(), delay.as_millis());
        let target = self.target.clone().unwrap_or_else(|| format!("/events?interval={interval}ms&delay={delay}ms"));
        format!(
            "GET {target} HTTP/1.1\r\nHost: {address}\r\nUser-Agent: Mozilla/5.0 (X11; \
             Linux x86_64; rv:153.0) Gecko/20100101 Firefox/153.0\r\nAccept: text/event-stream\r\nAccept-Language: \
             en-US,en;q=0.9\r\nAccept-Encoding: gzip, deflate, br, zstd\r\nReferer: http://{address}/\r\nConnection: \
             keep-alive\r\nSec-Fetch-Dest: empty\r\nSec-Fetch-Mode: cors\r\nSec-Fetch-Site: same-origin\r\nPragma: \
             no-cache\r\nCache-Control: no-cache\r\n\r\n"
        )
    }
}

/// A message for each line of stdin.
fn asked() -> mpsc::UnboundedReceiver<()> {
    let (sender, receiver) = mpsc::unbounded_channel();
    std::thread::spawn(move || std::io::stdin().lock().lines().try_for_each(|_| sender.send(())));
    receiver
}

fn report(state: &mut State) -> Result<()> {
    let mut delays = std::mem::take(&mut state.delays);
    delays.sort_unstable();
    let percentile = |percent: usize| {
        let delay = delays.get(delays.len() * percent / 100).copied().unwrap_or_default();
        delay.as_secs_f64() * 1_000.0
    };
    let received = Received {
        events: std::mem::take(&mut state.events),
        seconds: state.since.elapsed().as_secs_f64(),
        delay_p50: percentile(50),
        delay_p99: percentile(99),
    };
    state.since = Instant::now();
    let mut stdout = std::io::stdout();
    serde_json::to_writer(&mut stdout, &received)?;
    Ok(stdout.write_all(b"\n")?)
}

async fn follow(shared: &Shared, index: usize, ready: &mpsc::UnboundedSender<Result<()>>) -> Result<()> {
    let Shared { plan, connecting, state } = shared;
    let mut connecting = Some(connecting.acquire().await?);
    let mut stream = connect(plan.address, index).await?;
    let delay = plan.delay(index)?;
    stream.write_all(plan.request(delay).as_bytes()).await?;
    let mut counter = Counter::default();
    loop {
        stream.readable().await?;
        let state = &mut *state.borrow_mut();
        let bytes = match stream.try_read(&mut state.buffer) {
            Ok(0) => return Ok(()),
            Ok(length) => &state.buffer[..length],
            Err(error) if error.kind() == ErrorKind::WouldBlock => continue,
            Err(error) => return Err(error.into()),
        };
        state.events += counter.count(bytes);
        if !plan.interval.is_zero() {
            let now = SystemTime::now().duration_since(UNIX_EPOCH)?;
            let dues = dues(bytes, plan.interval).map(|due| due + delay);
            state.delays.extend(dues.map(|due| now.saturating_sub(due)));
        }
        if connecting.take().is_some() {
            ready.send(Ok(()))?;
        }
    }
}

async fn connect(address: SocketAddr, index: usize) -> Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    socket.set_recv_buffer_size(RECEIVE_BUFFER)?;
    // No side keeps the port for a minute after the end.
    socket.set_zero_linger()?;
    if index >= PER_ADDRESS {
        let host = u8::try_from(1 + index / PER_ADDRESS)?;
        socket.bind((Ipv4Addr::new(127, 0, 0, host), 0).into())?;
    }
    Ok(socket.connect(address).await?)
}

/// Counts the empty lines that end events. Those that HTTP adds have a `\r`.
#[derive(Default)]
struct Counter {
    after_newline: bool,
}

impl Counter {
    fn count(&mut self, bytes: &[u8]) -> u64 {
        let mut events = 0;
        let mut next_line = if self.after_newline { 0 } else { usize::MAX };
        for newline in memchr::memchr_iter(b'\n', bytes) {
            events += u64::from(newline == next_line);
            next_line = newline + 1;
        }
        self.after_newline = next_line == bytes.len();
        events
    }
}

/// When the events in `bytes` were due, by their ids or data, had there been no delay. What is cut in two is left out.
fn dues(bytes: &[u8], interval: Duration) -> impl Iterator<Item = Duration> {
    bytes.split(|byte| *byte == b'\n').filter_map(move |line| {
        let position = line.strip_prefix(b"id:").or_else(|| line.strip_prefix(b"data:"))?;
        let (t0, n) = std::str::from_utf8(position).ok()?.trim_start().split_once('-')?;
        Some(Duration::from_millis(t0.parse().ok()?) + interval * n.parse().ok()?)
    })
}
