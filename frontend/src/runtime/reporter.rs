//! Receives the reports of one transport, for the delivery of its source and for the connection.

use std::cell::Cell;
use std::rc::Rc;

use crate::core::connection::{Connection, Input};
use crate::error::Error;
use crate::message::Message;
use crate::runtime::delivery::Delivery;
use crate::transport::contract::Sink;

/// Takes in what happened, while the source lives.
pub(crate) type Port = Rc<dyn Fn(Input)>;

/// What a transport reports counts until it is released; a report may be what releases it.
pub(crate) struct Reporter {
    pub(crate) delivery: Rc<Delivery>,
    pub(crate) port: Port,
    pub(crate) source_url: Rc<str>,
    /// How many transports have been released, and how many had been when this one was made.
    pub(crate) released: Rc<Cell<u64>>,
    pub(crate) attempt: u64,
    /// How many messages there had been when the connection opened; `None` while it is not open.
    pub(crate) opened: Cell<Option<u64>>,
}

impl Sink for Reporter {
    fn message(&self, message: Message) {
        if self.is_live() {
            self.delivery.deliver(message);
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
