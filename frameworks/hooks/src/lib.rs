//! What the hooks of [`eventsource_wasm`] for Leptos, Dioxus and Yew have in common.
//!
//! Applications take the crate of their framework: `eventsource-wasm-leptos`, `eventsource-wasm-dioxus` or
//! `eventsource-wasm-yew`. A hook for another framework keeps [`Values`] where that keeps state, gives [`Hook::new`] a function
//! that [applies](Values::apply) each [`Change`] to it, tells [`Hook::want`] the URL when the component is mounted and when it
//! changes, and calls [`Hook::release`] when it is unmounted.

mod error;
mod hook;
mod options;
mod received;
mod values;

pub use error::HookError;
pub use eventsource_wasm;
pub use hook::Hook;
pub use options::UseEventSourceOptions;
pub use received::Received;
pub use values::{Change, Values};
