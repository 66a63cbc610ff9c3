//! The time of the page or worker.

use std::time::Duration;

use wasm_bindgen::prelude::*;
use web_sys::MessageEvent;

use crate::core::time::Instant;

pub(crate) fn now() -> Instant {
    instant(performance_now())
}

/// When an event came: its time stamp and `performance.now()` share their origin.
pub(crate) fn time_of(event: &MessageEvent) -> Instant {
    instant(event.time_stamp())
}

/// To the microsecond: browsers tell no more.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the cast saturates, at 0 too")]
fn instant(milliseconds: f64) -> Instant {
    Duration::from_micros((milliseconds * 1000.0) as u64)
}

#[wasm_bindgen]
extern "C" {
    // Windows and all workers have it; web-sys reaches it through one of them only.
    #[wasm_bindgen(js_namespace = performance, js_name = now)]
    fn performance_now() -> f64;
}
