//! Starting to share, leaving, and the back/forward cache.

use super::post::{Body, MemberId, Standing};
use super::sharer::{Output, Role, Sharer};
use crate::core::state::{PauseReason, State};
use crate::core::time::Instant;

impl Sharer {
    /// Starts to share.
    pub(crate) fn start(&mut self) {
        self.push(Output::Join);
    }

    /// The channel is open, and this sharer's own lock is held. `others` are the sharers whose own locks are held.
    pub(crate) fn joined(&mut self, now: Instant, others: &[MemberId]) {
        if !matches!(self.role, Role::Away) {
            return;
        }
        self.role = Role::Following;
        self.heard = now;
        self.asked = None;
        self.members.sync(self.me, others);
        self.greet_all(now);
        self.push(Output::Queue);
        self.settle(now);
    }

    pub(super) fn greet_all(&mut self, now: Instant) {
        self.greeted = now;
        self.posted = self.standing.clone();
        let body = Body::Hello { standing: self.standing.clone(), after: self.id.as_ref().to_owned() };
        self.post(body);
    }

    /// The page enters the back/forward cache, where it can't run: leaves the connection to the others.
    pub(crate) fn cached(&mut self) {
        if matches!(self.role, Role::Away | Role::Ended) {
            return;
        }
        self.let_go(Role::Away);
        self.unjoin();
        self.state = State::Paused { reason: PauseReason::Cached };
        self.tell();
    }

    /// The page has returned from the back/forward cache.
    pub(crate) fn restored(&mut self) {
        if matches!(self.role, Role::Away) {
            self.state = State::Connecting { attempt: 1 };
            self.tell();
            self.push(Output::Join);
        }
    }

    /// The numbering of the messages that follow is not known yet.
    pub(super) fn unjoin(&mut self) {
        self.joined = false;
        if let Some(ahead) = self.ahead.take() {
            self.id = ahead.id.into();
        }
        if self.standing.until != Standing::ALL {
            self.standing.until = self.standing.until.saturating_sub(self.next);
        }
        self.next = 0;
        self.missing = None;
        self.recent.clear();
        self.early.clear();
    }

    /// The next message here has this number. Until that is known, the number up to which messages can be taken counts
    /// from 0.
    pub(super) fn join_at(&mut self, next: u64) {
        if !self.joined && self.standing.until != Standing::ALL {
            self.standing.until = self.standing.until.saturating_add(next);
        }
        self.next = next;
        self.joined = true;
    }

    /// The user has closed the source.
    pub(crate) fn leave(&mut self) {
        if !matches!(self.role, Role::Ended) {
            self.let_go(Role::Ended);
        }
    }

    fn let_go(&mut self, role: Role) {
        if !matches!(self.role, Role::Away) {
            self.post(Body::Bye);
        }
        self.disconnect();
        self.role = role;
        self.go();
    }

    /// Releases everything, including timers.
    fn go(&mut self) {
        self.armed = None;
        self.push(Output::Leave);
    }

    /// The stream has ended, here or, according to a post, for all sharers.
    pub(super) fn end(&mut self, state: State) {
        self.disconnect();
        self.state = state;
        self.tell();
        self.role = Role::Ended;
        self.go();
    }

    /// Closes the connection that is open here, if one is.
    pub(super) fn disconnect(&mut self) {
        self.held.clear();
        self.overlap.clear();
        self.offered = None;
        if self.connection.take().is_some() {
            self.push(Output::Close);
        }
    }
}
