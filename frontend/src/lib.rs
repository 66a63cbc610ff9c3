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
//! [`EventSource::new`] behaves as the HTML Standard says; every addition is an option of [`EventSource::builder`]: to
//! reconnect where the browser gives up, to keep the place in the stream over new connections and reloads, to notice
//! dead connections, to live with the page. A source lives while it, a clone of it or one of its subscriptions lives;
//! then the connection closes and everything it held is released.
//!
//! # Features
//!
//! - `js` (default): the exports for JavaScript. They leak into every package that depends on this
//!   one, so a Rust package takes `default-features = false`.
//! - `list`: [`MessageList`], which shows messages as `<li>`.
//! - `json`: [`Message::json`].
//! - `fetch`: the transport over `fetch`, [`FetchOptions`]; what does not call it does not grow by it.
//!
//! # Platforms
//!
//! Windows, and dedicated, shared and service workers. Elsewhere (servers that render pages,
//! tests on the host) everything compiles and opening a source is [`Error::Unsupported`].
//!
//! [EventSource]: https://html.spec.whatwg.org/multipage/server-sent-events.html

#![warn(clippy::unwrap_used)]
#![cfg_attr(not(feature = "fetch"), allow(dead_code, reason = "what a transport can do that only `fetch` does"))]

/// The README's snippets, compiled.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;

mod address;
mod bookmark;
mod clock;
mod connection;
mod dedup;
mod error;
mod global;
#[cfg(feature = "js")]
mod js;
mod lifecycle;
#[cfg(feature = "list")]
mod list;
mod listener;
mod message;
mod options;
mod place;
mod queue;
mod retry;
mod runtime;
mod source;
mod state;
mod stats;
mod subscription;
mod task;
mod transport;

pub use error::{Answer, Error};
#[cfg(feature = "list")]
pub use list::{MessageList, MessageListOptions};
pub use message::Message;
pub use options::{EventSourceBuilder, Overflow, SubscribeOptions};
pub use retry::{Backoff, RetryContext, RetryPolicy};
pub use source::EventSource;
pub use state::{PauseReason, State, States};
pub use stats::Stats;
pub use subscription::{Gap, Item, Subscription, WithGaps};
#[cfg(feature = "fetch")]
pub use transport::{FetchOptions, HeadersContext};
