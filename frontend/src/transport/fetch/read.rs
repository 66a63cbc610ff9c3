//! Reads a body to its end.

use std::future::poll_fn;
use std::num::NonZeroUsize;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use js_sys::Uint8Array;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{ReadableStream, ReadableStreamDefaultReader, Response, Url};

use super::decode::{Decoder, Event, TooLarge};
use super::{Attempt, Report};
use crate::runtime::Sink;
use crate::{Error, Message};

/// A chunk is taken over from JavaScript in pieces of at most this many bytes.
const PIECE: u32 = 64 * 1024;

/// Reports what the body says; what is returned is its end.
pub(super) async fn read(response: &Response, attempt: &Attempt, limit: NonZeroUsize) -> Report {
    let Some(body) = response.body() else {
        attempt.sink.report(Report::Opened);
        return Report::Ended;
    };
    let Ok(reader) = Reader::of(&body) else {
        let reason = "the response's body has been read already; give one that has not, or a clone of it";
        return Report::Failed(Error::Unsupported { reason: reason.to_owned() });
    };
    let mut stream = Stream::new(response, attempt, limit);
    attempt.sink.report(Report::Opened);
    let mut piece = Vec::new();
    loop {
        let chunk = match reader.read().await {
            Ok(Some(chunk)) => chunk,
            Ok(None) => return Report::Ended,
            Err(_) => return Report::Failed(Error::Disconnected { url: attempt.source_url.clone() }),
        };
        let Ok(chunk) = chunk.dyn_into::<Uint8Array>() else {
            let reason = "the response's body does not consist of bytes (Uint8Array)";
            return Report::Failed(Error::Unsupported { reason: reason.to_owned() });
        };
        attempt.sink.report(Report::Activity);
        for begin in (0..chunk.length()).step_by(PIECE as usize) {
            let part = chunk.subarray(begin, chunk.length().min(begin.saturating_add(PIECE)));
            piece.resize(part.length() as usize, 0);
            part.copy_to(&mut piece);
            if let Err(TooLarge) = stream.take_in(&piece).await {
                return Report::Failed(Error::TooLarge { url: attempt.source_url.clone(), limit: limit.get() });
            }
            if !attempt.sink.is_open() {
                return Report::Ended;
            }
        }
    }
}

/// Turns bytes into reports.
struct Stream {
    decoder: Decoder,
    sink: Rc<Sink>,
    origin: Rc<str>,
    /// The type of the message before, which the next one often shares.
    event_type: Rc<str>,
    /// The id that the sink knows.
    told: Arc<str>,
}

impl Stream {
    fn new(response: &Response, attempt: &Attempt, limit: NonZeroUsize) -> Self {
        let origin = Url::new(&response.url()).map(|url| url.origin()).unwrap_or_default();
        Self {
            decoder: Decoder::new(limit, &attempt.last_event_id),
            sink: Rc::clone(&attempt.sink),
            origin: origin.into(),
            event_type: "message".into(),
            told: Arc::clone(&attempt.last_event_id),
        }
    }

    /// Reports what these bytes complete, as far as the sink wants it.
    async fn take_in(&mut self, mut bytes: &[u8]) -> Result<(), TooLarge> {
        while let Some(event) = self.decoder.next(&mut bytes) {
            match event? {
                Event::Message { event_type, data, last_event_id } => {
                    self.told = Arc::clone(&last_event_id);
                    let event_type = self.shared(&event_type);
                    let message = Message::from_text(event_type, data, last_event_id, Rc::clone(&self.origin));
                    poll_fn(|cx| self.sink.poll_room(&message, cx)).await;
                    self.sink.report(Report::Message(message));
                }
                Event::ReconnectionTime(milliseconds) => {
                    self.sink.report(Report::ReconnectionTime(Duration::from_millis(milliseconds.into())));
                }
            }
            if !self.sink.is_open() {
                return Ok(());
            }
        }
        let newest = self.decoder.last_event_id();
        if *newest != self.told {
            self.told = Arc::clone(newest);
            self.sink.report(Report::Place(Arc::clone(newest)));
        }
        Ok(())
    }

    fn shared(&mut self, event_type: &str) -> Rc<str> {
        if *self.event_type != *event_type {
            self.event_type = Rc::from(event_type);
        }
        Rc::clone(&self.event_type)
    }
}

/// Reads a stream, which is cancelled when this is dropped.
pub(super) struct Reader(ReadableStreamDefaultReader);

impl Reader {
    /// Fails when the stream is being read by another.
    pub(super) fn of(stream: &ReadableStream) -> Result<Self, JsValue> {
        stream.unchecked_ref::<ByteStream>().get_reader().map(Self)
    }

    /// The next chunk; `None` at the end.
    pub(super) async fn read(&self) -> Result<Option<JsValue>, JsValue> {
        let result: ReadResult = JsFuture::from(self.0.read()).await?.unchecked_into();
        Ok((!result.done()).then(|| result.value()))
    }

    /// What ends the reading from outside.
    pub(super) fn stop(&self) -> impl FnOnce() + 'static {
        let reader = self.0.clone();
        move || cancel(&reader)
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        cancel(&self.0);
    }
}

fn cancel(reader: &ReadableStreamDefaultReader) {
    let cancelled = JsFuture::from(reader.cancel());
    // A stream that has broken says so again, and nobody would handle it.
    spawn_local(async move { drop(cancelled.await) });
}

#[wasm_bindgen]
extern "C" {
    type ReadResult;

    #[wasm_bindgen(method, getter)]
    fn done(this: &ReadResult) -> bool;

    #[wasm_bindgen(method, getter)]
    fn value(this: &ReadResult) -> JsValue;

    // web-sys's does not catch.
    type ByteStream;

    #[wasm_bindgen(method, js_name = getReader, catch)]
    fn get_reader(this: &ByteStream) -> Result<ReadableStreamDefaultReader, JsValue>;
}
