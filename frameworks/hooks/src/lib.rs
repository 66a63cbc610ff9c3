//! What the hooks of [`eventsource_wasm`] for Leptos, Dioxus and Yew have in common.
//!
//! Applications use the crate for their framework: `eventsource-wasm-leptos`, `eventsource-wasm-dioxus` or
//! `eventsource-wasm-yew`. A hook for another framework stores [`Values`] in that framework's state, passes a function
//! to [`Hook::new`] that [applies](Values::apply) each [`Change`] to it, calls [`Hook::want`] with the URL when the
//! component is mounted and when the URL changes, and calls [`Hook::release`] when the component is unmounted.

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
