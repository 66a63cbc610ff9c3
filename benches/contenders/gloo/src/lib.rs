//! What the benchmark measures of gloo-net: a reader.

use std::hint::black_box;

use futures_util::StreamExt as _;
use gloo_net::eventsource::futures::EventSource;
use js_sys::Function;
use wasm_bindgen::prelude::*;

/// Reads a stream's first `count` messages as text, and calls `tell` with every `every`-th.
///
/// # Errors
/// When the stream can't be opened.
#[wasm_bindgen]
pub fn read(url: &str, count: u32, every: u32, tell: Function) -> Result<(), JsError> {
    let mut source = EventSource::new(url)?;
    let mut messages = source.subscribe("message")?;
    wasm_bindgen_futures::spawn_local(async move {
        let _open = source;
        let mut seen = 0;
        while seen < count {
            let Some(Ok((_, message))) = messages.next().await else { break };
            seen += 1;
            let data = black_box(message.data().as_string());
            if seen % every == 0 {
                // It throws nothing.
                let _ = tell.call1(&JsValue::UNDEFINED, &data.into());
            }
        }
    });
    Ok(())
}
