//! The option that has sources share one connection.

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
    /// Whether all sources of this stream, in all tabs and workers of the origin, have one connection; false by default.
    ///
    /// Over HTTP/1.1 a browser makes six connections to an origin at most: the seventh tab of a live page hangs. Sources
    /// share whose URLs, credentials, transport, method and static headers are the same, whatever their other options
    /// say: of these those of the source count that has the connection. What a `headers_provider` or a
    /// [`url_provider`](Self::url_provider) gives is not compared.
    ///
    /// One of the sources leads: it has the connection, with its policy, timeouts, probe and providers, and posts what
    /// comes to the others, over a [`BroadcastChannel`]. Each has subscriptions, queues and counts of its own, gets every
    /// message from when it first reads on, and sees the leader's states; [`sharing`](crate::EventSource::sharing) tells which
    /// part it has. When the leader is closed, crashes, hangs for some seconds, or is hidden while others are shown,
    /// another goes on after the newest message that anyone has. A message that can't be had any more is shown as a
    /// [gap](crate::Gap::Shared).
    ///
    /// Over `fetch` a reader that [waits](crate::Overflow::Wait) holds the stream for all, for 5 s at most.
    /// [`reconnect`](crate::EventSource::reconnect) makes the leader's connection anew, [`close`](crate::EventSource::close)
    /// only leaves. When the leader's source ends by itself, all do.
    ///
    /// Where there are no [Web Locks], as in pages that came over HTTP from another machine, the source has a connection of
    /// its own.
    ///
    /// # Errors
    ///
    /// [`open`](Self::open) refuses requests that can't be shared ([`Error::Unsupported`]): those that may not be made
    /// again, those whose body is neither text nor bytes, and a response that was given.
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

    /// As [`share(true)`](Self::share), for sources whose URLs differ: those of this name share, if the rest is the same.
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
