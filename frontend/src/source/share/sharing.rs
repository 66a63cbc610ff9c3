//! Does what a [`Sharer`] decides: posts, locks, connections, and what the user's source is told.

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::rc::{Rc, Weak};
use std::task::{Context, Poll};

use gloo_timers::callback::Timeout;
use wasm_bindgen::prelude::*;
use web_sys::EventTarget;

use super::broadcaster::{Broadcaster, Leading};
use super::inbox::{Inbox, News};
use super::inner::{Inner, Plan};
use super::name::Name;
use super::role;
use crate::core::close::CloseReason;
use crate::core::share::post::{Arrival, MemberId};
use crate::core::share::sharer::{Output, Sharer};
use crate::core::state::State;
use crate::core::time::{Instant, milliseconds};
use crate::message::Kind;
use crate::platform::channel::Channel;
use crate::platform::clock::now;
use crate::platform::global::{document, member};
use crate::platform::listener::Listener;
use crate::platform::locks::{Lock, Locks, Told};
use crate::platform::task::Task;
use crate::runtime::reporter::Reporter;
use crate::transport::contract::Transport;

/// The transport of a source that shares: it brings what the leader posts, or what comes over the connection that it has
/// itself.
pub(crate) struct Sharing {
    me: Weak<Self>,
    id: MemberId,
    name: Name,
    plan: Rc<Plan>,
    flows: bool,
    inbox: Inbox,
    role: Rc<Cell<role::Sharing>>,
    sharer: RefCell<Sharer>,
    locks: Option<Locks>,
    /// Whether there is nothing to share by.
    alone: Cell<bool>,
    channel: RefCell<Option<Channel>>,
    /// The lock that shows that it is here, and that of whoever leads, or the wait for it.
    own: RefCell<Option<Lock>>,
    lead: RefCell<Option<Lock>>,
    watched: RefCell<Vec<(MemberId, Lock)>>,
    inner: RefCell<Option<Rc<Inner>>>,
    types: RefCell<Vec<String>>,
    timer: RefCell<Option<Timeout>>,
    tasks: RefCell<Vec<(Query, Task)>>,
    listeners: RefCell<Vec<Listener>>,
}

/// What a task asks the locks for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Query {
    Join,
    Lead,
    Verify,
    /// None: it delivers.
    Deliver,
}

/// Held by the user's source.
pub(crate) struct Handle(Rc<Sharing>);

impl Sharing {
    pub(crate) fn open(
        (name, id): (Name, MemberId),
        plan: Rc<Plan>,
        after: &str,
        flows: bool,
        reporter: Rc<Reporter>,
        role: Rc<Cell<role::Sharing>>,
    ) -> Handle {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the cast saturates")]
        let term = js_sys::Date::now() as u64;
        let sharing = Rc::new_cyclic(|me: &Weak<Self>| Self {
            me: Weak::clone(me),
            id,
            name,
            plan,
            flows,
            inbox: Inbox::new(reporter, flows),
            role,
            sharer: RefCell::new(Sharer::new(id, term, flows, after)),
            locks: Locks::new(),
            alone: Cell::default(),
            channel: RefCell::default(),
            own: RefCell::default(),
            lead: RefCell::default(),
            watched: RefCell::default(),
            inner: RefCell::default(),
            types: RefCell::default(),
            timer: RefCell::default(),
            tasks: RefCell::default(),
            listeners: RefCell::default(),
        });
        sharing.follow_page();
        let me = Rc::downgrade(&sharing);
        let deliver = poll_fn(move |cx| me.upgrade().map_or(Poll::Ready(()), |sharing| sharing.poll_deliver(cx)));
        sharing.keep(Query::Deliver, Task::spawn(deliver));
        sharing.step(|sharer, _| sharer.start());
        Handle(sharing)
    }

    fn keep(&self, query: Query, task: Task) {
        self.forget(query);
        self.tasks.borrow_mut().push((query, task));
    }

    /// Its answer is of no use any more.
    fn forget(&self, query: Query) {
        // No borrow is held when it is dropped: it may be what runs.
        let mut tasks = self.tasks.take();
        tasks.retain(|(known, _)| *known != query);
        self.tasks.borrow_mut().append(&mut tasks);
    }

    /// Tells the sharer what has happened.
    fn step(&self, input: impl FnOnce(&mut Sharer, Instant)) {
        let now = now();
        input(&mut self.sharer.borrow_mut(), now);
        self.act();
    }

    /// Does what the sharer says.
    fn act(&self) {
        loop {
            let output = self.sharer.borrow_mut().poll_output();
            match output {
                Some(output) => self.perform(output),
                None => return,
            }
        }
    }

