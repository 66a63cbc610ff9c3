//! Decides what to do with each message, and passes it to the outlets that want it.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};
use std::sync::Arc;
use std::task::Waker;

use crate::core::pacing::{Need, Pacing};
use crate::core::queue::Pushed;
use crate::core::state::State;
use crate::core::time::Instant;
use crate::message::{Gap, Kind, Message};
use crate::platform::{clock, turn};
use crate::runtime::outlet::Outlet;
use crate::runtime::place::{Mark, Newest, Place};
use crate::runtime::routes::{Entry, Interest, Newcomers, OutletId, Readers, Role, Routes};

/// Knows which messages have been delivered before.
pub(crate) trait Duplicates {
    fn is_duplicate(&self, message: &Message) -> bool;

    /// From now on the server may repeat itself.
    fn reconnected(&self);

    /// The messages that follow are unrelated to those before.
    fn clear(&self);
}

/// No borrow is held while code of the page or the caller runs: a waker, a callback, a getter.
pub(crate) struct Delivery {
    me: Weak<Self>,
    routes: RefCell<Routes>,
    place: RefCell<Place>,
    /// The newest message without a reader, kept for its time of arrival.
    heard: RefCell<Option<Newest>>,
    duplicates: Option<Box<dyn Duplicates>>,
    pacing: Cell<Pacing>,
    /// States that have not been reported yet, and the outlets to report them to: a state may change while another is
    /// being reported.
    states: RefCell<Vec<(Rc<State>, Newcomers)>>,
    telling: Cell<bool>,
    /// Whether messages have had a reader, as of the last time this was checked.
    #[cfg(feature = "fetch")]
    wanted: Cell<bool>,
    /// What to wake when a full queue has room again, or messages have a reader.
    room: RefCell<Option<Waker>>,
    messages: Cell<u64>,
    dropped: Cell<u64>,
    suppressed: Cell<u64>,
}

/// What happens to a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Deliver,
    /// It was delivered before.
    Duplicate,
    /// Its type has no reader.
    Unread,
    /// The server says that it can't continue after the last event ID; the event may also be read as a message.
    Gap,
}

impl Delivery {
    pub(crate) fn new(place: &str, duplicates: Option<Box<dyn Duplicates>>) -> Rc<Self> {
        Rc::new_cyclic(|me| Self {
            me: Weak::clone(me),
            routes: RefCell::default(),
            place: RefCell::new(Place::new(place)),
            heard: RefCell::default(),
            duplicates,
            pacing: Cell::default(),
            states: RefCell::default(),
            telling: Cell::new(false),
            #[cfg(feature = "fetch")]
            wanted: Cell::new(false),
            room: RefCell::default(),
            messages: Cell::new(0),
            dropped: Cell::new(0),
            suppressed: Cell::new(0),
        })
    }

    /// The source itself listens to this type, always. Called before any outlet is added.
    pub(crate) fn add_own(&self, event_type: Option<&str>, role: Role) {
        if let Some(event_type) = event_type {
            self.routes.borrow_mut().add_own(event_type, role);
        }
    }

    /// Adds an outlet, one that `calls` or one that queues; returns the types that had no reader before.
    pub(crate) fn add(&self, interest: Interest<'_>, outlet: Rc<dyn Outlet>, calls: bool) -> (OutletId, Vec<Rc<Kind>>) {
        let added = self.routes.borrow_mut().add(interest, outlet, calls);
        self.made_room();
        added
    }

    /// Adds a type to an outlet; returns the type if it had no reader before.
    #[cfg(any(feature = "js", feature = "share"))]
    pub(crate) fn extend(&self, id: OutletId, event_type: &Rc<str>) -> Option<Rc<Kind>> {
        let new = self.routes.borrow_mut().extend(id, event_type);
        self.made_room();
        new
    }

    /// Makes an outlet that had some types get all types.
    #[cfg(feature = "js")]
    pub(crate) fn extend_to_all(&self, id: OutletId) {
        self.routes.borrow_mut().extend_to_all(id);
        self.made_room();
    }

    /// Removes an outlet; returns the types that have no reader any more.
    pub(crate) fn remove(&self, id: OutletId) -> Vec<Rc<Kind>> {
        let unused = self.routes.borrow_mut().remove(id);
        self.made_room();
        unused
    }

