//! The time of the page or worker.

use std::time::Duration;

use wasm_bindgen::prelude::*;
use web_sys::MessageEvent;

use crate::connection::Instant;

pub(crate) fn now() -> Instant {
    instant(performance_now())
}

/// When an event came: its time stamp and `performance.now()` share their origin.
pub(crate) fn time_of(event: &MessageEvent) -> Instant {
    instant(event.time_stamp())
}

fn instant(milliseconds: f64) -> Instant {
    Duration::try_from_secs_f64(milliseconds / 1000.0).unwrap_or_default()
}

#[wasm_bindgen]
extern "C" {
    // Windows and all workers have it; web-sys reaches it through one of them only.
    #[wasm_bindgen(js_namespace = performance, js_name = now)]
    fn performance_now() -> f64;
}
