//! Callbacks, each of which is called until its guard is dropped.

use std::borrow::Cow;
use std::cell::RefCell;
use std::fmt;
use std::rc::Rc;

use crate::core::close::CloseReason;
use crate::core::queue::Pushed;
use crate::core::state::State;
use crate::message::Message;
use crate::runtime::outlet::Outlet;
use crate::runtime::place::Place;
use crate::runtime::routes::{Interest, OutletId};
use crate::runtime::runtime::Runtime;

/// Keeps a callback in place, from [`EventSource::on`](crate::EventSource::on) and its relatives.
///
/// # Drop behavior
///
/// Dropping the guard removes the callback: it is not called any more, even if the guard is dropped inside a callback.
/// The guard keeps the source open.
///
/// When the source ends, the callback is released, even if the guard still exists.
///
/// ```no_run
/// # async fn example() -> Result<(), eventsource_wasm::Error> {
/// # use eventsource_wasm::{EventSource, Guard};
/// struct Ticker {
///     _ticks: Guard, // dropping the ticker removes the callback, and closes the connection if it has no other reader
/// }
///
/// let source = EventSource::new("/events")?;
/// let ticker = Ticker { _ticks: source.on("tick", |message| println!("{}", message.data())) };
/// # drop(ticker);
/// # Ok(())
/// # }
/// ```
#[must_use = "a dropped guard ends its callback"]
pub struct Guard {
    outlet: Rc<dyn Release>,
    id: Option<OutletId>,
    source: Rc<Runtime>,
}

pub(crate) trait Release {
    /// Drops the callback.
    fn release(&self);
}

/// A callback until it is released. It is called from an [`Rc`] of its own, because it may drop its guard.
pub(crate) struct Callback<F: ?Sized>(RefCell<Option<Rc<F>>>);

pub(crate) type OnMessage = dyn Fn(&Message);
type OnState = dyn Fn(&State);

impl Guard {
    pub(crate) fn of_messages(source: &Rc<Runtime>, interest: Interest<'_>, call: Rc<OnMessage>) -> Self {
        Self::new(source, interest, Rc::new(Callback::new(call)))
    }

    pub(crate) fn of_states(source: &Rc<Runtime>, call: Rc<OnState>) -> Self {
        Self::new(source, Interest::States, Rc::new(Callback::new(call)))
    }

    fn new<O: Outlet + Release + 'static>(source: &Rc<Runtime>, interest: Interest<'_>, outlet: Rc<O>) -> Self {
        let id = source.add(interest, Rc::clone(&outlet) as Rc<dyn Outlet>, true);
        Self { outlet, id, source: Rc::clone(source) }
    }
}

impl<F: ?Sized> Callback<F> {
    pub(crate) fn new(call: Rc<F>) -> Self {
        Self(RefCell::new(Some(call)))
    }

    fn get(&self) -> Option<Rc<F>> {
        self.0.borrow().clone()
    }
}

impl<F: ?Sized> Release for Callback<F> {
    fn release(&self) {
        let call = self.0.take();
        drop(call);
    }
}

impl Outlet for Callback<OnMessage> {
    fn message(&self, message: Cow<'_, Message>, _before: Option<&Place>) -> Pushed {
        if let Some(call) = self.get() {
            call(&message);
        }
        Pushed::default()
    }

    fn finish(&self, _reason: &CloseReason) {
        self.release();
    }
}

impl Outlet for Callback<OnState> {
    fn state(&self, state: &State) {
        if let Some(call) = self.get() {
            call(state);
        }
    }

    fn finish(&self, _reason: &CloseReason) {
        self.release();
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        if let Some(id) = self.id {
            self.source.remove(id);
        }
        self.outlet.release();
    }
}

impl fmt::Debug for Guard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Guard").field("url", &self.source.url()).finish_non_exhaustive()
    }
}

/// One event type or several, as [`EventSource::on`](crate::EventSource::on) takes them.
///
/// A `&str` or `String`, or an array, slice or `Vec` of them.
///
/// ```no_run
/// # async fn example() -> Result<(), eventsource_wasm::Error> {
/// # use eventsource_wasm::EventSource;
/// let source = EventSource::new("/events")?;
/// let one = source.on("joined", |message| println!("{} is here", message.data()));
/// let several = source.on(["left", "kicked"], |message| println!("{} is gone", message.data()));
/// # drop((one, several));
/// # Ok(())
/// # }
/// ```
pub trait EventTypes {
    /// Calls `each` with every type.
    fn for_each(&self, each: &mut dyn FnMut(&str));
}

impl EventTypes for str {
    fn for_each(&self, each: &mut dyn FnMut(&str)) {
        each(self);
    }
}

impl EventTypes for String {
    fn for_each(&self, each: &mut dyn FnMut(&str)) {
        each(self);
    }
}

impl<T: EventTypes + ?Sized> EventTypes for &T {
    fn for_each(&self, each: &mut dyn FnMut(&str)) {
        (**self).for_each(each);
    }
}

impl<T: EventTypes> EventTypes for [T] {
    fn for_each(&self, each: &mut dyn FnMut(&str)) {
        for types in self {
            types.for_each(each);
        }
    }
}

impl<T: EventTypes, const N: usize> EventTypes for [T; N] {
    fn for_each(&self, each: &mut dyn FnMut(&str)) {
        self.as_slice().for_each(each);
    }
}

impl<T: EventTypes> EventTypes for Vec<T> {
    fn for_each(&self, each: &mut dyn FnMut(&str)) {
        self.as_slice().for_each(each);
    }
}
