use std::cell::{Cell, RefCell};
use std::fmt;
use std::rc::{Rc, Weak};
use std::task::Waker;
use std::time::Duration;

use wasm_bindgen::prelude::*;
use web_sys::MessageEvent;

use crate::connection::{Connection, Input, Output};
use crate::queue::Queue;
use crate::subscription::Subscribers;
use crate::transport::{Native, Report};
use crate::{Error, EventSourceBuilder, Message, Overflow, State, States, Stats, SubscribeOptions, Subscription};

/// A connection to a server that sends events, after the Standard's [`EventSource`].
///
/// A clone is another handle to the same connection.
///
/// # Drop behavior
///
/// The source lives while a handle or one of its subscriptions lives; then the connection closes, and every listener
/// and closure is released. To end it earlier, [`close`](Self::close) it.
///
/// It is not `Send`: it belongs to the thread that opened it.
///
/// [`EventSource`]: https://html.spec.whatwg.org/multipage/server-sent-events.html#the-eventsource-interface
#[derive(Clone)]
pub struct EventSource {
    shared: Rc<Shared>,
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

    pub(crate) fn open(options: &EventSourceBuilder) -> Result<Self, Error> {
        Ok(Self { shared: Shared::open(options)? })
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
        self.shared.subscribe(event_types, Queue::new(SubscribeOptions::default().capacity))
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
        match options.overflow {
            None | Some(Overflow::DropOldest) => Ok(self.shared.subscribe(event_types, Queue::new(options.capacity))),
            Some(Overflow::Wait) => Err(Error::Unsupported {
                reason: "the browser's EventSource can't be made to wait; \
                         use Overflow::DropOldest with a larger capacity, and with_gaps() to see what was dropped"
                    .to_owned(),
            }),
        }
    }

    /// A subscription for a reader who wants the newest messages only.
    #[cfg(feature = "list")]
    pub(crate) fn subscribe_newest<'a>(
        &self,
        event_types: impl IntoIterator<Item = &'a str>,
        count: usize,
    ) -> Subscription {
        self.shared.subscribe(event_types, Queue::newest(count))
    }

    /// What the source is doing now.
    pub fn state(&self) -> State {
        self.shared.connection.borrow().state().clone()
    }

    /// What the source is doing: the state of now, then each change. It does not keep the source alive.
    pub fn states(&self) -> States {
        self.shared.states()
    }

    /// What the source has counted.
    pub fn stats(&self) -> Stats {
        self.shared.stats()
    }

    /// The absolute URL of the stream.
    pub fn url(&self) -> &str {
        &self.shared.url
    }

    /// The [last event ID] of the newest message of a subscribed type; `""` when there is none.
    ///
    /// The browser keeps its own, from all messages, and sends that when it reconnects.
    ///
    /// [last event ID]: https://html.spec.whatwg.org/multipage/server-sent-events.html#concept-event-stream-last-event-id
    pub fn last_event_id(&self) -> String {
        self.shared.newest.borrow().as_ref().map(MessageEvent::last_event_id).unwrap_or_default()
    }

    /// Closes the connection for good: no further message, no reconnection. Subscriptions yield what had arrived, then
    /// `None`. Does nothing on a source that has ended.
    pub fn close(&self) {
        self.shared.step(Input::Close);
    }
}

impl fmt::Debug for EventSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventSource").field("url", &self.shared.url).field("state", &self.state()).finish()
    }
}

/// What the handles and subscriptions of one source share. It runs the connection's decisions.
///
/// No borrow is held while a waker runs: a waker may close, drop, subscribe.
pub(crate) struct Shared {
    url: String,
    connection: RefCell<Connection>,
    transport: RefCell<Option<Native>>,
    subscribers: RefCell<Subscribers>,
    observers: RefCell<Vec<Rc<Queue<State>>>>,
    /// The newest message's event: its id and time are read when someone asks, not for each message.
    newest: RefCell<Option<MessageEvent>>,
    messages: Cell<u64>,
    dropped: Cell<u64>,
}

impl Shared {
    fn open(options: &EventSourceBuilder) -> Result<Rc<Self>, Error> {
        let mut opened = Ok(());
        let shared = Rc::new_cyclic(|weak: &Weak<Self>| {
            let weak = weak.clone();
            let sink = Rc::new(move |report| {
                if let Some(shared) = weak.upgrade() {
                    shared.report(report);
                }
            });
            let transport = Native::open(&options.url, options.with_credentials, sink);
            let transport = transport.map_err(|error| opened = Err(error)).ok();
            Self {
                url: transport.as_ref().map(Native::url).unwrap_or_default(),
                connection: RefCell::new(Connection::new()),
                transport: RefCell::new(transport),
                subscribers: RefCell::default(),
                observers: RefCell::default(),
                newest: RefCell::default(),
                messages: Cell::new(0),
                dropped: Cell::new(0),
            }
        });
        opened.map(|()| shared)
    }

