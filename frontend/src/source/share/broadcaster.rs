//! Takes what comes over the leader's connection.

use std::borrow::Cow;
use std::cell::RefCell;
use std::rc::{Rc, Weak};
use std::sync::Arc;

use crate::core::pacing::Need;
use crate::core::queue::Pushed;
use crate::core::share::post::{Arrival, Posted};
use crate::core::state::State;
use crate::message::{Gap, Message};
use crate::runtime::outlet::Outlet;
use crate::runtime::place::{Mark, Place};

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
    waiting: RefCell<Vec<Waiting>>,
}

enum Waiting {
    /// A message, and where the stream was before, if its own id does not tell where it is now.
    Message(Message, Option<Mark>),
    Other(Arrival),
}

impl Waiting {
    /// May run code of the page's.
    fn arrival(self) -> Arrival {
        match self {
            Self::Message(message, before) => Arrival::Message(posted(message, before)),
            Self::Other(arrival) => arrival,
        }
    }
}

impl Broadcaster {
    pub(crate) fn new(leading: Weak<dyn Leading>) -> Self {
        Self { leading, waiting: RefCell::default() }
    }

    fn push(&self, waiting: Waiting) -> Pushed {
        self.waiting.borrow_mut().push(waiting);
        Pushed { need: Need::Wake, dropped: 0 }
    }

    fn push_message(&self, message: Message, before: Option<&Place>) -> Pushed {
        let before = before.filter(|_| !message.tells_place()).map(Place::mark);
        self.push(Waiting::Message(message, before))
    }

    fn give(&self) {
        let waiting = self.waiting.take();
        if let Some(leading) = self.leading.upgrade().filter(|_| !waiting.is_empty()) {
            leading.arrived(waiting.into_iter().map(Waiting::arrival).collect());
        }
    }
}

/// Its data is read here, once for all.
fn posted(message: Message, before: Option<Mark>) -> Posted {
    Posted {
        event_type: Rc::clone(message.kind().event_type()),
        last_event_id: before.map_or_else(|| Arc::clone(message.shared_id()), |before| before.id()),
        has_own_id: message.has_own_id(),
        origin: Rc::clone(message.shared_origin()),
        data: message.into_data(),
    }
}

impl Outlet for Broadcaster {
    fn message(&self, message: Cow<'_, Message>, before: Option<&Place>) -> Pushed {
        self.push_message(message.into_owned(), before)
    }

    fn shows_gaps(&self) -> bool {
        true
    }

    fn gap(&self, gap: Gap, before: &Place) -> Pushed {
        match gap {
            // Whoever has it knows what it means.
            Gap::Server { message } => self.push_message(message, Some(before)),
            Gap::Header { last_event_id } => self.push(Waiting::Other(Arrival::Elsewhere(last_event_id))),
            Gap::Overflow { .. } | Gap::Shared { .. } => Pushed::default(),
        }
    }

    fn moved(&self, id: &Arc<str>) {
        self.waiting.borrow_mut().push(Waiting::Other(Arrival::Moved(Arc::clone(id))));
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
