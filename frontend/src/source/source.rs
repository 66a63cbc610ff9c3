//! The handle of a source.

#[cfg(feature = "share")]
use std::cell::Cell;
use std::fmt;
use std::rc::Rc;

use super::listeners::{EventTypes, Guard};
#[cfg(feature = "share")]
use super::share::role::Sharing;
use super::states::States;
use super::subscription::{Overflow, SubscribeOptions, Subscription};
use crate::core::connection::Connection;
use crate::core::queue::Queue;
use crate::core::state::State;
use crate::core::stats::Stats;
use crate::error::Error;
use crate::message::{Item, Message};
use crate::platform::address;
use crate::runtime::parts::{Options, Parts};
use crate::runtime::routes::Interest;
use crate::runtime::runtime::Runtime;
#[cfg(feature = "fetch")]
use crate::transport::fetch::response::{OpenResponse, Response};

/// A connection to a server that sends events, modelled on the Standard's [`EventSource`].
///
/// A clone is another handle to the same connection, and equal to it.
///
/// # Drop behavior
///
/// The source lives while a handle, one of its subscriptions or the [`Guard`] of a callback lives; then the connection
/// closes, and every listener, timer and closure is released. To end it earlier, [`close`](Self::close) it.
///
/// It is not `Send`: it belongs to the thread that opened it.
///
/// ```no_run
/// # async fn example() -> Result<(), eventsource_wasm::Error> {
/// # use eventsource_wasm::EventSource;
/// # use futures_util::StreamExt;
/// let source = EventSource::new("/events")?;
/// let mut messages = source.subscribe("message");
/// while let Some(message) = messages.next().await {
///     println!("{}", message?.data());
/// }
/// # Ok(())
/// # }
/// ```
///
/// [`EventSource`]: https://html.spec.whatwg.org/multipage/server-sent-events.html#the-eventsource-interface
#[derive(Clone)]
pub struct EventSource {
    runtime: Rc<Runtime>,
    #[cfg(feature = "fetch")]
    response: Option<OpenResponse>,
    #[cfg(feature = "share")]
    sharing: Option<Rc<Cell<Sharing>>>,
}

impl EventSource {
    pub(super) fn open(
        options: Box<Options>,
        parts: Box<Parts>,
        #[cfg(feature = "fetch")] response: Option<OpenResponse>,
    ) -> Result<Self, Error> {
        Ok(Self {
            runtime: Runtime::open(options, parts)?,
            #[cfg(feature = "fetch")]
            response,
            #[cfg(feature = "share")]
            sharing: None,
        })
    }

    #[cfg(feature = "share")]
    pub(super) fn sharing_as(self, role: Rc<Cell<Sharing>>) -> Self {
        Self { sharing: Some(role), ..self }
    }

    /// The role of the source if it [shares](crate::EventSourceBuilder::share) its connection; `None` if it does not.
    /// Whenever the role changes, [`states`](Self::states) yields the state again.
    #[cfg(feature = "share")]
    pub fn sharing(&self) -> Option<Sharing> {
        self.sharing.as_ref().map(|role| role.get())
    }

    /// The messages of one type: `"message"` for those without an `event:` field.
    ///
    /// Each subscription has a queue of its own, and gets every message that arrives from now on. If the source has
    /// ended, the subscription ends at once, with the same error.
    pub fn subscribe(&self, event_type: impl AsRef<str>) -> Subscription {
        self.subscribe_to(&[event_type.as_ref().into()], SubscribeOptions::default())
    }

    /// The messages of several types in one stream, in order of arrival.
    pub fn subscribe_many<T: AsRef<str>>(&self, event_types: impl IntoIterator<Item = T>) -> Subscription {
        self.subscribe_to(&types_of(event_types), SubscribeOptions::default())
    }

