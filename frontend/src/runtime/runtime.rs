//! What the handles, subscriptions and guards of one source share. It does what the connection decides.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::rc::{Rc, Weak};
use std::sync::Arc;
use std::time::Duration;

use gloo_timers::callback::Timeout;

use crate::core::close::CloseReason;
use crate::core::connection::Connection;
use crate::core::retry::RetryContext;
use crate::core::state::State;
use crate::core::stats::Stats;
use crate::core::steps::{Input, Output, Timer};
use crate::core::time::Instant;
use crate::error::Error;
use crate::platform::address;
use crate::platform::clock::now;
use crate::platform::listener::Listener;
use crate::platform::task::Task;
use crate::runtime::delivery::Delivery;
use crate::runtime::outlet::Outlet;
use crate::runtime::parts::{KeepPlace, Options, Parts};
use crate::runtime::reporter::{Port, Reporter};
use crate::runtime::routes::{Interest, OutletId, Role};
use crate::transport::contract::{Attempt, Transport, with_place};

/// No borrow is held while foreign code runs: a waker, a callback, a policy or a provider may close, drop, subscribe.
pub(crate) struct Runtime {
    me: Weak<Self>,
    url: Rc<str>,
    options: Options,
    parts: RefCell<Parts>,
    connection: RefCell<Connection>,
    delivery: Rc<Delivery>,
    transport: RefCell<Option<Rc<dyn Transport>>>,
    /// Where the newest attempt went, without the place.
    attempted: RefCell<Option<String>>,
    probe: RefCell<Option<Task>>,
    /// Counts the transports that have been let go, so that late reports are told from those that count.
    released: Rc<Cell<u64>>,
    timers: RefCell<Vec<(Timer, Timeout)>>,
    /// What the source listens to until it has ended, besides its transport.
    listeners: RefCell<Vec<Listener>>,
    bookmark: RefCell<Option<Rc<dyn KeepPlace>>>,
}

impl Runtime {
    pub(crate) fn open(options: Options, mut parts: Parts) -> Result<Rc<Self>, Error> {
        if cfg!(not(target_family = "wasm")) {
            return Err(Error::no_browser());
        }
        let url = address::resolve(&options.url)?;
        let bookmark = parts.bookmark.take().and_then(|bookmark| bookmark(&url));
        let found = bookmark.as_ref().and_then(|bookmark| bookmark.find());
        let own = [(&options.heartbeat_event, Role::Heartbeat), (&options.gap_event, Role::Gap)];
        let own: Vec<_> = own.iter().filter_map(|(event_type, role)| Some((event_type.as_deref()?, *role))).collect();
        let place = found.as_deref().unwrap_or(&options.last_event_id);
        let delivery = Delivery::new(place, &own, parts.duplicates.take());
        let (signal, follow_page) = (parts.signal.take(), parts.follow_page);
        let runtime = Rc::new_cyclic(|me| Self {
            me: Weak::clone(me),
            url: url.into(),
            connection: RefCell::new(Connection::new(options.rules.clone())),
            delivery,
            transport: RefCell::default(),
            attempted: RefCell::default(),
            probe: RefCell::default(),
            released: Rc::default(),
            timers: RefCell::default(),
            listeners: RefCell::default(),
            bookmark: RefCell::default(),
            options,
            parts: RefCell::new(parts),
        });
        if let Some(signal) = signal {
            let listener = signal(runtime.port());
            runtime.listen(listener);
        }
        runtime.step(Input::Start);
        match runtime.state() {
            State::Closed { reason: CloseReason::Failed { cause } } => return Err(cause),
            // Already aborted: nothing was asked for.
            State::Closed { .. } => return Ok(runtime),
            _ => {}
        }
        if let Some(bookmark) = bookmark {
            bookmark.take();
            runtime.keep_place(bookmark);
        }
        if let Some(follow_page) = follow_page {
            runtime.listen(follow_page(runtime.port()));
        }
        Ok(runtime)
    }

    /// What takes in what happens, for as long as the source lives.
    fn port(&self) -> Port {
        let me = Weak::clone(&self.me);
        Rc::new(move |input| {
            if let Some(runtime) = me.upgrade() {
                runtime.step(input);
            }
        })
    }

    fn listen(&self, listeners: impl IntoIterator<Item = Listener>) {
        // A page that was told to listen may have ended the source.
        if !self.state().is_closed() {
            self.listeners.borrow_mut().extend(listeners);
        }
    }

