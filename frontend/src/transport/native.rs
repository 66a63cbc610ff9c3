//! The browser's own `EventSource`.

use std::cell::RefCell;
use std::rc::Rc;

use wasm_bindgen::prelude::*;
use web_sys::{Event, EventSource, EventSourceInit, MessageEvent};

use super::contract::{Attempt, Sink, Transport};
use crate::error::Error;
use crate::message::{Kind, Message};
use crate::platform::global::member;
use crate::platform::listener::Listener;

/// One native object, closed when dropped, also inside one of its own reports: a running closure is freed when it
/// returns.
pub(crate) struct Native {
    raw: EventSource,
    /// Whether it was created here.
    own: bool,
    sink: Rc<dyn Sink>,
    messages: RefCell<Vec<(Rc<Kind>, Listener)>>,
    _signals: [Listener; 2],
}

/// Makes an object for a URL, with credentials or without.
pub(crate) type Make = fn(&str, bool) -> Result<EventSource, JsValue>;

/// Calls the global constructor.
pub(crate) fn make(url: &str, with_credentials: bool) -> Result<EventSource, JsValue> {
    let init = EventSourceInit::new();
    init.set_with_credentials(with_credentials);
    EventSource::new_with_event_source_init_dict(url, &init)
}

impl Native {
    pub(crate) fn open(make: Make, attempt: &Attempt, sink: Rc<dyn Sink>) -> Result<Box<dyn Transport>, Error> {
        let raw = make(&attempt.url(), attempt.with_credentials)
            .map_err(|thrown| constructor_error(&attempt.source_url, &thrown))?;
        Ok(Self::read(raw, true, attempt, sink))
    }

    /// Reads an object that is not closed when this is dropped.
    #[cfg(feature = "js")]
    pub(crate) fn adopt(raw: EventSource, attempt: &Attempt, sink: Rc<dyn Sink>) -> Box<dyn Transport> {
        Self::read(raw, false, attempt, sink)
    }

    fn read(raw: EventSource, own: bool, attempt: &Attempt, sink: Rc<dyn Sink>) -> Box<dyn Transport> {
        let opened = Listener::new(&raw, "open", {
            let sink = Rc::clone(&sink);
            move |event| {
                if !is_message(&event) {
                    sink.opened();
                }
            }
        });
        let error = Listener::new(&raw, "error", {
            let (sink, raw, url) = (Rc::clone(&sink), raw.clone(), Rc::clone(&attempt.source_url));
            move |event| {
                if is_message(&event) {
                    return;
                }
                if raw.ready_state() == EventSource::CLOSED {
                    let cause = Error::ConnectionFailed { url: url.to_string() };
                    sink.input(Box::new(move |connection, now| connection.failed(now, cause)));
                } else {
                    let cause = sink.lost();
                    sink.input(Box::new(move |connection, now| connection.interrupted(now, cause)));
                }
            }
        });
        Box::new(Self { raw, own, sink, messages: RefCell::default(), _signals: [opened, error] })
    }
}

impl Transport for Native {
    fn listen(&self, kind: &Rc<Kind>) {
        if self.messages.borrow().iter().any(|(known, _)| Rc::ptr_eq(known, kind)) {
            return;
        }
        let (sink, own) = (Rc::clone(&self.sink), Rc::clone(kind));
        // Only these two names can also be the connection's own events.
        let ambiguous = matches!(&**kind.event_type(), "open" | "error");
        let listener = Listener::new(&self.raw, kind.event_type(), move |event| {
            if !ambiguous || is_message(&event) {
                sink.message(Message::from_event(Rc::clone(&own), event.unchecked_into()));
            }
        });
        self.messages.borrow_mut().push((Rc::clone(kind), listener));
    }

    fn unlisten(&self, kind: &Rc<Kind>) {
        // Removing a listener calls the page's `EventTarget`, so no borrow is held.
        let mut messages = self.messages.take();
        messages.retain(|(known, _)| !Rc::ptr_eq(known, kind));
        self.messages.borrow_mut().append(&mut messages);
    }
}

impl Drop for Native {
    fn drop(&mut self) {
        if self.own {
            self.raw.close();
        }
    }
}

/// A server may name its events `open` and `error` too; those are messages.
fn is_message(event: &Event) -> bool {
    event.is_instance_of::<MessageEvent>()
}

/// The URL has been resolved before, so it is not the cause.
fn constructor_error(url: &str, thrown: &JsValue) -> Error {
    if member(&js_sys::global(), "EventSource").is_none() {
        return Error::no_browser();
    }
    let words = member(thrown, "message").and_then(|words| words.as_string()).unwrap_or_default();
    Error::Unsupported { reason: ["the browser refused to open ", url, ": ", &words].concat() }
}
