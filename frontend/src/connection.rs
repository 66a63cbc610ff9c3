//! Decides what happens next. Pure: no browser, no clock, no randomness.

use std::collections::VecDeque;

use crate::{Error, State};

/// What happened.
#[derive(Debug)]
pub(crate) enum Input {
    /// The transport has an event stream.
    Opened,
    /// The transport lost its connection, or failed to make one, and tries again by itself.
    Interrupted(Error),
    /// The transport gave up.
    Failed(Error),
    /// The user wants no more.
    Close,
}

/// What to do about it, in this order.
#[derive(Debug, PartialEq)]
pub(crate) enum Output {
    /// Let go of the transport.
    CloseTransport,
    /// Tell everyone about the new state.
    Announce(State),
}

#[derive(Debug)]
pub(crate) struct Connection {
    state: State,
    opened: u32,
    outputs: VecDeque<Output>,
}

impl Connection {
    /// A connection whose transport has just been started.
    pub(crate) fn new() -> Self {
        Self { state: State::Connecting { attempt: 1 }, opened: 0, outputs: VecDeque::new() }
    }

    pub(crate) fn handle(&mut self, input: Input) {
        if let State::Closed { .. } = self.state {
            return;
        }
        match input {
            Input::Opened => {
                self.opened = self.opened.saturating_add(1);
                self.enter(State::Open);
            }
            Input::Interrupted(cause) => {
                let attempt = self.next_attempt();
                self.enter(State::Waiting { attempt, delay: None, cause });
            }
            Input::Failed(cause) => self.end(Some(cause)),
            Input::Close => self.end(None),
        }
    }

    /// The next thing to do. Asked one at a time, because doing one may cause further input.
    pub(crate) fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// Whether a message that arrives now is for anyone.
    pub(crate) fn delivers(&self) -> bool {
        !matches!(self.state, State::Closed { .. })
    }

    pub(crate) fn state(&self) -> &State {
        &self.state
    }

    pub(crate) fn reconnects(&self) -> u32 {
        self.opened.saturating_sub(1)
    }

    fn next_attempt(&self) -> u32 {
        match self.state {
            State::Connecting { attempt } | State::Waiting { attempt, .. } => attempt.saturating_add(1),
            _ => 1,
        }
    }

    fn end(&mut self, cause: Option<Error>) {
        self.outputs.push_back(Output::CloseTransport);
        self.enter(State::Closed { cause });
    }

    fn enter(&mut self, state: State) {
        self.state = state.clone();
        self.outputs.push_back(Output::Announce(state));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lost() -> Error {
        Error::Disconnected { url: "http://localhost/".into() }
    }

    fn failed() -> Error {
        Error::ConnectionFailed { url: "http://localhost/".into() }
    }

    fn outputs(connection: &mut Connection, input: Input) -> Vec<Output> {
        connection.handle(input);
        std::iter::from_fn(|| connection.poll_output()).collect()
    }

    #[test]
    fn an_answer_opens_it() {
        let mut connection = Connection::new();
        assert_eq!(outputs(&mut connection, Input::Opened), [Output::Announce(State::Open)]);
        assert_eq!(connection.reconnects(), 0);
    }

    #[test]
    fn a_break_leaves_the_browser_at_work_and_attempts_are_counted_until_it_opens() {
        let mut connection = Connection::new();
        connection.handle(Input::Opened);
        for attempt in 1..=2 {
            connection.handle(Input::Interrupted(lost()));
            assert_eq!(*connection.state(), State::Waiting { attempt, delay: None, cause: lost() });
        }
        connection.handle(Input::Opened);
        assert_eq!(connection.reconnects(), 1);
        connection.handle(Input::Interrupted(lost()));
        assert_eq!(*connection.state(), State::Waiting { attempt: 1, delay: None, cause: lost() });
    }

    #[test]
    fn a_first_attempt_that_fails_is_followed_by_the_second() {
        let mut connection = Connection::new();
        connection.handle(Input::Interrupted(lost()));
        assert_eq!(*connection.state(), State::Waiting { attempt: 2, delay: None, cause: lost() });
    }

    #[test]
    fn a_failure_lets_go_of_the_transport_and_then_tells() {
        let mut connection = Connection::new();
        let closed = State::Closed { cause: Some(failed()) };
        assert_eq!(
            outputs(&mut connection, Input::Failed(failed())),
            [Output::CloseTransport, Output::Announce(closed)]
        );
        assert!(!connection.delivers());
    }

    #[test]
    fn nothing_happens_after_the_end() {
        let mut connection = Connection::new();
        connection.handle(Input::Close);
        while connection.poll_output().is_some() {}
        for input in [Input::Opened, Input::Interrupted(lost()), Input::Failed(failed()), Input::Close] {
            assert_eq!(outputs(&mut connection, input), []);
        }
        assert_eq!(*connection.state(), State::Closed { cause: None });
    }
}
