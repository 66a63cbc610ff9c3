//! The source that has the connection, in the one that leads.

use std::rc::Rc;

use super::broadcaster::Broadcaster;
use crate::core::connection::Connection;
use crate::error::Error;
use crate::runtime::parts::{Options, Parts};
use crate::runtime::routes::{Interest, OutletId};
use crate::runtime::runtime::Runtime;
use crate::source::builder::TELL_PLACE;

/// What its options say, for as often as one leads.
pub(crate) struct Plan {
    options: Box<Options>,
    parts: Box<Parts>,
}

impl Plan {
    pub(crate) fn new(options: Box<Options>, parts: Box<Parts>) -> Self {
        Self { options, parts }
    }

    /// Opens one that goes on after this id.
    pub(crate) fn open(&self, after: &str, outlet: Rc<Broadcaster>) -> Result<Inner, Error> {
        let options = Options { last_event_id: after.to_owned(), knows_place: true, ..(*self.options).clone() };
        let Parts { connect, abilities, consult, timer, follow_page, probe, arrivals, .. } = &*self.parts;
        let parts = Parts {
            connect: connect.clone(),
            abilities: *abilities,
            consult: consult.clone(),
            timer: *timer,
            follow_page: *follow_page,
            probe: *probe,
            arrivals: arrivals.clone(),
            tell_place: Some(TELL_PLACE),
            ..Parts::default()
        };
        let flows = options.flows;
        let runtime = Runtime::open(Box::new(options), Box::new(parts))?;
        let interest = if flows { Interest::All } else { Interest::Types(&[]) };
        let id = runtime.add(interest, outlet, false);
        Ok(Inner { runtime, id })
    }
}

pub(crate) struct Inner {
    runtime: Rc<Runtime>,
    id: Option<OutletId>,
}

impl Inner {
    /// These types are read, where the transport shows only those that are asked for.
    pub(crate) fn listen(&self, types: &[String]) {
        if let Some(id) = self.id.filter(|_| !self.runtime.flows()) {
            for event_type in types {
                self.runtime.extend(id, &event_type.as_str().into());
            }
        }
    }

    pub(crate) fn made_room(&self) {
        self.runtime.delivery().made_room();
    }

    /// Closes it, and says nothing of that.
    pub(crate) fn close(&self) {
        if let Some(id) = self.id {
            self.runtime.remove(id);
        }
        self.runtime.step(Connection::close);
    }

    pub(crate) fn reconnect(&self) {
        self.runtime.step(Connection::reconnect);
    }
}

/// It has no other users.
impl Drop for Inner {
    fn drop(&mut self) {
        self.close();
    }
}
