//! Reads the chunks of a body.

use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{ReadableStream, ReadableStreamDefaultReader, Response};

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

/// Lets go of a response whose body nobody wants.
pub(super) fn discard(response: &Response) {
    drop(response.body().and_then(|body| Reader::of(&body).ok()));
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
