//! Any interleaving of messages, states, readers that come, read and go, full queues and the end, against a model: nothing
//! is lost, doubled or out of order, and nothing is held for nobody.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;

use proptest::prelude::*;

use crate::core::close::CloseReason;
use crate::core::queue::{Entry, Queue};
use crate::core::state::State;
use crate::core::time::Instant;
use crate::message::{Gap, Item, Message};
use crate::runtime::delivery::Delivery;
use crate::runtime::flow;
use crate::runtime::outlet::Outlet;
use crate::runtime::routes::{Interest, OutletId, Role};
use crate::source::listeners::{Callback, OnMessage, Release};
use crate::source::reader::MessageQueue;

/// The last one says that the server can't go on where the client was.
const TYPES: [&str; 4] = ["a", "b", "c", "gap"];

#[derive(Clone, Debug)]
enum Step {
    /// Messages of these types arrive together.
    Arrive(Vec<usize>),
    State(u32),
    Subscribe {
        types: u8,
        capacity: usize,
        waits: bool,
        gaps: bool,
    },
    Listen {
        types: u8,
        then: Then,
    },
    Take {
        reader: usize,
        most: usize,
    },
    /// The reader has held the others for too long.
    Excuse,
    Leave(usize),
    Close,
}

/// What a callback does when it is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Then {
    Nothing,
    DropItself,
    Close,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let types = 0..16_u8;
    let step = prop_oneof![
        8 => prop::collection::vec(0..TYPES.len(), 1..12).prop_map(Step::Arrive),
        2 => any::<u32>().prop_map(Step::State),
        3 => (types.clone(), 1..6_usize, any::<bool>(), any::<bool>())
            .prop_map(|(types, capacity, waits, gaps)| Step::Subscribe { types, capacity, waits, gaps }),
        2 => (types, prop::sample::select(&[Then::Nothing, Then::Nothing, Then::DropItself, Then::Close][..]))
            .prop_map(|(types, then)| Step::Listen { types, then }),
        8 => (any::<usize>(), 1..5_usize).prop_map(|(reader, most)| Step::Take { reader, most }),
        1 => Just(Step::Excuse),
        2 => any::<usize>().prop_map(Step::Leave),
        1 => Just(Step::Close),
    ];
    prop::collection::vec(step, 0..60)
}

/// What a queue is to hold: numbers of messages, and gaps of the server's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Held {
    Message(u64),
    Gap(u64),
}

/// A reader, and what it is to see.
struct Reader {
    id: OutletId,
    outlet: Rc<MessageQueue>,
    types: u8,
    capacity: usize,
    waits: bool,
    excused: bool,
    gaps: bool,
    held: VecDeque<Held>,
    /// Dropped since it was told of a gap, and ever.
    missing: u64,
    dropped: u64,
}

impl Reader {
    fn wants(&self, kind: usize) -> bool {
        self.types & 1 << kind != 0
    }

    fn is_full(&self) -> bool {
        self.held.len() >= self.capacity
    }

    /// Whether messages wait for it.
    fn holds(&self) -> bool {
        self.waits && !self.excused && self.is_full()
    }

    fn push(&mut self, held: Held) {
        if self.is_full() && !self.holds() {
            self.held.pop_front();
            self.missing += 1;
            self.dropped += 1;
        }
        self.held.push_back(held);
    }

    /// Takes one item, and compares it with the model's.
    fn take(&mut self) {
        if self.gaps && self.missing > 0 {
            assert_eq!(format!("{:?}", self.outlet.take()), format!("{:?}", Some(Entry::<()>::Gap(self.missing))));
        } else {
            self.excused = false;
            let seen = self.outlet.take().map(|entry| match entry {
                Entry::Item(Item::Message(message)) => Held::Message(number(&message)),
                Entry::Item(Item::Gap(Gap::Server { message })) => Held::Gap(number(&message)),
                other => panic!("{other:?}"),
            });
            assert_eq!(seen, self.held.pop_front());
        }
        self.missing = 0;
    }
}

fn number(message: &Message) -> u64 {
    message.last_event_id().parse().expect("ids are numbers")
}

/// By which a callback drops itself.
type Own = (OutletId, Rc<Callback<OnMessage>>);

struct Listener {
    id: OutletId,
    outlet: Rc<Callback<OnMessage>>,
    types: u8,
    then: Then,
    expected: Vec<u64>,
    seen: Rc<RefCell<Vec<u64>>>,
    over: bool,
}

