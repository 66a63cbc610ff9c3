//! Rust's values as JavaScript's.

use std::time::Duration;

use js_sys::{Array, Object, Reflect};
use wasm_bindgen::prelude::*;

use crate::core::close::CloseReason;
use crate::core::retry::RetryContext;
use crate::core::state::{PauseReason, State};
use crate::core::stats::Stats;
use crate::message::Message;
use crate::platform::js_error::js_cause;
use crate::transport::by_provider::UrlContext;
use crate::transport::fetch::options::HeadersContext;
use crate::transport::fetch::resume::ResumeContext;

/// A state, and which part the source has in sharing, if it shares and has not ended.
pub(super) fn state(state: &State, part: Option<&str>) -> JsValue {
    let members = self::members(state);
    if let Some(part) = part.filter(|_| !state.is_closed()) {
        set(&members, "shared", &part.into());
    }
    members
}

fn members(state: &State) -> JsValue {
    match state {
        State::Connecting { attempt } => object(&[("name", "connecting".into()), ("attempt", (*attempt).into())]),
        State::Open => object(&[("name", "open".into())]),
        State::Waiting { attempt, delay, cause } => object(&[
            ("name", "waiting".into()),
            ("attempt", (*attempt).into()),
            ("delay", milliseconds(*delay)),
            ("cause", js_cause(cause)),
        ]),
        State::Paused { reason } => object(&[("name", "paused".into()), ("reason", pause_reason(*reason).into())]),
        State::Closed { reason } => object(&[
            ("name", "closed".into()),
            ("reason", close_reason(reason).into()),
            ("cause", reason.cause().map_or(JsValue::NULL, js_cause)),
        ]),
    }
}

#[expect(clippy::cast_precision_loss, reason = "no page sees 2^53 messages")]
pub(super) fn stats(stats: &Stats) -> JsValue {
    object(&[
        ("messages", (stats.messages as f64).into()),
        ("bytes", (stats.bytes as f64).into()),
        ("dropped", (stats.dropped as f64).into()),
        ("duplicates", (stats.duplicates as f64).into()),
        ("reconnects", stats.reconnects.into()),
        ("lastMessageAge", milliseconds(stats.last_message_age)),
        ("lastActivityAge", milliseconds(stats.last_activity_age)),
    ])
}

pub(super) fn retry_context(context: &RetryContext) -> JsValue {
    object(&[
        ("cause", js_cause(&context.cause)),
        ("failureStreak", context.failure_streak.into()),
        ("connectedFor", milliseconds(context.connected_for)),
        ("serverRetry", milliseconds(context.server_retry)),
        ("retryAfter", milliseconds(context.retry_after)),
        ("random", context.random.into()),
    ])
}

pub(super) fn headers_context(context: HeadersContext) -> JsValue {
    object(&[("rejected", context.rejected.into())])
}

pub(super) fn url_context(context: &UrlContext) -> JsValue {
    object(&[("lastEventId", context.last_event_id.as_str().into())])
}

pub(super) fn resume_context(context: &ResumeContext) -> JsValue {
    let response = context.response.as_ref().map_or(JsValue::NULL, |response| {
        let pair = |(name, value): &(String, String)| Array::of2(&name.as_str().into(), &value.as_str().into());
        let headers: Array = response.headers.iter().map(pair).collect();
        object(&[
            ("status", response.status.into()),
            ("url", response.url.as_str().into()),
            ("headers", headers.into()),
        ])
    });
    object(&[("lastEventId", context.last_event_id.as_str().into()), ("response", response)])
}

/// As iterators give it.
pub(super) fn message(message: &Message) -> JsValue {
    object(&[
        ("type", message.event_type().into()),
        ("data", message.data_js().into()),
        ("lastEventId", message.last_event_id().into()),
        ("origin", message.origin().into()),
    ])
}

fn close_reason(reason: &CloseReason) -> &'static str {
    match reason {
        CloseReason::ByHand => "close",
        CloseReason::Aborted { .. } => "abort",
        CloseReason::Complete => "complete",
        CloseReason::Failed { .. } => "failure",
    }
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
        set(&object, name, value);
    }
    object.into()
}

fn set(object: &JsValue, name: &str, value: &JsValue) {
    // An object of one's own takes every member.
    let _ = Reflect::set(object, &JsValue::from_str(name), value);
}
