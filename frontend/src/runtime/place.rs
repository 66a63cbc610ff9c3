//! The last event ID of the messages that have arrived, and of each message that a reader has taken. The ID of a native
//! message is read when it is needed, not when the message arrives.

use std::sync::Arc;

use web_sys::MessageEvent;

use crate::core::time::Instant;
use crate::message::Message;
use crate::platform::clock;

/// Where the newest message that has arrived is in the stream, also over a change of transports.
#[derive(Debug)]
pub(crate) struct Place {
    /// Where the source was when its newest transport was made, or where the stream has moved since.
    before: Arc<str>,
    newest: Option<Newest>,
    /// Whether the newest message's id is the place. A new native object does not know the id that it was opened with:
    /// until a message brings one, its empty ids mean nothing.
    told: bool,
    /// Counts messages and moves, so that places can be put in order.
    number: u64,
}

/// The newest message, as far as it matters here.
#[derive(Clone, Debug)]
pub(crate) enum Newest {
    Event(MessageEvent),
    Text { id: Arc<str>, came: Instant },
}

impl Newest {
    /// `came` is used if the message itself does not know its time of arrival.
    pub(crate) fn of(message: &Message, came: Instant) -> Self {
        match message.as_raw() {
            // An ID that is known need not be read again, and may differ from the event's own.
            Some(event) if message.knows_id() => {
                Self::Text { id: Arc::clone(message.shared_id()), came: clock::time_of(event) }
            }
            Some(event) => Self::Event(event.clone()),
            None => Self::Text { id: Arc::clone(message.shared_id()), came },
        }
    }

    /// What is known of it, without the event: that has its target, and with that all that a page has tied to it. May run
    /// code of the page's.
    pub(crate) fn detached(self) -> Self {
        match &self {
            Self::Event(event) => Self::Text { id: event.last_event_id().into(), came: self.time() },
            Self::Text { .. } => self,
        }
    }

    /// When it arrived. May run the page's code.
    pub(crate) fn time(&self) -> Instant {
        match self {
            Self::Event(event) => clock::time_of(event),
            Self::Text { came, .. } => *came,
        }
    }
}

/// A place in the stream. The greater the number, the later.
#[derive(Clone, Debug)]
pub(crate) struct Mark {
    number: u64,
    id: MarkId,
}

#[derive(Clone, Debug)]
enum MarkId {
    Event(MessageEvent),
    Id(Arc<str>),
}

impl Mark {
    /// Where a message is.
    pub(crate) fn of(message: &Message) -> Self {
        let id = match message.as_raw() {
            Some(event) if !message.knows_id() => MarkId::Event(event.clone()),
            _ => MarkId::Id(Arc::clone(message.shared_id())),
        };
        Self { number: message.number(), id }
    }

    /// The place of the message with this number and ID.
    #[cfg(feature = "js")]
    pub(crate) fn at(number: u64, id: Arc<str>) -> Self {
        Self { number, id: MarkId::Id(id) }
    }

    pub(crate) fn number(&self) -> u64 {
        self.number
    }

    /// The id. May run code of the page's.
    pub(crate) fn id(&self) -> Arc<str> {
        match &self.id {
            MarkId::Event(event) => event.last_event_id().into(),
            MarkId::Id(id) => Arc::clone(id),
        }
    }
}

impl Place {
    pub(crate) fn new(initial: &str) -> Self {
        Self { before: initial.into(), newest: None, told: false, number: 0 }
    }

    /// Whether an empty id of a native message means that there is none.
    pub(crate) fn is_told(&self) -> bool {
        self.told || self.before.is_empty()
    }

    /// The number of the next message.
    pub(crate) fn next_number(&self) -> u64 {
        self.number + 1
    }

    /// A message has arrived; `told` as [`is_told`](Self::is_told) with it. Returns what it replaces.
    pub(crate) fn note(&mut self, newest: Newest, told: bool) -> Option<Newest> {
        self.number += 1;
        self.told = told;
        self.newest.replace(newest)
    }

    /// This many messages with the stream's own IDs have arrived; the last argument is the newest.
    #[cfg(feature = "fetch")]
    pub(crate) fn note_run(&mut self, messages: u64, newest: Newest) {
        self.number += messages;
        self.told = true;
        self.newest = Some(newest);
    }

    /// The stream has another ID now, without a message that has a reader.
    pub(crate) fn move_to(&mut self, id: Arc<str>) {
        self.number += 1;
        self.told = false;
        self.before = id;
    }

    /// A new transport is about to be made, and told this place, which is the one that has arrived.
    pub(crate) fn carry_over(&mut self, id: Arc<str>) {
        self.told = false;
        self.before = id;
    }

    pub(crate) fn newest(&self) -> Option<Newest> {
        self.newest.clone()
    }

    /// The same message in another form. Returns what it replaces.
    pub(crate) fn set_newest(&mut self, newest: Option<Newest>) -> Option<Newest> {
        std::mem::replace(&mut self.newest, newest)
    }

    /// The place of what has arrived.
    pub(crate) fn mark(&self) -> Mark {
        let id = match &self.newest {
            Some(Newest::Event(event)) if self.told => MarkId::Event(event.clone()),
            Some(Newest::Text { id, .. }) if self.told => MarkId::Id(Arc::clone(id)),
            _ => MarkId::Id(Arc::clone(&self.before)),
        };
        Mark { number: self.number, id }
    }
}
