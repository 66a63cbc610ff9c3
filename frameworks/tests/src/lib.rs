//! The same component in each framework: it shows the numbers that a stream sends, typed, and has buttons that open and close it.
//!
//! Its text is `<number of messages kept> <last message> <readyState>`.

use std::fmt::Display;

use eventsource_wasm_leptos::eventsource_wasm::State;
use eventsource_wasm_leptos::{Received, UseEventSourceOptions};

pub mod in_dioxus;
pub mod in_leptos;
pub mod in_yew;

/// So many messages are kept.
pub const LIMIT: usize = 3;

fn options() -> UseEventSourceOptions<u64> {
    UseEventSourceOptions::new().limit(LIMIT).json()
}

fn text(kept: usize, last: Option<&Received<u64>>, state: &State, error: Option<impl Display>) -> String {
    let last = last.map_or_else(|| "-".to_owned(), |last| last.data().to_string());
    let error = error.map(|error| format!(" {error}")).unwrap_or_default();
    format!("{kept} {last} {}{error}", state.ready_state())
}
