//! What the benchmark measures of eventsource-wasm: a list, and readers by stream, batches and callback, over each transport.

use std::cell::{Cell, RefCell};
use std::hint::black_box;
use std::rc::Rc;

use eventsource_wasm::{Error, EventSource, FetchOptions, Guard, Message, MessageList, MessageListOptions};
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

/// What every reader does with messages: asks all for their data if that is `read`, and calls `tell` with that of each
/// `every`-th, until it has seen `count`.
struct Task {
    count: u32,
    every: u32,
    read: bool,
    tell: Function,
    seen: Cell<u32>,
}

impl Task {
    fn new(count: u32, every: u32, read: bool, tell: Function) -> Self {
        Self { count, every, read, tell, seen: Cell::new(0) }
    }

    /// Takes a message; whether it was the last one.
    fn take(&self, message: &Message) -> bool {
        let seen = self.seen.get() + 1;
        self.seen.set(seen);
        if self.read {
            black_box(message.data());
        }
        if seen.is_multiple_of(self.every) {
            // It throws nothing.
            let _ = self.tell.call1(&JsValue::UNDEFINED, &message.data().into());
        }
        seen == self.count
    }
}

/// Reads a stream message by message.
///
/// # Errors
/// When there is no such transport.
#[wasm_bindgen]
pub fn read(url: &str, transport: &str, count: u32, every: u32, read: bool, tell: Function) -> Result<(), JsError> {
    let task = Task::new(count, every, read, tell);
    let mut messages = open(url, transport)?.subscribe("message");
    wasm_bindgen_futures::spawn_local(async move {
        while let Some(Ok(message)) = messages.next().await {
            if task.take(&message) {
                break;
            }
        }
    });
    Ok(())
}

/// Reads a stream in batches.
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
    let task = Task::new(count, every, read, tell);
    let mut batches = open(url, transport)?.subscribe("message").batches();
    wasm_bindgen_futures::spawn_local(async move {
        while let Some(Ok(batch)) = batches.next().await {
            if batch.iter().any(|message| task.take(message)) {
                break;
            }
        }
    });
    Ok(())
}

/// Is called for each message.
///
/// # Errors
/// When there is no such transport.
#[wasm_bindgen]
pub fn listen(url: &str, transport: &str, count: u32, every: u32, read: bool, tell: Function) -> Result<(), JsError> {
    let task = Task::new(count, every, read, tell);
    let guard: Rc<RefCell<Option<Guard>>> = Rc::default();
    let own = Rc::clone(&guard);
    let listening = open(url, transport)?.on("message", move |message| {
        if task.take(message) {
            drop(own.take());
        }
    });
    guard.replace(Some(listening));
    Ok(())
}
