//! Plays the pieces of a stream as a response body.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::{Body, Frame};
use tokio::time::{Instant, Sleep, sleep_until};

use super::id::Moment;
use super::pieces::{Piece, Pieces};
use crate::connections::Connection;

/// Ready pieces are joined into one write up to about this size: system calls cost more than the copy.
const BATCH: usize = 32 * 1024;

/// The body of a stream. It computes a piece only when the socket takes it, so a slow reader costs no memory.
pub(crate) struct StreamBody {
    pieces: Pieces,
    /// The same moment by the wall clock, which the pieces know, and by the timer's.
    opened: (Moment, Instant),
    /// Boxed, as a connection moves its body about.
    pause: Option<Pin<Box<Sleep>>>,
    connection: Connection,
}

impl StreamBody {
    /// Plays `pieces`, which were made at `opened`, until they or the connection end.
    pub(crate) fn new(pieces: Pieces, opened: Moment, connection: Connection) -> Self {
        Self { pieces, opened: (opened, Instant::now()), pause: None, connection }
    }

    /// Takes the pieces that are ready now, and sets the pause before the next one.
    fn ready(&mut self) -> Bytes {
        let mut batch = Batch::default();
        while batch.len() < BATCH {
            match self.pieces.next() {
                Some(Piece::Bytes(bytes)) => batch.push(bytes),
                Some(Piece::Until(moment)) => {
                    let until = self.opened.1 + moment.saturating_sub(self.opened.0);
                    if until > Instant::now() {
                        self.pause(until);
                        break;
                    }
                }
                None => break,
            }
        }
        batch.join()
    }

    fn pause(&mut self, until: Instant) {
        match &mut self.pause {
            Some(pause) => pause.as_mut().reset(until),
            None => self.pause = Some(Box::pin(sleep_until(until))),
        }
    }
}

impl Body for StreamBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let this = self.get_mut();
        if this.connection.poll_ended(context) {
            return Poll::Ready(None);
        }
        if let Some(pause) = &mut this.pause {
            ready!(pause.as_mut().poll(context));
        }
        let mut bytes = this.ready();
        // Nothing was ready, but a pause was set: it has to be polled once to wake this task.
        while bytes.is_empty() {
            match &mut this.pause {
                Some(pause) if !pause.is_elapsed() => ready!(pause.as_mut().poll(context)),
                _ => return Poll::Ready(None),
            }
            bytes = this.ready();
        }
        this.connection.sent(bytes.len(), this.pieces.progress());
        Poll::Ready(Some(Ok(Frame::data(bytes))))
    }
}

/// Joins pieces, copying none if there is only one.
#[derive(Default)]
struct Batch {
    first: Bytes,
    joined: Vec<u8>,
}

impl Batch {
    fn len(&self) -> usize {
        self.first.len().max(self.joined.len())
    }

    fn push(&mut self, bytes: Bytes) {
        if self.first.is_empty() {
            self.first = bytes;
            return;
        }
        if self.joined.is_empty() {
            self.joined.extend_from_slice(&self.first);
        }
        self.joined.extend_from_slice(&bytes);
    }

    fn join(self) -> Bytes {
        if self.joined.is_empty() { self.first } else { self.joined.into() }
    }
}
