//! Shows the messages of a stream as `<li>`, and what the connection is doing.

use eventsource_wasm::{Backoff, Error, EventSource, State};
use futures_util::StreamExt;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;
use web_sys::{Document, Element};

#[wasm_bindgen(start)]
fn start() -> Result<(), JsValue> {
    let document = web_sys::window().and_then(|window| window.document()).ok_or("this is no page")?;
    let state = document.get_element_by_id("state").ok_or("the page has no #state")?;
    let list = document.get_element_by_id("messages").ok_or("the page has no #messages")?;
    let source =
        EventSource::builder("/events").reconnect(Backoff::default()).open().map_err(|error| error.to_string())?;
    spawn_local(show_states(source.clone(), state));
    // The subscription in here keeps the connection.
    spawn_local(async move {
        if let Err(error) = show_messages(source, &document, &list).await {
            list.set_text_content(Some(&error.to_string()));
        }
    });
    Ok(())
}

async fn show_messages(source: EventSource, document: &Document, list: &Element) -> Result<(), Error> {
    let mut messages = source.subscribe("message");
    while let Some(message) = messages.next().await {
        let message = message?;
        if let Ok(line) = document.create_element("li") {
            line.set_text_content(Some(message.data()));
            list.append_child(&line).ok();
        }
    }
    Ok(())
}

async fn show_states(source: EventSource, shown: Element) {
    let mut states = source.states();
    // `states()` does not keep the connection, but a source does.
    drop(source);
    while let Some(state) = states.next().await {
        let text = match state {
            State::Open => "open".to_owned(),
            State::Waiting { cause, .. } => cause.to_string(),
            State::Closed { .. } => "closed".to_owned(),
            _ => "connecting".to_owned(),
        };
        shown.set_text_content(Some(&text));
    }
}
