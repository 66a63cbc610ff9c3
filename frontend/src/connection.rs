//! Decides what happens next. Pure: no browser, clock or randomness of its own; every input carries the time.

use std::collections::VecDeque;
use std::time::Duration;

use crate::dedup::Window;
use crate::retry::LONGEST;
use crate::{Error, PauseReason, State};

/// A time, since some moment that does not change.
pub(crate) type Instant = Duration;

/// What a connection has to know of its source's options.
#[derive(Clone, Debug, Default)]
pub(crate) struct Settings {
    /// Whether there is a policy to ask after a failure, and how long a connection has to hold to count as stable.
    pub(crate) stable_period: Option<Duration>,
    pub(crate) open_timeout: Option<Duration>,
    pub(crate) idle_timeout: Option<Duration>,
    /// How long a page may be hidden before its source pauses.
    pub(crate) hidden_grace: Option<Duration>,
    /// How many ids are remembered to recognise duplicates.
    pub(crate) duplicate_window: Option<usize>,
    /// Whether a failure is looked into before it is acted on.
    pub(crate) probe: bool,
    /// Whether each attempt has an address of its own, so that one that is refused says nothing of the next.
    pub(crate) fresh_addresses: bool,
    pub(crate) reestablish: Reestablish,
}

/// Who makes a lost connection again, as the Standard says, when there is no policy.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Reestablish {
    /// The transport, by itself.
    #[default]
    Transport,
    Connection,
    /// Nobody, policy or not: the stream can't be asked for a second time.
    Never,
}

/// The [reconnection time] until the server says another; the Standard leaves it to the browser, and Chromium takes this.
///
/// [reconnection time]: https://html.spec.whatwg.org/multipage/server-sent-events.html#concept-event-stream-reconnection-time
const RECONNECTION_TIME: Duration = Duration::from_secs(3);

/// How long a probe may take when no `open_timeout` says it.
const PROBE_TIMEOUT: Duration = Duration::from_secs(10);

/// What happened.
#[derive(Clone, Debug)]
pub(crate) enum Input {
    Start,
    /// The transport has an event stream.
    Opened,
    /// The server was heard, at the time that comes with this.
    Activity,
    /// The transport lost its connection, or failed to make one, and tries again by itself.
    Interrupted(Error),
    /// The transport gave up, or could not be made.
    Failed(Error),
    /// The stream has come to its end, which for one that goes on is a loss of the connection.
    Ended(Error),
    /// The server has said how long to wait before a reconnection.
    ReconnectionTime(Duration),
    /// Nothing is read, because a subscriber's queue is full.
    Held,
    /// It is read again.
    Flowing,
    /// What a probe found.
    Probed(Error),
    /// What the policy said to [`Output::Consult`].
    Decided(Option<Duration>),
    Fired(Timer),
    Online,
    Offline,
    Hidden,
    Shown,
    /// The page goes into the back/forward cache.
    Cached,
    /// It has come back from there.
    Restored,
    /// The user wants a new connection now.
    Reconnect,
    /// The user wants no more.
    Close,
}

/// There is at most one timer of each kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Timer {
    /// The wait before the next attempt.
    Retry,
    /// What an attempt, the browser's own or a probe may take.
    Deadline,
    /// The silence that an open connection may keep.
    Idle,
    /// The grace before a hidden page's source pauses.
    Hidden,
}

/// What to do about it, in this order.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Output {
    /// Make a transport.
    Open,
    /// Find out why the transport gave up.
    Probe,
    /// Let go of the transport, or of what was to become one, or of the probe.
    Release,
    /// Ask the policy, and answer with [`Input::Decided`].
    Consult(Failure),
    SetTimer(Timer, Duration),
    ClearTimer(Timer),
    /// Tell everyone about the new state.
    Announce(State),
}

/// What a policy is asked about.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Failure {
    pub(crate) cause: Error,
    pub(crate) streak: u32,
    pub(crate) connected_for: Option<Duration>,
    /// The server's reconnection time.
    pub(crate) server_retry: Option<Duration>,
}

#[derive(Debug)]
enum Phase {
    /// Holds nothing; on the way to another phase.
    Between,
    /// The source makes a connection; a transport exists or is about to.
    Attempting,
    Open {
        since: Instant,
        /// Whether nothing is read, so that silence means nothing.
        held: bool,
    },
    /// The transport is making its connection again by itself.
    Interrupted,
    Probing(Error),
    /// The policy has been asked.
    Deciding(Error),
    Waiting,
    Paused(PauseReason),
    Closed,
}

