//! A `fetch` that counts, or answers by itself.

use js_sys::{Array, Function};
use wasm_bindgen::prelude::*;

use super::page::window;
use super::stub::Stub;

/// What was requested while it was in the place of the page's `fetch`.
pub struct Network {
    requests: Array,
    _stub: Stub,
}

impl Network {
    /// Passes requests on.
    pub fn watched() -> Self {
        Self::new("return real(request);", &Array::new())
    }

    /// Passes none on: every request fails as where there is no network.
    pub fn down() -> Self {
        Self::new("throw new TypeError('there is no network');", &Array::new())
    }

    /// Answers with these bodies in turn, each with these headers besides its type, and the last one ever after.
    pub fn playing(bodies: &[&str], headers: &[(&str, &str)]) -> Self {
        let answers: Array = bodies.iter().map(|body| JsValue::from_str(body)).collect();
        let pairs: Array = headers.iter().map(|(name, value)| Array::of2(&(*name).into(), &(*value).into())).collect();
        let script = "const body = answers[Math.min(requests.length, answers.length) - 1];
            return new Response(body, { headers: [['Content-Type', 'text/event-stream'], ...answers.headers] });";
        js_sys::Reflect::set(&answers, &"headers".into(), &pairs).unwrap();
        Self::new(script, &answers)
    }

    fn new(script: &str, answers: &Array) -> Self {
        let requests = Array::new();
        let body = format!(
            "const real = globalThis.fetch;
            return async (request) => {{
                requests.push(`${{request.mode}} ${{request.url}} ${{request.headers.get('Last-Event-ID') ?? ''}}`);
                {script}
            }};"
        );
        let make = Function::new_with_args("requests, answers", &body);
        let stub = make.call2(&JsValue::UNDEFINED, &requests, answers).unwrap();
        Self { requests, _stub: Stub::new(&window(), "fetch", stub) }
    }

    /// The modes of the requests, in order.
    pub fn modes(&self) -> Vec<String> {
        self.texts().iter().filter_map(|text| text.split(' ').next().map(str::to_owned)).collect()
    }

    /// The header `Last-Event-ID` of the requests, in order.
    pub fn ids(&self) -> Vec<String> {
        self.texts().iter().filter_map(|text| text.rsplit(' ').next().map(str::to_owned)).collect()
    }

    fn texts(&self) -> Vec<String> {
        self.requests.iter().filter_map(|text| text.as_string()).collect()
    }
}
