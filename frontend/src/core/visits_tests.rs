//! What a connection makes of the network and of its page.

use super::*;

#[test]
fn being_online_again_ends_a_wait_and_a_pause_but_leaves_the_browser_at_work() {
    let mut driver = Driver::opened(&retrying());
    driver.fail(1, Some(secs(100)));
    assert!(driver.at(2, Input::Online).contains(&Output::Open));
    driver.at(3, Input::Interrupted(lost()));
    assert_eq!(driver.at(4, Input::Online), []);
}

#[test]
fn being_online_again_is_spread_over_a_second() {
    let mut driver = Driver::opened(&retrying());
    driver.fail(1, Some(secs(100)));
    driver.0.online(secs(2), 0.25);
    let quarter = Duration::from_millis(250);
    let waiting = State::Waiting { attempt: 1, delay: Some(quarter), cause: failed() };
    let outputs: Vec<_> = std::iter::from_fn(|| driver.0.poll_output()).collect();
    assert_eq!(outputs, [Output::SetTimer(Timer::Retry, quarter), announced(waiting)]);
    assert_eq!(driver.at_millis(2250, Input::Fired(Timer::Retry))[0], Output::Open);
}

#[test]
fn a_wait_that_the_server_has_asked_for_is_kept_whatever_the_network_and_the_page_do() {
    let hidden = Rules { hidden_grace: Some(secs(1)), ..retrying().rules };
    let mut driver = Driver::opened(&with_rules(hidden));
    driver.at(1, Input::Failed(busy(100)));
    driver.at(1, Input::Decided(Some(secs(130))));
    for second in (2..20).step_by(2) {
        driver.at(second, Input::Offline);
        assert!(!driver.at(second + 1, Input::Online).contains(&Output::Open));
    }
    driver.at(30, Input::Hidden);
    driver.at(31, Input::Fired(Timer::Hidden));
    assert!(!driver.at(40, Input::Shown).contains(&Output::Open));
    assert_eq!(*driver.state(), State::Waiting { attempt: 1, delay: Some(secs(61)), cause: busy(100) });
    driver.at(41, Input::Offline);
    driver.at(101, Input::Online);
    assert!(matches!(driver.state(), State::Connecting { .. }), "the time is over, and the rest was the policy's own");
}

#[test]
fn opening_says_that_there_is_a_network() {
    let mut driver = Driver::opened(&retrying());
    driver.at(1, Input::Interrupted(lost()));
    driver.at(2, Input::Offline);
    driver.at(3, Input::Opened);
    driver.fail(4, Some(secs(1)));
    assert!(matches!(driver.state(), State::Waiting { .. }), "{:?}", driver.state());
}

#[test]
fn offline_holds_attempts_but_breaks_nothing() {
    let mut driver = Driver::opened(&retrying());
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
    let mut driver = Driver::opened(&with_rules(Rules { hidden_grace: Some(secs(3)), ..Rules::default() }));
    assert_eq!(driver.at(1, Input::Hidden), [Output::SetTimer(Timer::Hidden, secs(3))]);
    assert_eq!(driver.at(2, Input::Shown), [Output::ClearTimer(Timer::Hidden)]);
    driver.at(3, Input::Hidden);
    let paused = announced(State::Paused { reason: PauseReason::Hidden });
    assert_eq!(driver.at(6, Input::Fired(Timer::Hidden)), [Output::Release, paused]);
    assert!(driver.at(7, Input::Shown).contains(&Output::Open));
}

#[test]
fn a_page_that_returns_offline_waits_until_it_is_online() {
    let mut driver = Driver::opened(&with_rules(Rules { hidden_grace: Some(secs(3)), ..retrying().rules }));
    driver.at(1, Input::Hidden);
    driver.at(4, Input::Fired(Timer::Hidden));
    driver.at(5, Input::Offline);
    driver.at(6, Input::Shown);
    assert_eq!(*driver.state(), State::Paused { reason: PauseReason::Offline });
    assert!(driver.at(7, Input::Online).contains(&Output::Open));
}

#[test]
fn a_cached_page_holds_no_connection() {
    let mut driver = Driver::opened(&retrying());
    let paused = announced(State::Paused { reason: PauseReason::Cached });
    assert_eq!(driver.at(1, Input::Cached), [Output::Release, paused]);
    assert_eq!(driver.at(2, Input::Online), []);
    assert!(driver.at(3, Input::Restored).contains(&Output::Open));
}

#[test]
fn reconnecting_by_hand_while_hidden_connects_until_the_grace_is_over() {
    let hidden = Rules { hidden_grace: Some(secs(3)), ..Rules::default() };
    let mut driver = Driver::opened(&with_rules(hidden));
    driver.at(1, Input::Hidden);
    driver.at(4, Input::Fired(Timer::Hidden));
    let outputs = driver.at(5, Input::Reconnect);
    assert!(
        outputs.contains(&Output::Open) && outputs.contains(&Output::SetTimer(Timer::Hidden, secs(3))),
        "{outputs:?}"
    );
    driver.at(8, Input::Fired(Timer::Hidden));
    assert_eq!(*driver.state(), State::Paused { reason: PauseReason::Hidden });
}