    fn keep_place(&self, bookmark: Rc<dyn KeepPlace>) {
        let me = Weak::clone(&self.me);
        let place = Rc::new(move || me.upgrade().map(|runtime| runtime.last_event_id()));
        self.listen(Rc::clone(&bookmark).follow(place));
        self.bookmark.replace(Some(bookmark));
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
                self.delivery.release();
                let transport = self.transport.take();
                if let Some(transport) = &transport {
                    self.attempted.replace(transport.address());
                }
                drop((transport, self.probe.take()));
            }
            Output::Consult(context) => {
                let delay = self.consult(context);
                self.step(Input::Decided(delay));
            }
            Output::SetTimer(timer, after) => self.set_timer(timer, after),
            Output::ClearTimer(timer) => self.timers.borrow_mut().retain(|(known, _)| *known != timer),
            Output::Excuse => {
                let excuse = self.parts.borrow().excuse;
                if let Some(excuse) = excuse {
                    excuse(&self.delivery, &self.url);
                }
            }
            Output::Announce(state) => self.announce(&state),
        }
    }

    fn connect(&self) {
        let attempt = self.released.get();
        match self.make_transport(attempt) {
            // Making a request may run the page's code, and that may have closed the source.
            Ok(transport) if self.released.get() != attempt => drop(transport),
            Ok(transport) => {
                let transport: Rc<dyn Transport> = transport.into();
                self.transport.replace(Some(Rc::clone(&transport)));
                for kind in self.delivery.kinds() {
                    transport.listen(&kind);
                }
            }
            Err(error) => self.step(Input::Failed(error)),
        }
    }

    fn make_transport(&self, attempt: u64) -> Result<Box<dyn Transport>, Error> {
        let connect = self.parts.borrow().connect.clone().ok_or_else(Error::no_browser)?;
        let reporter = Reporter {
            delivery: Rc::clone(&self.delivery),
            port: self.port(),
            source_url: Rc::clone(&self.url),
            released: Rc::clone(&self.released),
            attempt,
            opened: Cell::new(None),
        };
        let attempt = Attempt {
            address: self.url.to_string(),
            source_url: Rc::clone(&self.url),
            last_event_id: self.delivery.carry_over(),
            place_parameter: self.options.place_parameter.clone(),
            with_credentials: self.options.with_credentials,
        };
        connect(attempt, Rc::new(reporter))
    }

    /// Finds out why the browser's object gave up.
    fn probe(&self) {
        let probe = self.parts.borrow().probe;
        let Some(probe) = probe else { return };
        let address = self.attempted.take().unwrap_or_else(|| self.url.to_string());
        let url = with_place(&address, self.options.place_parameter.as_deref(), &self.delivery.arrived_id());
        let cause = Error::ConnectionFailed { url: self.url.to_string() };
        self.probe.replace(Some(probe(url, self.options.with_credentials, cause, self.port())));
    }

    fn consult(&self, mut context: RetryContext) -> Option<Duration> {
        let consult = self.parts.borrow().consult.clone()?;
        context.random = js_sys::Math::random();
        consult(context)
    }

    fn set_timer(&self, timer: Timer, after: Duration) {
        let set = self.parts.borrow().timer;
        let Some(set) = set else { return };
        let me = Weak::clone(&self.me);
        let fired = Box::new(move || {
            if let Some(runtime) = me.upgrade() {
                runtime.fired(timer);
            }
        });
        let mut timers = self.timers.borrow_mut();
        timers.retain(|(known, _)| *known != timer);
        timers.push((timer, set(after, fired)));
    }

    fn fired(&self, timer: Timer) {
        self.timers.borrow_mut().retain(|(known, _)| *known != timer);
        self.hear();
        self.step(Input::Fired(timer));
    }

    /// Tells the connection when the newest message came. It is not told of each, only before it matters.
    fn hear(&self) -> Option<Instant> {
        let (newest, heard) = self.delivery.heard_at();
        if let Some(at) = newest.max(heard) {
            self.connection.borrow_mut().handle(at, Input::Activity);
        }
        newest
    }

    fn announce(&self, state: &State) {
        let mut unneeded = None;
        match state {
            State::Open if self.connection.borrow().reconnects() > 0 => self.delivery.reconnected(),
            State::Closed { reason } => {
                drop(self.listeners.take());
                let bookmark = self.bookmark.take();
                if let (Some(bookmark), CloseReason::Failed { .. }) = (bookmark, reason) {
                    bookmark.leave(&self.last_event_id());
                }
                // What the user gave may hold a handle to this source.
                unneeded = Some(self.parts.take());
            }
            _ => {}
        }
        self.delivery.announce(state);
        drop(unneeded);
    }

    /// Adds an outlet, one that `calls` or one that queues. `None` if the source has ended: then the outlet has been told.
    pub(crate) fn add(&self, interest: Interest<'_>, outlet: Rc<dyn Outlet>, calls: bool) -> Option<OutletId> {
        if let State::Closed { reason } = self.state() {
            outlet.finish(&reason);
            return None;
        }
        let (id, new) = self.delivery.add(interest, outlet, calls);
        let transport = self.transport.borrow().clone();
        if let Some(transport) = transport {
            new.iter().for_each(|kind| transport.listen(kind));
        }
        Some(id)
    }

    /// One type more for an outlet.
    #[cfg(feature = "js")]
    pub(crate) fn extend(&self, id: OutletId, event_type: &Rc<str>) {
        let new = self.delivery.extend(id, event_type);
        let transport = self.transport.borrow().clone();
        if let (Some(kind), Some(transport)) = (new, transport) {
            transport.listen(&kind);
        }
    }

    pub(crate) fn remove(&self, id: OutletId) {
        let unused = self.delivery.remove(id);
        let transport = self.transport.borrow().clone();
        if let Some(transport) = transport {
            unused.iter().for_each(|kind| transport.unlisten(kind));
        }
    }

    pub(crate) fn delivery(&self) -> &Rc<Delivery> {
        &self.delivery
    }

    pub(crate) fn downgrade(&self) -> Weak<Self> {
        Weak::clone(&self.me)
    }

    pub(crate) fn state(&self) -> State {
        self.connection.borrow().state().clone()
    }

    pub(crate) fn flows(&self) -> bool {
        self.options.flows
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    pub(crate) fn last_event_id(&self) -> Arc<str> {
        self.delivery.taken_id()
    }

    pub(crate) fn stats(&self) -> Stats {
        let newest = self.hear();
        let connection = self.connection.borrow();
        let age = |time: Instant| now().saturating_sub(time);
        Stats {
            messages: self.delivery.messages(),
            bytes: self.delivery.bytes(),
            dropped: self.delivery.dropped(),
            duplicates: self.delivery.suppressed(),
            reconnects: connection.reconnects(),
            last_message_age: newest.map(age),
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
