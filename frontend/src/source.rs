use std::fmt;
use std::rc::Rc;

use crate::connection::Input;
use crate::queue::Queue;
use crate::runtime::Runtime;
use crate::subscription::Delivery;
use crate::{Error, EventSourceBuilder, Overflow, State, States, Stats, SubscribeOptions, Subscription};

/// A connection to a server that sends events, after the Standard's [`EventSource`].
///
/// A clone is another handle to the same connection.
///
/// # Drop behavior
///
/// The source lives while a handle or one of its subscriptions lives; then the connection closes, and every listener,
/// timer and closure is released. To end it earlier, [`close`](Self::close) it.
///
/// It is not `Send`: it belongs to the thread that opened it.
///
/// [`EventSource`]: https://html.spec.whatwg.org/multipage/server-sent-events.html#the-eventsource-interface
#[derive(Clone)]
pub struct EventSource {
    runtime: Rc<Runtime>,
}

impl EventSource {
    /// Opens a source with the Standard's behaviour. The same as `EventSource::builder(url).open()`.
    ///
    /// # Errors
    ///
    /// Those of [`EventSourceBuilder::open`].
    pub fn new(url: &str) -> Result<Self, Error> {
        Self::builder(url).open()
    }

    /// Settings for a source; [`open`](EventSourceBuilder::open) opens it.
    pub fn builder(url: &str) -> EventSourceBuilder {
        EventSourceBuilder::new(url)
    }

    pub(crate) fn open(options: EventSourceBuilder) -> Result<Self, Error> {
        Ok(Self { runtime: Runtime::open(options)? })
    }

    /// The messages of one type: `"message"` for those without an `event:` field.
    ///
    /// Each subscription has a queue of its own, and each gets every message that arrives from now on. On a source that
    /// has ended it ends at once, with the same error.
    pub fn subscribe(&self, event_type: &str) -> Subscription {
        self.subscribe_many([event_type])
    }

    /// The messages of several types in one stream, in order of arrival.
    pub fn subscribe_many<'a>(&self, event_types: impl IntoIterator<Item = &'a str>) -> Subscription {
        self.runtime.subscribe(event_types, self.queue(SubscribeOptions::default()))
    }

    /// As [`subscribe_many`](Self::subscribe_many), with a queue as one wants it.
    ///
    /// # Errors
    ///
    /// [`Error::Unsupported`] for [`Overflow::Wait`], which the native transport can't do.
    pub fn subscribe_with<'a>(
        &self,
        event_types: impl IntoIterator<Item = &'a str>,
        options: SubscribeOptions,
    ) -> Result<Subscription, Error> {
        if options.overflow == Some(Overflow::Wait) && !self.runtime.options().can_wait() {
            let reason = "the browser's EventSource can't be made to wait; take the transport over fetch, or \
                          Overflow::DropOldest with a larger capacity, and with_gaps() to see what was dropped";
            return Err(Error::Unsupported { reason: reason.to_owned() });
        }
        Ok(self.runtime.subscribe(event_types, self.queue(options)))
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

    /// As [`subscribe_any`](Self::subscribe_any), with a queue as one wants it.
    ///
    /// # Errors
    ///
    /// Those of [`subscribe_any`](Self::subscribe_any).
    #[cfg(feature = "fetch")]
    pub fn subscribe_any_with(&self, options: SubscribeOptions) -> Result<Subscription, Error> {
        if !self.runtime.options().can_wait() {
            let reason = "the browser's EventSource shows only the types that are asked for; \
                          take the transport over fetch, or name the types with subscribe_many";
            return Err(Error::Unsupported { reason: reason.to_owned() });
        }
        Ok(self.runtime.subscribe_any(self.queue(options)))
    }

    /// A queue for a subscriber who wants every message.
    fn queue(&self, SubscribeOptions { capacity, overflow }: SubscribeOptions) -> Queue<Delivery> {
        if self.runtime.options().can_wait() && overflow != Some(Overflow::DropOldest) {
            Queue::waiting(capacity)
        } else {
            Queue::new(capacity)
        }
    }

    /// A subscription for a reader who wants the newest messages only.
    #[cfg(feature = "list")]
    pub(crate) fn subscribe_newest<'a>(
        &self,
        event_types: impl IntoIterator<Item = &'a str>,
        count: usize,
    ) -> Subscription {
        self.runtime.subscribe(event_types, Queue::newest(count))
    }

    #[cfg(feature = "js")]
    pub(crate) fn runtime(&self) -> &Runtime {
        &self.runtime
    }

    /// What the source is doing now.
    pub fn state(&self) -> State {
        self.runtime.state()
    }

    /// What the source is doing: the state of now, then each change. It does not keep the source alive.
    pub fn states(&self) -> States {
        self.runtime.states()
    }

    /// What the source has counted.
    pub fn stats(&self) -> Stats {
        self.runtime.stats()
    }

    /// The absolute URL of the stream, without the last event ID that attempts may carry.
    pub fn url(&self) -> &str {
        self.runtime.url()
    }

    /// The [last event ID] of the newest message of a subscribed type; `""` when there is none. Over `fetch`: of the
    /// stream, as far as it has been read.
    ///
    /// The browser's object keeps its own, from all messages, and sends that when it reconnects by itself.
    ///
    /// [last event ID]: https://html.spec.whatwg.org/multipage/server-sent-events.html#concept-event-stream-last-event-id
    pub fn last_event_id(&self) -> String {
        self.runtime.last_event_id().as_ref().to_owned()
    }

    /// Makes a new connection now, in place of the one there is, of a wait or of a pause. It goes on after the last
    /// event ID, if the server can read that from the URL or, over `fetch`, the header. Does nothing on a source that has
    /// ended, or whose stream can't be asked for again (a POST that is not said to be safe).
    pub fn reconnect(&self) {
        self.runtime.step(Input::Reconnect);
    }

    /// Closes the connection for good: no further message, no reconnection, whatever is under way. Subscriptions yield
    /// what had arrived, then `None`. Does nothing on a source that has ended.
    pub fn close(&self) {
        self.runtime.step(Input::Close);
    }
}

impl fmt::Debug for EventSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventSource").field("url", &self.url()).field("state", &self.state()).finish()
    }
}
