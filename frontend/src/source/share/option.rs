//! The option that makes sources share one connection.

use std::cell::Cell;
use std::rc::Rc;

use super::inner::Plan;
use super::name::Name;
use super::role::Sharing as Role;
use super::sharing::Sharing;
use crate::error::Error;
use crate::platform::address;
use crate::runtime::parts::{Options, Parts};
use crate::runtime::reporter::Reporter;
use crate::source::builder::{EventSourceBuilder, Shared};
use crate::transport::contract::{Attempt, Transport};
use crate::transport::fetch::options::Identity;

impl EventSourceBuilder {
    /// Whether all sources of this stream, in all tabs and workers of the origin, use one connection; false by default.
    ///
    /// Over HTTP/1.1, a browser makes at most six connections to a server: the seventh tab that opens a stream waits.
    /// Sources share a connection if their URLs, credentials, transport, method, body and static headers are the same.
    /// Their other options may differ; those of the source that has the connection apply to it. Values that a
    /// `headers_provider` or a [`url_provider`](Self::url_provider) returns are not compared.
    ///
    /// One of the sources is the leader: it has the connection, with its policy, timeouts, probe and providers, and
    /// posts each message to the others over a [`BroadcastChannel`]. Each source has its own subscriptions, queues and
    /// counts, gets every message from when it first has a reader, and has the leader's states;
    /// [`sharing`](crate::EventSource::sharing) is its role. When the leader is closed, crashes, hangs for some
    /// seconds, or is hidden while others are visible, another source takes over, and continues after the newest
    /// message that any of them has. Messages that no source has kept show as a [gap](crate::Gap::Shared).
    ///
    /// Over `fetch`, a slow reader ([`Overflow::Wait`](crate::Overflow::Wait)) makes all sources wait, for 5 s at most.
    /// [`reconnect`](crate::EventSource::reconnect) replaces the leader's connection;
    /// [`close`](crate::EventSource::close) closes only this source. When the leader's source ends by itself, all
    /// sources end.
    ///
    /// Where [Web Locks] are not available, as in pages loaded over HTTP from another machine, the source has a
    /// connection of its own.
    ///
    /// # Errors
    ///
    /// [`open`](Self::open) returns [`Error::Unsupported`] for requests that can't be shared: those that may not be
    /// repeated, those whose body is neither text nor bytes, and `FetchOptions::from_response`.
    ///
    /// ```
    /// use eventsource_wasm::{Backoff, EventSource};
    ///
    /// let builder = EventSource::builder("/events").reconnect(Backoff::default()).share(true);
    /// ```
    ///
    /// [`BroadcastChannel`]: https://developer.mozilla.org/en-US/docs/Web/API/BroadcastChannel
    /// [Web Locks]: https://developer.mozilla.org/en-US/docs/Web/API/Web_Locks_API
    pub fn share(mut self, share: bool) -> Self {
        self.share = share.then_some((None, open));
        self
    }

    /// The same as [`share(true)`](Self::share), for sources whose URLs differ: sources with this name share, if the
    /// rest of their requests is the same.
    pub fn share_as(mut self, name: impl Into<String>) -> Self {
        self.share = Some((Some(name.into()), open));
        self
    }
}

/// Makes the options and parts of a source that shares.
fn open(
    name: Option<&str>,
    options: Box<Options>,
    mut parts: Box<Parts>,
    request: Option<Identity>,
) -> Result<Shared, Error> {
    let url = address::resolve(&options.url)?;
    let stream = name.unwrap_or(&url);
    let name = Name::of(&(name.is_some(), stream, options.with_credentials, request));
    let outer = Options {
        url: options.url.clone(),
        with_credentials: options.with_credentials,
        last_event_id: options.last_event_id.clone(),
        knows_place: options.knows_place,
        gap_event: options.gap_event.clone(),
        flows: options.flows,
        ..Options::default()
    };
    let own = Parts {
        bookmark: parts.bookmark.take(),
        signal: parts.signal.take(),
        duplicates: parts.duplicates.take(),
        ..Parts::default()
    };
    let (plan, flows) = (Rc::new(Plan::new(options, parts)), outer.flows);
    let role = Rc::new(Cell::new(Role::default()));
    let told = Rc::clone(&role);
    let connect = move |attempt: Attempt, reporter: Rc<Reporter>| -> Result<Box<dyn Transport>, Error> {
        let id = (name.clone(), draw());
        let sharing = Sharing::open(id, Rc::clone(&plan), &attempt.last_event_id, flows, reporter, Rc::clone(&told));
        Ok(Box::new(sharing))
    };
    let parts = Parts { connect: Some(Rc::new(connect)), ..own };
    Ok(Shared { options: Box::new(outer), parts: Box::new(parts), role })
}

/// A number drawn at random.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is less than 2^53, and not negative")]
fn draw() -> u64 {
    let part = || (js_sys::Math::random().clamp(0.0, 1.0) * 4_294_967_295.0) as u64;
    (part() << 32) | part()
}
