//! The description of a stream.

use std::time::Duration;

use super::params::answer::Answer;
use super::params::attempts::Attempts;
use super::params::encoding::Encoding;
use super::params::end::Ending;
use super::params::framing::Framed;
use super::params::ids::Ids;
use super::params::order::Order;
use super::params::pace::Pace;
use super::params::push::Push;

/// A stream as its URL describes it: pure data, from which all bytes of all connections are computed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Stream {
    pub(crate) pace: Pace,
    pub(crate) ids: Ids,
    pub(crate) answer: Answer,
    pub(crate) framed: Framed,
    pub(crate) encoding: Encoding,
    pub(crate) end: Ending,
    pub(crate) order: Order,
    pub(crate) attempts: Attempts,
    pub(crate) push: Push,
    /// The stream of each attempt, if there is a plan.
    pub(crate) plan: Vec<Stream>,
}

impl Stream {
    /// The stream of an empty query.
    pub(crate) fn new(interval: Duration) -> Self {
        Self {
            pace: Pace::new(interval),
            ids: Ids::default(),
            answer: Answer::default(),
            framed: Framed::default(),
            encoding: Encoding::default(),
            end: Ending::default(),
            order: Order::default(),
            attempts: Attempts::default(),
            push: Push::default(),
            plan: Vec::new(),
        }
    }

    /// What the n-th connection gets, from 1.
    pub(crate) fn attempt(mut self, n: u64) -> Self {
        let last = self.plan.len().saturating_sub(1);
        let index = usize::try_from(n.saturating_sub(1)).unwrap_or(last).min(last);
        if self.plan.is_empty() { self } else { self.plan.swap_remove(index) }
    }
}
