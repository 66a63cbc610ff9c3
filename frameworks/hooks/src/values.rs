//! The values that a component gets from its hook, and how each change updates them. Pure.

use std::fmt;

use eventsource_wasm::{CloseReason, State};

use crate::error::HookError;
use crate::options::UseEventSourceOptions;
use crate::received::Received;

/// The values that a component gets from its hook.
pub struct Values<T> {
    limit: usize,
    received: u64,
    message: Option<Received<T>>,
    messages: Vec<Received<T>>,
    state: State,
    error: Option<HookError>,
}

/// Something that happened to the source of a hook.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Change<T> {
    /// A new source is opened.
    Opening,
    /// There is no URL any more, or another one that has not been opened yet: the values are reset.
    Nothing,
    /// The source has entered a state.
    State(State),
    /// The source has received a message.
    Message {
        /// Its type.
        event_type: String,
        /// The last event ID of the stream.
        last_event_id: String,
        /// The decoded data.
        data: T,
    },
    /// The data of a message could not be decoded.
    Undecodable {
        /// Its type.
        event_type: String,
        /// What the decoder said.
        reason: String,
    },
}

impl<T: 'static> Values<T> {
    /// The values before the component is mounted; the same on a server and in a browser, so that hydration finds what
    /// it expects.
    pub fn new(options: &UseEventSourceOptions<T>, url: &str) -> Self {
        let state = if options.opens(url) { FIRST } else { CLOSED };
        Self { limit: options.list_limit(), received: 0, message: None, messages: Vec::new(), state, error: None }
    }
}

// As messages are shared, no `T` has to be cloned or compared.
impl<T> Clone for Values<T> {
    fn clone(&self) -> Self {
        let Self { limit, received, message, messages, state, error } = self;
        let (message, messages, state, error) = (message.clone(), messages.clone(), state.clone(), error.clone());
        Self { limit: *limit, received: *received, message, messages, state, error }
    }
}

impl<T> PartialEq for Values<T> {
    fn eq(&self, other: &Self) -> bool {
        self.message == other.message
            && self.messages == other.messages
            && self.state == other.state
            && self.error == other.error
    }
}

impl<T> fmt::Debug for Values<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Values")
            .field("messages", &self.messages.len())
            .field("state", &self.state)
            .field("error", &self.error)
            .finish_non_exhaustive()
    }
}

const FIRST: State = State::Connecting { attempt: 1 };
const CLOSED: State = State::Closed { reason: CloseReason::ByHand };

impl<T> Values<T> {
    /// The last message; `None` before the source has received one.
    pub fn message(&self) -> Option<&Received<T>> {
        self.message.as_ref()
    }

    /// The last messages, at most [`limit`](UseEventSourceOptions::limit), oldest first.
    pub fn messages(&self) -> &[Received<T>] {
        &self.messages
    }

    /// What the source is doing. `Closed` without a source; `Connecting` if one is going to be opened.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// Why the connection was lost, until it is open again; why the source has given up; or why a message could not be
    /// decoded, until another one is received. `None` if there is no error, and when the source was closed.
    pub fn error(&self) -> Option<&HookError> {
        self.error.as_ref()
    }

    /// Updates the values for a change of the source.
    pub fn apply(&mut self, change: Change<T>) {
        match change {
            Change::Opening => self.begin(FIRST),
            Change::Nothing => self.begin(CLOSED),
            Change::State(state) => {
                match (state.cause(), &state) {
                    (Some(cause), _) => self.error = Some(HookError::Source(cause.clone())),
                    (None, State::Open | State::Closed { .. }) => self.error = None,
                    (None, _) => {}
                }
                self.state = state;
            }
            Change::Message { event_type, last_event_id, data } => {
                self.received += 1;
                self.push(Received::new(self.received, event_type, last_event_id, data));
                self.error.take_if(|error| matches!(error, HookError::Decode { .. }));
            }
            Change::Undecodable { event_type, reason } => self.error = Some(HookError::Decode { event_type, reason }),
        }
    }

    /// A new source starts without values. Only the message numbers continue, because they are used as keys.
    fn begin(&mut self, state: State) {
        self.message = None;
        self.messages.clear();
        self.error = None;
        self.state = state;
    }

