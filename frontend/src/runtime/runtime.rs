//! The part of a source that its handles, subscriptions and guards share. It carries out what the connection decides.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::rc::{Rc, Weak};
use std::sync::Arc;
use std::time::Duration;

use crate::core::close::CloseReason;
use crate::core::connection::{Connection, Input};
use crate::core::outbox::{Output, Timer};
use crate::core::rules::{Answered, Rules};
use crate::core::state::State;
use crate::core::stats::Stats;
use crate::core::time::Instant;
use crate::error::Error;
use crate::platform::address;
use crate::platform::clock::now;
use crate::platform::listener::Listener;
use crate::runtime::delivery::Delivery;
use crate::runtime::outlet::Outlet;
use crate::runtime::parts::{Ended, Keeping, Kept, Ongoing, Options, Parts};
use crate::runtime::reporter::{Port, Reporter};
use crate::runtime::routes::{Interest, OutletId, Role};
use crate::transport::contract::{Attempt, TellPlace, Transport};

/// No borrow is held while callers' code runs: a waker, a callback, a policy or a provider may close, drop or
/// subscribe.
pub(crate) struct Runtime {
    me: Weak<Self>,
    url: Rc<str>,
    /// Whether the source continues a stream of an earlier visit.
    resumes: bool,
    options: Box<Options>,
    parts: RefCell<Box<Parts>>,
    connection: RefCell<Connection>,
    delivery: Rc<Delivery>,
    transport: RefCell<Option<Rc<dyn Transport>>>,
    /// The URL of the newest attempt, without the last event ID.
    attempted: RefCell<Option<String>>,
    probe: RefCell<Option<Ongoing>>,
    /// Counts the transports that have been released, to recognize late reports of theirs.
    released: Rc<Cell<u64>>,
    timers: RefCell<Vec<(Timer, Ongoing)>>,
    /// What the source listens to until it has ended, besides its transport.
    listeners: RefCell<Vec<Listener>>,
    /// To be called when the source ends.
    ended: RefCell<Option<Box<Ended>>>,
}

impl Runtime {
    pub(crate) fn open(options: Box<Options>, mut parts: Box<Parts>) -> Result<Rc<Self>, Error> {
        if cfg!(not(target_family = "wasm")) {
            return Err(Error::no_browser());
        }
        let url = address::resolve(&options.url)?;
        let kept = parts.bookmark.take().and_then(|bookmark| bookmark(&url));
        let found = kept.as_ref().and_then(|kept| kept.found.as_deref()).filter(|_| !options.knows_place);
        let place = found.unwrap_or(&options.last_event_id);
        let resumes = !place.is_empty();
        let rules =
            Rules { begun: resumes && options.rules.again.answered == Answered::Resumed, ..options.rules.clone() };
        let delivery = Delivery::new(place, parts.duplicates.take());
        delivery.add_own(options.heartbeat_event.as_deref(), Role::Heartbeat);
        delivery.add_own(options.gap_event.as_deref(), Role::Gap);
        delivery.add_own(options.end_event.as_deref(), Role::End);
        let (signal, follow_page) = (parts.signal.take(), parts.follow_page);
        let runtime = Rc::new_cyclic(|me| Self {
            me: Weak::clone(me),
            url: url.into(),
            resumes,
            connection: RefCell::new(Connection::new(rules, parts.abilities)),
            delivery,
            transport: RefCell::default(),
            attempted: RefCell::default(),
            probe: RefCell::default(),
            released: Rc::default(),
            timers: RefCell::default(),
            listeners: RefCell::default(),
            ended: RefCell::default(),
            options,
            parts: RefCell::new(parts),
        });
        if let Some(signal) = signal {
            let listener = signal(runtime.port());
            runtime.listen(listener);
        }
        runtime.step(|connection, _| connection.start());
        match &*runtime.state() {
            State::Closed { reason: CloseReason::Failed { cause } } => return Err(cause.clone()),
            // Already aborted: no request was made.
            State::Closed { .. } => return Ok(runtime),
            _ => {}
        }
        if let Some(Kept { take, .. }) = kept {
            let Keeping { listeners, ended } = take(&runtime.delivery);
            runtime.ended.replace(Some(ended));
            runtime.listen(listeners);
        }
        if let Some(follow_page) = follow_page {
            runtime.listen(follow_page(&runtime.port()));
        }
        Ok(runtime)
    }

    /// A port for inputs to the connection, which works as long as the source exists.
    fn port(&self) -> Port {
        let me = Weak::clone(&self.me);
        Rc::new(move |input: Input| {
            if let Some(runtime) = me.upgrade() {
                runtime.step(input);
            }
        })
    }

    fn listen(&self, listeners: impl IntoIterator<Item = Listener>) {
        // The page's code that was called to add listeners may have closed the source.
        if !self.state().is_closed() {
            self.listeners.borrow_mut().extend(listeners);
        }
    }

    /// Passes an input to the connection, and carries out its outputs.
    pub(crate) fn step(&self, input: impl FnOnce(&mut Connection, Instant)) {
        let now = now();
        input(&mut self.connection.borrow_mut(), now);
        self.act();
    }

