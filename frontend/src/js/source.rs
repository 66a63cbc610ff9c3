//! A source as the JavaScript class holds it.

use std::future::poll_fn;

use js_sys::Promise;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Element, MessageEvent};

use super::convert;
use super::list::ListHandle;
use super::settings::{Settings, count};
use crate::runtime::feed::{Arrival, Feed};
use crate::{EventSource, MessageListOptions};

#[wasm_bindgen]
extern "C" {
    /// Takes what comes. Where it gives a promise, nothing more comes until that is kept.
    pub type Sink;

    #[wasm_bindgen(method, catch)]
    fn message(this: &Sink, raw: &MessageEvent) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(method, catch)]
    fn state(this: &Sink, state: JsValue) -> Result<JsValue, JsValue>;

    /// Nothing comes any more.
    #[wasm_bindgen(method, catch)]
    fn end(this: &Sink) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(js_name = reportError)]
    fn report_error(thrown: &JsValue);
}

/// What the class opens sources with.
#[wasm_bindgen(private, skip_typescript)]
pub struct Opener;

#[wasm_bindgen]
impl Opener {
    /// Opens a source. Until it has ended, `sink` is held and told of everything.
    #[wasm_bindgen(skip_typescript)]
    #[expect(clippy::unused_self, reason = "a static method would be another export of the package")]
    pub fn open(&self, url: &str, settings: &Settings, sink: Sink) -> Result<SourceHandle, JsValue> {
        let source = settings.builder(url).open().map_err(|error| convert::error(&error))?;
        wasm_bindgen_futures::spawn_local(pump(source.runtime().feed(), sink));
        Ok(SourceHandle(source))
    }
}

/// Tells what comes, in order. Over the native transport this runs in the microtasks that follow each of the browser's
/// events, so that each message has microtasks of its own, as the Standard has it.
async fn pump(feed: Feed, sink: Sink) {
    while let Some(arrival) = poll_fn(|cx| feed.poll_next(cx)).await {
        let told = match arrival {
            Arrival::Message(message) => sink.message(message.raw()),
            Arrival::State(state) => sink.state(convert::state(&state)),
        };
        match told.map(JsCast::dyn_into::<Promise>) {
            Ok(Ok(wait)) => drop(JsFuture::from(wait).await),
            Ok(Err(_)) => {}
            Err(thrown) => report_error(&thrown),
        }
    }
    if let Err(thrown) = sink.end() {
        report_error(&thrown);
    }
}

/// A source, until its class lets it go.
#[wasm_bindgen(private, skip_typescript)]
pub struct SourceHandle(EventSource);

#[wasm_bindgen]
impl SourceHandle {
    #[wasm_bindgen(getter, skip_typescript)]
    pub fn state(&self) -> JsValue {
        convert::state(&self.0.state())
    }

    #[wasm_bindgen(getter, skip_typescript)]
    pub fn stats(&self) -> JsValue {
        convert::stats(&self.0.stats())
    }

    #[wasm_bindgen(getter, skip_typescript)]
    pub fn url(&self) -> String {
        self.0.url().to_owned()
    }

    #[wasm_bindgen(getter, js_name = lastEventId, skip_typescript)]
    pub fn last_event_id(&self) -> String {
        self.0.last_event_id()
    }

    /// Messages of this type come from now on.
    #[wasm_bindgen(skip_typescript)]
    pub fn listen(&self, event_type: &str) {
        self.0.runtime().feed_type(event_type);
    }

    #[wasm_bindgen(skip_typescript)]
    pub fn list(
        &self,
        list: &Element,
        event_types: Option<Vec<String>>,
        prefix: Option<String>,
        max_lines: Option<f64>,
    ) -> Result<ListHandle, JsValue> {
        let mut options = MessageListOptions::default();
        options.event_types = event_types.unwrap_or(options.event_types);
        options.prefix = prefix.unwrap_or(options.prefix);
        // Lists longer than memory are not refused: they never fill.
        options.max_lines = max_lines.map_or(options.max_lines, count);
        ListHandle::new(list, &self.0, &options)
    }

    #[wasm_bindgen(skip_typescript)]
    pub fn reconnect(&self) {
        self.0.reconnect();
    }

    #[wasm_bindgen(skip_typescript)]
    pub fn close(&self) {
        self.0.close();
    }
}