    fn push(&mut self, message: Received<T>) {
        if self.limit > 0 {
            if self.messages.len() == self.limit {
                self.messages.remove(0);
            }
            self.messages.push(message.clone());
        }
        self.message = Some(message);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use eventsource_wasm::Error;

    use super::*;

    fn values(limit: usize) -> Values<u32> {
        let options = UseEventSourceOptions::new().limit(limit).decode(|message| message.data().parse::<u32>());
        Values::new(&options, "/events")
    }

    fn message(data: u32) -> Change<u32> {
        Change::Message { event_type: "message".into(), last_event_id: format!("id-{data}"), data }
    }

    fn undecodable() -> Change<u32> {
        Change::Undecodable { event_type: "tick".into(), reason: "no number".into() }
    }

    fn data(values: &Values<u32>) -> Vec<u32> {
        values.messages().iter().map(|message| *message.data()).collect()
    }

    fn lost() -> Error {
        Error::ConnectionFailed { url: "/events".into() }
    }

    #[test]
    fn a_source_that_is_going_to_be_opened_is_connecting_and_another_is_closed() {
        let state = |options: UseEventSourceOptions, url| Values::new(&options, url).state().ready_state();
        assert_eq!(state(UseEventSourceOptions::new(), "/events"), 0);
        assert_eq!(state(UseEventSourceOptions::new(), ""), 2);
        assert_eq!(state(UseEventSourceOptions::new().immediate(false), "/events"), 2);
    }

    #[test]
    fn the_list_keeps_the_last_messages_and_no_more() {
        let mut values = values(3);
        for n in 0..5 {
            values.apply(message(n));
        }
        assert_eq!(data(&values), [2, 3, 4]);
        let last = values.message().unwrap();
        assert_eq!((*last.data(), last.last_event_id(), last.event_type()), (4, "id-4", "message"));
    }

    #[test]
    fn a_list_of_none_has_a_last_message_all_the_same() {
        let mut values = values(0);
        values.apply(message(1));
        assert_eq!((data(&values), values.message().map(|message| *message.data())), (vec![], Some(1)));
    }

    #[test]
    fn another_source_begins_with_nothing_and_with_numbers_that_were_not_there() {
        let mut values = values(3);
        values.apply(message(1));
        values.apply(undecodable());
        let before = values.message().unwrap().clone();
        values.apply(Change::Opening);
        assert_eq!((values.message(), data(&values), values.error()), (None, vec![], None));
        assert_eq!(values.state(), &FIRST);
        values.apply(message(1));
        let after = values.message().unwrap();
        assert_eq!((before.number(), after.number()), (1, 2));
        assert_ne!(&before, after);
    }

    #[test]
    fn a_lost_connection_is_an_error_until_it_is_open_again() {
        let mut values = values(3);
        let waiting = State::Waiting { attempt: 1, delay: Some(Duration::ZERO), cause: lost() };
        values.apply(Change::State(waiting));
        assert_eq!(values.error(), Some(&HookError::Source(lost())));
        values.apply(Change::State(FIRST));
        assert_eq!(values.error(), Some(&HookError::Source(lost())));
        values.apply(message(1));
        assert_eq!(values.error(), Some(&HookError::Source(lost())));
        values.apply(Change::State(State::Open));
        assert_eq!(values.error(), None);
    }

    #[test]
    fn a_source_that_gives_up_says_why_and_one_that_is_closed_has_no_error() {
        let mut values = values(3);
        values.apply(message(1));
        values.apply(Change::State(State::Closed { reason: CloseReason::Failed { cause: lost() } }));
        assert_eq!(values.error(), Some(&HookError::Source(lost())));
        assert_eq!(data(&values), [1], "what was received is still there");
        values.apply(Change::State(CLOSED));
        assert_eq!(values.error(), None);
        values.apply(Change::Nothing);
        assert_eq!((data(&values), values.state()), (vec![], &CLOSED));
    }

    #[test]
    fn a_message_that_can_not_be_decoded_is_an_error_until_the_next_is_received() {
        let mut values = values(3);
        values.apply(Change::State(State::Open));
        values.apply(undecodable());
        let error = values.error().unwrap().to_string();
        assert!(error.contains("\"tick\"") && error.contains("no number"), "{error}");
        assert!(values.message().is_none());
        values.apply(message(1));
        assert_eq!((values.error(), data(&values)), (None, vec![1]));
    }
}
