//! The socket under a connection, which can be broken from above: HTTP alone has no way to reset a connection.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::task::{Context, Poll};

use atomic_waker::AtomicWaker;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

const WHOLE: u8 = 0;
/// Close it once all that was written is out.
const CLOSE: u8 = 1;
/// Reset it once all that was written is out.
const RESET: u8 = 2;
/// Added to the others: at once, whatever is still to be written.
const NOW: u8 = 4;

/// Breaks a connection; clones break the same one.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wire(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    state: AtomicU8,
    waker: AtomicWaker,
}

impl Wire {
    /// Closes the connection, or resets it, as soon as all that was written is with the operating system, or `now`.
    pub(crate) fn break_off(&self, reset: bool, now: bool) {
        let how = if reset { RESET } else { CLOSE };
        self.0.state.store(how | if now { NOW } else { 0 }, Ordering::Release);
        self.0.waker.wake();
    }
}

/// A socket that its [`Wire`] can break.
pub(crate) struct Socket {
    stream: TcpStream,
    wire: Wire,
}

impl Socket {
    pub(crate) fn new(stream: TcpStream, wire: Wire) -> Self {
        Self { stream, wire }
    }

    /// Fails if the connection is to be broken here; the error makes its owner drop it.
    fn check(&self, context: &Context<'_>, flushed: bool) -> io::Result<()> {
        self.wire.0.waker.register(context.waker());
        let state = self.wire.0.state.load(Ordering::Acquire);
        if state == WHOLE || !(flushed || state & NOW != 0) {
            return Ok(());
        }
        if state & RESET != 0 {
            self.stream.set_zero_linger()?;
        }
        Err(io::ErrorKind::ConnectionAborted.into())
    }
}

impl AsyncRead for Socket {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.check(context, false)?;
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Socket {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.check(context, false)?;
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.check(context, false)?;
        Pin::new(&mut self.stream).poll_write_vectored(context, bytes)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        // Who flushes has written all that there was.
        self.check(context, true)?;
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
