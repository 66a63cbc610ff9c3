//! What a connection wants done, in order.

use std::collections::VecDeque;
use std::rc::Rc;
use std::time::Duration;

use super::retry::RetryContext;
use super::state::State;
use super::time::LONGEST;

/// What to do.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Output {
    /// Make a transport.
    Open,
    /// Find out why the transport gave up.
    Probe,
    /// Release the transport, or the probe.
    Release,
    /// Ask the policy, and say what it decided.
    Consult(RetryContext),
    SetTimer(Timer, Duration),
    ClearTimer(Timer),
    /// Stop waiting for the readers that keep others waiting.
    Excuse {
        /// How long they have kept others waiting.
        lasted: Duration,
    },
    /// Tell everyone about the new state.
    Announce(Rc<State>),
}

/// There is at most one timer of each kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Timer {
    /// The wait before the next attempt.
    Retry,
    /// How long an attempt, the browser's own or a probe may take.
    Deadline,
    /// How long an open connection may be silent.
    Idle,
    /// How long one reader may keep the stream from the others.
    Held,
    /// The grace before a hidden page's source pauses.
    Hidden,
}

#[derive(Debug, Default)]
pub(crate) struct Outbox(VecDeque<Output>);

impl Outbox {
    pub(crate) fn push(&mut self, output: Output) {
        self.0.push_back(output);
    }

    pub(crate) fn pop(&mut self) -> Option<Output> {
        self.0.pop_front()
    }

    /// Sets a timer, if its time is set.
    pub(crate) fn set_timer(&mut self, timer: Timer, after: Option<Duration>) {
        if let Some(after) = after {
            self.push(Output::SetTimer(timer, after.min(LONGEST)));
        }
    }

    /// Clears a timer that is set if its time is.
    pub(crate) fn clear_timer(&mut self, timer: Timer, after: Option<Duration>) {
        if after.is_some() {
            self.push(Output::ClearTimer(timer));
        }
    }
}
