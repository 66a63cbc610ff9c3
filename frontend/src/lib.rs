//! The browser's [EventSource] as Rust streams, and as an ES module for JavaScript.
//!
//! ```no_run
//! # async fn read() -> Result<(), eventsource_wasm::Error> {
//! use eventsource_wasm::EventSource;
//! use futures_util::StreamExt;
//!
//! let source = EventSource::new("/events")?;
//! let mut messages = source.subscribe("message");
//! while let Some(message) = messages.next().await {
//!     let message = message?; // one `Err` when the source has given up for good
//!     show(message.data());
//! }
//! # Ok(())
//! # }
//! # fn show(_: &str) {}
//! ```
//!
//! [`EventSource::new`] behaves as the HTML Standard says. Everything else is an option of [`EventSource::builder`]:
//! reconnecting where the browser gives up, keeping the place in the stream over new connections and reloads, noticing
//! dead connections, pausing with the page. A source stays open as long as a handle, one of its subscriptions or the
//! guard of a callback exists; then the connection closes and everything it held is released.
//!
//! Messages are read as a stream ([`EventSource::subscribe`]), in batches ([`Subscription::batches`]), or by a callback
//! while the browser dispatches its event ([`EventSource::on`]).
//!
//! The [guide] explains what the options are for; [coming from gloo-net, leptos-use or web-sys](guide::coming_from) has
//! tables of equivalent calls.
//!
//! # What may change
//!
//! Enums that may gain variants, and structs that the package returns, are `#[non_exhaustive]`. Write options with
//! public fields with `..Default::default()`. The public API contains these types of other crates:
//! [`web_sys::MessageEvent`], `AbortSignal`, `Response` and elements (web-sys 0.3), [`wasm_bindgen::JsValue`] (0.2),
//! and `Stream` of futures-core 0.3. None is re-exported: depend on these versions.
//!
//! # Features
//!
//! - `js` (default): the exports for JavaScript. They would also be exported by every package that depends on this one,
//!   so use `default-features = false` in a Rust package.
//! - `list`: [`MessageList`], which shows messages as `<li>`.
//! - `json`: [`Message::json`].
//! - `share` (default): one connection for all tabs and workers of an origin, [`EventSourceBuilder::share`]; implies `fetch`.
//! - `fetch`: the transport over `fetch`, [`FetchOptions`]; programs that do not use it do not grow by it.
//!
//! # Platforms
//!
//! Windows, and dedicated, shared and service workers. Elsewhere (server-side rendering, tests on the host), everything
//! compiles, and opening a source returns [`Error::Unsupported`].
//!
//! [`MessageList`]: https://docs.rs/eventsource-wasm/latest/eventsource_wasm/struct.MessageList.html
//! [`Message::json`]: https://docs.rs/eventsource-wasm/latest/eventsource_wasm/struct.Message.html#method.json
//! [`EventSourceBuilder::share`]: https://docs.rs/eventsource-wasm/latest/eventsource_wasm/struct.EventSourceBuilder.html#method.share
//! [`FetchOptions`]: https://docs.rs/eventsource-wasm/latest/eventsource_wasm/struct.FetchOptions.html
//! [EventSource]: https://html.spec.whatwg.org/multipage/server-sent-events.html

#![cfg_attr(docsrs, feature(doc_cfg))]
#![warn(clippy::unwrap_used)]

/// The README's snippets, compiled.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;

#[cfg(any(doc, doctest))]
#[doc = include_str!("../../docs/guide.md")]
pub mod guide {
    #[doc = include_str!("../../docs/coming-from.md")]
    pub mod coming_from {}
}

mod core;
mod error;
#[cfg(feature = "js")]
mod js;
#[cfg(feature = "list")]
mod list;
mod message;
mod platform;
mod runtime;
mod source;
mod transport;

pub use crate::core::close::CloseReason;
pub use crate::core::retry::{Backoff, RetryContext, RetryPolicy};
pub use crate::core::state::{PauseReason, State};
pub use crate::core::stats::Stats;
pub use error::{Answer, Error};
#[cfg(feature = "list")]
pub use list::message_list::{MessageList, MessageListOptions};
pub use message::{Gap, Item, Message};
pub use source::batches::Batches;
pub use source::builder::EventSourceBuilder;
pub use source::listeners::{EventTypes, Guard};
#[cfg(feature = "share")]
pub use source::share::role::Sharing;
pub use source::source::EventSource;
pub use source::states::States;
pub use source::subscription::{Overflow, SubscribeOptions, Subscription, WithGaps};
pub use transport::by_provider::UrlContext;
#[cfg(feature = "fetch")]
pub use transport::fetch::body::Body;
#[cfg(feature = "fetch")]
pub use transport::fetch::options::{FetchOptions, HeadersContext};
#[cfg(feature = "fetch")]
pub use transport::fetch::response::Response;
#[cfg(feature = "fetch")]
pub use transport::fetch::resume::{ResumeContext, ResumeRequest};
