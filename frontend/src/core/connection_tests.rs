//! What a connection does, input by input.

use std::time::Duration;

use super::super::outbox::{Output, Timer};
use super::super::retry::RetryContext;
use super::super::rules::{Again, Answered, LONGEST_HOLD, RECONNECTION_TIME, Rules, SECOND_LOOK, Unanswered};
use super::super::state::{PauseReason, State};
use super::super::time::{Instant, LONGEST};
use super::{Abilities, Connection};
use crate::core::close::CloseReason;
use crate::error::{Answer, Error};

const ALWAYS: Again = Again { unanswered: Unanswered::Any, answered: Answered::Any };
const UNTIL_COMPLETE: Again = Again { answered: Answered::Broken, ..ALWAYS };
const UNTIL_OPEN: Again = Again { unanswered: Unanswered::Refused, answered: Answered::Never };
/// An answer that breaks is resumed by another request than its own.
const ONLY_RESUMED: Again = Again { answered: Answered::Resumed, ..Again::NEVER };

fn lost() -> Error {
    Error::Disconnected { url: "http://localhost/".into(), messages: None }
}

fn failed() -> Error {
    Error::ConnectionFailed { url: "http://localhost/".into() }
}

fn status(status: u16) -> Error {
    Error::Status { url: String::new(), status, answer: Answer::default() }
}

/// A refusal that asks to be left alone.
fn busy(seconds: u64) -> Error {
    let answer = Answer { retry_after: Some(secs(seconds)), ..Answer::default() };
    Error::Status { url: String::new(), status: 429, answer }
}

const fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// What happens to a connection, as data.
#[derive(Clone, Debug)]
enum Input {
    Start,
    Opened,
    Activity,
    Interrupted(Error),
    Failed(Error),
    Ended(Error),
    ReconnectionTime(Duration),
    Held,
    Flowing,
    Probed(Error),
    Decided(Option<Duration>),
    Fired(Timer),
    Online,
    Offline,
    Hidden,
    Shown,
    Cached,
    Restored,
    Reconnect,
    Close,
}

impl Input {
    fn apply(self, connection: &mut Connection, now: Instant) {
        match self {
            Self::Start => connection.start(),
            Self::Opened => connection.opened(now),
            Self::Activity => connection.heard(now),
            Self::Interrupted(cause) => connection.interrupted(now, cause),
            Self::Failed(cause) => connection.failed(now, cause),
            Self::Ended(cause) => connection.ended(now, cause),
            Self::ReconnectionTime(time) => connection.reconnection_time(time),
            Self::Held => connection.held(now),
            Self::Flowing => connection.flowing(now),
            Self::Probed(found) => connection.probed(now, found),
            Self::Decided(delay) => connection.decided(now, delay),
            Self::Fired(timer) => connection.fired(now, timer),
            // At once: the spread is tested by itself.
            Self::Online => connection.online(now, 0.0),
            Self::Offline => connection.offline(now),
            Self::Hidden => connection.hidden(),
            Self::Shown => connection.shown(now),
            Self::Cached => connection.cached(now),
            Self::Restored => connection.restored(now),
            Self::Reconnect => connection.reconnect(now),
            Self::Close => connection.close(now),
        }
    }
}

/// Who makes a lost connection again, when there is no policy.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Reestablish {
    /// The transport, by itself.
    #[default]
    Transport,
    Connection,
    /// Nobody, policy or not.
    Never,
}

/// A source's options.
#[derive(Clone, Debug, Default)]
struct Settings {
    rules: Rules,
    probe: bool,
    reestablish: Reestablish,
}

impl Settings {
    fn connection(&self) -> Connection {
        let recover: Option<super::Recover> = match self.reestablish {
            _ if self.rules.stable_period.is_some() => Some(Connection::consult),
            Reestablish::Transport => None,
            Reestablish::Connection | Reestablish::Never => Some(Connection::reestablish),
        };
        let look_into: Option<super::Recover> = if self.probe { Some(Connection::look_into) } else { None };
        let again = if self.reestablish == Reestablish::Never { Again::NEVER } else { self.rules.again };
        let rules = Rules { again, ..self.rules.clone() };
        Connection::new(rules, Abilities { look_into, recover })
    }
}

/// Settings with a policy.
fn retrying() -> Settings {
    Settings { rules: Rules { stable_period: Some(secs(60)), ..Rules::default() }, ..Settings::default() }
}

