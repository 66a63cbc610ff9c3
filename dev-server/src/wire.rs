//! The socket under a connection, which handlers can break: hyper has no way to reset a connection.

use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use atomic_waker::AtomicWaker;
use axum::http::Extensions;
use bytes::Bytes;
use futures_util::FutureExt as _;
use tokio::io::{AsyncRead, AsyncWrite, Interest, ReadBuf, Ready};
use tokio::net::TcpStream;
use tokio::sync::Notify;
use tokio::time::{Sleep, sleep};

const WHOLE: u8 = 0;
/// Close it when everything that was written is out.
const CLOSE: u8 = 1;
/// Reset it when everything that was written is out, and has had time to arrive.
const RESET: u8 = 2;
/// Combined with the others: at once, even if there is more to write.
const NOW: u8 = 4;

/// How often to check whether the connection has ended behind bytes that nothing reads.
const LOOK_AGAIN: Duration = Duration::from_millis(250);

/// The wait before a reset, because a reset discards what the other side has not yet received.
const BEFORE_RESET: Duration = Duration::from_millis(20);

/// The client's address, in the extensions of its requests.
#[derive(Clone, Copy)]
pub(crate) struct Peer(pub(crate) SocketAddr);

/// In the extensions of a request that came over TLS.
#[derive(Clone, Copy)]
pub(crate) struct Secure;

/// The scheme of a request's URL.
pub(crate) fn scheme(extensions: &Extensions) -> &'static str {
    if extensions.get::<Secure>().is_some() { "https" } else { "http" }
}

/// In the extensions of a request whose stream can be framed wrongly, because hyper does not send it.
#[derive(Clone, Copy)]
pub(crate) struct OwnFraming;

/// Makes an HTTP/2 connection accept no more streams; in the extensions of its requests.
#[derive(Clone, Debug, Default)]
pub(crate) struct GoAway(Arc<Notify>);

impl GoAway {
    /// Sends a GOAWAY; open streams continue.
    pub(crate) fn send(&self) {
        self.0.notify_one();
    }

    /// Waits until a GOAWAY has to be sent.
    #[cfg(feature = "tls")]
    pub(crate) async fn wanted(&self) {
        self.0.notified().await;
    }
}

/// Can break a connection; clones belong to the same one.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wire(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    state: AtomicU8,
    waker: AtomicWaker,
    /// How often everything that was written has gone to the operating system, and the task that waits for it.
    flushes: AtomicU64,
    flushed: AtomicWaker,
}

impl Wire {
    /// Closes or resets the connection, either `now` or when the operating system has everything that was written.
    pub(crate) fn break_off(&self, reset: bool, now: bool) {
        let how = if reset { RESET } else { CLOSE };
        self.0.state.store(how | if now { NOW } else { 0 }, Ordering::Release);
        self.0.waker.wake();
    }

    /// Waits until the operating system has everything that this task has written so far.
    pub(crate) fn flushed(&self) -> impl Future<Output = ()> + use<> {
        let shared = Arc::clone(&self.0);
        let before = shared.flushes.load(Ordering::Acquire);
        poll_fn(move |context| {
            shared.flushed.register(context.waker());
            if shared.flushes.load(Ordering::Acquire) > before { Poll::Ready(()) } else { Poll::Pending }
        })
    }
}

/// A socket that its [`Wire`] can break.
pub(crate) struct Socket {
    /// Shared with the future that checks whether the other side is still there. Both run in one task, so neither waits.
    stream: Arc<Mutex<TcpStream>>,
    wire: Wire,
    /// Bytes that were read too early; they are read again first.
    unread: Bytes,
    /// The time from the last byte to the reset.
    before_reset: Option<Pin<Box<Sleep>>>,
}

impl Socket {
    pub(crate) fn new(stream: TcpStream, wire: Wire) -> Self {
        Self { stream: Arc::new(Mutex::new(stream)), wire, unread: Bytes::new(), before_reset: None }
    }

    /// Returns these bytes to the socket to be read again, and replaces its wire: holders of the old one can't break it any
    /// more.
    pub(crate) fn renew(&mut self, unread: Bytes, wire: Wire) {
        self.unread = unread;
        self.wire = wire;
    }

    /// Waits until something has arrived, or the other side has closed.
    pub(crate) async fn readable(&self) -> io::Result<()> {
        poll_fn(|context| lock(&self.stream).poll_read_ready(context)).await
    }

    /// Completes when the other side has closed, even behind bytes that nothing reads.
    ///
    /// hyper notices a close only when it reads, and while it handles a request it does not. Await this in the task that
    /// reads, because only one task at a time is woken.
    pub(crate) fn gone(&self) -> impl Future<Output = ()> + use<> {
        let stream = Arc::clone(&self.stream);
        async move {
            let closed = |ready: Option<io::Result<Ready>>| match ready {
                Some(Ok(ready)) => ready.is_read_closed(),
                Some(Err(_)) => true,
                None => false,
            };
            loop {
                // An error is handled below.
                let _ = poll_fn(|context| lock(&stream).poll_read_ready(context)).await;
                if closed(lock(&stream).ready(Interest::READABLE).now_or_never()) {
                    break;
                }
                // There are bytes, which hyper may read meanwhile.
                sleep(LOOK_AGAIN).await;
            }
            // A client that closes its side right after its request still gets a response that is ready.
            sleep(LOOK_AGAIN).await;
        }
    }

