//! Receives the reports of one transport, for the delivery of its source and for the connection.

use std::cell::Cell;
use std::rc::Rc;

use crate::core::close::CloseReason;
use crate::core::connection::{Connection, Input};
use crate::error::Error;
use crate::message::Message;
use crate::runtime::delivery::Delivery;
use crate::transport::contract::Sink;

/// Takes an input for the connection, as long as the source exists.
pub(crate) type Port = Rc<dyn Fn(Input)>;

/// The reports of a transport count until it is released; a report may cause its release.
pub(crate) struct Reporter {
    pub(crate) delivery: Rc<Delivery>,
    pub(crate) port: Port,
    pub(crate) source_url: Rc<str>,
    /// How many transports have been released, and how many had been when this one was created.
    pub(crate) released: Rc<Cell<u64>>,
    pub(crate) attempt: u64,
    /// What looks at messages as they arrive.
    pub(crate) arrivals: Vec<Rc<OnArrival>>,
    /// How many messages there had been when the connection opened; `None` while it is not open.
    pub(crate) opened: Cell<Option<u64>>,
}

/// What happens to a message that has arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Arrival {
    /// It is delivered.
    Message,
    /// It is delivered, and the stream is complete.
    Last,
    /// It only marks that the stream is complete, and is not delivered.
    End,
}

/// Looks at a message as it arrives, before it is delivered, and may give it another id.
pub(crate) type OnArrival = dyn Fn(&mut Message) -> Arrival;

impl Reporter {
    /// What happens to a message, if several functions look at it: the strongest result counts.
    pub(crate) fn arrived(&self, message: &mut Message) -> Arrival {
        self.arrivals.iter().map(|look| look(message)).max().unwrap_or(Arrival::Message)
    }

    /// The stream has marked its end.
    pub(crate) fn complete(&self) {
        self.input(Box::new(|connection, now| connection.end(now, CloseReason::Complete)));
    }
}

impl Sink for Reporter {
    fn message(&self, mut message: Message) {
        if !self.is_live() {
            return;
        }
        let fate = self.arrived(&mut message);
        // The page's code has looked at the message, and may have closed the source.
        if fate != Arrival::End && self.is_live() {
            self.delivery.deliver(message);
        }
        if fate != Arrival::Message {
            self.complete();
        }
    }

    fn opened(&self) {
        if self.is_live() {
            self.opened.set(Some(self.delivery.messages()));
            (self.port)(Box::new(Connection::opened));
        }
    }

    fn input(&self, input: Input) {
        if self.is_live() {
            (self.port)(input);
        }
    }

    fn lost(&self) -> Error {
        let messages = self.opened.take().map(|before| self.delivery.messages().saturating_sub(before));
        Error::Disconnected { url: self.source_url.to_string(), messages }
    }

    fn is_live(&self) -> bool {
        self.released.get() == self.attempt
    }
}
