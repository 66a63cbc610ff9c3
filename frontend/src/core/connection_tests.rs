use super::*;

fn lost() -> Error {
    Error::Disconnected { url: "http://localhost/".into() }
}

fn failed() -> Error {
    Error::ConnectionFailed { url: "http://localhost/".into() }
}

fn status(status: u16) -> Error {
    Error::Status { url: String::new(), status, answer: crate::Answer::default() }
}

const fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// Settings with a policy.
fn retrying() -> Settings {
    Settings { stable_period: Some(secs(60)), ..Settings::default() }
}

/// Everything on.
fn full() -> Settings {
    Settings {
        stable_period: Some(secs(60)),
        open_timeout: Some(secs(5)),
        idle_timeout: Some(secs(20)),
        hidden_grace: Some(secs(3)),
        duplicate_window: Some(4),
        probe: true,
        ..Settings::default()
    }
}

/// A connection that has been started, and what it wants done.
struct Driver(Connection);

impl Driver {
    fn new(settings: Settings) -> Self {
        let mut driver = Self(Connection::new(settings));
        driver.at(0, Input::Start);
        driver
    }

    fn opened(settings: Settings) -> Self {
        let mut driver = Self::new(settings);
        driver.at(0, Input::Opened);
        driver
    }

    fn at(&mut self, second: u64, input: Input) -> Vec<Output> {
        self.0.handle(secs(second), input);
        std::iter::from_fn(|| self.0.poll_output()).collect()
    }

    /// Fails and lets the policy answer; returns what it was asked.
    fn fail(&mut self, second: u64, answer: Option<Duration>) -> Failure {
        let asked = self.at(second, Input::Failed(failed())).pop();
        self.at(second, Input::Decided(answer));
        match asked {
            Some(Output::Consult(failure)) => failure,
            other => panic!("expected a question, got {other:?}"),
        }
    }

    fn state(&self) -> &State {
        self.0.state()
    }
}

fn announced(state: State) -> Output {
    Output::Announce(state)
}

#[test]
fn by_default_it_connects_opens_and_ends_with_the_browsers_verdict() {
    let mut driver = Driver(Connection::new(Settings::default()));
    let connecting = announced(State::Connecting { attempt: 1 });
    assert_eq!(driver.at(0, Input::Start), [Output::Open, connecting]);
    assert_eq!(driver.at(1, Input::Opened), [announced(State::Open)]);
    let closed = announced(State::Closed { cause: Some(failed()) });
    assert_eq!(driver.at(2, Input::Failed(failed())), [Output::Release, closed]);
    assert!(!driver.0.admits(|| "1"));
}

#[test]
fn a_break_leaves_the_browser_at_work_and_attempts_are_counted_until_it_opens() {
    let mut driver = Driver::opened(Settings::default());
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
    let mut driver = Driver::new(Settings::default());
    driver.at(1, Input::Interrupted(lost()));
    assert_eq!(*driver.state(), State::Waiting { attempt: 2, delay: None, cause: lost() });
}

#[test]
fn nothing_happens_after_the_end() {
    let mut driver = Driver::opened(full());
    driver.at(1, Input::Close);
    for input in [Input::Opened, Input::Failed(failed()), Input::Fired(Timer::Retry), Input::Reconnect, Input::Close] {
        assert_eq!(driver.at(2, input), []);
    }
    assert_eq!(*driver.state(), State::Closed { cause: None });
}

#[test]
fn a_failure_is_answered_by_the_policy_and_the_wait_by_a_new_transport() {
    let mut driver = Driver::opened(retrying());
    let failure = driver.fail(30, Some(secs(2)));
    assert_eq!(failure, Failure { cause: failed(), streak: 1, connected_for: Some(secs(30)), server_retry: None });
    assert_eq!(*driver.state(), State::Waiting { attempt: 1, delay: Some(secs(2)), cause: failed() });
    let connecting = announced(State::Connecting { attempt: 1 });
    assert_eq!(driver.at(32, Input::Fired(Timer::Retry)), [Output::Open, connecting]);
}