    /// A call of [`Self::step`] for what outlives this.
    fn later(&self, input: impl Fn(&mut Sharer, Instant) + 'static) -> impl Fn() + 'static {
        let me = Weak::clone(&self.me);
        move || {
            if let Some(sharing) = me.upgrade() {
                sharing.step(&input);
            }
        }
    }

    fn perform(&self, output: Output) {
        match output {
            Output::Join => self.join(),
            Output::Leave => {
                let gone = (self.own.take(), self.lead.take(), self.watched.take(), self.timer.take());
                drop((gone, self.channel.take()));
            }
            Output::Post(bytes) => {
                if let Some(channel) = &*self.channel.borrow() {
                    channel.post(&bytes);
                }
            }
            Output::Queue => self.take_lead(false),
            Output::Steal => self.take_lead(true),
            Output::Verify => self.ask(Query::Verify, |sharer, now, _| sharer.verified(now)),
            Output::Watch(id) => self.watch(id),
            Output::Open(after) => self.connect(&after),
            Output::Close => {
                let inner = self.inner.take();
                if let Some(inner) = inner {
                    inner.close();
                }
            }
            Output::Reconnect => self.with_inner(Inner::reconnect),
            Output::Listen(types) => self.with_inner(|inner| inner.listen(&types)),
            Output::MadeRoom => self.with_inner(Inner::made_room),
            Output::Tell(state, leads) => {
                self.role.set(match (self.alone.get(), leads) {
                    (true, _) => role::Sharing::Unsupported,
                    (false, true) => role::Sharing::Leader,
                    (false, false) => role::Sharing::Follower,
                });
                self.tell(|inbox| inbox.push(News::State(state)));
            }
            Output::Deliver(messages) => self.tell(|inbox| inbox.push_messages(messages)),
            Output::Move(id) => self.tell(|inbox| inbox.push(News::Move(id))),
            Output::Gap(last_event_id) => self.tell(|inbox| inbox.push(News::Gap(last_event_id))),
            Output::Missed(messages) => self.tell(|inbox| inbox.push(News::Missed(messages))),
            Output::Excuse => self.tell(Inbox::excuse),
            Output::Wake(after) => {
                let after = u32::try_from(milliseconds(after)).unwrap_or(u32::MAX).saturating_add(1);
                let timer = Timeout::new(after, self.later(Sharer::fired));
                drop(self.timer.replace(Some(timer)));
            }
        }
    }

    /// No borrow is held: the source here may call anyone.
    fn with_inner(&self, call: impl FnOnce(&Inner)) {
        let inner = self.inner.borrow().clone();
        if let Some(inner) = inner {
            call(&inner);
        }
    }

    fn join(&self) {
        let me = Weak::clone(&self.me);
        let channel = Channel::open(self.name.channel(), move |bytes| {
            if let Some(sharing) = me.upgrade() {
                sharing.step(|sharer, now| sharer.received(now, &bytes));
            }
        });
        let (Some(locks), Some(channel)) = (&self.locks, channel) else {
            self.be_alone();
            return;
        };
        self.channel.replace(Some(channel));
        let me = Weak::clone(&self.me);
        let lock = locks.request(&self.name.member(self.id), false, move |told| {
            let Some(sharing) = me.upgrade() else { return };
            match told {
                Told::Granted => sharing.ask(Query::Join, Sharer::joined),
                Told::Stolen => {}
                Told::Refused => sharing.be_alone(),
            }
        });
        drop(self.own.replace(Some(lock)));
    }

    /// Leads without a lock, and without followers.
    fn be_alone(&self) {
        self.alone.set(true);
        drop((self.channel.take(), self.own.take()));
        self.step(|sharer, now| sharer.joined(now, &[]));
    }

    fn take_lead(&self, steals: bool) {
        // Or it would wait for itself.
        drop(self.lead.take());
        self.forget(Query::Lead);
        let Some(locks) = self.locks.as_ref().filter(|_| !self.alone.get()) else {
            self.step(|sharer, now| sharer.granted(now, &[]));
            return;
        };
        let me = Weak::clone(&self.me);
        let lock = locks.request(&self.name.leader(), steals, move |told| {
            let Some(sharing) = me.upgrade() else { return };
            match told {
                Told::Granted => sharing.ask(Query::Lead, Sharer::granted),
                Told::Stolen => sharing.step(Sharer::lost),
                Told::Refused => {}
            }
        });
        drop(self.lead.replace(Some(lock)));
    }

    /// Asks the locks who is there.
    fn ask(&self, query: Query, told: impl Fn(&mut Sharer, Instant, &[MemberId]) + 'static) {
        let Some(locks) = self.locks.clone().filter(|_| !self.alone.get()) else {
            self.step(|sharer, now| told(sharer, now, &[]));
            return;
        };
        let (me, name) = (Weak::clone(&self.me), self.name.members());
        let task = Task::spawn(async move {
            let held = locks.held(&name).await;
            let others: Vec<MemberId> = held.iter().filter_map(|id| id.parse().ok()).collect();
            if let Some(sharing) = me.upgrade() {
                sharing.step(|sharer, now| told(sharer, now, &others));
            }
        });
        self.keep(query, task);
    }

    /// Waits for the lock of one who is there: it is free when that one is gone.
    fn watch(&self, id: MemberId) {
        let known = self.watched.borrow().iter().any(|(known, _)| *known == id);
        let Some(locks) = self.locks.as_ref().filter(|_| !known) else { return };
        let me = Weak::clone(&self.me);
        let lock = locks.request(&self.name.member(id), false, move |told| {
            let Some(sharing) = me.upgrade().filter(|_| told == Told::Granted) else { return };
            let mut watched = sharing.watched.take();
            let index = watched.iter().position(|(known, _)| *known == id);
            let lock = index.map(|index| watched.swap_remove(index));
            sharing.watched.borrow_mut().append(&mut watched);
            drop(lock);
            sharing.step(|sharer, now| sharer.gone(now, id));
        });
        self.watched.borrow_mut().push((id, lock));
    }

    fn connect(&self, after: &str) {
        let leading: Weak<Self> = Weak::clone(&self.me);
        let outlet = Rc::new(Broadcaster::new(leading));
        match self.plan.open(after, outlet) {
            Ok(inner) => drop(self.inner.replace(Some(Rc::new(inner)))),
            Err(cause) => {
                let state = State::Closed { reason: CloseReason::Failed { cause } };
                self.step(move |sharer, now| sharer.entered(now, state));
            }
        }
    }

    fn follow_page(&self) {
        let Some(page) = document() else { return };
        let page: EventTarget = page.unchecked_into();
        let global: EventTarget = js_sys::global().unchecked_into();
        let on = |target: &EventTarget, name: &str, call: fn(&Self)| {
            let me = Weak::clone(&self.me);
            Listener::new(target, name, move |event| {
                // Pages also come and go without the cache.
                let counts = !matches!(&*event.type_(), "pagehide" | "pageshow")
                    || member(&event, "persisted") == Some(JsValue::TRUE);
                if let Some(sharing) = me.upgrade().filter(|_| counts) {
                    call(&sharing);
                }
            })
        };
        let listeners = [
            on(&page, "visibilitychange", Self::look),
            on(&global, "pagehide", |sharing| sharing.step(|sharer, _| sharer.cached())),
            on(&global, "pageshow", |sharing| sharing.step(|sharer, _| sharer.restored())),
            on(&page, "freeze", |sharing| sharing.step(|sharer, _| sharer.cached())),
            on(&page, "resume", |sharing| sharing.step(|sharer, _| sharer.restored())),
        ];
        self.listeners.borrow_mut().extend(listeners);
        self.look();
    }

    fn look(&self) {
        let is_hidden = document().is_some_and(|page| member(&page, "hidden") == Some(JsValue::TRUE));
        self.step(|sharer, now| sharer.visible(now, !is_hidden));
    }

    /// Tells the user's source, and lets the others know what more it can take.
    fn tell(&self, told: impl FnOnce(&Inbox)) {
        told(&self.inbox);
        self.deliver();
    }

    fn deliver(&self) {
        self.inbox.deliver();
        if self.flows {
            let room = self.inbox.room();
            self.step(|sharer, now| sharer.room(now, room));
        }
    }

    fn poll_deliver(&self, cx: &Context<'_>) -> Poll<()> {
        if self.flows && self.inbox.poll_wanted(cx) {
            self.step(Sharer::reads);
        }
        self.deliver();
        Poll::Pending
    }

    fn listen(&self, kind: &Rc<Kind>, listens: bool) {
        let event_type = kind.event_type().as_ref();
        let types = {
            let mut types = self.types.borrow_mut();
            types.retain(|known| known != event_type);
            if listens {
                types.push(event_type.to_owned());
            }
            types.clone()
        };
        if !self.flows {
            self.step(move |sharer, now| sharer.types(now, types));
        }
    }
}

impl Leading for Sharing {
    fn arrived(&self, arrivals: Vec<Arrival>) {
        self.step(|sharer, now| sharer.arrived(now, arrivals));
    }

    fn entered(&self, state: &State) {
        self.step(|sharer, now| sharer.entered(now, state.clone()));
    }

    fn room(&self) -> usize {
        self.sharer.borrow().may_take()
    }

    fn is_read(&self) -> bool {
        self.sharer.borrow().someone_reads()
    }
}

impl Transport for Handle {
    fn listen(&self, kind: &Rc<Kind>) {
        self.0.listen(kind, true);
    }

    fn unlisten(&self, kind: &Rc<Kind>) {
        self.0.listen(kind, false);
    }

    fn reconnect(&self) -> bool {
        self.0.step(|sharer, _| sharer.reconnect());
        true
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.0.step(|sharer, _| sharer.leave());
        drop((self.0.listeners.take(), self.0.tasks.take()));
    }
}
