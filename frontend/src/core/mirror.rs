//! A connection that mirrors another one: a follower has the states of the leader.

use std::rc::Rc;

use super::connection::Connection;
use super::outbox::Output;
use super::phase::Phase;
use super::state::State;
use super::time::Instant;

impl Connection {
    /// The other connection is in this state. If it is the same as before, it is reported again, because something else
    /// has changed.
    pub(crate) fn mirror(&mut self, now: Instant, state: State) {
        if self.is_closed() {
            return;
        }
        if let State::Closed { reason } = state {
            self.end(now, reason);
            return;
        }
        if state.is_open() && !self.state.is_open() {
            self.opened = self.opened.saturating_add(1);
            self.last_activity = Some(now);
        }
        self.phase = Phase::Mirroring;
        self.state = Rc::new(state);
        self.outbox.push(Output::Announce(Rc::clone(&self.state)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::close::CloseReason;
    use crate::core::connection::Abilities;
    use crate::core::rules::Rules;

    fn outputs(connection: &mut Connection) -> Vec<Output> {
        std::iter::from_fn(|| connection.poll_output()).collect()
    }

    #[test]
    fn it_takes_on_states_counts_connections_and_lets_go_in_the_end() {
        let mut connection = Connection::new(Rules::default(), Abilities::default());
        connection.start();
        outputs(&mut connection);
        for _ in 0..2 {
            connection.mirror(Instant::ZERO, State::Open);
            assert_eq!(outputs(&mut connection), [Output::Announce(Rc::new(State::Open))]);
        }
        assert_eq!(connection.reconnects(), 0);
        connection.mirror(Instant::ZERO, State::Connecting { attempt: 1 });
        connection.mirror(Instant::ZERO, State::Open);
        assert_eq!(connection.reconnects(), 1);
        outputs(&mut connection);
        let closed = State::Closed { reason: CloseReason::Complete };
        connection.mirror(Instant::ZERO, closed.clone());
        assert_eq!(outputs(&mut connection), [Output::Release, Output::Announce(Rc::new(closed))]);
        connection.mirror(Instant::ZERO, State::Open);
        assert_eq!(outputs(&mut connection), []);
    }
}