fn with_rules(rules: Rules) -> Settings {
    Settings { rules, ..Settings::default() }
}

/// Everything on.
fn full() -> Settings {
    let rules = Rules {
        stable_period: Some(secs(60)),
        open_timeout: Some(secs(5)),
        idle_timeout: Some(secs(20)),
        hidden_grace: Some(secs(3)),
        ..Rules::default()
    };
    Settings { rules, probe: true, ..Settings::default() }
}

/// A connection that has been started, and what it wants done.
struct Driver(Connection);

impl Driver {
    fn new(settings: &Settings) -> Self {
        let mut driver = Self(settings.connection());
        driver.at(0, Input::Start);
        driver
    }

    fn opened(settings: &Settings) -> Self {
        let mut driver = Self::new(settings);
        driver.at(0, Input::Opened);
        driver
    }

    fn at(&mut self, second: u64, input: Input) -> Vec<Output> {
        self.at_millis(second * 1000, input)
    }

    fn at_millis(&mut self, millisecond: u64, input: Input) -> Vec<Output> {
        input.apply(&mut self.0, Duration::from_millis(millisecond));
        std::iter::from_fn(|| self.0.poll_output()).collect()
    }

    /// Fails and lets the policy answer; returns what it was asked.
    fn fail(&mut self, second: u64, answer: Option<Duration>) -> RetryContext {
        let asked = self.at(second, Input::Failed(failed())).pop();
        self.at(second, Input::Decided(answer));
        match asked {
            Some(Output::Consult(context)) => context,
            other => panic!("expected a question, got {other:?}"),
        }
    }

    fn state(&self) -> &State {
        self.0.state()
    }
}

fn closed(cause: Error) -> State {
    State::Closed { reason: CloseReason::Failed { cause } }
}

fn announced(state: State) -> Output {
    Output::Announce(state.into())
}

#[test]
fn by_default_it_connects_opens_and_ends_with_the_browsers_verdict() {
    let mut driver = Driver(Settings::default().connection());
    let connecting = announced(State::Connecting { attempt: 1 });
    assert_eq!(driver.at(0, Input::Start), [Output::Open, connecting]);
    assert_eq!(driver.at(1, Input::Opened), [announced(State::Open)]);
    let closed = announced(closed(failed()));
    assert_eq!(driver.at(2, Input::Failed(failed())), [Output::Release, closed]);
    assert!(driver.0.is_closed());
}

#[test]
fn a_break_leaves_the_browser_at_work_and_attempts_are_counted_until_it_opens() {
    let mut driver = Driver::opened(&Settings::default());
    for attempt in 1..=2 {
        let waiting = State::Waiting { attempt, delay: None, cause: lost() };
        assert_eq!(driver.at(1, Input::Interrupted(lost())), [announced(waiting)]);
    }
    driver.at(2, Input::Opened);
    assert_eq!(driver.0.reconnects(), 1);
    driver.at(3, Input::Interrupted(lost()));
    assert_eq!(*driver.state(), State::Waiting { attempt: 1, delay: None, cause: lost() });
}

#[test]
fn a_first_attempt_that_the_browser_repeats_is_followed_by_the_second() {
    let mut driver = Driver::new(&Settings::default());
    driver.at(1, Input::Interrupted(lost()));
    assert_eq!(*driver.state(), State::Waiting { attempt: 2, delay: None, cause: lost() });
}

#[test]
fn nothing_happens_after_the_end() {
    let mut driver = Driver::opened(&full());
    driver.at(1, Input::Close);
    for input in [Input::Opened, Input::Failed(failed()), Input::Fired(Timer::Retry), Input::Reconnect, Input::Close] {
        assert_eq!(driver.at(2, input), []);
    }
    assert_eq!(*driver.state(), State::Closed { reason: CloseReason::ByHand });
}

#[test]
fn a_failure_is_answered_by_the_policy_and_the_wait_by_a_new_transport() {
    let mut driver = Driver::opened(&retrying());
    let failure = driver.fail(30, Some(secs(2)));
    assert_eq!(failure, RetryContext { connected_for: Some(secs(30)), ..RetryContext::new(failed(), 1) });
    assert_eq!(*driver.state(), State::Waiting { attempt: 1, delay: Some(secs(2)), cause: failed() });
    let connecting = announced(State::Connecting { attempt: 1 });
    assert_eq!(driver.at(32, Input::Fired(Timer::Retry)), [Output::Open, connecting]);
}