#[derive(Debug)]
pub(crate) struct Connection {
    settings: Settings,
    phase: Phase,
    state: State,
    /// The number of the newest attempt since the connection was last open.
    attempt: u32,
    /// Failures since the connection was last stable.
    streak: u32,
    /// How long the connection that was lost last had been open.
    connected_for: Option<Duration>,
    last_activity: Option<Instant>,
    server_retry: Option<Duration>,
    offline: bool,
    opened: u32,
    duplicates: u64,
    window: Option<Window>,
    outputs: VecDeque<Output>,
}

impl Connection {
    pub(crate) fn new(settings: Settings) -> Self {
        let window = settings.duplicate_window.map(Window::new);
        Self {
            settings,
            phase: Phase::Between,
            state: State::Connecting { attempt: 1 },
            attempt: 0,
            streak: 0,
            connected_for: None,
            last_activity: None,
            server_retry: None,
            offline: false,
            opened: 0,
            duplicates: 0,
            window,
            outputs: VecDeque::new(),
        }
    }

    pub(crate) fn handle(&mut self, now: Instant, input: Input) {
        match input {
            _ if self.is_closed() => {}
            Input::Start => self.connect(),
            Input::Opened => self.opened(now),
            Input::Activity => self.last_activity = self.last_activity.max(Some(now)),
            Input::Interrupted(cause) => self.interrupted(now, cause),
            Input::Ended(_) if self.is_single() => self.end(now, None),
            Input::Failed(cause) | Input::Ended(cause) => self.failed(now, cause),
            Input::ReconnectionTime(time) => self.server_retry = Some(time),
            Input::Held => self.hold(true),
            Input::Flowing => {
                self.last_activity = self.last_activity.max(Some(now));
                self.hold(false);
            }
            Input::Probed(cause) => self.probed(now, cause),
            Input::Decided(delay) => self.decided(now, delay),
            Input::Fired(timer) => self.fired(now, timer),
            Input::Online => {
                self.offline = false;
                if matches!(self.phase, Phase::Waiting | Phase::Paused(PauseReason::Offline)) {
                    self.leave(now);
                    self.connect();
                }
            }
            Input::Offline => {
                self.offline = true;
                // A connection that is open may well hold: offline is what the browser believes.
                if let Phase::Waiting = self.phase {
                    self.pause(now, PauseReason::Offline);
                }
            }
            // What can't be asked for again is not let go.
            Input::Hidden | Input::Cached | Input::Reconnect if self.is_single() => {}
            Input::Hidden => self.set_timer(Timer::Hidden, self.settings.hidden_grace),
            Input::Shown => {
                self.clear_timer(Timer::Hidden, self.settings.hidden_grace);
                self.resume(PauseReason::Hidden);
            }
            Input::Cached if self.retries() => {
                self.clear_timer(Timer::Hidden, self.settings.hidden_grace);
                self.pause(now, PauseReason::Cached);
            }
            Input::Cached => {}
            Input::Restored => self.resume(PauseReason::Cached),
            Input::Reconnect => {
                self.leave(now);
                self.streak = 0;
                self.attempt = 0;
                self.connect();
            }
            Input::Close => self.end(now, None),
        }
    }

