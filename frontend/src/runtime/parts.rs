//! What a source's options bring along: plain data, and the code that does what an option asks for.
//!
//! Code is kept as values which only the builder's setters name. So a program holds the code of those options alone that
//! it sets; the linker drops the rest.

use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use gloo_timers::callback::Timeout;

use crate::core::retry::RetryContext;
use crate::core::rules::Rules;
use crate::error::Error;
use crate::platform::listener::Listener;
use crate::platform::task::Task;
use crate::runtime::delivery::{Delivery, Duplicates};
use crate::runtime::reporter::{Port, Reporter};
use crate::transport::contract::{Attempt, Transport};

/// Options that are data.
pub(crate) struct Options {
    pub(crate) url: String,
    pub(crate) with_credentials: bool,
    pub(crate) last_event_id: String,
    /// Which query parameter tells the place, if one does.
    pub(crate) place_parameter: Option<Rc<str>>,
    pub(crate) heartbeat_event: Option<String>,
    pub(crate) gap_event: Option<String>,
    pub(crate) rules: Rules,
    /// Whether the transport shows every type of event, and can be held until queues have room.
    pub(crate) flows: bool,
}

/// Makes a transport, which reports to the reporter.
pub(crate) type Connect = dyn Fn(Attempt, Rc<Reporter>) -> Result<Box<dyn Transport>, Error>;

/// Options that do something.
#[derive(Default)]
pub(crate) struct Parts {
    pub(crate) connect: Option<Rc<Connect>>,
    /// Makes another of what connects.
    pub(crate) decorate: Option<Box<dyn FnOnce(Rc<Connect>) -> Rc<Connect>>>,
    /// Asks a policy.
    pub(crate) consult: Option<Rc<dyn Fn(RetryContext) -> Option<Duration>>>,
    /// Calls back after this time; set with every option that takes time.
    pub(crate) timer: Option<fn(Duration, Box<dyn FnOnce()>) -> Timeout>,
    /// Tells what happens to the page.
    pub(crate) follow_page: Option<fn(Port) -> Vec<Listener>>,
    /// Finds out why the connection to an address failed, with credentials or without.
    pub(crate) probe: Option<fn(String, bool, Error, Port) -> Task>,
    /// Keeps the place of the source with this URL over reloads.
    pub(crate) bookmark: Option<Box<dyn FnOnce(&str) -> Option<Rc<dyn KeepPlace>>>>,
    /// Tells when the signal is aborted.
    pub(crate) signal: Option<Box<dyn FnOnce(Port) -> Option<Listener>>>,
    pub(crate) duplicates: Option<Box<dyn Duplicates>>,
    /// Waits no longer for readers that keep others waiting.
    pub(crate) excuse: Option<fn(&Delivery, &str)>,
}

/// Keeps a place while the page is reloaded.
pub(crate) trait KeepPlace {
    /// The place that the page before has left, which stays there until it is [taken](Self::take).
    fn find(&self) -> Option<String>;

    fn take(&self);

    /// Leaves a place to the page after this one.
    fn leave(&self, place: &str);

    /// Leaves the place when the page goes.
    fn follow(self: Rc<Self>, place: Rc<dyn Fn() -> Option<Arc<str>>>) -> Vec<Listener>;
}

/// A timer's part, which only those setters name whose options take time.
pub(crate) fn timer(after: Duration, call: Box<dyn FnOnce()>) -> Timeout {
    // The connection has cut it to what a timer can wait.
    Timeout::new(u32::try_from(crate::core::time::milliseconds(after)).unwrap_or(u32::MAX), call)
}