#[test]
fn a_policy_that_wants_no_more_ends_it_with_the_cause() {
    let mut driver = Driver::opened(&retrying());
    driver.fail(1, None);
    assert_eq!(*driver.state(), closed(failed()));
}

#[test]
fn the_streak_ends_only_with_a_stable_connection() {
    let mut driver = Driver::opened(&retrying());
    let mut streaks = Vec::new();
    for (opened, broken) in [(0, 1), (2, 3), (4, 63), (70, 130)] {
        driver.at(opened, Input::Opened);
        streaks.push(driver.fail(broken, Some(secs(1))).failure_streak);
        driver.at(broken + 1, Input::Fired(Timer::Retry));
    }
    assert_eq!(streaks, [1, 2, 3, 1]);
}

#[test]
fn waits_are_cut_to_what_a_timer_can_wait() {
    let mut driver = Driver::opened(&retrying());
    driver.fail(1, Some(Duration::MAX));
    assert_eq!(*driver.state(), State::Waiting { attempt: 1, delay: Some(LONGEST), cause: failed() });
}

#[test]
fn an_attempt_that_hangs_is_given_up_the_browsers_own_too() {
    let settings = with_rules(Rules { open_timeout: Some(secs(5)), ..retrying().rules });
    for interrupted in [false, true] {
        let mut driver = Driver::new(&settings);
        if interrupted {
            let outputs = driver.at(1, Input::Interrupted(lost()));
            assert!(!outputs.contains(&Output::SetTimer(Timer::Deadline, secs(5))), "its time goes on");
        }
        let outputs = driver.at(9, Input::Fired(Timer::Deadline));
        let context = RetryContext::new(Error::OpenTimeout { after: secs(5) }, 1);
        let cleared = Output::ClearTimer(Timer::Deadline);
        assert_eq!(outputs, [cleared, Output::Release, Output::Consult(context)]);
    }
}

#[test]
fn silence_ends_a_connection_at_a_second_look_and_activity_only_moves_its_end() {
    let settings = with_rules(Rules { idle_timeout: Some(secs(20)), ..retrying().rules });
    let mut driver = Driver::new(&settings);
    assert_eq!(driver.at(0, Input::Opened), [Output::SetTimer(Timer::Idle, secs(20)), announced(State::Open)]);
    driver.at(15, Input::Activity);
    assert_eq!(driver.at(20, Input::Fired(Timer::Idle)), [Output::SetTimer(Timer::Idle, secs(15))]);
    // The page may have been busy, with messages still to be dispatched.
    assert_eq!(driver.at(35, Input::Fired(Timer::Idle)), [Output::SetTimer(Timer::Idle, SECOND_LOOK)]);
    let context =
        RetryContext { connected_for: Some(secs(36)), ..RetryContext::new(Error::IdleTimeout { after: secs(20) }, 1) };
    let cleared = Output::ClearTimer(Timer::Idle);
    assert_eq!(driver.at(36, Input::Fired(Timer::Idle)), [cleared, Output::Release, Output::Consult(context)]);
}

#[test]
fn a_page_that_is_busy_again_before_the_second_look_is_given_another() {
    let settings = with_rules(Rules { idle_timeout: Some(secs(20)), ..retrying().rules });
    let mut driver = Driver::opened(&settings);
    driver.at(25, Input::Fired(Timer::Idle));
    driver.at(25, Input::Activity);
    let look = [Output::SetTimer(Timer::Idle, SECOND_LOOK)];
    assert_eq!(driver.at(50, Input::Fired(Timer::Idle)), look, "something had come since the first look");
    assert!(matches!(driver.at(51, Input::Fired(Timer::Idle)).last(), Some(Output::Consult(_))));
}

#[test]
fn messages_that_were_late_end_the_suspicion() {
    let settings = with_rules(Rules { idle_timeout: Some(secs(20)), ..retrying().rules });
    let mut driver = Driver::opened(&settings);
    driver.at(25, Input::Fired(Timer::Idle));
    driver.at(25, Input::Activity);
    assert_eq!(
        driver.at_millis(25_100, Input::Fired(Timer::Idle)),
        [Output::SetTimer(Timer::Idle, Duration::from_millis(19_900))]
    );
    assert_eq!(
        driver.at(46, Input::Fired(Timer::Idle)),
        [Output::SetTimer(Timer::Idle, SECOND_LOOK)],
        "looked at anew"
    );
}

