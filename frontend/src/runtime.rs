//! What the handles and subscriptions of one source share: it does what the connection decides.

#[cfg(feature = "js")]
pub(crate) mod feed;

use std::cell::{Cell, RefCell};
use std::fmt;
use std::rc::{Rc, Weak};
use std::task::Waker;
use std::time::Duration;

use gloo_timers::callback::Timeout;
use js_sys::JsString;
use wasm_bindgen::prelude::*;
use web_sys::MessageEvent;

use crate::connection::{Connection, Failure, Input, Instant, Output, Timer};
use crate::lifecycle::{Lifecycle, Signal};
use crate::options::UrlProvider;
use crate::place::{Bookmark, Place};
use crate::queue::Queue;
use crate::retry::RetryContext;
use crate::subscription::{Delivery, Subscribers};
use crate::task::Task;
use crate::transport::{Native, Report, probe};
use crate::{Error, EventSourceBuilder, Message, RetryPolicy, State, States, Stats, Subscription, address};

/// No borrow is held while foreign code runs: a waker, a policy, a URL provider may close, drop, subscribe.
pub(crate) struct Runtime {
    me: Weak<Self>,
    url: String,
    options: EventSourceBuilder,
    policy: RefCell<Option<Rc<dyn RetryPolicy>>>,
    url_provider: RefCell<Option<Rc<UrlProvider>>>,
    connection: RefCell<Connection>,
    transport: RefCell<Option<Native>>,
    /// The address of the newest attempt, without an id.
    attempted: RefCell<String>,
    /// What is to become a transport, or a probe.
    task: RefCell<Option<Task>>,
    /// Counts what has been let go, so that a provider that ends it hears of it.
    released: Cell<u64>,
    timers: RefCell<Vec<(Timer, Timeout)>>,
    lifecycle: RefCell<Option<Lifecycle>>,
    subscribers: RefCell<Subscribers>,
    observers: RefCell<Vec<Rc<Queue<State>>>>,
    #[cfg(feature = "js")]
    feed: RefCell<Option<Rc<Queue<feed::Arrival>>>>,
    place: RefCell<Place>,
    bookmark: Option<Bookmark>,
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
        let bookmark = options.resume_after_reload.then(|| Bookmark::new(&url));
        let initial = bookmark.as_ref().and_then(Bookmark::take).unwrap_or_else(|| options.last_event_id.clone());
        let own = [&options.heartbeat_event, &options.gap_event];
        let subscribers = Subscribers::new(own.into_iter().flatten().map(String::as_str));
        let (settings, lives_with_page) = (options.settings(), options.lives_with_page());
        let runtime = Rc::new_cyclic(|me| Self {
            me: me.clone(),
            url,
            connection: RefCell::new(Connection::new(settings)),
            transport: RefCell::default(),
            attempted: RefCell::default(),
            task: RefCell::default(),
            released: Cell::new(0),
            policy: RefCell::new(options.policy.take()),
            url_provider: RefCell::new(options.url_provider.take()),
            timers: RefCell::default(),
            lifecycle: RefCell::default(),
            subscribers: RefCell::new(subscribers),
            observers: RefCell::default(),
            #[cfg(feature = "js")]
            feed: RefCell::default(),
            place: RefCell::new(Place::new(initial)),
            bookmark,
            messages: Cell::new(0),
            bytes: Cell::new(0),
            dropped: Cell::new(0),
            options,
        });
        runtime.step(Input::Start);
        if let State::Closed { cause: Some(error) } = runtime.state() {
            return Err(error);
        }
        if lives_with_page {
            runtime.follow_page();
        }
        Ok(runtime)
    }

    fn follow_page(&self) {
        let me = self.me.clone();
        let lifecycle = Lifecycle::listen(move |signal| {
            if let Some(runtime) = me.upgrade() {
                runtime.signalled(signal);
            }
        });
        self.lifecycle.replace(Some(lifecycle));
        for input in Lifecycle::now() {
            self.step(input);
        }
    }

    fn signalled(&self, signal: Signal) {
        match (signal, &self.bookmark) {
            (Signal::Input(input), _) => self.step(input),
            (Signal::PageHide, Some(bookmark)) => bookmark.write(&self.last_event_id()),
            (Signal::PageShow, Some(bookmark)) => bookmark.clear(),
            _ => {}
        }
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
            Output::Probe => self.probe(),
            Output::Release => {
                self.released.set(self.released.get() + 1);
                drop((self.transport.take(), self.task.take()));
            }
            Output::Consult(failure) => {
                let delay = self.consult(failure);
                self.step(Input::Decided(delay));
            }
            Output::SetTimer(timer, after) => self.set_timer(timer, after),
            Output::ClearTimer(timer) => self.timers.borrow_mut().retain(|(known, _)| *known != timer),
            Output::Announce(state) => self.announce(&state),
        }
    }

    fn connect(&self) {
        let provider = self.url_provider.borrow().clone();
        let Some(provider) = provider else { return self.connect_to(&self.url) };
        let (me, attempt) = (self.me.clone(), self.released.get());
        let address = provider();
        // The provider may have closed the source, or asked for another connection.
        if self.released.get() != attempt {
            return;
        }
        let task = Task::spawn(async move {
            let address = address.await;
            let Some(runtime) = me.upgrade().filter(|runtime| runtime.released.get() == attempt) else { return };
            match address {
                Ok(address) => runtime.connect_to(&address),
                Err(reason) => runtime.step(Input::Failed(Error::UrlProvider { reason })),
            }
        });
        self.task.replace(Some(task));
    }

    fn connect_to(&self, address: &str) {
        match self.make_transport(address) {
            Ok(transport) => drop(self.transport.replace(Some(transport))),
            Err(Error::InvalidUrl { url }) if self.url_provider.borrow().is_some() => {
                self.step(Input::Failed(Error::UrlProvider { reason: format!("\"{url}\" is no URL") }));
            }
            Err(error) => self.step(Input::Failed(error)),
        }
    }

    fn make_transport(&self, address: &str) -> Result<Native, Error> {
        let address = address::resolve(address)?;
        self.place.borrow_mut().carry_over();
        let url = self.with_place(&address);
        self.attempted.replace(address);
        let me = self.me.clone();
        let sink = Rc::new(move |report| {
            if let Some(runtime) = me.upgrade() {
                runtime.report(report);
            }
        });
        let transport = Native::open(&url, self.options.with_credentials, sink)?;
        for event_type in self.subscribers.borrow().types() {
            transport.listen(&event_type);
        }
        Ok(transport)
    }

    /// An address that tells the server where the client is.
    fn with_place(&self, address: &str) -> String {
        let id = self.last_event_id();
        match &self.options.last_event_id_param {
            Some(name) if !id.is_empty() => address::with_parameter(address, name, &id),
            _ => address.to_owned(),
        }
    }

    fn probe(&self) {
        let (me, with_credentials) = (self.me.clone(), self.options.with_credentials);
        let url = self.with_place(&self.attempted.borrow());
        let cause = Error::ConnectionFailed { url: self.url.clone() };
        let task = Task::spawn(async move {
            let found = probe(url, with_credentials, cause).await;
            if let Some(runtime) = me.upgrade() {
                runtime.step(Input::Probed(found));
            }
        });
        self.task.replace(Some(task));
    }

    fn consult(&self, Failure { cause, streak, connected_for }: Failure) -> Option<Duration> {
        let policy = self.policy.borrow().clone()?;
        let context = RetryContext {
            cause,
            failure_streak: streak,
            connected_for,
            server_retry: None,
            random: js_sys::Math::random(),
        };
        policy.next_delay(&context)
    }

    fn set_timer(&self, timer: Timer, after: Duration) {
        let me = self.me.clone();
        // The connection has cut it to what a timer can wait.
        let milliseconds = u32::try_from(after.as_millis()).unwrap_or(u32::MAX);
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
        match report {
            Report::Opened => self.step(Input::Opened),
            Report::Message(message) => self.deliver(message),
            Report::Interrupted => self.step(Input::Interrupted(Error::Disconnected { url: self.url.clone() })),
            Report::Failed => self.step(Input::Failed(Error::ConnectionFailed { url: self.url.clone() })),
        }
    }

    fn deliver(&self, message: Message) {
        let is = |own: &Option<String>| own.as_deref() == Some(message.event_type());
        let gap = is(&self.options.gap_event);
        // Nobody reads it, so it need not have an id of its own.
        let unread = is(&self.options.heartbeat_event) && !self.subscribers.borrow().has(message.event_type());
        if gap {
            self.connection.borrow_mut().lost_place();
        } else if unread || !self.connection.borrow_mut().admits(|| message.last_event_id()) {
            return self.heard(message.raw());
        }
        #[cfg(feature = "js")]
        let fed = self.feed_message(&message);
        let raw = message.raw().clone();
        let length = message.data_js().dyn_ref::<JsString>().map_or(0, JsString::length);
        let subscribers = self.subscribers.borrow();
        let is_read = subscribers.has(message.event_type());
        let given = if gap { subscribers.give_gap(&message) } else { subscribers.give(message) };
        drop(subscribers);
        if is_read {
            self.messages.set(self.messages.get() + 1);
            self.bytes.set(self.bytes.get() + u64::from(length));
            self.place.borrow_mut().note(raw);
        } else {
            self.heard(&raw);
        }
        self.dropped.set(self.dropped.get() + given.dropped);
        wake(given.wakers);
        #[cfg(feature = "js")]
        wake(fed.into_iter().collect());
    }

    /// Tells the connection when an event came.
    fn heard(&self, event: &MessageEvent) {
        self.connection.borrow_mut().handle(time_of(event), Input::Activity);
    }

    /// The same for the newest message. It is not told of each, only before it matters.
    fn heard_newest(&self) {
        if let Some(newest) = self.place.borrow().newest() {
            self.heard(newest);
        }
    }

    fn announce(&self, state: &State) {
        let mut wakers: Vec<Waker> = Vec::new();
        wakers.extend(self.observers.borrow().iter().filter_map(|queue| queue.push(state.clone()).waker));
        #[cfg(feature = "js")]
        wakers.extend(self.feed_state(state));
        let mut unneeded = (None, None);
        if let State::Closed { cause } = state {
            self.lifecycle.take();
            // What the user gave may hold a handle to this source.
            unneeded = (self.policy.take(), self.url_provider.take());
            wakers.extend(self.observers.take().iter().filter_map(|queue| queue.finish(None)));
            wakers.extend(self.subscribers.borrow_mut().finish(cause.as_ref()));
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

    pub(crate) fn unsubscribe(&self, queue: &Rc<Queue<Delivery>>) {
        let unused = self.subscribers.borrow_mut().remove(queue);
        if let Some(transport) = &*self.transport.borrow() {
            for event_type in &unused {
                transport.unlisten(event_type);
            }
        }
    }

    pub(crate) fn states(&self) -> States {
        let queue = Rc::new(Queue::newest(States::CAPACITY));
        let state = self.state();
        let ended = matches!(state, State::Closed { .. });
        let _ = queue.push(state);
        if ended {
            queue.finish(None);
        } else {
            self.observers.borrow_mut().push(Rc::clone(&queue));
        }
        States::new(queue, self.me.clone())
    }

    pub(crate) fn forget_states(&self, queue: &Rc<Queue<State>>) {
        self.observers.borrow_mut().retain(|known| !Rc::ptr_eq(known, queue));
    }

    pub(crate) fn state(&self) -> State {
        self.connection.borrow().state().clone()
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    pub(crate) fn last_event_id(&self) -> String {
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
            last_message_age: self.place.borrow().newest().map(|newest| age(time_of(newest))),
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

fn time_of(event: &MessageEvent) -> Instant {
    instant(event.time_stamp())
}

/// The time stamps of events and `performance.now()` share their origin.
fn now() -> Instant {
    instant(performance_now())
}

fn instant(milliseconds: f64) -> Instant {
    Duration::try_from_secs_f64(milliseconds / 1000.0).unwrap_or_default()
}

#[wasm_bindgen]
extern "C" {
    // Windows and all workers have it; web-sys reaches it through one of them only.
    #[wasm_bindgen(js_namespace = performance, js_name = now)]
    fn performance_now() -> f64;
}