#[test]
fn a_policy_that_wants_no_more_ends_it_with_the_cause() {
    let mut driver = Driver::opened(retrying());
    driver.fail(1, None);
    assert_eq!(*driver.state(), State::Closed { cause: Some(failed()) });
}

#[test]
fn the_streak_ends_only_with_a_stable_connection() {
    let mut driver = Driver::opened(retrying());
    let mut streaks = Vec::new();
    for (opened, broken) in [(0, 1), (2, 3), (4, 63), (70, 130)] {
        driver.at(opened, Input::Opened);
        streaks.push(driver.fail(broken, Some(secs(1))).streak);
        driver.at(broken + 1, Input::Fired(Timer::Retry));
    }
    assert_eq!(streaks, [1, 2, 3, 1]);
}

#[test]
fn waits_are_cut_to_what_a_timer_can_wait() {
    let mut driver = Driver::opened(retrying());
    driver.fail(1, Some(Duration::MAX));
    assert_eq!(*driver.state(), State::Waiting { attempt: 1, delay: Some(LONGEST), cause: failed() });
}

#[test]
fn an_attempt_that_hangs_is_given_up_the_browsers_own_too() {
    let settings = Settings { open_timeout: Some(secs(5)), ..retrying() };
    for interrupted in [false, true] {
        let mut driver = Driver::new(settings.clone());
        if interrupted {
            let outputs = driver.at(1, Input::Interrupted(lost()));
            assert!(!outputs.contains(&Output::SetTimer(Timer::Deadline, secs(5))), "its time goes on");
        }
        let outputs = driver.at(9, Input::Fired(Timer::Deadline));
        let failure = Failure {
            cause: Error::OpenTimeout { after: secs(5) },
            streak: 1,
            connected_for: None,
            server_retry: None,
        };
        let cleared = Output::ClearTimer(Timer::Deadline);
        assert_eq!(outputs, [cleared, Output::Release, Output::Consult(failure)]);
    }
}

#[test]
fn silence_ends_a_connection_and_activity_only_moves_its_end() {
    let settings = Settings { idle_timeout: Some(secs(20)), ..retrying() };
    let mut driver = Driver::new(settings);
    assert_eq!(driver.at(0, Input::Opened), [Output::SetTimer(Timer::Idle, secs(20)), announced(State::Open)]);
    driver.at(15, Input::Activity);
    assert_eq!(driver.at(20, Input::Fired(Timer::Idle)), [Output::SetTimer(Timer::Idle, secs(15))]);
    let failure = Failure {
        cause: Error::IdleTimeout { after: secs(20) },
        streak: 1,
        connected_for: Some(secs(35)),
        server_retry: None,
    };
    let cleared = Output::ClearTimer(Timer::Idle);
    assert_eq!(driver.at(35, Input::Fired(Timer::Idle)), [cleared, Output::Release, Output::Consult(failure)]);
}

#[test]
fn being_online_again_ends_a_wait_and_a_pause_but_leaves_the_browser_at_work() {
    let mut driver = Driver::opened(retrying());
    driver.fail(1, Some(secs(100)));
    assert!(driver.at(2, Input::Online).contains(&Output::Open));
    driver.at(3, Input::Interrupted(lost()));
    assert_eq!(driver.at(4, Input::Online), []);
}

#[test]
fn offline_holds_attempts_but_breaks_nothing() {
    let mut driver = Driver::opened(retrying());
    assert_eq!(driver.at(1, Input::Offline), []);
    driver.fail(2, Some(secs(1)));
    assert_eq!(*driver.state(), State::Paused { reason: PauseReason::Offline });
    assert!(driver.at(3, Input::Online).contains(&Output::Open));
    driver.fail(4, Some(secs(9)));
    let paused = announced(State::Paused { reason: PauseReason::Offline });
    assert_eq!(driver.at(5, Input::Offline), [Output::ClearTimer(Timer::Retry), paused]);
}

