//! Where a client is in its stream.

use std::sync::Arc;

use web_sys::MessageEvent;

use crate::clock;
use crate::connection::Instant;

/// The last event ID, also over a change of transports.
///
/// A native message is asked for its id when someone wants to know, not when it comes.
#[derive(Debug)]
pub(crate) struct Place {
    /// Where the client was when its newest transport was made.
    before: Arc<str>,
    newest: Option<Newest>,
    /// Whether the newest message's id is the place. A new native object does not know the id that it was opened with:
    /// until a message brings one, its empty ids mean nothing.
    told: bool,
}

/// The newest message, as far as it matters here.
#[derive(Debug)]
pub(crate) enum Newest {
    Event(MessageEvent),
    Text { id: Arc<str>, came: Instant },
}

impl Newest {
    /// When it came.
    pub(crate) fn time(&self) -> Instant {
        match self {
            Self::Event(event) => clock::time_of(event),
            Self::Text { came, .. } => *came,
        }
    }
}

impl Place {
    pub(crate) fn new(initial: &str) -> Self {
        Self { before: initial.into(), newest: None, told: false }
    }

    /// Takes in a message of the native object.
    pub(crate) fn note(&mut self, message: MessageEvent) {
        self.told = self.told || self.before.is_empty() || !message.last_event_id().is_empty();
        self.newest = Some(Newest::Event(message));
    }

    /// Takes in a message whose id is the stream's, even if it is empty.
    pub(crate) fn note_text(&mut self, id: Arc<str>, came: Instant) {
        self.told = true;
        self.newest = Some(Newest::Text { id, came });
    }

    /// The stream has another id now, without a message that anyone reads.
    pub(crate) fn move_to(&mut self, id: Arc<str>) {
        self.told = false;
        self.before = id;
    }

    pub(crate) fn newest(&self) -> Option<&Newest> {
        self.newest.as_ref()
    }

    pub(crate) fn last_event_id(&self) -> Arc<str> {
        match &self.newest {
            Some(Newest::Event(event)) if self.told => event.last_event_id().into(),
            Some(Newest::Text { id, .. }) if self.told => Arc::clone(id),
            _ => Arc::clone(&self.before),
        }
    }

    /// A new transport is about to be made, and told the place.
    pub(crate) fn carry_over(&mut self) {
        self.before = self.last_event_id();
        self.told = false;
    }
}
