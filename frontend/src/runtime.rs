//! What the handles and subscriptions of one source share: it does what the connection decides.

#[cfg(feature = "js")]
pub(crate) mod feed;

use std::cell::{Cell, RefCell};
use std::fmt;
use std::rc::{Rc, Weak};
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use gloo_timers::callback::Timeout;
use web_sys::{AbortSignal, Event, EventTarget};

use crate::clock::{milliseconds, now, time_of};
use crate::connection::{Connection, Failure, Input, Instant, Output, Timer};
use crate::listener::Listener;
use crate::options::{Act, Consult, UrlProvider};
use crate::place::{Newest, Place};
use crate::queue::Queue;
use crate::retry::RetryContext;
use crate::state::Observer;
use crate::subscription::{Delivery, Subscribers};
use crate::task::Task;
use crate::transport::{Attempt, Connect, Report, Transport, probe};
use crate::{Error, EventSourceBuilder, Message, State, States, Stats, Subscription, address};

/// No borrow is held while foreign code runs: a waker, a policy, a URL provider may close, drop, subscribe.
pub(crate) struct Runtime {
    me: Weak<Self>,
    url: String,
    options: EventSourceBuilder,
    consult: RefCell<Option<Rc<Consult>>>,
    connect_elsewhere: RefCell<Option<Rc<Act>>>,
    connect: RefCell<Option<Rc<Connect>>>,
    connection: RefCell<Connection>,
    transport: RefCell<Option<Box<dyn Transport>>>,
    /// The address of the newest attempt, without an id.
    attempted: RefCell<String>,
    /// What is to become a transport, or a probe.
    task: RefCell<Option<Task>>,
    /// Counts what has been let go, so that a provider that ends it hears of it.
    released: Cell<u64>,
    timers: RefCell<Vec<(Timer, Timeout)>>,
    /// What the source listens to until it has ended, besides its transport.
    listeners: RefCell<Vec<Listener>>,
    /// Whether the transport waits for room in a queue, and what to wake when there may be some.
    held: Cell<bool>,
    room: RefCell<Option<Waker>>,
    subscribers: RefCell<Subscribers>,
    observers: RefCell<Vec<Rc<dyn Observer>>>,
    #[cfg(feature = "js")]
    feed: RefCell<Option<Rc<Queue<feed::Arrival>>>>,
    place: RefCell<Place>,
    messages: Cell<u64>,
    bytes: Cell<u64>,
    dropped: Cell<u64>,
}

impl Runtime {
    pub(crate) fn open(mut options: EventSourceBuilder) -> Result<Rc<Self>, Error> {
        if cfg!(not(target_family = "wasm")) {
            return Err(Error::no_browser());
        }
        options.check()?;
        let url = address::resolve(&options.url)?;
        let mut subscribers = Subscribers::default();
        for event_type in [&options.heartbeat_event, &options.gap_event].into_iter().flatten() {
            subscribers.add_own(event_type);
        }
        let runtime = Rc::new_cyclic(|me| Self {
            me: me.clone(),
            url,
            connect: RefCell::new(options.connect.take()),
            connection: RefCell::new(Connection::new(options.settings())),
            transport: RefCell::default(),
            attempted: RefCell::default(),
            task: RefCell::default(),
            released: Cell::new(0),
            consult: RefCell::new(options.consult.take()),
            connect_elsewhere: RefCell::new(options.connect_elsewhere.take()),
            timers: RefCell::default(),
            listeners: RefCell::default(),
            held: Cell::new(false),
            room: RefCell::default(),
            subscribers: RefCell::new(subscribers),
            observers: RefCell::default(),
            #[cfg(feature = "js")]
            feed: RefCell::default(),
            place: RefCell::new(Place::new(&options.last_event_id)),
            messages: Cell::new(0),
            bytes: Cell::new(0),
            dropped: Cell::new(0),
            options,
        });
        if let Some(resume) = runtime.options.resume {
            resume(&runtime);
        }
        if let Some(obey_signal) = &runtime.options.obey_signal {
            obey_signal(&runtime);
        }
        runtime.step(Input::Start);
        match (runtime.state(), runtime.options.follow_page) {
            (State::Closed { cause: Some(error) }, _) => return Err(error),
            (State::Closed { cause: None }, _) | (_, None) => {}
            (_, Some(follow_page)) => follow_page(&runtime),
        }
        Ok(runtime)
    }