#[test]
fn a_hidden_page_pauses_after_its_grace_and_goes_on_when_shown() {
    let mut driver = Driver::opened(Settings { hidden_grace: Some(secs(3)), ..Settings::default() });
    assert_eq!(driver.at(1, Input::Hidden), [Output::SetTimer(Timer::Hidden, secs(3))]);
    assert_eq!(driver.at(2, Input::Shown), [Output::ClearTimer(Timer::Hidden)]);
    driver.at(3, Input::Hidden);
    let paused = announced(State::Paused { reason: PauseReason::Hidden });
    assert_eq!(driver.at(6, Input::Fired(Timer::Hidden)), [Output::Release, paused]);
    assert!(driver.at(7, Input::Shown).contains(&Output::Open));
}

#[test]
fn a_page_that_returns_offline_waits_until_it_is_online() {
    let mut driver = Driver::opened(Settings { hidden_grace: Some(secs(3)), ..retrying() });
    driver.at(1, Input::Hidden);
    driver.at(4, Input::Fired(Timer::Hidden));
    driver.at(5, Input::Offline);
    driver.at(6, Input::Shown);
    assert_eq!(*driver.state(), State::Paused { reason: PauseReason::Offline });
    assert!(driver.at(7, Input::Online).contains(&Output::Open));
}

#[test]
fn a_refusal_is_final_unless_the_next_attempt_has_another_address() {
    let refused = status(401);
    for fresh_addresses in [false, true] {
        let mut driver = Driver::opened(Settings { probe: true, fresh_addresses, ..retrying() });
        driver.at(1, Input::Failed(failed()));
        let asked = driver.at(2, Input::Probed(refused.clone()));
        assert_eq!(matches!(asked.last(), Some(Output::Consult(_))), fresh_addresses);
    }
}

#[test]
fn a_cached_page_holds_no_connection() {
    let mut driver = Driver::opened(retrying());
    let paused = announced(State::Paused { reason: PauseReason::Cached });
    assert_eq!(driver.at(1, Input::Cached), [Output::Release, paused]);
    assert_eq!(driver.at(2, Input::Online), []);
    assert!(driver.at(3, Input::Restored).contains(&Output::Open));
}

#[test]
fn a_probe_finds_the_cause_and_a_final_one_ends_it() {
    let mut driver = Driver::opened(Settings { probe: true, ..retrying() });
    let outputs = driver.at(1, Input::Failed(failed()));
    let waiting = announced(State::Waiting { attempt: 1, delay: None, cause: failed() });
    let deadline = Output::SetTimer(Timer::Deadline, PROBE_TIMEOUT);
    assert_eq!(outputs, [Output::Release, waiting, deadline, Output::Probe]);
    let busy = status(503);
    assert!(matches!(driver.at(2, Input::Probed(busy)).last(), Some(Output::Consult(_))));
    driver.at(2, Input::Decided(Some(secs(1))));
    driver.at(3, Input::Fired(Timer::Retry));
    driver.at(4, Input::Failed(failed()));
    let gone = status(410);
    driver.at(5, Input::Probed(gone.clone()));
    assert_eq!(*driver.state(), State::Closed { cause: Some(gone) });
}

#[test]
fn a_probe_that_hangs_leaves_the_cause_as_it_was() {
    let mut driver = Driver::opened(Settings { probe: true, ..retrying() });
    driver.at(1, Input::Failed(failed()));
    let asked = driver.at(11, Input::Fired(Timer::Deadline)).pop();
    assert!(matches!(asked, Some(Output::Consult(Failure { cause, .. })) if cause == failed()));
}

