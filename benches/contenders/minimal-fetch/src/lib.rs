//! The smallest program that reads a stream over fetch.

use eventsource_wasm::{Error, EventSource};
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
    // The size counts as that of a program over fetch when this says `.fetch(FetchOptions::new())`; see ../../README.md.
    let mut messages = EventSource::builder("/events").open()?.subscribe("message");
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
