//! The servers in Rust. Each prints its address and ends with its stdin.

use std::convert::Infallible;
use std::io::Read as _;
use std::net::SocketAddr;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::Router;
use axum::extract::Request;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::routing::get;
use dev_server::{Options, Server, parse_duration};
use futures_util::Stream;
use futures_util::stream::unfold;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::net::tcp::{ReadHalf, WriteHalf};
use tokio::time::{Instant, interval_at};

use crate::Result;

/// A server's name, and how it is served.
pub(crate) const NAMES: [&str; 3] = ["dev-server", "axum Sse", "floor"];

/// Serves until stdin ends.
pub(crate) fn serve(name: &str) -> Result<()> {
    std::thread::spawn(|| {
        let _ = std::io::stdin().read(&mut [0]);
        std::process::exit(0);
    });
    tokio::runtime::Runtime::new()?.block_on(async {
        match name {
            "dev-server" => {
                let server = Server::bind("127.0.0.1:0", Options { max_connections: usize::MAX, ..Options::default() });
                let server = server.await?;
                println!("{}", server.address()?);
                server.run(std::future::pending()).await;
            }
            "axum Sse" => axum::serve(listener().await?, Router::new().route("/events", get(events))).await?,
            "floor" => floor(&listener().await?).await?,
            _ => return Err(format!("there is no server `{name}`").into()),
        }
        Ok(())
    })
}

async fn listener() -> Result<TcpListener> {
    let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await?;
    println!("{}", listener.local_addr()?);
    Ok(listener)
}

/// The time from one event to the next, and the time before the first, as a request line asks for them.
fn pace(request: &str) -> Option<(Duration, Duration)> {
    let value = |name| parse_duration(request.split_once(name)?.1.split([' ', '&']).next()?).ok();
    Some((value("interval=")?, value("delay=")?))
}

fn now() -> u128 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_millis()
}

/// As axum's own example does it.
async fn events(request: Request) -> Sse<impl Stream<Item = std::result::Result<Event, Infallible>>> {
    let (interval, delay) = pace(&request.uri().to_string()).unwrap_or((Duration::from_secs(5), Duration::ZERO));
    let ticks = (!interval.is_zero()).then(|| interval_at(Instant::now() + delay, interval));
    let t0 = now();
    let events = unfold((ticks, 0_u64), move |(mut ticks, n)| async move {
        if let Some(ticks) = &mut ticks {
            ticks.tick().await;
        }
        Some((Ok(Event::default().id(format!("{t0}-{n}")).data("12:00:00 AM")), (ticks, n + 1)))
    });
    Sse::new(events).keep_alive(KeepAlive::default())
}

/// What is left when there is no HTTP library and no framework: a task, a socket and a timer per connection.
async fn floor(listener: &TcpListener) -> Result<()> {
    loop {
        let (mut stream, _) = listener.accept().await?;
        tokio::spawn(async move {
            // The client may go away at any time, and be gone already.
            let _ = stream.set_nodelay(true);
            let (mut reader, writer) = stream.split();
            let Ok(pace) = read_head(&mut reader).await else { return };
            tokio::select! {
                _ = send(writer, pace) => {}
                _ = reader.read_u8() => {}
            }
        });
    }
}

async fn send(mut stream: WriteHalf<'_>, (interval, delay): (Duration, Duration)) -> Result<()> {
    stream
        .write_all(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n")
        .await?;
    let t0 = now();
    if interval.is_zero() {
        let event = event(t0, 0);
        let batch = chunk(&event.repeat(32 * 1024 / event.len()));
        loop {
            stream.write_all(batch.as_bytes()).await?;
        }
    }
    let mut ticks = interval_at(Instant::now() + delay, interval);
    for n in 0_u64.. {
        ticks.tick().await;
        stream.write_all(chunk(&event(t0, n)).as_bytes()).await?;
    }
    Ok(())
}

/// Reads to the end of the head; what it needs for that is gone afterwards.
async fn read_head(stream: &mut ReadHalf<'_>) -> Result<(Duration, Duration)> {
    let mut head = Vec::with_capacity(1024);
    while !head.ends_with(b"\r\n\r\n") {
        if stream.read_buf(&mut head).await? == 0 {
            return Err("no request".into());
        }
    }
    Ok(pace(&String::from_utf8_lossy(&head)).ok_or("no pace")?)
}

fn event(t0: u128, n: u64) -> String {
    format!("id: {t0}-{n}\ndata: 12:00:00 AM\n\n")
}

fn chunk(data: &str) -> String {
    format!("{:x}\r\n{data}\r\n", data.len())
}