#[derive(Default)]
struct StateLog(RefCell<Vec<State>>, Cell<bool>);

impl Outlet for StateLog {
    fn state(&self, state: &State) {
        self.0.borrow_mut().push(state.clone());
    }

    fn finish(&self, _reason: &CloseReason) {
        assert!(!self.1.replace(true), "it ends once");
    }
}

struct World {
    delivery: Rc<Delivery>,
    closed: Rc<Cell<bool>>,
    readers: Vec<Reader>,
    listeners: Vec<Listener>,
    log: Rc<StateLog>,
    states: Vec<State>,
    /// What the transport has read and may not deliver yet.
    pending: VecDeque<(usize, u64)>,
    next: u64,
    delivered: u64,
    /// What readers had lost that have left.
    dropped: u64,
}

fn close(delivery: &Delivery, closed: &Cell<bool>) {
    if !closed.replace(true) {
        delivery.announce(&Rc::new(State::Closed { reason: CloseReason::ByHand }));
    }
}

impl World {
    fn new() -> Self {
        let delivery = Delivery::new("", None);
        delivery.add_own(Some("gap"), Role::Gap);
        let log = Rc::new(StateLog::default());
        delivery.add(Interest::States, Rc::clone(&log) as Rc<dyn Outlet>, true);
        Self {
            delivery,
            closed: Rc::default(),
            readers: Vec::new(),
            listeners: Vec::new(),
            log,
            states: Vec::new(),
            pending: VecDeque::new(),
            next: 1,
            delivered: 0,
            dropped: 0,
        }
    }

    fn types(mask: u8) -> Vec<Rc<str>> {
        (0..TYPES.len()).filter(|kind| mask & 1 << kind != 0).map(|kind| TYPES[kind].into()).collect()
    }

    fn step(&mut self, step: Step) {
        match step {
            Step::Arrive(types) => {
                for kind in types {
                    self.pending.push_back((kind, self.next));
                    self.next += 1;
                }
            }
            Step::State(attempt) if !self.closed.get() => {
                let state = State::Connecting { attempt };
                self.delivery.announce(&Rc::new(state.clone()));
                self.states.push(state);
            }
            Step::Subscribe { types, capacity, waits, gaps } if !self.closed.get() => {
                let queue = if waits { Queue::waiting(capacity) } else { Queue::new(capacity) };
                if gaps {
                    queue.show_gaps();
                }
                let outlet = Rc::new(MessageQueue::new(queue));
                let interest = Self::types(types);
                let (id, _) =
                    self.delivery.add(Interest::Types(&interest), Rc::clone(&outlet) as Rc<dyn Outlet>, false);
                let (held, excused) = (VecDeque::new(), false);
                let reader = Reader { id, outlet, types, capacity, waits, excused, gaps, held, missing: 0, dropped: 0 };
                self.readers.push(reader);
            }
            Step::Listen { types, then } if !self.closed.get() => self.listen(types, then),
            Step::Take { reader, most } if !self.readers.is_empty() => {
                let index = reader % self.readers.len();
                for _ in 0..most.min(self.readers[index].held.len()) {
                    self.readers[index].take();
                }
            }
            Step::Excuse => {
                for reader in self.readers.iter_mut().filter(|reader| reader.holds()) {
                    reader.outlet.excuse();
                    reader.excused = true;
                }
            }
            Step::Leave(reader) if !self.readers.is_empty() => {
                let reader = self.readers.swap_remove(reader % self.readers.len());
                self.delivery.remove(reader.id);
                self.dropped += reader.dropped;
            }
            Step::Close => {
                close(&self.delivery, &self.closed);
            }
            _ => {}
        }
        self.pump();
        self.check();
    }

    fn listen(&mut self, types: u8, then: Then) {
        let seen: Rc<RefCell<Vec<u64>>> = Rc::default();
        let own: Rc<RefCell<Option<Own>>> = Rc::default();
        let call: Rc<OnMessage> = Rc::new({
            let (seen, own) = (Rc::clone(&seen), Rc::clone(&own));
            let (delivery, closed) = (Rc::downgrade(&self.delivery), Rc::clone(&self.closed));
            move |message: &Message| {
                seen.borrow_mut().push(number(message));
                let Some(delivery) = delivery.upgrade() else { return };
                let own = if then == Then::DropItself { own.take() } else { None };
                if let Some((id, outlet)) = own {
                    delivery.remove(id);
                    outlet.release();
                }
                if then == Then::Close {
                    close(&delivery, &closed);
                }
            }
        });
        let outlet = Rc::new(Callback::new(call));
        let interest = Self::types(types);
        let (id, _) = self.delivery.add(Interest::Types(&interest), Rc::clone(&outlet) as Rc<dyn Outlet>, true);
        own.replace(Some((id, Rc::clone(&outlet))));
        self.listeners.push(Listener { id, outlet, types, then, expected: Vec::new(), seen, over: false });
    }

