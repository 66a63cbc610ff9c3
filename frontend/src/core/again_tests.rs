//! Requests that may not be made again, or not always.

use super::*;

/// With a policy, for a request that may be made again like this.
fn once_more(again: Again) -> Settings {
    Settings { rules: Rules { again, ..full().rules }, ..Settings { probe: false, ..full() } }
}

#[test]
fn a_request_that_may_be_made_again_until_it_is_answered_is_never_made_after_that() {
    let mut driver = Driver::new(&once_more(UNTIL_OPEN));
    assert_eq!(driver.at(1, Input::Reconnect), [], "it may be acted upon just now");
    assert_eq!(driver.at(1, Input::Cached), []);
    driver.at(1, Input::Failed(busy(2)));
    driver.at(1, Input::Decided(Some(secs(2))));
    assert!(matches!(driver.state(), State::Waiting { attempt: 2, .. }));
    assert_eq!(driver.at(2, Input::Cached).last(), Some(&announced(State::Paused { reason: PauseReason::Cached })));
    driver.at(4, Input::Restored);
    driver.at(5, Input::Opened);
    for input in [Input::Cached, Input::Restored, Input::Reconnect] {
        assert_eq!(driver.at(6, input), []);
    }
    driver.at(7, Input::Failed(lost()));
    assert_eq!(*driver.state(), closed(lost()));
}

#[test]
fn an_answer_that_broke_is_asked_for_again_where_that_is_allowed_and_a_complete_one_is_not() {
    for again in [UNTIL_COMPLETE, ONLY_BROKEN] {
        let mut driver = Driver::opened(&once_more(again));
        driver.at(1, Input::Failed(lost()));
        driver.at(1, Input::Decided(Some(secs(0))));
        driver.at(1, Input::Fired(Timer::Retry));
        driver.at(2, Input::Failed(status(503)));
        driver.at(2, Input::Decided(Some(secs(0))));
        driver.at(2, Input::Fired(Timer::Retry));
        driver.at(3, Input::Opened);
        driver.at(4, Input::Ended(lost()));
        assert_eq!(*driver.state(), State::Closed { reason: CloseReason::Complete });
    }
    let mut driver = Driver::new(&once_more(ONLY_BROKEN));
    driver.at(1, Input::Failed(status(503)));
    assert_eq!(*driver.state(), closed(status(503)), "before it was answered nothing can be resumed");
}

#[test]
fn where_a_message_tells_the_end_an_answer_that_ends_without_it_is_broken() {
    let told = |again| Settings { rules: Rules { end_is_told: true, ..once_more(again).rules }, ..once_more(again) };
    let mut driver = Driver::opened(&told(UNTIL_COMPLETE));
    let asked = driver.at(1, Input::Ended(lost()));
    assert!(matches!(asked.last(), Some(Output::Consult(_))));
    for again in [UNTIL_OPEN, Again::NEVER] {
        let mut driver = Driver::opened(&told(again));
        driver.at(1, Input::Ended(lost()));
        assert_eq!(*driver.state(), closed(lost()));
    }
}

#[test]
fn a_request_that_is_no_stream_s_and_was_served_is_not_made_again_if_that_has_effects() {
    for (answer, made) in [(200, false), (201, false), (202, false), (429, true), (503, true)] {
        for again in [UNTIL_OPEN, UNTIL_COMPLETE, ALWAYS] {
            let mut driver = Driver::new(&once_more(again));
            let asked = driver.at(1, Input::Failed(status(answer)));
            let expected = made || again == ALWAYS;
            assert_eq!(matches!(asked.last(), Some(Output::Consult(_))), expected, "{answer} {again:?}");
        }
    }
}

#[test]
fn a_page_that_is_hidden_while_such_a_request_is_under_way_lets_nothing_go() {
    let mut driver = Driver::new(&once_more(UNTIL_OPEN));
    assert_eq!(driver.at(1, Input::Hidden), [Output::SetTimer(Timer::Hidden, secs(3))]);
    assert_eq!(driver.at(4, Input::Fired(Timer::Hidden)), []);
    driver.at(5, Input::Failed(busy(9)));
    driver.at(5, Input::Decided(Some(secs(9))));
    assert_eq!(driver.at(6, Input::Shown), [Output::ClearTimer(Timer::Hidden)]);
    assert!(matches!(driver.state(), State::Waiting { .. }), "the wait goes on");
}
