//! Rust's values as JavaScript's.

use std::time::Duration;

use js_sys::{Object, Reflect};
use wasm_bindgen::prelude::*;
use web_sys::DomException;

use crate::{Error, PauseReason, State, Stats};

/// An error as the platform would throw it.
pub(super) fn error(error: &Error) -> JsValue {
    let message = error.to_string();
    match error {
        Error::InvalidUrl { .. } => {
            DomException::new_with_message_and_name(&message, "SyntaxError").map_or_else(|thrown| thrown, JsValue::from)
        }
        _ => js_sys::Error::new(&message).into(),
    }
}

/// As the platform does with an argument that must be a string: numbers, URLs and other objects are turned into one.
///
/// Fails with what their `toString` throws, and for a symbol.
pub(super) fn to_string(value: &JsValue) -> Result<String, JsValue> {
    if value.is_symbol() {
        return Err(js_sys::TypeError::new("a symbol can't be turned into a string").into());
    }
    value.as_string().map_or_else(|| string(value), Ok)
}

pub(super) fn state(state: &State) -> JsValue {
    match state {
        State::Connecting { attempt } => object(&[("name", "connecting".into()), ("attempt", (*attempt).into())]),
        State::Open => object(&[("name", "open".into())]),
        State::Waiting { attempt, delay, cause } => object(&[
            ("name", "waiting".into()),
            ("attempt", (*attempt).into()),
            ("delay", milliseconds(*delay)),
            ("cause", cause.to_string().into()),
        ]),
        State::Paused { reason } => object(&[("name", "paused".into()), ("reason", pause_reason(*reason).into())]),
        State::Closed { cause } => {
            let cause = cause.as_ref().map_or(JsValue::NULL, |cause| cause.to_string().into());
            object(&[("name", "closed".into()), ("cause", cause)])
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "no page sees 2^53 messages")]
pub(super) fn stats(stats: &Stats) -> JsValue {
    object(&[
        ("messages", (stats.messages as f64).into()),
        ("dropped", (stats.dropped as f64).into()),
        ("reconnects", stats.reconnects.into()),
        ("lastMessageAge", milliseconds(stats.last_message_age)),
    ])
}

fn pause_reason(reason: PauseReason) -> &'static str {
    match reason {
        PauseReason::Hidden => "hidden",
        PauseReason::Offline => "offline",
        PauseReason::Cached => "cached",
    }
}

fn milliseconds(duration: Option<Duration>) -> JsValue {
    duration.map_or(JsValue::NULL, |duration| (duration.as_secs_f64() * 1000.0).into())
}

fn object(members: &[(&str, JsValue)]) -> JsValue {
    let object = Object::new();
    for (name, value) in members {
        // A plain object of one's own takes every member.
        let _ = Reflect::set(&object, &JsValue::from_str(name), value);
    }
    object.into()
}

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(catch, js_name = String)]
    fn string(value: &JsValue) -> Result<String, JsValue>;
}