    /// Listens until the source has ended.
    pub(crate) fn listen(&self, target: &EventTarget, event_type: &str, handle: fn(&Self, &Event)) {
        let me = self.me.clone();
        let listener = Listener::new(target, event_type, move |event| {
            if let Some(runtime) = me.upgrade() {
                handle(&runtime, &event);
            }
        });
        self.listeners.borrow_mut().push(listener);
    }

    pub(crate) fn obey(&self, signal: &AbortSignal) {
        if signal.aborted() {
            self.step(Input::Close);
        } else {
            self.listen(signal, "abort", |runtime, _| runtime.step(Input::Close));
        }
    }

    /// Begins after this id, instead of the one that the options say.
    pub(crate) fn begin_after(&self, id: String) {
        self.place.borrow_mut().move_to(id.into());
    }

    /// Takes in what happened, and does what is to be done about it.
    pub(crate) fn step(&self, input: Input) {
        self.connection.borrow_mut().handle(now(), input);
        loop {
            let output = self.connection.borrow_mut().poll_output();
            match output {
                Some(output) => self.perform(output),
                None => return,
            }
        }
    }

    fn perform(&self, output: Output) {
        match output {
            Output::Open => self.connect(),
            Output::Probe => {
                if let Some(probe) = self.options.probe {
                    probe(self);
                }
            }
            Output::Release => {
                self.released.set(self.released.get() + 1);
                self.held.set(false);
                drop((self.transport.take(), self.task.take(), self.room.take()));
            }
            Output::Consult(failure) => {
                let delay = self.consult(failure);
                self.step(Input::Decided(delay));
            }
            Output::SetTimer(timer, after) => {
                if let Some(set_timer) = self.options.set_timer {
                    set_timer(self, timer, after);
                }
            }
            Output::ClearTimer(timer) => self.timers.borrow_mut().retain(|(known, _)| *known != timer),
            Output::Announce(state) => self.announce(&state),
        }
    }

    fn connect(&self) {
        let connect_elsewhere = self.connect_elsewhere.borrow().clone();
        match connect_elsewhere {
            Some(connect_elsewhere) => connect_elsewhere(self),
            None => self.connect_to(self.url.clone()),
        }
    }

    /// Connects to the address that a provider gives.
    pub(crate) fn connect_elsewhere(&self, provider: &UrlProvider) {
        let (me, attempt) = (self.me.clone(), self.released.get());
        let address = provider();
        // The provider may have closed the source, or asked for another connection.
        if self.released.get() != attempt {
            return;
        }
        let task = Task::spawn(async move {
            let address = address.await;
            let Some(runtime) = me.upgrade().filter(|runtime| runtime.released.get() == attempt) else { return };
            let url = address
                .and_then(|address| address::resolve(&address).map_err(|_| ["\"", &*address, "\" is no URL"].concat()));
            match url {
                Ok(url) => runtime.connect_to(url),
                Err(reason) => runtime.step(Input::Failed(Error::UrlProvider { reason })),
            }
        });
        self.task.replace(Some(task));
    }

    fn connect_to(&self, url: String) {
        let attempt = self.released.get();
        match self.make_transport(url) {
            // Making a request may run the page's code, and that may have closed the source.
            Ok(transport) if self.released.get() != attempt => drop(transport),
            Ok(transport) => drop(self.transport.replace(Some(transport))),
            Err(error) => self.step(Input::Failed(error)),
        }
    }