#[test]
fn reconnecting_by_hand_replaces_the_transport_and_forgets_failures() {
    let mut driver = Driver::opened(retrying());
    driver.fail(1, Some(secs(50)));
    let connecting = announced(State::Connecting { attempt: 1 });
    assert_eq!(driver.at(2, Input::Reconnect), [Output::ClearTimer(Timer::Retry), Output::Open, connecting]);
    driver.at(3, Input::Opened);
    assert_eq!(driver.at(4, Input::Reconnect)[0], Output::Release);
    assert_eq!(driver.fail(5, Some(secs(1))).streak, 1);
}

/// Settings of a transport that leaves reconnecting to the connection.
fn over_fetch() -> Settings {
    Settings { reestablish: Reestablish::Connection, ..Settings::default() }
}

#[test]
fn without_a_policy_a_loss_is_made_good_after_the_reconnection_time() {
    let mut driver = Driver::opened(over_fetch());
    driver.at(1, Input::Ended(lost()));
    assert_eq!(*driver.state(), State::Waiting { attempt: 1, delay: Some(RECONNECTION_TIME), cause: lost() });
    assert!(driver.at(4, Input::Fired(Timer::Retry)).contains(&Output::Open));
    driver.at(4, Input::Opened);
    driver.at(5, Input::ReconnectionTime(secs(9)));
    driver.at(6, Input::Failed(lost()));
    assert_eq!(*driver.state(), State::Waiting { attempt: 1, delay: Some(secs(9)), cause: lost() });
    driver.at(15, Input::Fired(Timer::Retry));
    driver.at(16, Input::Failed(status(503)));
    assert_eq!(*driver.state(), State::Closed { cause: Some(status(503)) }, "an answer is no loss");
}

#[test]
fn a_policy_hears_the_servers_reconnection_time() {
    let mut driver = Driver::opened(Settings { reestablish: Reestablish::Connection, ..retrying() });
    driver.at(1, Input::ReconnectionTime(secs(9)));
    assert_eq!(driver.fail(2, Some(secs(1))).server_retry, Some(secs(9)));
}

#[test]
fn of_refusals_only_those_that_may_pass_are_tried_again() {
    for (refusal, again) in
        [(400, false), (401, false), (404, false), (408, true), (425, true), (429, true), (500, true)]
    {
        let mut driver = Driver::new(Settings { reestablish: Reestablish::Connection, ..retrying() });
        let asked = driver.at(1, Input::Failed(status(refusal)));
        assert_eq!(matches!(asked.last(), Some(Output::Consult(_))), again, "{refusal}");
    }
}

#[test]
fn what_can_not_be_asked_for_again_ends_with_its_stream_and_is_never_let_go() {
    let single = Settings { reestablish: Reestablish::Never, ..full() };
    let mut driver = Driver::opened(single.clone());
    for input in [Input::Hidden, Input::Cached, Input::Offline, Input::Online, Input::Reconnect] {
        assert_eq!(driver.at(1, input), []);
    }
    driver.at(2, Input::Ended(lost()));
    assert_eq!(*driver.state(), State::Closed { cause: None });
    let mut driver = Driver::opened(single);
    driver.at(2, Input::Failed(lost()));
    assert_eq!(*driver.state(), State::Closed { cause: Some(lost()) }, "broken off is no end");
}

#[test]
fn while_a_queue_holds_the_stream_no_silence_counts() {
    let mut driver = Driver::opened(Settings { idle_timeout: Some(secs(20)), ..over_fetch() });
    assert_eq!(driver.at(1, Input::Held), [Output::ClearTimer(Timer::Idle)]);
    assert_eq!(driver.at(2, Input::Held), []);
    assert_eq!(driver.at(99, Input::Flowing), [Output::SetTimer(Timer::Idle, secs(20))]);
    assert_eq!(driver.0.last_activity(), Some(secs(99)));
}

// proptest is a dependency of the host alone.
#[cfg(not(target_family = "wasm"))]
#[path = "connection_random_tests.rs"]
mod random;