#[test]
fn a_refusal_is_final_unless_the_next_attempt_has_another_address() {
    let refused = status(401);
    for fresh_addresses in [false, true] {
        let mut driver = Driver::opened(&Settings {
            rules: Rules { fresh_addresses, ..retrying().rules },
            probe: true,
            ..Settings::default()
        });
        driver.at(1, Input::Failed(failed()));
        let asked = driver.at(2, Input::Probed(refused.clone()));
        assert_eq!(matches!(asked.last(), Some(Output::Consult(_))), fresh_addresses);
    }
}

#[test]
fn a_probe_finds_the_cause_and_a_final_one_ends_it() {
    let mut driver = Driver::opened(&Settings { probe: true, ..retrying() });
    let outputs = driver.at(1, Input::Failed(failed()));
    let waiting = announced(State::Waiting { attempt: 1, delay: None, cause: failed() });
    let deadline = Output::SetTimer(Timer::Deadline, secs(10));
    assert_eq!(outputs, [Output::Release, waiting, deadline, Output::Probe]);
    let busy = status(503);
    assert!(matches!(driver.at(2, Input::Probed(busy)).last(), Some(Output::Consult(_))));
    driver.at(2, Input::Decided(Some(secs(1))));
    driver.at(3, Input::Fired(Timer::Retry));
    driver.at(4, Input::Failed(failed()));
    let gone = status(410);
    driver.at(5, Input::Probed(gone.clone()));
    assert_eq!(*driver.state(), closed(gone));
}

#[test]
fn a_probe_that_hangs_leaves_the_cause_as_it_was() {
    let mut driver = Driver::opened(&Settings { probe: true, ..retrying() });
    driver.at(1, Input::Failed(failed()));
    let asked = driver.at(11, Input::Fired(Timer::Deadline)).pop();
    assert!(matches!(asked, Some(Output::Consult(context)) if context.cause == failed()));
}

#[test]
fn reconnecting_by_hand_replaces_the_transport_and_forgets_failures() {
    let mut driver = Driver::opened(&retrying());
    driver.fail(1, Some(secs(50)));
    let connecting = announced(State::Connecting { attempt: 1 });
    assert_eq!(driver.at(2, Input::Reconnect), [Output::ClearTimer(Timer::Retry), Output::Open, connecting]);
    driver.at(3, Input::Opened);
    assert_eq!(driver.at(4, Input::Reconnect)[0], Output::Release);
    assert_eq!(driver.fail(5, Some(secs(1))).failure_streak, 1);
}

/// Settings of a transport that leaves reconnecting to the connection.
fn over_fetch() -> Settings {
    Settings { reestablish: Reestablish::Connection, ..Settings::default() }
}

#[test]
fn without_a_policy_a_loss_is_made_good_after_the_reconnection_time() {
    let mut driver = Driver::opened(&over_fetch());
    driver.at(1, Input::Ended(lost()));
    assert_eq!(*driver.state(), State::Waiting { attempt: 1, delay: Some(RECONNECTION_TIME), cause: lost() });
    assert!(driver.at(4, Input::Fired(Timer::Retry)).contains(&Output::Open));
    driver.at(4, Input::Opened);
    driver.at(5, Input::ReconnectionTime(secs(9)));
    driver.at(6, Input::Failed(lost()));
    assert_eq!(*driver.state(), State::Waiting { attempt: 1, delay: Some(secs(9)), cause: lost() });
    driver.at(15, Input::Fired(Timer::Retry));
    driver.at(16, Input::Failed(status(503)));
    assert_eq!(*driver.state(), closed(status(503)), "an answer is no loss");
}

#[test]
fn a_policy_hears_the_servers_reconnection_time() {
    let mut driver = Driver::opened(&Settings { reestablish: Reestablish::Connection, ..retrying() });
    driver.at(1, Input::ReconnectionTime(secs(9)));
    assert_eq!(driver.fail(2, Some(secs(1))).server_retry, Some(secs(9)));
}

#[test]
fn of_refusals_only_those_that_may_pass_are_tried_again() {
    for (refusal, again) in
        [(400, false), (401, false), (404, false), (408, true), (409, true), (425, true), (429, true), (500, true)]
    {
        let mut driver = Driver::new(&Settings { reestablish: Reestablish::Connection, ..retrying() });
        let asked = driver.at(1, Input::Failed(status(refusal)));
        assert_eq!(matches!(asked.last(), Some(Output::Consult(_))), again, "{refusal}");
    }
}