    fn make_transport(&self, address: String) -> Result<Box<dyn Transport>, Error> {
        self.place.borrow_mut().carry_over();
        let url = self.with_place(&address);
        self.attempted.replace(address);
        let connect = self.connect.borrow().clone();
        let connect = connect.ok_or_else(Error::no_browser)?;
        let transport = connect(Attempt {
            url,
            source_url: self.url.clone(),
            last_event_id: self.last_event_id(),
            tell_in_header: self.options.place_parameter().is_none(),
            with_credentials: self.options.with_credentials,
            sink: Rc::new(Sink { runtime: self.me.clone(), attempt: self.released.get() }),
        })?;
        for event_type in self.subscribers.borrow().types() {
            transport.listen(&event_type);
        }
        Ok(transport)
    }

    /// An address that tells the server where the client is.
    fn with_place(&self, address: &str) -> String {
        let id = self.last_event_id();
        match self.options.place_parameter() {
            Some(name) if !id.is_empty() => address::with_parameter(address, name, &id),
            _ => address.to_owned(),
        }
    }

    /// Finds out why the browser's object gave up.
    pub(crate) fn probe(&self) {
        let (me, with_credentials) = (self.me.clone(), self.options.with_credentials);
        let url = self.with_place(&self.attempted.borrow());
        let cause = Error::ConnectionFailed { url: self.url.clone() };
        let task = Task::spawn(async move {
            let found = probe(&url, with_credentials, cause).await;
            if let Some(runtime) = me.upgrade() {
                runtime.step(Input::Probed(found));
            }
        });
        self.task.replace(Some(task));
    }

    fn consult(&self, failure: Failure) -> Option<Duration> {
        let consult = self.consult.borrow().clone()?;
        consult(failure)
    }

    pub(crate) fn set_timer(&self, timer: Timer, after: Duration) {
        let me = self.me.clone();
        // The connection has cut it to what a timer can wait.
        let milliseconds = u32::try_from(milliseconds(after)).unwrap_or(u32::MAX);
        let timeout = Timeout::new(milliseconds, move || {
            if let Some(runtime) = me.upgrade() {
                runtime.fired(timer);
            }
        });
        let mut timers = self.timers.borrow_mut();
        timers.retain(|(known, _)| *known != timer);
        timers.push((timer, timeout));
    }

    fn fired(&self, timer: Timer) {
        self.timers.borrow_mut().retain(|(known, _)| *known != timer);
        self.heard_newest();
        self.step(Input::Fired(timer));
    }

    fn report(&self, report: Report) {
        let lost = || Error::Disconnected { url: self.url.clone() };
        match report {
            Report::Message(message) => self.deliver(message),
            Report::Opened => self.step(Input::Opened),
            Report::Activity => self.step(Input::Activity),
            Report::Place(id) => self.place.borrow_mut().move_to(id),
            Report::ReconnectionTime(time) => self.step(Input::ReconnectionTime(time)),
            Report::Interrupted => self.step(Input::Interrupted(lost())),
            Report::Failed(cause) => self.step(Input::Failed(cause)),
            Report::Ended => self.step(Input::Ended(lost())),
        }
    }

    fn deliver(&self, message: Message) {
        let gap = self.is_gap(&message);
        // Nobody reads it, so it need not have an id of its own.
        let unread = self.options.heartbeat_event.as_deref() == Some(message.event_type())
            && !self.subscribers.borrow().has(message.event_type());
        if gap {
            self.connection.borrow_mut().lost_place();
        } else if unread || !self.connection.borrow_mut().admits(|| message.last_event_id()) {
            return self.heard(&message, unread);
        }
        #[cfg(feature = "js")]
        let fed = self.feed_message(&message);
        let subscribers = self.subscribers.borrow();
        if subscribers.has(message.event_type()) {
            self.messages.set(self.messages.get() + 1);
            self.bytes.set(self.bytes.get() + message.len());
            let mut place = self.place.borrow_mut();
            match message.as_raw() {
                Some(event) => place.note(event.clone()),
                None => place.note_text(Arc::clone(message.shared_id()), self.last_activity()),
            }
        } else {
            self.heard(&message, true);
        }
        let given = if gap { subscribers.give_gap(&message) } else { subscribers.give(message) };
        drop(subscribers);
        self.dropped.set(self.dropped.get() + given.dropped);
        wake(given.wakers);
        #[cfg(feature = "js")]
        wake(fed.into_iter().collect());
    }

