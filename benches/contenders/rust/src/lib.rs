//! What the benchmark measures of eventsource-wasm: a list, and readers by stream, batches and callback, over each transport.

use std::cell::{Cell, RefCell};
use std::hint::black_box;
use std::rc::Rc;

use eventsource_wasm::{Error, EventSource, FetchOptions, Guard, MessageList, MessageListOptions};
use futures_util::StreamExt as _;
use js_sys::Function;
use wasm_bindgen::prelude::*;
use web_sys::Element;

fn open(url: &str, transport: &str) -> Result<EventSource, Error> {
    match transport {
        "native" => EventSource::new(url),
        "fetch" => EventSource::builder(url).fetch(FetchOptions::new()).open(),
        other => Err(Error::Unsupported { reason: format!("there is no transport `{other}`") }),
    }
}

/// A source whose messages are being shown.
#[wasm_bindgen]
pub struct Shown {
    source: EventSource,
    _list: MessageList,
}

/// Shows a stream's messages in a `<ul>`.
///
/// # Errors
/// When there is no such transport.
#[wasm_bindgen]
pub fn show(url: &str, transport: &str, list: &Element) -> Result<Shown, JsError> {
    let source = open(url, transport)?;
    let list = MessageList::new(list, &source, &MessageListOptions::default())?;
    Ok(Shown { source, _list: list })
}

#[wasm_bindgen]
impl Shown {
    /// Closes the stream. The lines stay.
    pub fn close(&self) {
        self.source.close();
    }
}

/// Calls `tell` with the data of each `every`-th of a stream's first `count` messages, from a callback.
///
/// With `read` the data of all is asked for.
///
/// # Errors
/// When there is no such transport.
#[wasm_bindgen]
pub fn listen(url: &str, transport: &str, count: u32, every: u32, read: bool, tell: Function) -> Result<(), JsError> {
    let source = open(url, transport)?;
    let seen = Cell::new(0);
    let guard: Rc<RefCell<Option<Guard>>> = Rc::default();
    let own = Rc::clone(&guard);
    let listening = source.on("message", move |message| {
        seen.set(seen.get() + 1);
        if read {
            black_box(message.data());
        }
        if seen.get() % every == 0 {
            // It throws nothing.
            let _ = tell.call1(&JsValue::UNDEFINED, &message.data().into());
        }
        if seen.get() == count {
            drop(own.take());
        }
    });
    guard.replace(Some(listening));
    Ok(())
}

/// The same, by a stream of batches.
///
/// # Errors
/// When there is no such transport.
#[wasm_bindgen]
pub fn read_batches(
    url: &str,
    transport: &str,
    count: u32,
    every: u32,
    read: bool,
    tell: Function,
) -> Result<(), JsError> {
    let mut batches = open(url, transport)?.subscribe("message").batches();
    wasm_bindgen_futures::spawn_local(async move {
        let mut seen = 0;
        while seen < count {
            let Some(Ok(batch)) = batches.next().await else { break };
            for message in batch {
                seen += 1;
                if read {
                    black_box(message.data());
                }
                if seen % every == 0 {
                    // It throws nothing.
                    let _ = tell.call1(&JsValue::UNDEFINED, &message.data().into());
                }
            }
        }
    });
    Ok(())
}

/// Reads a stream's first `count` messages, and calls `tell` with the data of each `every`-th.
///
/// With `read` the data of all is asked for, and so brought to Rust's memory.
///
/// # Errors
/// When there is no such transport.
#[wasm_bindgen]
pub fn read(url: &str, transport: &str, count: u32, every: u32, read: bool, tell: Function) -> Result<(), JsError> {
    let mut messages = open(url, transport)?.subscribe("message");
    wasm_bindgen_futures::spawn_local(async move {
        let mut seen = 0;
        while seen < count {
            let Some(Ok(message)) = messages.next().await else { break };
            seen += 1;
            if read {
                black_box(message.data());
            }
            if seen % every == 0 {
                // It throws nothing.
                let _ = tell.call1(&JsValue::UNDEFINED, &message.data().into());
            }
        }
    });
    Ok(())
}
