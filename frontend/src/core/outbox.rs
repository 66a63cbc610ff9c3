//! What a connection wants done, in order.

use std::collections::VecDeque;
use std::time::Duration;

use super::steps::{Output, Timer};
use super::time::LONGEST;

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
