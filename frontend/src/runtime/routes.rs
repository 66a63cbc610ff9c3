//! Which outlets get which types of message.
//!
//! Sources have a handful of types, so a short list beats a map in time and in size.

use std::cell::Cell;
use std::rc::Rc;

use crate::message::Kind;
use crate::runtime::outlet::Outlet;

/// The ID by which an outlet is removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct OutletId(u64);

/// The outlets that come after a point in time.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Newcomers(u64);

impl Newcomers {
    pub(crate) fn contains(self, entry: &Entry) -> bool {
        entry.id.0 >= self.0
    }
}

/// Which messages an outlet wants.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Interest<'a> {
    Types(&'a [Rc<str>]),
    /// All types, over a transport that shows them.
    #[cfg_attr(not(feature = "fetch"), expect(dead_code, reason = "the native transport shows no type unasked"))]
    All,
    /// None: only states.
    States,
}

/// An outlet under its id.
#[derive(Clone)]
pub(crate) struct Entry {
    id: OutletId,
    pub(crate) outlet: Rc<dyn Outlet>,
    pub(crate) calls: bool,
    #[cfg(feature = "fetch")]
    messages: bool,
}

#[cfg(feature = "fetch")]
impl Entry {
    /// Whether it wants any messages.
    pub(crate) fn wants_messages(&self) -> bool {
        self.messages
    }
}

/// The outlets that get the same messages: first those that queue, then those that are called. Cloned for iteration,
/// because it may change meanwhile.
pub(crate) type Readers = Rc<Vec<Entry>>;

/// The list without the outlet of this id, and with this entry in its place.
fn changed(readers: &Readers, without: OutletId, entry: Option<&Entry>) -> Readers {
    let mut list = Vec::new();
    for calls in [false, true] {
        let kept = readers.iter().filter(|known| known.id != without);
        for entry in kept.chain(entry).filter(|entry| entry.calls == calls) {
            list.push(entry.clone());
        }
    }
    Rc::new(list)
}

fn add_to(readers: &mut Readers, entry: &Entry) {
    *readers = changed(readers, entry.id, Some(entry));
}

fn remove_from(readers: &mut Readers, id: OutletId) {
    *readers = changed(readers, id, None);
}

/// The meaning of a type of event to the source itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Role {
    #[default]
    Message,
    /// Shows that the server is there.
    Heartbeat,
    /// Says that the server can't continue after the last event ID.
    Gap,
    /// Says that the stream is complete.
    End,
}

pub(crate) struct Route {
    pub(crate) kind: Rc<Kind>,
    pub(crate) role: Role,
    pub(crate) readers: Readers,
}

#[derive(Default)]
pub(crate) struct Routes {
    types: Vec<Route>,
    /// The outlets for all types.
    any: Readers,
    all: Readers,
    next: u64,
    bytes: Rc<Cell<u64>>,
}

impl Routes {
    /// The source itself always listens to this type. Called before any outlet is added; if a type has two roles, the
    /// first one counts.
    pub(crate) fn add_own(&mut self, event_type: &str, role: Role) {
        let kind = Kind::new(event_type.into(), &self.bytes);
        self.types.push(Route { kind, role, readers: Readers::default() });
    }

    /// Adds an outlet; returns the types that had no reader before.
    pub(crate) fn add(
        &mut self,
        interest: Interest<'_>,
        outlet: Rc<dyn Outlet>,
        calls: bool,
    ) -> (OutletId, Vec<Rc<Kind>>) {
        let id = OutletId(self.next);
        self.next += 1;
        let entry = Entry {
            id,
            outlet,
            calls,
            #[cfg(feature = "fetch")]
            messages: !matches!(interest, Interest::States),
        };
        add_to(&mut self.all, &entry);
        let mut new = Vec::new();
        match interest {
            Interest::Types(types) => {
                for event_type in types {
                    new.extend(self.add_to(event_type, &entry));
                }
            }
            Interest::All => add_to(&mut self.any, &entry),
            Interest::States => {}
        }
        (id, new)
    }

    /// Adds a type to an outlet; returns the type if it had no reader before.
    #[cfg(any(feature = "js", feature = "share"))]
    pub(crate) fn extend(&mut self, id: OutletId, event_type: &Rc<str>) -> Option<Rc<Kind>> {
        let entry = self.all.iter().find(|known| known.id == id)?.clone();
        if self.any.iter().any(|known| known.id == id) {
            return None;
        }
        self.add_to(event_type, &entry)
    }

    /// Makes an outlet that had some types get all types.
    #[cfg(feature = "js")]
    pub(crate) fn extend_to_all(&mut self, id: OutletId) {
        let Some(entry) = self.all.iter().find(|known| known.id == id).cloned() else { return };
        for route in &mut self.types {
            remove_from(&mut route.readers, id);
        }
        add_to(&mut self.any, &entry);
    }

    fn add_to(&mut self, event_type: &Rc<str>, entry: &Entry) -> Option<Rc<Kind>> {
        for route in &mut self.types {
            if route.kind.event_type() == event_type {
                add_to(&mut route.readers, entry);
                return None;
            }
        }
        let kind = Kind::new(Rc::clone(event_type), &self.bytes);
        let mut readers = Readers::default();
        add_to(&mut readers, entry);
        self.types.push(Route { kind: Rc::clone(&kind), role: Role::Message, readers });
        Some(kind)
    }

    /// Removes an outlet; returns the types that have no reader any more.
    pub(crate) fn remove(&mut self, id: OutletId) -> Vec<Rc<Kind>> {
        remove_from(&mut self.any, id);
        remove_from(&mut self.all, id);
        let mut unused = Vec::new();
        self.types.retain_mut(|route| {
            remove_from(&mut route.readers, id);
            let used = route.role != Role::Message || !route.readers.is_empty();
            if !used {
                unused.push(Rc::clone(&route.kind));
            }
            used
        });
        unused
    }

    pub(crate) fn find(&self, kind: &Rc<Kind>) -> Option<&Route> {
        let same = self.types.iter().find(|route| Rc::ptr_eq(&route.kind, kind));
        same.or_else(|| self.named(kind.event_type()))
    }

    fn named(&self, event_type: &str) -> Option<&Route> {
        self.types.iter().find(|route| **route.kind.event_type() == *event_type)
    }

    /// What the messages of this type have in common.
    #[cfg(feature = "fetch")]
    pub(crate) fn kind(&self, event_type: &str) -> Rc<Kind> {
        let known = self.named(event_type).map(|route| Rc::clone(&route.kind));
        known.unwrap_or_else(|| Kind::new(event_type.into(), &self.bytes))
    }

    /// Every type that has a reader.
    pub(crate) fn kinds(&self) -> Vec<Rc<Kind>> {
        self.types.iter().map(|route| Rc::clone(&route.kind)).collect()
    }

    pub(crate) fn newcomers(&self) -> Newcomers {
        Newcomers(self.next)
    }

    pub(crate) fn any(&self) -> &Readers {
        &self.any
    }

    pub(crate) fn all(&self) -> &Readers {
        &self.all
    }

    /// The bytes of the data that was read.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes.get()
    }

    /// Stops passing messages to outlets. The outlets are kept until they are removed, because their queued messages
    /// may still be read.
    pub(crate) fn end(&mut self) {
        self.types.clear();
        self.any = Readers::default();
    }
}
