//! Which outlets get which types of message.
//!
//! Sources have a handful of types, so a short list beats a map in time and in size.

use std::cell::Cell;
use std::rc::Rc;

use crate::message::Kind;
use crate::runtime::outlet::Outlet;

/// By which an outlet leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct OutletId(u64);

/// Which messages an outlet wants.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Interest<'a> {
    Types(&'a [Rc<str>]),
    /// All types, over a transport that shows them.
    #[cfg_attr(not(feature = "fetch"), expect(dead_code, reason = "the native transport shows no type unasked"))]
    All,
    /// None: states alone.
    States,
}

/// An outlet under its id.
#[derive(Clone)]
pub(crate) struct Entry {
    id: OutletId,
    pub(crate) outlet: Rc<dyn Outlet>,
    calls: bool,
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

/// Those who get the same messages; `None` for nobody. Cloned to be gone through: it may change meanwhile.
pub(crate) type Readers = Option<Rc<Lists>>;

#[derive(Clone, Default)]
pub(crate) struct Lists {
    pub(crate) queues: Vec<Entry>,
    pub(crate) callers: Vec<Entry>,
}

fn add_to(readers: &mut Readers, entry: &Entry) {
    let lists = Rc::make_mut(readers.get_or_insert_default());
    let list = if entry.calls { &mut lists.callers } else { &mut lists.queues };
    if !list.iter().any(|known| known.id == entry.id) {
        list.push(entry.clone());
    }
}

fn remove_from(readers: &mut Readers, id: OutletId) {
    let Some(lists) = readers else { return };
    let mut all = lists.queues.iter().chain(&lists.callers);
    if !all.any(|known| known.id == id) {
        return;
    }
    let lists = Rc::make_mut(lists);
    lists.queues.retain(|known| known.id != id);
    lists.callers.retain(|known| known.id != id);
    if lists.queues.is_empty() && lists.callers.is_empty() {
        *readers = None;
    }
}

/// What a type of event means to the source itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Role {
    #[default]
    Message,
    /// Shows that the server is there.
    Heartbeat,
    /// Says that the server can't go on where the client was.
    Gap,
}

pub(crate) struct Route {
    pub(crate) kind: Rc<Kind>,
    pub(crate) role: Role,
    pub(crate) readers: Readers,
}

#[derive(Default)]
pub(crate) struct Routes {
    types: Vec<Route>,
    /// Those who listen to all types.
    any: Readers,
    all: Rc<Vec<Entry>>,
    next: u64,
    bytes: Rc<Cell<u64>>,
}

impl Routes {
    /// The source itself listens to this type, always.
    pub(crate) fn add_own(&mut self, event_type: &str, role: Role) {
        self.route(&event_type.into()).role = role;
    }

    /// Adds an outlet; returns the types that nobody had before.
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
        Rc::make_mut(&mut self.all).push(entry.clone());
        let new = match interest {
            Interest::Types(types) => types.iter().filter_map(|event_type| self.add_to(event_type, &entry)).collect(),
            Interest::All => {
                add_to(&mut self.any, &entry);
                Vec::new()
            }
            Interest::States => Vec::new(),
        };
        (id, new)
    }

    /// One type more for an outlet; returns it if nobody had it before.
    #[cfg(feature = "js")]
    pub(crate) fn extend(&mut self, id: OutletId, event_type: &Rc<str>) -> Option<Rc<Kind>> {
        let entry = self.all.iter().find(|known| known.id == id)?.clone();
        self.add_to(event_type, &entry)
    }

    fn add_to(&mut self, event_type: &Rc<str>, entry: &Entry) -> Option<Rc<Kind>> {
        let known = self.types.len();
        let route = self.route(event_type);
        add_to(&mut route.readers, entry);
        let kind = Rc::clone(&route.kind);
        (self.types.len() > known).then_some(kind)
    }

    fn route(&mut self, event_type: &Rc<str>) -> &mut Route {
        let index = self.types.iter().position(|route| route.kind.event_type() == event_type);
        let index = index.unwrap_or_else(|| {
            let kind = Kind::new(Rc::clone(event_type), &self.bytes);
            self.types.push(Route { kind, role: Role::Message, readers: None });
            self.types.len() - 1
        });
        &mut self.types[index]
    }

    /// Removes an outlet; returns the types that nobody listens to any more.
    pub(crate) fn remove(&mut self, id: OutletId) -> Vec<Rc<Kind>> {
        remove_from(&mut self.any, id);
        Rc::make_mut(&mut self.all).retain(|known| known.id != id);
        let mut unused = Vec::new();
        self.types.retain_mut(|route| {
            remove_from(&mut route.readers, id);
            let used = route.role != Role::Message || route.readers.is_some();
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

    /// Every type that someone listens to.
    pub(crate) fn kinds(&self) -> Vec<Rc<Kind>> {
        self.types.iter().map(|route| Rc::clone(&route.kind)).collect()
    }

    pub(crate) fn any(&self) -> &Readers {
        &self.any
    }

    pub(crate) fn all(&self) -> &Rc<Vec<Entry>> {
        &self.all
    }

    /// The bytes of the data that was read.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes.get()
    }

    /// Gives nobody messages any more. The outlets stay known until they leave: what they hold may still be read.
    pub(crate) fn end(&mut self) {
        self.types.clear();
        self.any = None;
    }
}