    /// The next thing to do. Asked one at a time, because doing one may cause further input.
    pub(crate) fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// Whether a message that arrives now is for anyone. Its id is read only if it matters.
    pub(crate) fn admits<'a>(&mut self, id: impl FnOnce() -> &'a str) -> bool {
        if self.is_closed() {
            return false;
        }
        let admitted = self.window.as_mut().is_none_or(|window| window.admits(id()));
        self.duplicates += u64::from(!admitted);
        admitted
    }

    /// The server has said that it can't continue where the client was.
    pub(crate) fn lost_place(&mut self) {
        if let Some(window) = &mut self.window {
            window.clear();
        }
    }

    pub(crate) fn state(&self) -> &State {
        &self.state
    }

    pub(crate) fn is_closed(&self) -> bool {
        matches!(self.phase, Phase::Closed)
    }

    pub(crate) fn reconnects(&self) -> u32 {
        self.opened.saturating_sub(1)
    }

    pub(crate) fn duplicates(&self) -> u64 {
        self.duplicates
    }

    pub(crate) fn last_activity(&self) -> Option<Instant> {
        self.last_activity
    }

    fn retries(&self) -> bool {
        self.settings.stable_period.is_some()
    }

    fn is_single(&self) -> bool {
        self.settings.reestablish == Reestablish::Never
    }

    fn connect(&mut self) {
        self.attempt = self.attempt.saturating_add(1);
        self.connected_for = None;
        self.set_timer(Timer::Deadline, self.settings.open_timeout);
        self.outputs.push_back(Output::Open);
        self.enter(Phase::Attempting, State::Connecting { attempt: self.attempt });
    }

    fn opened(&mut self, now: Instant) {
        if !matches!(self.phase, Phase::Attempting | Phase::Interrupted) {
            return;
        }
        self.clear_timer(Timer::Deadline, self.settings.open_timeout);
        self.attempt = 0;
        self.opened = self.opened.saturating_add(1);
        if self.opened > 1
            && let Some(window) = &mut self.window
        {
            window.reconnected();
        }
        self.last_activity = Some(now);
        self.set_timer(Timer::Idle, self.settings.idle_timeout);
        self.enter(Phase::Open { since: now, held: false }, State::Open);
    }

    fn hold(&mut self, hold: bool) {
        let Phase::Open { held, .. } = &mut self.phase else { return };
        if std::mem::replace(held, hold) != hold {
            if hold {
                self.clear_timer(Timer::Idle, self.settings.idle_timeout);
            } else {
                self.set_timer(Timer::Idle, self.settings.idle_timeout);
            }
        }
    }

    fn interrupted(&mut self, now: Instant, cause: Error) {
        match self.phase {
            Phase::Open { since, .. } => {
                self.clear_timer(Timer::Idle, self.settings.idle_timeout);
                self.lost(now, since);
                self.set_timer(Timer::Deadline, self.settings.open_timeout);
            }
            // The time that an attempt may take goes on: the browser may fail at it for ever.
            Phase::Attempting | Phase::Interrupted => {}
            _ => return,
        }
        self.attempt = self.attempt.saturating_add(1);
        self.enter(Phase::Interrupted, State::Waiting { attempt: self.attempt, delay: None, cause });
    }

    fn failed(&mut self, now: Instant, cause: Error) {
        if !matches!(self.phase, Phase::Attempting | Phase::Open { .. } | Phase::Interrupted) {
            return;
        }
        self.leave(now);
        // Of the other causes everything is known.
        if !self.settings.probe || !matches!(cause, Error::ConnectionFailed { .. }) {
            return self.decide(now, cause);
        }
        let state = State::Waiting { attempt: self.attempt.saturating_add(1), delay: None, cause: cause.clone() };
        self.enter(Phase::Probing(cause), state);
        self.set_timer(Timer::Deadline, Some(self.probe_timeout()));
        self.outputs.push_back(Output::Probe);
    }

    fn probed(&mut self, now: Instant, found: Error) {
        if let Phase::Probing(_) = self.phase {
            self.leave(now);
            self.decide(now, found);
        }
    }

    fn fired(&mut self, now: Instant, timer: Timer) {
        match (timer, &self.phase) {
            (Timer::Retry, Phase::Waiting) => self.connect(),
            (Timer::Deadline, Phase::Attempting | Phase::Interrupted) => {
                self.leave(now);
                self.decide(now, Error::OpenTimeout { after: self.settings.open_timeout.unwrap_or_default() });
            }
            (Timer::Deadline, Phase::Probing(cause)) => {
                let cause = cause.clone();
                self.leave(now);
                self.decide(now, cause);
            }
            (Timer::Idle, Phase::Open { .. }) => {
                let after = self.settings.idle_timeout.unwrap_or_default();
                let silent = now.saturating_sub(self.last_activity.unwrap_or_default());
                if silent < after {
                    return self.set_timer(Timer::Idle, Some(after.saturating_sub(silent)));
                }
                self.leave(now);
                self.decide(now, Error::IdleTimeout { after });
            }
            (Timer::Hidden, Phase::Paused(PauseReason::Cached)) => {}
            (Timer::Hidden, _) => self.pause(now, PauseReason::Hidden),
            _ => {}
        }
    }

    /// Whether trying again can't help.
    fn is_final(&self, cause: &Error) -> bool {
        let of_address = matches!(cause, Error::Status { .. }) && self.settings.fresh_addresses;
        cause.is_final() && !of_address
    }

    /// What to do after a failure: give up, ask the policy, or do as the Standard says.
    fn decide(&mut self, now: Instant, cause: Error) {
        if self.is_single() || self.is_final(&cause) {
            self.end(now, Some(cause));
        } else if self.retries() {
            self.streak = self.streak.saturating_add(1);
            let failure = Failure {
                cause: cause.clone(),
                streak: self.streak,
                connected_for: self.connected_for,
                server_retry: self.server_retry,
            };
            self.phase = Phase::Deciding(cause);
            self.outputs.push_back(Output::Consult(failure));
        } else if self.settings.reestablish == Reestablish::Connection && cause.is_loss() {
            self.wait(self.server_retry.unwrap_or(RECONNECTION_TIME), cause);
        } else {
            self.end(now, Some(cause));
        }
    }

    fn decided(&mut self, now: Instant, delay: Option<Duration>) {
        let Phase::Deciding(cause) = &self.phase else { return };
        let cause = cause.clone();
        match delay {
            None => self.end(now, Some(cause)),
            Some(_) if self.offline => self.pause(now, PauseReason::Offline),
            Some(delay) => self.wait(delay, cause),
        }
    }

    fn wait(&mut self, delay: Duration, cause: Error) {
        let delay = delay.min(LONGEST);
        self.set_timer(Timer::Retry, Some(delay));
        let attempt = self.attempt.saturating_add(1);
        self.enter(Phase::Waiting, State::Waiting { attempt, delay: Some(delay), cause });
    }

    fn pause(&mut self, now: Instant, reason: PauseReason) {
        if matches!(self.phase, Phase::Paused(known) if known == reason) {
            return;
        }
        self.leave(now);
        self.enter_pause(reason);
    }

    fn enter_pause(&mut self, reason: PauseReason) {
        self.enter(Phase::Paused(reason), State::Paused { reason });
    }

    /// Goes on after a pause for this reason.
    fn resume(&mut self, from: PauseReason) {
        match self.phase {
            Phase::Paused(reason) if reason != from => {}
            Phase::Paused(_) if self.offline && self.retries() => self.enter_pause(PauseReason::Offline),
            Phase::Paused(_) => self.connect(),
            _ => {}
        }
    }

    fn end(&mut self, now: Instant, cause: Option<Error>) {
        self.leave(now);
        self.clear_timer(Timer::Hidden, self.settings.hidden_grace);
        self.enter(Phase::Closed, State::Closed { cause });
    }

    /// Lets go of all that the phase holds.
    fn leave(&mut self, now: Instant) {
        match std::mem::replace(&mut self.phase, Phase::Between) {
            Phase::Open { since, .. } => {
                self.lost(now, since);
                self.clear_timer(Timer::Idle, self.settings.idle_timeout);
                self.outputs.push_back(Output::Release);
            }
            Phase::Attempting | Phase::Interrupted => {
                self.clear_timer(Timer::Deadline, self.settings.open_timeout);
                self.outputs.push_back(Output::Release);
            }
            Phase::Probing(_) => {
                self.clear_timer(Timer::Deadline, Some(self.probe_timeout()));
                self.outputs.push_back(Output::Release);
            }
            Phase::Waiting => self.outputs.push_back(Output::ClearTimer(Timer::Retry)),
            Phase::Between | Phase::Deciding(_) | Phase::Paused(_) | Phase::Closed => {}
        }
    }

    fn lost(&mut self, now: Instant, since: Instant) {
        let connected_for = now.saturating_sub(since);
        self.connected_for = Some(connected_for);
        if self.settings.stable_period.is_some_and(|period| connected_for >= period) {
            self.streak = 0;
        }
    }

    fn probe_timeout(&self) -> Duration {
        self.settings.open_timeout.unwrap_or(PROBE_TIMEOUT)
    }

    /// Sets a timer, if its time is set.
    fn set_timer(&mut self, timer: Timer, after: Option<Duration>) {
        if let Some(after) = after {
            self.outputs.push_back(Output::SetTimer(timer, after.min(LONGEST)));
        }
    }

    /// Clears a timer that is set if its time is.
    fn clear_timer(&mut self, timer: Timer, after: Option<Duration>) {
        if after.is_some() {
            self.outputs.push_back(Output::ClearTimer(timer));
        }
    }

    fn enter(&mut self, phase: Phase, state: State) {
        self.phase = phase;
        self.state = state.clone();
        self.outputs.push_back(Output::Announce(state));
    }
}

#[cfg(test)]
#[path = "connection_tests.rs"]
mod tests;
