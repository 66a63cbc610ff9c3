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
    for again in [UNTIL_COMPLETE, ONLY_RESUMED] {
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
    let mut driver = Driver::new(&once_more(ONLY_RESUMED));
    driver.at(1, Input::Failed(status(503)));
    assert_eq!(*driver.state(), closed(status(503)), "before it was answered nothing can be resumed");
}

#[test]
fn a_source_that_begins_by_resuming_goes_on_doing_so() {
    let begun = Settings { rules: Rules { begun: true, ..once_more(ONLY_RESUMED).rules }, ..once_more(ONLY_RESUMED) };
    let mut driver = Driver::new(&begun);
    let asked = driver.at(1, Input::Failed(status(500)));
    assert!(matches!(asked.last(), Some(Output::Consult(_))));
}

#[test]
fn a_request_under_way_is_not_let_go_because_its_answer_could_be_resumed() {
    let resumed = Again { answered: Answered::Resumed, ..UNTIL_OPEN };
    for again in [resumed, ONLY_RESUMED] {
        let mut driver = Driver::new(&once_more(again));
        for input in [Input::Reconnect, Input::Cached, Input::Restored] {
            assert_eq!(driver.at(1, input), [], "{again:?}");
        }
        driver.at(2, Input::Opened);
        assert!(driver.at(3, Input::Reconnect).contains(&Output::Open), "now it can");
    }
}

#[test]
fn what_may_have_been_done_is_not_asked_for_again_by_default() {
    for (refusal, again) in [
        (408, true),
        (425, true),
        (429, true),
        (503, true),
        (529, true),
        (409, false),
        (500, false),
        (502, false),
        (504, false),
    ] {
        let mut driver = Driver::new(&once_more(UNTIL_OPEN));
        let asked = driver.at(1, Input::Failed(status(refusal)));
        assert_eq!(matches!(asked.last(), Some(Output::Consult(_))), again, "{refusal}");
    }
    let late = Error::OpenTimeout { after: secs(5) };
    let mut driver = Driver::new(&once_more(UNTIL_OPEN));
    driver.at(5, Input::Fired(Timer::Deadline));
    assert_eq!(*driver.state(), closed(late), "who is slow may be at it");
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
    assert_eq!(driver.at(4, Input::Fired(Timer::Hidden)), [Output::SetTimer(Timer::Hidden, secs(3))], "later it may");
    driver.at(5, Input::Failed(busy(9)));
    driver.at(5, Input::Decided(Some(secs(9))));
    assert_eq!(driver.at(6, Input::Shown), [Output::ClearTimer(Timer::Hidden)]);
    assert!(matches!(driver.state(), State::Waiting { .. }), "the wait goes on");
    driver.at(6, Input::Hidden);
    driver.at(9, Input::Fired(Timer::Hidden));
    assert_eq!(*driver.state(), State::Paused { reason: PauseReason::Hidden });
}
