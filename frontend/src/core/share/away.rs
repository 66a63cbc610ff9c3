//! Coming and going.

use super::post::{Body, MemberId, Standing};
use super::sharer::{Output, Role, Sharer};
use crate::core::state::{PauseReason, State};
use crate::core::time::Instant;

impl Sharer {
    /// Begins to share.
    pub(crate) fn start(&mut self) {
        self.push(Output::Join);
    }

    /// The channel is open, and the lock of one's own is held. `others` are those whose locks are held too.
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

    /// The page goes into the back/forward cache, where nothing happens: its share goes to the others.
    pub(crate) fn cached(&mut self) {
        if matches!(self.role, Role::Away | Role::Ended) {
            return;
        }
        self.let_go(Role::Away);
        self.unjoin();
        self.state = State::Paused { reason: PauseReason::Cached };
        self.tell();
    }

    /// It has come back from there.
    pub(crate) fn restored(&mut self) {
        if matches!(self.role, Role::Away) {
            self.state = State::Connecting { attempt: 1 };
            self.tell();
            self.push(Output::Join);
        }
    }

    /// What comes next is numbered anew.
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

    /// The next message here has this number. Until then what can be taken is told as if that were 0.
    pub(super) fn join_at(&mut self, next: u64) {
        if !self.joined && self.standing.until != Standing::ALL {
            self.standing.until = self.standing.until.saturating_add(next);
        }
        self.next = next;
        self.joined = true;
    }

    /// The user wants no more.
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

    /// Lets go of everything, timers too.
    fn go(&mut self) {
        self.armed = None;
        self.push(Output::Leave);
    }

    /// The stream has ended for good, here or, as a post says, for all.
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
