//! The options of a source: plain data, and the code that implements options.
//!
//! The code is stored as function values that only the builder's setters refer to. So a program contains only the code
//! of the options that it sets; the linker drops the rest.

use std::any::Any;
use std::rc::Rc;
use std::time::Duration;

use gloo_timers::callback::Timeout;

use crate::core::close::CloseReason;
use crate::core::connection::Abilities;
use crate::core::outbox::Timer;
use crate::core::retry::RetryContext;
use crate::core::rules::Rules;
use crate::core::time::milliseconds;
use crate::error::Error;
use crate::platform::listener::Listener;
use crate::runtime::delivery::{Delivery, Duplicates};
use crate::runtime::reporter::{OnArrival, Port, Reporter};
use crate::transport::contract::{Attempt, TellPlace, Transport};

/// Options that are data.
#[derive(Clone, Default)]
pub(crate) struct Options {
    pub(crate) url: String,
    pub(crate) with_credentials: bool,
    pub(crate) last_event_id: String,
    /// Whether that is newer than the place that an earlier visit has stored.
    pub(crate) knows_place: bool,
    /// The query parameter for the last event ID, if there is one.
    pub(crate) place_parameter: Option<Rc<str>>,
    pub(crate) heartbeat_event: Option<String>,
    pub(crate) gap_event: Option<String>,
    /// The type of event that ends the stream.
    pub(crate) end_event: Option<String>,
    pub(crate) rules: Rules,
    /// Whether the transport shows every type of event, and can wait until queues have room.
    pub(crate) flows: bool,
}

/// Makes a transport, which reports to the reporter.
pub(crate) type Connect = dyn Fn(Attempt, Rc<Reporter>) -> Result<Box<dyn Transport>, Error>;

pub(crate) type Decorate = dyn FnOnce(Rc<Connect>) -> Rc<Connect>;
pub(crate) type Consult = dyn Fn(RetryContext, Port);
pub(crate) type SetTimer = fn(Timer, Duration, Port, &Rc<Delivery>) -> Ongoing;
pub(crate) type FindPlace = dyn FnOnce(&str) -> Option<Kept>;
pub(crate) type Obey = dyn FnOnce(Port) -> Option<Listener>;

pub(crate) type TakePlace = dyn FnOnce(&Rc<Delivery>) -> Keeping;
pub(crate) type Ended = dyn FnOnce(&CloseReason);

/// Anything that is active until it is dropped.
pub(crate) type Ongoing = Box<dyn Any>;

/// Options that do something.
#[derive(Default)]
pub(crate) struct Parts {
    pub(crate) connect: Option<Rc<Connect>>,
    /// Wraps the function that connects.
    pub(crate) decorate: Option<Box<Decorate>>,
    pub(crate) abilities: Abilities,
    /// Asks a policy, and tells what it decided.
    pub(crate) consult: Option<Rc<Consult>>,
    /// Tells when a time is over; set with every option that takes time.
    pub(crate) timer: Option<SetTimer>,
    /// Tells what happens to the page.
    pub(crate) follow_page: Option<fn(&Port) -> Vec<Listener>>,
    /// Finds out why an attempt failed, and tells it.
    pub(crate) probe: Option<fn(Attempt, Port) -> Ongoing>,
    /// Keeps the place of the source with this URL over reloads.
    pub(crate) bookmark: Option<Box<FindPlace>>,
    /// Reports when the signal is aborted.
    pub(crate) signal: Option<Box<Obey>>,
    pub(crate) duplicates: Option<Box<dyn Duplicates>>,
    /// Stops waiting for readers that keep others waiting.
    pub(crate) excuse: Option<fn(&Delivery, &str, Duration)>,
    pub(crate) tell_place: Option<TellPlace>,
    /// What looks at messages as they arrive.
    pub(crate) arrivals: Vec<Rc<OnArrival>>,
}

/// A place that is stored while the page is reloaded.
pub(crate) struct Kept {
    /// The place that the page had stored before its reload.
    pub(crate) found: Option<String>,
    /// Takes that place, because a source now continues after it, and stores this source's place when the page is left.
    pub(crate) take: Box<TakePlace>,
}

pub(crate) struct Keeping {
    pub(crate) listeners: Vec<Listener>,
    /// To be called when the source ends, while its readers are still known.
    pub(crate) ended: Box<Ended>,
}

/// What sets timers.
pub(crate) fn timer(timer: Timer, after: Duration, port: Port, delivery: &Rc<Delivery>) -> Ongoing {
    // The connection has limited it to what a timer can wait.
    let after = u32::try_from(milliseconds(after)).unwrap_or(u32::MAX);
    let delivery = Rc::downgrade(delivery);
    Box::new(Timeout::new(after, move || {
        // Messages are not reported to the connection one by one, only before it needs to know.
        let (newest, heard) = delivery.upgrade().map(|delivery| delivery.heard_at()).unwrap_or_default();
        port(Box::new(move |connection, now| {
            if let Some(at) = newest.max(heard) {
                connection.heard(at);
            }
            connection.fired(now, timer);
        }));
    }))
}
