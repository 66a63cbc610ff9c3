//! Takes what comes over the leader's connection.

use std::borrow::Cow;
use std::cell::RefCell;
use std::rc::Weak;
use std::sync::Arc;

use crate::core::pacing::Need;
use crate::core::queue::Pushed;
use crate::core::share::post::Posted;
use crate::core::state::State;
use crate::message::{Gap, Message};
use crate::runtime::outlet::Outlet;
use crate::runtime::place::Place;

/// Whom it tells.
pub(crate) trait Leading {
    fn arrived(&self, arrivals: Vec<Arrival>);
    fn entered(&self, state: &State);
    /// How many messages more can be taken.
    fn room(&self) -> usize;
    /// Whether anyone reads messages, here or elsewhere.
    fn is_read(&self) -> bool;
}

/// Gathers messages that come together, and gives them on when it is woken.
pub(crate) struct Broadcaster {
    leading: Weak<dyn Leading>,
    waiting: RefCell<Vec<Arrival>>,
}

/// What has come.
pub(crate) enum Arrival {
    Message(Posted),
    /// The stream has this id, without a message.
    Moved(Arc<str>),
    /// The server goes on after this id.
    Elsewhere(String),
}

impl Broadcaster {
    pub(crate) fn new(leading: Weak<dyn Leading>) -> Self {
        Self { leading, waiting: RefCell::default() }
    }

    fn push(&self, arrival: Arrival) -> Pushed {
        self.waiting.borrow_mut().push(arrival);
        Pushed { need: Need::Wake, dropped: 0 }
    }

    fn give(&self) {
        let waiting = self.waiting.take();
        if let Some(leading) = self.leading.upgrade().filter(|_| !waiting.is_empty()) {
            leading.arrived(waiting);
        }
    }
}

/// Its data is read here, once for all.
fn posted(message: Message) -> Posted {
    Posted {
        event_type: message.event_type().into(),
        last_event_id: Arc::clone(message.shared_id()),
        has_own_id: message.has_own_id(),
        origin: message.origin().into(),
        data: message.into_data(),
    }
}

impl Outlet for Broadcaster {
    fn message(&self, message: Cow<'_, Message>, _before: Option<&Place>) -> Pushed {
        self.push(Arrival::Message(posted(message.into_owned())))
    }

    fn shows_gaps(&self) -> bool {
        true
    }

    fn gap(&self, gap: Gap, _before: &Place) -> Pushed {
        match gap {
            // Whoever has it knows what it means.
            Gap::Server { message } => self.push(Arrival::Message(posted(message))),
            Gap::Header { last_event_id } => self.push(Arrival::Elsewhere(last_event_id)),
            Gap::Overflow { .. } | Gap::Shared { .. } => Pushed::default(),
        }
    }

    fn moved(&self, id: &Arc<str>) {
        self.waiting.borrow_mut().push(Arrival::Moved(Arc::clone(id)));
        self.give();
    }

    fn state(&self, state: &State) {
        self.give();
        if let Some(leading) = self.leading.upgrade() {
            leading.entered(state);
        }
    }

    fn room(&self) -> usize {
        let room = self.leading.upgrade().map_or(usize::MAX, |leading| leading.room());
        room.saturating_sub(self.waiting.borrow().len())
    }

    fn wants_more(&self) -> bool {
        self.leading.upgrade().is_some_and(|leading| leading.is_read())
    }

    fn wake(&self) {
        self.give();
    }
}