    fn act(&self) {
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
                let consult = self.parts.borrow().consult.clone();
                if let Some(consult) = consult {
                    consult(context, self.port());
                }
            }
            Output::SetTimer(timer, after) => self.set_timer(timer, after),
            Output::ClearTimer(timer) => drop(self.take_timer(timer)),
            Output::Excuse { lasted } => {
                let excuse = self.parts.borrow().excuse;
                if let Some(excuse) = excuse {
                    excuse(&self.delivery, &self.url, lasted);
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
            Err(error) => self.step(|connection, now| connection.failed(now, error)),
        }
    }

    fn make_transport(&self, attempt: u64) -> Result<Box<dyn Transport>, Error> {
        let connect = self.parts.borrow().connect.clone().ok_or_else(Error::no_browser)?;
        let id = self.delivery.carry_over();
        let reporter = Reporter {
            delivery: Rc::clone(&self.delivery),
            port: self.port(),
            source_url: Rc::clone(&self.url),
            released: Rc::clone(&self.released),
            attempt,
            arrivals: self.parts.borrow().arrivals.clone(),
            opened: Cell::new(None),
        };
        connect(self.attempt(self.url.to_string(), id), Rc::new(reporter))
    }

    fn attempt(&self, address: String, last_event_id: Arc<str>) -> Attempt {
        Attempt {
            address,
            source_url: Rc::clone(&self.url),
            last_event_id,
            place_parameter: self.options.place_parameter.clone(),
            tell_place: self.parts.borrow().tell_place,
            with_credentials: self.options.with_credentials,
            resumes: self.resumes || self.connection.borrow().was_open(),
        }
    }

    /// Finds out why the browser's object gave up.
    fn probe(&self) {
        let probe = self.parts.borrow().probe;
        if let Some(probe) = probe {
            let address = self.attempted.take().unwrap_or_else(|| self.url.to_string());
            let attempt = self.attempt(address, self.delivery.arrived_id());
            self.probe.replace(Some(probe(attempt, self.port())));
        }
    }

    fn set_timer(&self, timer: Timer, after: Duration) {
        let set = self.parts.borrow().timer;
        if let Some(set) = set {
            let ongoing = set(timer, after, self.port(), &self.delivery);
            drop(self.take_timer(timer));
            self.timers.borrow_mut().push((timer, ongoing));
        }
    }

    fn take_timer(&self, timer: Timer) -> Option<Ongoing> {
        let mut timers = self.timers.borrow_mut();
        let index = timers.iter().position(|(known, _)| *known == timer)?;
        Some(timers.swap_remove(index).1)
    }

    fn announce(&self, state: &Rc<State>) {
        let mut unneeded = None;
        match &**state {
            State::Open if self.connection.borrow().reconnects() > 0 => self.delivery.reconnected(),
            State::Closed { reason } => {
                drop(self.listeners.take());
                let ended = self.ended.take();
                if let Some(ended) = ended {
                    ended(reason);
                }
                // The caller's functions may hold a handle to this source.
                unneeded = Some(self.parts.take());
                self.delivery.let_events_go();
            }
            _ => {}
        }
        self.delivery.announce(state);
        drop(unneeded);
    }

    /// Adds an outlet, one that `calls` or one that queues. `None` if the source has ended, which the outlet has then
    /// been told.
    pub(crate) fn add(&self, interest: Interest<'_>, outlet: Rc<dyn Outlet>, calls: bool) -> Option<OutletId> {
        if let State::Closed { reason } = &*self.state() {
            outlet.finish(reason);
            return None;
        }
        let (id, new) = self.delivery.add(interest, outlet, calls);
        let transport = self.transport.borrow().clone();
        if let Some(transport) = transport {
            for kind in &new {
                transport.listen(kind);
            }
        }
        Some(id)
    }

    /// Adds a type to an outlet.
    #[cfg(any(feature = "js", feature = "share"))]
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
            for kind in &unused {
                transport.unlisten(kind);
            }
        }
    }

    pub(crate) fn delivery(&self) -> &Rc<Delivery> {
        &self.delivery
    }

    pub(crate) fn downgrade(&self) -> Weak<Self> {
        Weak::clone(&self.me)
    }

    pub(crate) fn state(&self) -> Rc<State> {
        Rc::clone(self.connection.borrow().state())
    }

    /// From now on, transports may have to send a last event ID.
    pub(crate) fn tell_place(&self, tell: TellPlace) {
        self.parts.borrow_mut().tell_place = Some(tell);
    }

    /// Makes the transport reconnect, if it makes its connections itself. Returns whether it does.
    pub(crate) fn reconnects_itself(&self) -> bool {
        let transport = self.transport.borrow().clone();
        transport.is_some_and(|transport| transport.reconnect())
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
        let (newest, heard) = self.delivery.heard_at();
        let connection = self.connection.borrow();
        let age = |time: Instant| now().saturating_sub(time);
        Stats {
            messages: self.delivery.messages(),
            bytes: self.delivery.bytes(),
            dropped: self.delivery.dropped(),
            duplicates: self.delivery.suppressed(),
            reconnects: connection.reconnects(),
            last_message_age: newest.map(age),
            last_activity_age: connection.last_activity().max(newest).max(heard).map(age),
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
        // The streams of states outlive the source, and get the last state.
        self.step(Connection::close);
    }
}