    /// Every type that has a reader.
    pub(crate) fn kinds(&self) -> Vec<Rc<Kind>> {
        self.routes.borrow().kinds()
    }

    /// What the messages of this type have in common.
    #[cfg(feature = "fetch")]
    pub(crate) fn kind(&self, event_type: &str) -> Rc<Kind> {
        self.routes.borrow().kind(event_type)
    }

    /// Delivers a message without knowing whether others follow, and wakes its readers when that is best.
    pub(crate) fn deliver(&self, message: Message) {
        let need = self.hand_over(message, Instant::ZERO);
        let mut pacing = self.pacing.get();
        let action = pacing.arrived(need, clock::now);
        self.pacing.set(pacing);
        if action.wake {
            self.wake();
        }
        if action.turn {
            self.wake_in_turn();
        }
    }

    /// Puts a message into its readers' queues and passes it to their callbacks, without waking readers. `came` is the
    /// time of arrival, for a message that does not know it.
    pub(crate) fn hand_over(&self, message: Message, came: Instant) -> Need {
        let (role, readers) = self.look_up(message.kind());
        let read = readers.iter().flatten().any(|readers| !readers.is_empty());
        match self.fate(&message, role, read) {
            Fate::Deliver => self.give(message, came, &readers, false),
            Fate::Duplicate => {
                self.suppressed.set(self.suppressed.get() + 1);
                self.hear(&message);
                Need::Nothing
            }
            Fate::Unread => {
                self.pass(&message);
                Need::Nothing
            }
            Fate::Gap => {
                let need = self.lose_place(&Gap::Server { message: message.clone() });
                if read {
                    return need.max(self.give(message, came, &readers, true));
                }
                self.pass(&message);
                need
            }
        }
    }

    /// What a type means to the source, and the outlets that get its messages: those for all types, and those for this
    /// one.
    fn look_up(&self, kind: &Rc<Kind>) -> (Role, [Option<Readers>; 2]) {
        let routes = self.routes.borrow();
        let route = routes.find(kind);
        let role = route.map(|route| route.role).unwrap_or_default();
        (role, [Some(Rc::clone(routes.any())), route.map(|route| Rc::clone(&route.readers))])
    }

    fn fate(&self, message: &Message, role: Role, read: bool) -> Fate {
        match &self.duplicates {
            _ if role == Role::Gap => Fate::Gap,
            _ if !read => Fate::Unread,
            Some(duplicates) if duplicates.is_duplicate(message) => Fate::Duplicate,
            _ => Fate::Deliver,
        }
    }

    /// Passes a message to the outlets that queue, then to those that are called.
    fn give(&self, mut message: Message, came: Instant, readers: &[Option<Readers>], is_gap: bool) -> Need {
        self.messages.set(self.messages.get() + 1);
        let told = self.tells_place(&message);
        let newest = Newest::of(&message, came);
        let mut need = Need::Nothing;
        let place = self.place.borrow();
        message.set_place(place.next_number(), told);
        // Outlets that want gaps have got this event as a gap.
        let wants = |entry: &Entry| !(is_gap && entry.outlet.shows_gaps());
        let mut left = readers.iter().flatten().map(|readers| readers.len()).sum::<usize>();
        let mut message = Some(message);
        for readers in readers.iter().flatten() {
            for entry in readers.iter().take_while(|entry| !entry.calls) {
                left -= 1;
                // The last one gets it without a copy.
                let given =
                    if left == 0 { message.take().map(Cow::Owned) } else { message.as_ref().map(Cow::Borrowed) };
                if let Some(given) = given.filter(|_| wants(entry)) {
                    need = need.max(self.count(entry.outlet.message(given, Some(&place))));
                }
            }
        }
        drop(place);
        let replaced = self.place.borrow_mut().note(newest, told);
        drop(replaced);
        if let Some(message) = message {
            for readers in readers.iter().flatten() {
                for entry in readers.iter().filter(|entry| entry.calls && wants(entry)) {
                    need = need.max(self.count(entry.outlet.message(Cow::Borrowed(&message), None)));
                }
            }
        }
        need
    }

