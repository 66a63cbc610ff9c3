//! The smallest program that reads a stream with gloo-net.

use futures_util::StreamExt;
use gloo_net::eventsource::futures::EventSource;
use wasm_bindgen::prelude::*;

/// Runs when the module is loaded.
#[wasm_bindgen(start)]
pub fn start() {
    wasm_bindgen_futures::spawn_local(async {
        if let Err(error) = read().await {
            log(&error);
        }
    });
}

async fn read() -> Result<(), String> {
    let mut source = EventSource::new("/events").map_err(|error| error.to_string())?;
    let mut messages = source.subscribe("message").map_err(|error| error.to_string())?;
    while let Some(message) = messages.next().await {
        let (_, message) = message.map_err(|error| error.to_string())?;
        log(&message.data().as_string().unwrap_or_default());
    }
    Ok(())
}

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = console)]
    fn log(text: &str);
}