    /// Delivers what may be delivered, as the transport over `fetch` does.
    fn pump(&mut self) {
        while let Some((kind, _)) = self.pending.front() {
            let room = flow::room(&self.delivery);
            let count = room.max(1).min(self.pending.len());
            let mut batch: Vec<Message> =
                self.pending.iter().take(count).map(|(kind, number)| self.message(*kind, *number)).collect();
            if room == 0 && !flow::has_room(&self.delivery, &batch[0]) {
                let is_gap = *kind == 3;
                let held = |reader: &Reader| reader.holds() && (reader.wants(*kind) || (is_gap && reader.gaps));
                assert!(self.readers.iter().any(held), "held for nobody");
                return;
            }
            for (kind, number) in self.pending.drain(..count).collect::<Vec<_>>() {
                self.expect(kind, number);
            }
            let closed = Rc::clone(&self.closed);
            let _ = flow::deliver(&self.delivery, &mut batch, Instant::ZERO, || !closed.get());
        }
    }

    fn message(&self, kind: usize, number: u64) -> Message {
        let id = number.to_string().into();
        Message::from_text(self.delivery.kind(TYPES[kind]), String::new(), id, true, "".into())
    }

    /// What the delivery of a message is to do, so far as the source has not been closed before.
    fn expect(&mut self, kind: usize, number: u64) {
        if self.listeners.iter().any(|listener| listener.over && listener.then == Then::Close) || self.states_ended() {
            return;
        }
        self.delivered = number;
        let is_gap = kind == 3;
        for reader in &mut self.readers {
            if is_gap && reader.gaps {
                reader.push(Held::Gap(number));
            } else if reader.wants(kind) {
                reader.push(Held::Message(number));
            }
        }
        let mut closed = false;
        for listener in self.listeners.iter_mut().filter(|listener| listener.types & 1 << kind != 0 && !listener.over) {
            if closed {
                // One that was called before has closed the source.
                break;
            }
            listener.expected.push(number);
            listener.over = listener.then != Then::Nothing;
            closed = listener.then == Then::Close;
        }
    }

    fn states_ended(&self) -> bool {
        self.log.1.get()
    }

    fn check(&self) {
        for listener in &self.listeners {
            assert_eq!(*listener.seen.borrow(), listener.expected, "each callback is called once for each, in order");
        }
        for reader in &self.readers {
            assert_eq!(reader.outlet.room() == 0, reader.holds());
        }
        let waiting = self.readers.iter().filter_map(|reader| match reader.held.front() {
            Some(Held::Message(number) | Held::Gap(number)) => Some(*number),
            None => None,
        });
        let taken: u64 = self.delivery.taken_id().parse().unwrap_or_default();
        match waiting.min() {
            Some(first) => assert!(taken < first, "{taken} is taken, but {first} waits"),
            None => assert_eq!(taken, self.delivered, "all is taken"),
        }
        let dropped: u64 = self.readers.iter().map(|reader| reader.dropped).sum();
        assert_eq!(self.delivery.dropped(), self.dropped + dropped);
        let states = self.log.0.borrow();
        let told = states.iter().filter(|state| !state.is_closed());
        assert!(told.eq(&self.states), "each state is told once, in order");
        assert_eq!(states.iter().any(State::is_closed), self.closed.get());
    }

    fn finish(&mut self) {
        close(&self.delivery, &self.closed);
        for reader in &mut self.readers {
            while !reader.held.is_empty() {
                reader.take();
            }
            if reader.gaps && reader.missing > 0 {
                reader.take();
            }
            assert!(matches!(reader.outlet.take(), Some(Entry::End)), "and then the end");
        }
        for listener in &self.listeners {
            self.delivery.remove(listener.id);
            assert_eq!(Rc::strong_count(&listener.outlet), 1, "what is called is let go with the source");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2048))]

    #[test]
    fn no_interleaving_loses_doubles_or_disorders_anything(steps in steps()) {
        let mut world = World::new();
        for step in steps {
            world.step(step);
        }
        world.finish();
    }
}