    /// The only reader of this type, if there is just one, it queues, and nothing else has to be decided.
    #[cfg(feature = "fetch")]
    pub(crate) fn lone_queue(&self, kind: &Rc<Kind>) -> Option<Rc<dyn Outlet>> {
        if self.duplicates.is_some() {
            return None;
        }
        let routes = self.routes.borrow();
        let route = routes.find(kind);
        if route.is_some_and(|route| route.role != Role::Message) {
            return None;
        }
        let typed = route.map(|route| &**route.readers).unwrap_or_default();
        match (&***routes.any(), typed) {
            ([entry], []) | ([], [entry]) if !entry.calls => Some(Rc::clone(&entry.outlet)),
            _ => None,
        }
    }

    /// Passes messages that arrived together over `fetch` to their only reader.
    #[cfg(feature = "fetch")]
    pub(crate) fn give_run(&self, outlet: &dyn Outlet, messages: impl Iterator<Item = Message>, came: Instant) -> Need {
        let place = self.place.borrow();
        let (first, mut next) = (place.next_number(), place.next_number());
        let mut newest = None;
        let mut numbered = messages.map(|mut message| {
            message.set_place(next, true);
            next += 1;
            newest = Some(Arc::clone(message.shared_id()));
            message
        });
        let pushed = outlet.messages(&mut numbered, &place);
        drop(place);
        self.messages.set(self.messages.get() + (next - first));
        if let Some(id) = newest {
            self.place.borrow_mut().note_run(next - first, Newest::Text { id, came });
        }
        self.count(pushed)
    }

    /// The stream continues at another place than after the last event ID: reports this to the outlets that want gaps.
    pub(crate) fn lose_place(&self, gap: &Gap) -> Need {
        if let Some(duplicates) = &self.duplicates {
            duplicates.clear();
        }
        let mut need = Need::Nothing;
        let place = self.place.borrow();
        for entry in self.all().iter().filter(|entry| entry.outlet.shows_gaps()) {
            need = need.max(self.count(entry.outlet.gap(gap.clone(), &place)));
        }
        need
    }

    fn count(&self, pushed: Pushed) -> Need {
        self.dropped.set(self.dropped.get() + pushed.dropped);
        pushed.need
    }

    /// Whether the place is known to be the message's id, even if that is empty. Reads the id only where it matters.
    fn tells_place(&self, message: &Message) -> bool {
        let told = self.place.borrow().is_told();
        told || message.as_raw().is_none() || !message.last_event_id().is_empty()
    }

    /// A message has no reader, but the stream has moved to its ID.
    fn pass(&self, message: &Message) {
        self.hear(message);
        if self.tells_place(message) {
            let id = Arc::clone(message.shared_id());
            self.move_to(id);
        }
    }

    /// The stream has another id now.
    pub(crate) fn move_to(&self, id: Arc<str>) {
        self.place.borrow_mut().move_to(id);
    }

    fn hear(&self, message: &Message) {
        if let Some(event) = message.as_raw() {
            let before = self.heard.replace(Some(Newest::Event(event.clone())));
            drop(before);
        }
    }

    /// No message follows any more: keeps what is known of the newest events, without the events.
    pub(crate) fn let_events_go(&self) {
        let newest = self.place.borrow().newest();
        let newest = newest.map(Newest::detached);
        let replaced = self.place.borrow_mut().set_newest(newest);
        drop(replaced);
        let heard = self.heard.borrow().clone();
        let replaced = self.heard.replace(heard.map(Newest::detached));
        drop(replaced);
    }

    /// When the newest message with a reader arrived, and the newest without one.
    pub(crate) fn heard_at(&self) -> (Option<Instant>, Option<Instant>) {
        let newest = self.place.borrow().newest();
        let heard = self.heard.borrow().clone();
        (newest.map(|newest| newest.time()), heard.map(|heard| heard.time()))
    }

    fn wake_in_turn(&self) {
        let me = Weak::clone(&self.me);
        let call = Box::new(move || {
            if let Some(delivery) = me.upgrade() {
                let mut pacing = delivery.pacing.get();
                pacing.turned(clock::now());
                delivery.pacing.set(pacing);
                delivery.wake();
            }
        });
        if let Err(call) = turn::next(call) {
            call();
        }
    }