#[test]
fn what_can_not_be_asked_for_again_ends_with_its_stream_and_is_never_let_go() {
    let single = Settings { reestablish: Reestablish::Never, ..full() };
    let mut driver = Driver::opened(&single.clone());
    for input in [Input::Hidden, Input::Cached, Input::Offline, Input::Online, Input::Reconnect] {
        assert_eq!(driver.at(1, input), []);
    }
    driver.at(2, Input::Ended(lost()));
    assert_eq!(*driver.state(), State::Closed { reason: CloseReason::Complete });
    let mut driver = Driver::opened(&single);
    driver.at(2, Input::Failed(lost()));
    assert_eq!(*driver.state(), closed(lost()), "broken off is no end");
}

#[test]
fn while_a_queue_holds_the_stream_no_silence_counts_but_nobody_holds_it_for_long() {
    let idle = Rules { idle_timeout: Some(secs(20)), ..Rules::default() };
    let mut driver = Driver::opened(&Settings { rules: idle, ..over_fetch() });
    assert_eq!(driver.at(1, Input::Held), [Output::SetTimer(Timer::Held, LONGEST_HOLD)]);
    assert_eq!(driver.at(2, Input::Held), []);
    let hold = |seconds| [Output::SetTimer(Timer::Held, LONGEST_HOLD), Output::Excuse { lasted: secs(seconds) }];
    assert_eq!(driver.at(6, Input::Fired(Timer::Held)), hold(5));
    assert_eq!(driver.at(7, Input::Held), []);
    assert_eq!(driver.at(11, Input::Fired(Timer::Held)), hold(10), "others may have come, or be ready by now");
    let again = [Output::SetTimer(Timer::Idle, secs(20))];
    assert_eq!(driver.at(60, Input::Fired(Timer::Idle)), again, "silence means nothing while nothing is read");
    assert_eq!(driver.at(99, Input::Flowing), []);
    assert_eq!(driver.0.last_activity(), Some(secs(99)));
    let rest = [Output::SetTimer(Timer::Idle, secs(19))];
    assert_eq!(driver.at(100, Input::Fired(Timer::Idle)), rest, "it counts from when it was read again");
}

#[test]
fn a_stream_held_many_times_a_second_costs_one_timer() {
    let mut driver = Driver::opened(&over_fetch());
    assert_eq!(driver.at(1, Input::Held), [Output::SetTimer(Timer::Held, LONGEST_HOLD)]);
    for at in 2..5 {
        assert_eq!(driver.at(at, Input::Flowing), []);
        assert_eq!(driver.at(at, Input::Held), []);
    }
    let rest = [Output::SetTimer(Timer::Held, secs(3))];
    assert_eq!(driver.at(6, Input::Fired(Timer::Held)), rest, "held for two seconds so far");
    assert_eq!(driver.at(8, Input::Flowing), []);
    assert_eq!(driver.at(9, Input::Fired(Timer::Held)), [], "it flows");
    assert_eq!(driver.at(10, Input::Held), [Output::SetTimer(Timer::Held, LONGEST_HOLD)]);
    let excuse = [Output::SetTimer(Timer::Held, LONGEST_HOLD), Output::Excuse { lasted: LONGEST_HOLD }];
    assert_eq!(driver.at(15, Input::Fired(Timer::Held)), excuse);
    assert_eq!(driver.at(16, Input::Flowing), []);
    assert_eq!(driver.at(20, Input::Fired(Timer::Held)), []);
    assert_eq!(driver.at(21, Input::Ended(lost()))[0], Output::Release, "no timer is left to clear");
}

#[test]
fn a_server_that_wants_to_be_asked_at_once_is_asked_twice_a_second_at_most() {
    let mut driver = Driver::opened(&over_fetch());
    driver.at(1, Input::ReconnectionTime(Duration::ZERO));
    driver.at(2, Input::Ended(lost()));
    let delay = Some(Duration::from_millis(500));
    assert_eq!(*driver.state(), State::Waiting { attempt: 1, delay, cause: lost() });
}

#[path = "again_tests.rs"]
mod again;

#[path = "visits_tests.rs"]
mod visits;

// proptest is a dependency of the host alone.
#[cfg(not(target_family = "wasm"))]
#[path = "connection_random_tests.rs"]
mod random;
