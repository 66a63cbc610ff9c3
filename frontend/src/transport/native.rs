//! The browser's own `EventSource`.

use std::cell::RefCell;
use std::fmt;
use std::rc::Rc;

use wasm_bindgen::prelude::*;
use web_sys::{Event, EventSource, EventSourceInit, MessageEvent};

use super::{Attempt, Report, Transport};
use crate::global::member;
use crate::listener::Listener;
use crate::runtime::Sink;
use crate::{Error, Message};

/// One native object, closed when dropped, also inside one of its own reports: a running closure is freed when it
/// returns.
pub(crate) struct Native {
    raw: EventSource,
    sink: Rc<Sink>,
    messages: RefCell<Vec<(Rc<str>, Listener)>>,
    _signals: [Listener; 2],
}

impl Native {
    pub(crate) fn open(attempt: Attempt) -> Result<Box<dyn Transport>, Error> {
        let Attempt { url, source_url, with_credentials, sink, .. } = attempt;
        let init = EventSourceInit::new();
        init.set_with_credentials(with_credentials);
        let raw = EventSource::new_with_event_source_init_dict(&url, &init)
            .map_err(|thrown| constructor_error(&source_url, &thrown))?;
        let opened = Listener::new(&raw, "open", {
            let sink = Rc::clone(&sink);
            move |event| {
                if !is_message(&event) {
                    sink.report(Report::Opened);
                }
            }
        });
        let error = Listener::new(&raw, "error", {
            let sink = Rc::clone(&sink);
            let raw = raw.clone();
            move |event| {
                if is_message(&event) {
                    return;
                }
                sink.report(if raw.ready_state() == EventSource::CLOSED {
                    Report::Failed(Error::ConnectionFailed { url: source_url.clone() })
                } else {
                    Report::Interrupted
                });
            }
        });
        Ok(Box::new(Self { raw, sink, messages: RefCell::default(), _signals: [opened, error] }))
    }
}

impl Transport for Native {
    fn listen(&self, event_type: &Rc<str>) {
        let sink = Rc::clone(&self.sink);
        let name = Rc::clone(event_type);
        // Only these two names can also be the connection's own events.
        let ambiguous = matches!(&**event_type, "open" | "error");
        let listener = Listener::new(&self.raw, event_type, move |event| {
            if !ambiguous || is_message(&event) {
                sink.report(Report::Message(Message::from_raw(Rc::clone(&name), event.unchecked_into())));
            }
        });
        self.messages.borrow_mut().push((Rc::clone(event_type), listener));
    }

    fn unlisten(&self, event_type: &str) {
        self.messages.borrow_mut().retain(|(known, _)| **known != *event_type);
    }
}

impl Drop for Native {
    fn drop(&mut self) {
        self.raw.close();
    }
}

impl fmt::Debug for Native {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Native").field(&self.raw).finish()
    }
}

/// A server may name its events `open` and `error` too; those are messages.
fn is_message(event: &Event) -> bool {
    event.is_instance_of::<MessageEvent>()
}

/// The address has been resolved, so that it is not the URL that is wrong.
fn constructor_error(url: &str, thrown: &JsValue) -> Error {
    if member(&js_sys::global(), "EventSource").is_none() {
        return Error::no_browser();
    }
    let words = member(thrown, "message").and_then(|words| words.as_string()).unwrap_or_default();
    Error::Unsupported { reason: ["the browser refused to open ", url, ": ", &words].concat() }
}