    /// Wakes all readers that wait for what has been queued.
    pub(crate) fn wake(&self) {
        self.all().iter().for_each(|entry| entry.outlet.wake());
    }

    /// Reports a state to all outlets; after the last state, also the end.
    pub(crate) fn announce(&self, state: &Rc<State>) {
        // Outlets that are added from now on find the source in this state.
        let newcomers = self.routes.borrow().newcomers();
        self.states.borrow_mut().push((Rc::clone(state), newcomers));
        // An outlet may cause another state; that one is reported to all after this one.
        if self.telling.replace(true) {
            return;
        }
        loop {
            let states = self.states.take();
            if states.is_empty() {
                break;
            }
            for (state, newcomers) in states {
                let all = self.all();
                for entry in all.iter().filter(|entry| !newcomers.contains(entry)) {
                    entry.outlet.state(&state);
                }
                if let State::Closed { reason } = &*state {
                    self.routes.borrow_mut().end();
                    all.iter().for_each(|entry| entry.outlet.finish(reason));
                }
            }
        }
        self.telling.set(false);
    }

    /// The connection is open again: the server may repeat messages.
    pub(crate) fn reconnected(&self) {
        if let Some(duplicates) = &self.duplicates {
            duplicates.reconnected();
        }
    }

    /// A new transport is about to be made; returns the place after which it is to continue.
    pub(crate) fn carry_over(&self) -> Arc<str> {
        let id = self.arrived_id();
        self.place.borrow_mut().carry_over(Arc::clone(&id));
        id
    }

    /// The last event ID of what has arrived.
    pub(crate) fn arrived_id(&self) -> Arc<str> {
        let mark = self.place.borrow().mark();
        mark.id()
    }

    /// The last event ID of what all readers have taken, or an earlier one.
    pub(crate) fn taken_id(&self) -> Arc<str> {
        let all = self.all();
        let mut behind: Option<Mark> = None;
        for entry in all.iter() {
            if let Some(mark) = entry.outlet.behind()
                && behind.as_ref().is_none_or(|known| mark.number() < known.number())
            {
                behind = Some(mark);
            }
        }
        behind.map_or_else(|| self.arrived_id(), |behind| behind.id())
    }

    /// Whether messages have a reader now, or have had one.
    #[cfg(feature = "fetch")]
    pub(crate) fn is_wanted(&self, is_read: impl FnOnce(&Readers) -> bool) -> bool {
        let wanted = self.wanted.get() || is_read(&self.all());
        self.wanted.set(wanted);
        wanted
    }

    /// Sets what is woken when a full queue has room again.
    #[cfg(feature = "fetch")]
    pub(crate) fn wait_for_room(&self, waker: Waker) {
        let before = self.room.replace(Some(waker));
        drop(before);
    }

    /// There may be room in a queue that was full.
    pub(crate) fn made_room(&self) {
        let transport = self.room.take();
        if let Some(transport) = transport {
            transport.wake();
        }
    }

    /// The transport is gone, and waits for nothing.
    pub(crate) fn release(&self) {
        drop(self.room.take());
    }

    /// The outlets, as they are now.
    pub(crate) fn all(&self) -> Readers {
        Rc::clone(self.routes.borrow().all())
    }

    #[cfg(feature = "fetch")]
    pub(crate) fn routes(&self) -> std::cell::Ref<'_, Routes> {
        self.routes.borrow()
    }

    pub(crate) fn messages(&self) -> u64 {
        self.messages.get()
    }

    pub(crate) fn bytes(&self) -> u64 {
        self.routes.borrow().bytes()
    }

    pub(crate) fn dropped(&self) -> u64 {
        self.dropped.get()
    }

    /// Messages are missing that other sources have received.
    #[cfg(feature = "share")]
    pub(crate) fn missed(&self, messages: Option<u64>) {
        self.dropped.set(self.dropped.get() + messages.unwrap_or_default());
        if self.lose_place(&Gap::Shared { messages }) != Need::Nothing {
            self.wake();
        }
        for entry in self.all().iter() {
            entry.outlet.missed();
        }
    }

    pub(crate) fn suppressed(&self) -> u64 {
        self.suppressed.get()
    }
}