    /// The same as [`subscribe_many`](Self::subscribe_many), with a configurable queue.
    ///
    /// # Errors
    ///
    /// [`Error::Unsupported`] for [`Overflow::Wait`] over the native transport, which can't wait.
    pub fn subscribe_with<T: AsRef<str>>(
        &self,
        event_types: impl IntoIterator<Item = T>,
        options: SubscribeOptions,
    ) -> Result<Subscription, Error> {
        if options.overflow == Some(Overflow::Wait) && !self.runtime.flows() {
            let reason = "the browser's EventSource can't be made to wait; use the transport over fetch, or \
                          Overflow::DropOldest with a larger capacity, and with_gaps() to see what was dropped";
            return Err(Error::Unsupported { reason: reason.to_owned() });
        }
        Ok(self.subscribe_to(&types_of(event_types), options))
    }

    fn subscribe_to(&self, event_types: &[Rc<str>], options: SubscribeOptions) -> Subscription {
        Subscription::new(&self.runtime, Interest::Types(event_types), self.queue(options))
    }

    /// The messages of every type, in order of arrival.
    ///
    /// # Errors
    ///
    /// [`Error::Unsupported`] over the native transport: the browser's object delivers only types that have a listener.
    #[cfg(feature = "fetch")]
    pub fn subscribe_any(&self) -> Result<Subscription, Error> {
        self.subscribe_any_with(SubscribeOptions::default())
    }

    /// The same as [`subscribe_any`](Self::subscribe_any), with a configurable queue.
    ///
    /// # Errors
    ///
    /// Those of [`subscribe_any`](Self::subscribe_any).
    #[cfg(feature = "fetch")]
    pub fn subscribe_any_with(&self, options: SubscribeOptions) -> Result<Subscription, Error> {
        self.check_any()?;
        Ok(Subscription::new(&self.runtime, Interest::All, self.queue(options)))
    }

    #[cfg(feature = "fetch")]
    fn check_any(&self) -> Result<(), Error> {
        if self.runtime.flows() {
            return Ok(());
        }
        let reason = "the browser's EventSource delivers only types that have a listener; \
                      use the transport over fetch, or name the types with subscribe_many";
        Err(Error::Unsupported { reason: reason.to_owned() })
    }

    /// A queue for a subscription to messages of every type.
    fn queue(&self, SubscribeOptions { capacity, overflow }: SubscribeOptions) -> Queue<Item> {
        if self.runtime.flows() && overflow != Some(Overflow::DropOldest) {
            Queue::waiting(capacity)
        } else {
            Queue::new(capacity)
        }
    }

    /// Calls `call` with each message of one type or of several, from now on, until the guard is dropped.
    ///
    /// Over the native transport, `call` is called while the browser dispatches its event, like a listener of the
    /// browser's object; over `fetch`, as soon as the message is decoded. There is no queue and no task in between.
    /// That suits the hooks of UI frameworks, and code that has to be done before the next message. Inside `call` it is
    /// safe to close, drop and subscribe. It is not called after the guard has been dropped or the source closed.
    ///
    /// A closure that holds a handle of its own source keeps that source open until the guard is dropped or the source
    /// is closed.
    ///
    /// ```no_run
    /// # fn show(_: &str) {}
    /// # fn open() -> Result<(), eventsource_wasm::Error> {
    /// use eventsource_wasm::EventSource;
    ///
    /// let source = EventSource::new("/events")?;
    /// let ticks = source.on("tick", |message| show(message.data()));
    /// let both = source.on(["created", "deleted"], |message| show(message.event_type()));
    /// # Ok(())
    /// # }
    /// ```
    pub fn on(&self, event_types: impl EventTypes, call: impl Fn(&Message) + 'static) -> Guard {
        let mut types: Vec<Rc<str>> = Vec::new();
        event_types.for_each(&mut |event_type| types.push(event_type.into()));
        Guard::of_messages(&self.runtime, Interest::Types(&types), Rc::new(call))
    }

    /// The same as [`on`](Self::on), for messages of every type.
    ///
    /// # Errors
    ///
    /// Those of [`subscribe_any`](Self::subscribe_any).
    #[cfg(feature = "fetch")]
    pub fn on_any(&self, call: impl Fn(&Message) + 'static) -> Result<Guard, Error> {
        self.check_any()?;
        Ok(Guard::of_messages(&self.runtime, Interest::All, Rc::new(call)))
    }