    fn is_gap(&self, message: &Message) -> bool {
        self.options.gap_event.as_deref() == Some(message.event_type())
    }

    /// Takes note of a message that nobody reads: when it came, if its bytes were not reported, or the place that it
    /// `moves`, if that is the stream's.
    fn heard(&self, message: &Message, moves: bool) {
        match message.as_raw() {
            Some(event) => self.connection.borrow_mut().handle(time_of(event), Input::Activity),
            None if moves => self.place.borrow_mut().move_to(Arc::clone(message.shared_id())),
            None => {}
        }
    }

    /// The same for the newest message. It is not told of each, only before it matters.
    fn heard_newest(&self) {
        if let Some(newest) = self.place.borrow().newest().map(Newest::time) {
            self.connection.borrow_mut().handle(newest, Input::Activity);
        }
    }

    fn last_activity(&self) -> Instant {
        self.connection.borrow().last_activity().unwrap_or_default()
    }

    fn poll_room(&self, message: &Message, cx: &Context<'_>) -> Poll<()> {
        let has_room = self.subscribers.borrow().has_room(message.event_type(), self.is_gap(message));
        #[cfg(feature = "js")]
        let has_room = has_room && self.feed_has_room(message);
        if !has_room {
            let before = self.room.replace(Some(cx.waker().clone()));
            drop(before);
        }
        if self.held.replace(!has_room) == has_room {
            self.step(if has_room { Input::Flowing } else { Input::Held });
        }
        if has_room { Poll::Ready(()) } else { Poll::Pending }
    }

    /// There may be room in a queue that was full.
    pub(crate) fn made_room(&self) {
        let transport = self.room.take();
        if let Some(transport) = transport {
            transport.wake();
        }
    }

    fn announce(&self, state: &State) {
        let mut wakers: Vec<Waker> = Vec::new();
        for observer in &*self.observers.borrow() {
            wakers.extend(observer.observe(state));
        }
        #[cfg(feature = "js")]
        wakers.extend(self.feed_state(state));
        let mut unneeded = (None, None, None);
        if let State::Closed { cause } = state {
            drop(self.listeners.take());
            // What the user gave may hold a handle to this source.
            unneeded = (self.consult.take(), self.connect_elsewhere.take(), self.connect.take());
            self.observers.take();
            self.subscribers.borrow_mut().finish(cause.as_ref(), &mut wakers);
        }
        wake(wakers);
        drop(unneeded);
    }

