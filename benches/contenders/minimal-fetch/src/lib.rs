//! The smallest program that reads a stream over fetch.

use eventsource_wasm::{Error, EventSource, FetchOptions};
use futures_util::StreamExt;
use wasm_bindgen::prelude::*;

/// Runs when the module is loaded.
#[wasm_bindgen(start)]
pub fn start() {
    wasm_bindgen_futures::spawn_local(async {
        if let Err(error) = read().await {
            log(&error.to_string());
        }
    });
}

async fn read() -> Result<(), Error> {
    let mut messages = EventSource::builder("/events").fetch(FetchOptions::new()).open()?.subscribe("message");
    while let Some(message) = messages.next().await {
        log(message?.data());
    }
    Ok(())
}

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = console)]
    fn log(text: &str);
}
