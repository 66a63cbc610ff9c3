//! A source as the JavaScript class holds it.

use std::rc::Rc;

use wasm_bindgen::prelude::*;
use web_sys::{Element, Response};

use super::batch_outlet::BatchOutlet;
use super::convert;
use super::list::ListHandle;
use super::outlet::{ClassOutlet, Sink};
use super::settings::{Settings, count};
use super::sharing;
use crate::list::message_list::MessageListOptions;
use crate::platform::js_error::js_error;
use crate::runtime::outlet::Outlet;
use crate::runtime::routes::{Interest, OutletId};
use crate::source::source::EventSource;

/// What the class opens sources with.
#[wasm_bindgen(private, skip_typescript)]
pub struct Opener;

#[wasm_bindgen]
impl Opener {
    /// Opens a source. Until it has ended, `sink` is held and told of everything that happens after this call.
    #[wasm_bindgen(skip_typescript)]
    #[expect(clippy::unused_self, reason = "a static method would be another export of the package")]
    pub fn open(&self, url: &str, settings: &Settings, sink: Sink) -> Result<SourceHandle, JsValue> {
        let source = settings.builder(url).open().map_err(|error| js_error(&error))?;
        // A signal that was aborted before has closed it.
        let runtime = source.runtime();
        let part = sharing::of(&source);
        let id = if runtime.state().is_closed() {
            None
        } else if runtime.flows() || part.is_some() {
            let outlet = BatchOutlet::new(sink.unchecked_into(), part);
            runtime.add(Interest::Types(&[]), Rc::new(outlet) as Rc<dyn Outlet>, false)
        } else {
            runtime.add(Interest::Types(&[]), Rc::new(ClassOutlet::new(sink)) as Rc<dyn Outlet>, true)
        };
        Ok(SourceHandle { source, id })
    }
}

#[wasm_bindgen]
impl Opener {
    /// A source that reads an object of the platform's with the class, which closes it: for lists.
    #[wasm_bindgen(skip_typescript)]
    #[expect(clippy::unused_self, reason = "as above")]
    pub fn adopt(&self, raw: web_sys::EventSource, url: &str) -> Result<SourceHandle, JsValue> {
        let source = EventSource::builder(url).adopting(raw).open().map_err(|error| js_error(&error))?;
        Ok(SourceHandle { source, id: None })
    }
}

/// A source, until its class lets it go.
#[wasm_bindgen(private, skip_typescript)]
pub struct SourceHandle {
    source: EventSource,
    id: Option<OutletId>,
}

#[wasm_bindgen]
impl SourceHandle {
    #[wasm_bindgen(getter, skip_typescript)]
    pub fn stats(&self) -> JsValue {
        convert::stats(&self.source.stats())
    }

    #[wasm_bindgen(getter, js_name = lastEventId, skip_typescript)]
    pub fn last_event_id(&self) -> String {
        self.source.last_event_id()
    }

    /// There is room again for messages.
    #[wasm_bindgen(js_name = madeRoom, skip_typescript)]
    pub fn made_room(&self) {
        self.source.runtime().delivery().made_room();
    }

    /// Messages of this type come from now on.
    #[wasm_bindgen(skip_typescript)]
    pub fn listen(&self, event_type: &str) {
        if let Some(id) = self.id {
            self.source.runtime().extend(id, &event_type.into());
        }
    }

    /// Messages of every type come from now on.
    #[wasm_bindgen(js_name = listenToAll, skip_typescript)]
    pub fn listen_to_all(&self) {
        if let Some(id) = self.id {
            self.source.runtime().delivery().extend_to_all(id);
        }
    }

    /// The browser's own object for the newest response.
    #[wasm_bindgen(getter, skip_typescript)]
    pub fn response(&self) -> Option<Response> {
        self.source.fetched()
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
        ListHandle::new(list, &self.source, &options)
    }

    #[wasm_bindgen(skip_typescript)]
    pub fn reconnect(&self) {
        self.source.reconnect();
    }

    #[wasm_bindgen(skip_typescript)]
    pub fn close(&self) {
        self.source.close();
    }
}