    pub(crate) fn subscribe<'a>(
        self: &Rc<Self>,
        event_types: impl IntoIterator<Item = &'a str>,
        queue: Queue<Delivery>,
    ) -> Subscription {
        // The caller's iterator may run anything, so it ends before a borrow begins.
        let event_types: Vec<&str> = event_types.into_iter().collect();
        let queue = Rc::new(queue);
        if let State::Closed { cause } = self.connection.borrow().state() {
            queue.finish(cause.clone());
        } else {
            let new = self.subscribers.borrow_mut().add(&event_types, &queue);
            if let Some(transport) = &*self.transport.borrow() {
                for event_type in &new {
                    transport.listen(event_type);
                }
            }
        }
        Subscription::new(queue, Rc::clone(self))
    }

    /// The same for all types, over a transport that shows them.
    #[cfg(feature = "fetch")]
    pub(crate) fn subscribe_any(self: &Rc<Self>, queue: Queue<Delivery>) -> Subscription {
        let queue = Rc::new(queue);
        if let State::Closed { cause } = self.connection.borrow().state() {
            queue.finish(cause.clone());
        } else {
            self.subscribers.borrow_mut().add_to_any(&queue);
        }
        Subscription::new(queue, Rc::clone(self))
    }

    pub(crate) fn unsubscribe(&self, queue: &Rc<Queue<Delivery>>) {
        let unused = self.subscribers.borrow_mut().remove(queue);
        if let Some(transport) = &*self.transport.borrow() {
            for event_type in &unused {
                transport.unlisten(event_type);
            }
        }
        self.made_room();
    }

    pub(crate) fn states(&self) -> States {
        let queue = Rc::new(Queue::newest(States::CAPACITY));
        let state = self.state();
        // Nobody has polled it yet.
        let _ = queue.observe(&state);
        if !matches!(state, State::Closed { .. }) {
            self.observers.borrow_mut().push(Rc::<Queue<State>>::clone(&queue));
        }
        States::new(queue, self.me.clone())
    }

    pub(crate) fn forget_states(&self, queue: &Rc<Queue<State>>) {
        self.observers.borrow_mut().retain(|known| !std::ptr::addr_eq(Rc::as_ptr(known), Rc::as_ptr(queue)));
    }

    pub(crate) fn state(&self) -> State {
        self.connection.borrow().state().clone()
    }

    pub(crate) fn options(&self) -> &EventSourceBuilder {
        &self.options
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    pub(crate) fn last_event_id(&self) -> Arc<str> {
        self.place.borrow().last_event_id()
    }

    pub(crate) fn stats(&self) -> Stats {
        self.heard_newest();
        let connection = self.connection.borrow();
        let age = |time: Instant| now().saturating_sub(time);
        Stats {
            messages: self.messages.get(),
            bytes: self.bytes.get(),
            dropped: self.dropped.get(),
            duplicates: connection.duplicates(),
            reconnects: connection.reconnects(),
            last_message_age: self.place.borrow().newest().map(|newest| age(newest.time())),
            last_activity_age: connection.last_activity().map(age),
        }
    }
}

impl fmt::Debug for Runtime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Runtime").field("url", &self.url).field("state", &self.state()).finish_non_exhaustive()
    }
}

impl Drop for Runtime {
    fn drop(&mut self) {
        // The streams of states outlive the source, and are told.
        self.step(Input::Close);
    }
}

fn wake(wakers: Vec<Waker>) {
    wakers.into_iter().for_each(Waker::wake);
}

/// What a policy is asked.
pub(crate) fn retry_context(failure: Failure) -> RetryContext {
    RetryContext {
        failure_streak: failure.streak,
        connected_for: failure.connected_for,
        server_retry: failure.server_retry,
        retry_after: failure.cause.retry_after(),
        cause: failure.cause,
        random: js_sys::Math::random(),
    }
}

/// Who a transport reports to.
pub(crate) struct Sink {
    runtime: Weak<Runtime>,
    attempt: u64,
}

impl Sink {
    /// The runtime, while this transport is the one it listens to.
    fn runtime(&self) -> Option<Rc<Runtime>> {
        self.runtime.upgrade().filter(|runtime| runtime.released.get() == self.attempt)
    }

    pub(crate) fn report(&self, report: Report) {
        if let Some(runtime) = self.runtime() {
            runtime.report(report);
        }
    }

    /// Whether it still listens to this transport.
    pub(crate) fn is_open(&self) -> bool {
        self.runtime().is_some()
    }

    /// Waits until a message may be reported.
    pub(crate) fn poll_room(&self, message: &Message, cx: &Context<'_>) -> Poll<()> {
        self.runtime().map_or(Poll::Ready(()), |runtime| runtime.poll_room(message, cx))
    }
}
