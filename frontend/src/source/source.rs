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

/// A connection to a server that sends events, after the Standard's [`EventSource`].
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

    /// Which part the source has in [sharing](crate::EventSourceBuilder::share) its connection; `None` if it does not share.
    /// Whenever that changes the [state](Self::states) is told again.
    #[cfg(feature = "share")]
    pub fn sharing(&self) -> Option<Sharing> {
        self.sharing.as_ref().map(|role| role.get())
    }

    /// The messages of one type: `"message"` for those without an `event:` field.
    ///
    /// Each subscription has a queue of its own, and each gets every message that arrives from now on. On a source that
    /// has ended it ends at once, with the same error.
    pub fn subscribe(&self, event_type: impl AsRef<str>) -> Subscription {
        self.subscribe_to(&[event_type.as_ref().into()], SubscribeOptions::default())
    }

    /// The messages of several types in one stream, in order of arrival.
    pub fn subscribe_many<T: AsRef<str>>(&self, event_types: impl IntoIterator<Item = T>) -> Subscription {
        self.subscribe_to(&types_of(event_types), SubscribeOptions::default())
    }

    /// As [`subscribe_many`](Self::subscribe_many), with a configurable queue.
    ///
    /// # Errors
    ///
    /// [`Error::Unsupported`] for [`Overflow::Wait`], which the native transport can't do.
    pub fn subscribe_with<T: AsRef<str>>(
        &self,
        event_types: impl IntoIterator<Item = T>,
        options: SubscribeOptions,
    ) -> Result<Subscription, Error> {
        if options.overflow == Some(Overflow::Wait) && !self.runtime.flows() {
            let reason = "the browser's EventSource can't be made to wait; take the transport over fetch, or \
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
    /// [`Error::Unsupported`] over the native transport: the browser's object shows only the types that are asked for.
    #[cfg(feature = "fetch")]
    pub fn subscribe_any(&self) -> Result<Subscription, Error> {
        self.subscribe_any_with(SubscribeOptions::default())
    }

    /// As [`subscribe_any`](Self::subscribe_any), with a configurable queue.
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
        let reason = "the browser's EventSource shows only the types that are asked for; \
                      take the transport over fetch, or name the types with subscribe_many";
        Err(Error::Unsupported { reason: reason.to_owned() })
    }

    /// A queue for a subscriber who wants every message.
    fn queue(&self, SubscribeOptions { capacity, overflow }: SubscribeOptions) -> Queue<Item> {
        if self.runtime.flows() && overflow != Some(Overflow::DropOldest) {
            Queue::waiting(capacity)
        } else {
            Queue::new(capacity)
        }
    }

    /// Calls `call` with each message of one type or of several, from now on, until the guard is dropped.
    ///
    /// Over the native transport the call is made while the browser dispatches its event, as for a listener of its own
    /// object; over `fetch`, as soon as the message is decoded. No queue and no task lies between. That suits the hooks of UI frameworks, and code that has to be done before the next
    /// message. Closing, dropping and subscribing inside are safe. After the guard is dropped, or the source closed, no call
    /// comes.
    ///
    /// A closure that holds a handle of its own source keeps that open until the guard is dropped or the source closed.
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

    /// As [`on`](Self::on), for messages of every type.
    ///
    /// # Errors
    ///
    /// Those of [`subscribe_any`](Self::subscribe_any).
    #[cfg(feature = "fetch")]
    pub fn on_any(&self, call: impl Fn(&Message) + 'static) -> Result<Guard, Error> {
        self.check_any()?;
        Ok(Guard::of_messages(&self.runtime, Interest::All, Rc::new(call)))
    }

    /// Calls `call` with each state that the source enters from now on, [`State::Closed`] the last, until the guard is
    /// dropped. It may do what a callback of [`on`](Self::on) may.
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

    /// The status and headers of the open connection over `fetch`; `None` over the native transport, while no connection is
    /// open, and where another tab has it.
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

    /// What the source is doing: the state of now, then each change. It does not keep the source alive.
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

    /// The [last event ID] of the newest message that has been taken: by all subscriptions of its type and all callbacks;
    /// `""` when there is none. While messages wait it is that of the last one before them.
    ///
    /// When a connection that has broken is made again, the server is told the id of the last message that has *arrived*,
    /// by the browser's object and by this source alike.
    ///
    /// [last event ID]: https://html.spec.whatwg.org/multipage/server-sent-events.html#concept-event-stream-last-event-id
    pub fn last_event_id(&self) -> String {
        self.runtime.last_event_id().as_ref().to_owned()
    }

    /// Makes a new connection now, which replaces the present one or ends a wait or pause. It goes on after the last
    /// event ID, if the server can read that from the URL or, over `fetch`, the header. Does nothing on a source that has
    /// ended, or whose stream can't be asked for again (a POST that is not said to be safe).
    pub fn reconnect(&self) {
        if self.runtime.reconnects_itself() {
            return;
        }
        self.runtime.tell_place(address::with_parameter);
        self.runtime.step(Connection::reconnect);
    }

    /// Closes the connection for good: no further message, no reconnection, whatever is under way. Subscriptions yield
    /// what had arrived, then `None`. Does nothing on a source that has ended.
    pub fn close(&self) {
        self.runtime.step(Connection::close);
    }
}

/// Whether two handles are of the same connection.
impl PartialEq for EventSource {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.runtime, &other.runtime)
    }
}

impl Eq for EventSource {}

/// The caller's iterator may run anything, so it ends before anything is done.
fn types_of<T: AsRef<str>>(event_types: impl IntoIterator<Item = T>) -> Vec<Rc<str>> {
    event_types.into_iter().map(|event_type| event_type.as_ref().into()).collect()
}

impl fmt::Debug for EventSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventSource").field("url", &self.url()).field("state", &self.state()).finish()
    }
}
