//! Reads the chunks of a body.

use js_sys::{ArrayBuffer, Uint8Array};
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

/// The bytes of a chunk, if it has any. Those of a stream that a script made may be an array of another realm, which is
/// none of this one's.
pub(super) fn bytes_of(chunk: JsValue) -> Option<Uint8Array> {
    match chunk.dyn_into::<Uint8Array>() {
        Ok(bytes) => Some(bytes),
        Err(other) if ArrayBuffer::is_view(&other) => {
            let view: View = other.unchecked_into();
            Some(Uint8Array::new_with_byte_offset_and_length(&view.buffer(), view.byte_offset(), view.byte_length()))
        }
        Err(_) => None,
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

    type View;

    #[wasm_bindgen(method, getter)]
    fn buffer(this: &View) -> JsValue;

    #[wasm_bindgen(method, getter, js_name = byteOffset)]
    fn byte_offset(this: &View) -> u32;

    #[wasm_bindgen(method, getter, js_name = byteLength)]
    fn byte_length(this: &View) -> u32;

    // web-sys's does not catch.
    type ByteStream;

    #[wasm_bindgen(method, js_name = getReader, catch)]
    fn get_reader(this: &ByteStream) -> Result<ReadableStreamDefaultReader, JsValue>;
}
