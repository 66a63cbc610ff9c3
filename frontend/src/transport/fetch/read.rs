//! Reads a body to its end, and delivers the messages in it.

use std::future::poll_fn;
use std::num::NonZeroUsize;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use web_sys::{Response, Url};

use super::decode::{Decoded, Decoder, TooLarge};
use super::leaving::page_stays;
use super::reader::{Reader, bytes_of};
use crate::core::connection::{Connection, Input};
use crate::error::Error;
use crate::message::{Kind, Message};
use crate::transport::contract::{Attempt, Flow};

/// A chunk is taken over from JavaScript in pieces of at most this many bytes.
const PIECE: u32 = 64 * 1024;

/// Reports what the body says; what is returned is how it ended, unless the sink has left before.
pub(super) async fn read(
    response: &Response,
    attempt: &Attempt,
    sink: &Rc<dyn Flow>,
    limit: NonZeroUsize,
) -> Option<Input> {
    let Some(body) = response.body() else { return Some(ended(sink.lost())) };
    let Ok(reader) = Reader::of(&body) else {
        let reason = "the response's body has already been read; use one that has not, or a clone of it";
        return Some(failed(Error::Unsupported { reason: reason.to_owned() }));
    };
    poll_fn(|cx| sink.poll_wanted(cx)).await;
    let mut stream = Stream::new(response, attempt, Rc::clone(sink), limit);
    let mut buffer = Vec::new();
    loop {
        let chunk = match reader.read().await {
            Ok(Some(chunk)) => chunk,
            Ok(None) => return Some(ended(sink.lost())),
            Err(_) => {
                page_stays().await;
                return Some(failed(sink.lost()));
            }
        };
        let Some(chunk) = bytes_of(chunk) else {
            let reason = "the response's body does not consist of bytes (Uint8Array)";
            return Some(failed(Error::Unsupported { reason: reason.to_owned() }));
        };
        sink.input(Box::new(Connection::heard));
        for begin in (0..chunk.length()).step_by(PIECE as usize) {
            let part = chunk.subarray(begin, chunk.length().min(begin.saturating_add(PIECE)));
            let length = part.length() as usize;
            if buffer.len() < length {
                buffer.resize(length, 0);
            }
            let Some(piece) = buffer.get_mut(..length) else { continue };
            part.copy_to(piece);
            if let Err(TooLarge) = stream.take_in(piece).await {
                return Some(failed(Error::TooLarge { url: attempt.source_url.to_string(), limit: limit.get() }));
            }
            if !sink.is_live() {
                return None;
            }
        }
    }
}

fn ended(cause: Error) -> Input {
    Box::new(move |connection, now| connection.ended(now, cause))
}

fn failed(cause: Error) -> Input {
    Box::new(move |connection, now| connection.failed(now, cause))
}

/// Turns bytes into messages.
struct Stream {
    decoder: Decoder,
    sink: Rc<dyn Flow>,
    origin: Rc<str>,
    /// The type of the message before, which the next one often shares.
    kind: Rc<Kind>,
    /// Messages that are to be delivered together.
    batch: Vec<Message>,
    /// The id that the sink knows.
    told: Arc<str>,
}

impl Stream {
    fn new(response: &Response, attempt: &Attempt, sink: Rc<dyn Flow>, limit: NonZeroUsize) -> Self {
        let origin = Url::new(&response.url()).map(|url| url.origin()).unwrap_or_default();
        Self {
            decoder: Decoder::new(limit, &attempt.last_event_id),
            kind: sink.kind("message"),
            sink,
            origin: origin.into(),
            batch: Vec::new(),
            told: Arc::clone(&attempt.last_event_id),
        }
    }

    /// Delivers what these bytes complete, as fast as readers want it.
    async fn take_in(&mut self, mut bytes: &[u8]) -> Result<(), TooLarge> {
        loop {
            let room = self.sink.room();
            let decoded = self.decode(&mut bytes, room.max(1));
            if let (0, Some(first)) = (room, self.batch.first()) {
                // Someone's queue is full; whether it is a reader of this type is looked at for each message.
                poll_fn(|cx| self.sink.poll_room(first, cx)).await;
            }
            if !self.batch.is_empty() {
                self.sink.deliver(&mut self.batch);
            }
            if decoded? || !self.sink.is_live() {
                break;
            }
        }
        let newest = self.decoder.last_event_id();
        if *newest != self.told {
            self.told = Arc::clone(newest);
            self.sink.place(Arc::clone(newest));
        }
        Ok(())
    }

    /// Decodes at most so many messages into the batch; whether that was all there is.
    fn decode(&mut self, bytes: &mut &[u8], most: usize) -> Result<bool, TooLarge> {
        while self.batch.len() < most {
            let Some(decoded) = self.decoder.next(bytes) else { return Ok(true) };
            match decoded? {
                Decoded::Message { event_type, data, last_event_id, has_own_id } => {
                    if **self.kind.event_type() != *event_type {
                        self.kind = self.sink.kind(&event_type);
                    }
                    if has_own_id {
                        self.told = Arc::clone(&last_event_id);
                    }
                    let (kind, origin) = (Rc::clone(&self.kind), Rc::clone(&self.origin));
                    self.batch.push(Message::from_text(kind, data, last_event_id, has_own_id, origin));
                }
                Decoded::ReconnectionTime(milliseconds) => {
                    let time = Duration::from_millis(milliseconds.into());
                    self.sink.input(Box::new(move |connection, _| connection.reconnection_time(time)));
                }
            }
        }
        Ok(false)
    }
}