    /// Fails if the connection has to break at once; the error makes its owner drop it. Otherwise returns how it has to break.
    fn check(&self, context: &Context<'_>) -> io::Result<u8> {
        self.wire.0.waker.register(context.waker());
        match self.wire.0.state.load(Ordering::Acquire) {
            state if state & NOW != 0 => Err(self.broken(state)),
            state => Ok(state),
        }
    }

    fn broken(&self, state: u8) -> io::Error {
        let set = if state & RESET == 0 { Ok(()) } else { lock(&self.stream).set_zero_linger() };
        set.err().unwrap_or_else(|| io::ErrorKind::ConnectionAborted.into())
    }
}

impl AsyncRead for Socket {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.check(context)?;
        if !self.unread.is_empty() {
            let len = self.unread.len().min(buffer.remaining());
            buffer.put_slice(&self.unread.split_to(len));
            return Poll::Ready(Ok(()));
        }
        Pin::new(&mut *lock(&self.stream)).poll_read(context, buffer)
    }
}

impl AsyncWrite for Socket {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.check(context)?;
        Pin::new(&mut *lock(&self.stream)).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.check(context)?;
        Pin::new(&mut *lock(&self.stream)).poll_write_vectored(context, bytes)
    }

    fn is_write_vectored(&self) -> bool {
        lock(&self.stream).is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let state = self.check(context)?;
        ready!(Pin::new(&mut *lock(&self.stream)).poll_flush(context))?;
        // A flush means that everything has been written.
        match state {
            WHOLE => {
                self.wire.0.flushes.fetch_add(1, Ordering::AcqRel);
                self.wire.0.flushed.wake();
                return Poll::Ready(Ok(()));
            }
            RESET => {
                let wait = self.before_reset.get_or_insert_with(|| Box::pin(sleep(BEFORE_RESET)));
                ready!(wait.as_mut().poll(context));
            }
            _ => {}
        }
        Poll::Ready(Err(self.broken(state)))
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut *lock(&self.stream)).poll_shutdown(context)
    }
}

/// No operation leaves the socket inconsistent, so a poisoned lock can be used.
fn lock(stream: &Mutex<TcpStream>) -> MutexGuard<'_, TcpStream> {
    stream.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;
    use tokio::time::Instant;

    use super::*;

    /// A socket, what breaks it, and its other end.
    async fn connected() -> (Socket, Wire, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let reader = TcpStream::connect(listener.local_addr().expect("an address")).await.expect("a connection");
        let (stream, _) = listener.accept().await.expect("a connection");
        let wire = Wire::default();
        (Socket::new(stream, wire.clone()), wire, reader)
    }

    #[tokio::test(start_paused = true)]
    async fn a_reset_waits_from_when_all_is_out_and_a_close_does_not() {
        for (reset, millis) in [(true, 20), (false, 0)] {
            let (mut socket, wire, mut reader) = connected().await;
            wire.break_off(reset, false);
            tokio::time::advance(Duration::from_secs(1)).await;
            socket.write_all(b"last").await.expect("it is whole until all is out");
            let out = Instant::now();
            poll_fn(|context| Pin::new(&mut socket).poll_flush(context)).await.expect_err("broken");
            assert_eq!(out.elapsed().as_millis(), millis);
            drop(socket);
            let mut bytes = Vec::new();
            let end = reader.read_to_end(&mut bytes).await;
            assert_eq!((bytes.as_slice(), end.is_err()), (&b"last"[..], reset));
        }
    }

    #[tokio::test]
    async fn what_was_read_too_early_is_read_again_and_an_old_wire_breaks_nothing() {
        let (mut socket, old, mut reader) = connected().await;
        reader.write_all(b"cd").await.expect("written");
        socket.renew(Bytes::from_static(b"ab"), Wire::default());
        old.break_off(true, true);
        let mut bytes = [0; 4];
        socket.read_exact(&mut bytes).await.expect("whole");
        assert_eq!(&bytes, b"abcd");
    }

    #[tokio::test(start_paused = true)]
    async fn who_waits_for_a_reset_can_be_broken_at_once() {
        let (mut socket, wire, _reader) = connected().await;
        wire.break_off(true, false);
        let began = Instant::now();
        let flush = poll_fn(|context| Pin::new(&mut socket).poll_flush(context));
        let (flushed, ()) = tokio::join!(flush, async { wire.break_off(true, true) });
        assert!(flushed.is_err() && began.elapsed().is_zero());
    }
}