    /// Calls `call` with each state that the source enters from now on, until the guard is dropped; [`State::Closed`]
    /// is the last. It may do the same as a callback of [`on`](Self::on).
    pub fn on_state(&self, call: impl Fn(&State) + 'static) -> Guard {
        Guard::of_states(&self.runtime, Rc::new(call))
    }

    /// The browser's own object for the newest response over `fetch`.
    #[cfg(feature = "js")]
    pub(crate) fn fetched(&self) -> Option<web_sys::Response> {
        #[cfg(feature = "share")]
        if self.sharing() == Some(Sharing::Follower) {
            return None;
        }
        self.response.as_ref().and_then(OpenResponse::fetched)
    }

    #[cfg(any(feature = "list", feature = "js"))]
    pub(crate) fn runtime(&self) -> &Rc<Runtime> {
        &self.runtime
    }

    #[cfg(all(feature = "js", feature = "share"))]
    pub(crate) fn sharing_cell(&self) -> Option<Rc<Cell<Sharing>>> {
        self.sharing.clone()
    }

    /// The status and headers of the open connection over `fetch`; `None` over the native transport, while no
    /// connection is open, and if another tab has the connection.
    #[cfg(feature = "fetch")]
    pub fn response(&self) -> Option<Response> {
        #[cfg(feature = "share")]
        if self.sharing() == Some(Sharing::Follower) {
            return None;
        }
        self.response.as_ref().filter(|_| self.runtime.state().is_open()).and_then(OpenResponse::get)
    }

    /// What the source is doing now.
    pub fn state(&self) -> State {
        self.runtime.state().as_ref().clone()
    }

    /// The current state, then each new one, as a stream. It does not keep the source alive.
    pub fn states(&self) -> States {
        States::of(&self.runtime)
    }

    /// What the source has counted.
    pub fn stats(&self) -> Stats {
        self.runtime.stats()
    }

    /// The absolute URL of the stream, without the last event ID that attempts may carry.
    pub fn url(&self) -> &str {
        self.runtime.url()
    }

    /// The [last event ID] of the newest message that all subscriptions of its type and all callbacks have taken; `""`
    /// if there is none. Messages that are still queued don't count.
    ///
    /// When a lost connection is made again, the browser's object and this source alike send the ID of the last message
    /// that has *arrived*.
    ///
    /// [last event ID]: https://html.spec.whatwg.org/multipage/server-sent-events.html#concept-event-stream-last-event-id
    pub fn last_event_id(&self) -> String {
        self.runtime.last_event_id().as_ref().to_owned()
    }

    /// Makes a new connection now, which replaces the present one or ends a wait or pause. It continues after the last
    /// event ID, if the server reads that from the URL or, over `fetch`, from the header. Does nothing on a source that
    /// has ended, or whose request may not be repeated (a `POST` without `FetchOptions::resend(true)`, for instance).
    pub fn reconnect(&self) {
        if self.runtime.reconnects_itself() {
            return;
        }
        self.runtime.tell_place(address::with_parameter);
        self.runtime.step(Connection::reconnect);
    }

    /// Closes the source: no message and no reconnection follows, whatever it is doing. Subscriptions yield the
    /// messages that have arrived, then `None`. Does nothing on a source that has ended.
    pub fn close(&self) {
        self.runtime.step(Connection::close);
    }
}

/// Whether two handles refer to the same connection.
impl PartialEq for EventSource {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.runtime, &other.runtime)
    }
}

impl Eq for EventSource {}

/// The caller's iterator may run any code, so it is read to its end before anything else is done.
fn types_of<T: AsRef<str>>(event_types: impl IntoIterator<Item = T>) -> Vec<Rc<str>> {
    event_types.into_iter().map(|event_type| event_type.as_ref().into()).collect()
}

impl fmt::Debug for EventSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventSource").field("url", &self.url()).field("state", &self.state()).finish()
    }
}