    fn report(&self, report: Report) {
        match report {
            Report::Opened => self.step(Input::Opened),
            Report::Message(message) => self.deliver(message),
            Report::Interrupted => self.step(Input::Interrupted(Error::Disconnected { url: self.url.clone() })),
            Report::Failed => self.step(Input::Failed(Error::ConnectionFailed { url: self.url.clone() })),
        }
    }

    fn deliver(&self, message: Message) {
        if !self.connection.borrow().delivers() {
            return;
        }
        self.messages.set(self.messages.get() + 1);
        self.newest.replace(message.as_raw().cloned());
        let (dropped, wakers) = self.subscribers.borrow().push(message);
        self.dropped.set(self.dropped.get() + dropped);
        wake(wakers);
    }

    fn step(&self, input: Input) {
        self.connection.borrow_mut().handle(input);
        loop {
            let output = self.connection.borrow_mut().poll_output();
            match output {
                Some(Output::CloseTransport) => drop(self.transport.take()),
                Some(Output::Announce(state)) => self.announce(&state),
                None => return,
            }
        }
    }

    fn announce(&self, state: &State) {
        let mut wakers: Vec<Waker> = Vec::new();
        wakers.extend(self.observers.borrow().iter().filter_map(|queue| queue.push(state.clone()).waker));
        if let State::Closed { cause } = state {
            wakers.extend(self.observers.take().iter().filter_map(|queue| queue.finish(None)));
            wakers.extend(self.subscribers.borrow_mut().finish(cause.as_ref()));
        }
        wake(wakers);
    }

    fn subscribe<'a>(
        self: &Rc<Self>,
        event_types: impl IntoIterator<Item = &'a str>,
        queue: Queue<Message>,
    ) -> Subscription {
        // The caller's iterator may run anything, so it ends before a borrow begins.
        let event_types: Vec<&str> = event_types.into_iter().collect();
        let queue = Rc::new(queue);
        if let State::Closed { cause } = self.connection.borrow().state() {
            queue.finish(cause.clone());
        } else {
            let new = self.subscribers.borrow_mut().add(event_types, &queue);
            if let Some(transport) = &*self.transport.borrow() {
                for event_type in &new {
                    transport.listen(event_type);
                }
            }
        }
        Subscription::new(queue, Rc::clone(self))
    }

    pub(crate) fn unsubscribe(&self, queue: &Rc<Queue<Message>>) {
        let unused = self.subscribers.borrow_mut().remove(queue);
        if let Some(transport) = &*self.transport.borrow() {
            for event_type in &unused {
                transport.unlisten(event_type);
            }
        }
    }

    fn states(self: &Rc<Self>) -> States {
        let queue = Rc::new(Queue::newest(States::CAPACITY));
        let state = self.connection.borrow().state().clone();
        let ended = matches!(state, State::Closed { .. });
        let _ = queue.push(state);
        if ended {
            queue.finish(None);
        } else {
            self.observers.borrow_mut().push(Rc::clone(&queue));
        }
        States::new(queue, Rc::downgrade(self))
    }

    pub(crate) fn forget_states(&self, queue: &Rc<Queue<State>>) {
        self.observers.borrow_mut().retain(|known| !Rc::ptr_eq(known, queue));
    }

    fn stats(&self) -> Stats {
        Stats {
            messages: self.messages.get(),
            dropped: self.dropped.get(),
            reconnects: self.connection.borrow().reconnects(),
            last_message_age: self.newest.borrow().as_ref().map(age),
        }
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared").field("url", &self.url).finish_non_exhaustive()
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        // The streams of states outlive the source, and are told.
        self.step(Input::Close);
    }
}

fn wake(wakers: Vec<Waker>) {
    wakers.into_iter().for_each(Waker::wake);
}

/// How long ago an event happened. Its time stamp and `performance.now()` share their origin.
fn age(event: &MessageEvent) -> Duration {
    let milliseconds = now() - event.time_stamp();
    Duration::try_from_secs_f64(milliseconds / 1000.0).unwrap_or_default()
}

#[wasm_bindgen]
extern "C" {
    // Windows and all workers have it; web-sys reaches it through one of them only.
    #[wasm_bindgen(js_namespace = performance)]
    fn now() -> f64;
}
