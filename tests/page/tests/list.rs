//! What the list and its numbers show.

use page_tests::{Browser, FixedStream, Page, in_each_browser, until};

use crate::{QUICK, open};

in_each_browser!(
    the_first_message_comes_at_once_as_the_local_time,
    the_state_is_told_politely_and_the_list_is_silent,
    the_count_and_the_age_advance,
    markup_in_data_stays_text,
    lines_of_one_message_stay_together,
    a_paused_list_stands_still_and_shows_the_newest_when_it_goes_on,
    a_cleared_list_is_empty_and_fills_again,
    a_reader_who_has_scrolled_up_is_left_there_until_asking_for_the_newest,
    a_reader_at_the_end_stays_there_when_the_list_gets_less_room,
    at_most_a_thousand_lines_are_kept,
);

/// Whether a line reads like `message: 10:05:31 AM`.
pub(crate) fn is_time_line(line: &str) -> bool {
    let Some((time, half)) = line.strip_prefix("message: ").and_then(|time| time.split_once(' ')) else {
        return false;
    };
    let parts: Vec<_> = time.split(':').map(str::parse::<u8>).collect();
    let [Ok(hour), Ok(minute), Ok(second)] = parts[..] else { return false };
    matches!(half, "AM" | "PM") && (1..=12).contains(&hour) && minute < 60 && second < 60 && time.len() >= 7
}

async fn the_first_message_comes_at_once_as_the_local_time(browser: Browser) {
    let served = open(&browser, None).await;
    let lines = served.page.wait_for_lines(1).await;
    assert!(is_time_line(&lines[0]), "{lines:?}");
}

async fn the_state_is_told_politely_and_the_list_is_silent(browser: Browser) {
    let served = open(&browser, None).await;
    served.page.wait_for_state("Open").await;
    let role = served.page.element("#state").await.attr("role").await.expect("it has attributes");
    assert_eq!(role.as_deref(), Some("status"));
    let loud = "[aria-live], [role=log], [role=status], [role=alert]";
    let around = format!("return document.querySelector('#list').closest('{loud}')");
    assert!(served.page.evaluate(&around).await.is_null());
}

async fn the_count_and_the_age_advance(browser: Browser) {
    let served = open(&browser, None).await;
    served.page.wait_for_text("#count", "1").await;
    // One event comes every five seconds: the age passes these before it starts again.
    served.page.wait_for_text("#age", "1 s ago").await;
    served.page.wait_for_text("#age", "3 s ago").await;
    served.page.wait_for_text("#count", "2").await;
    served.page.wait_for_text("#age", "now").await;
}

async fn markup_in_data_stays_text(browser: Browser) {
    let stream = FixedStream::serve("data: <img src=x onerror=alert(1)> & <b>bold</b>\n\n").await;
    let served = open(&browser, Some(&stream.url())).await;
    let lines = served.page.wait_for_lines(1).await;
    assert_eq!(lines, ["message: <img src=x onerror=alert(1)> & <b>bold</b>"]);
    assert_eq!(served.page.evaluate("return document.querySelectorAll('#list li *').length").await, 0);
    assert_eq!(served.page.complaints().await, [""; 0]);
}

async fn lines_of_one_message_stay_together(browser: Browser) {
    let stream = FixedStream::serve("data: one\ndata: two\n\ndata:\n\n").await;
    let served = open(&browser, Some(&stream.url())).await;
    assert_eq!(served.page.wait_for_lines(2).await, ["message: one\ntwo", "message: "]);
}

async fn a_paused_list_stands_still_and_shows_the_newest_when_it_goes_on(browser: Browser) {
    let served = open(&browser, Some(QUICK)).await;
    let page = &served.page;
    page.wait_for_lines(3).await;
    page.press("Pause").await;
    page.wait_for_text("#paused", "Paused").await;
    let before = page.lines().await;
    page.wait_for_more_messages().await;
    page.wait_for_more_messages().await;
    assert_eq!(page.lines().await, before);
    assert_eq!(page.text("#state").await.as_deref(), Some("Open"));
    page.press("Resume").await;
    let after = page.wait_for_lines(before.len() + 2).await;
    assert_eq!(after[..before.len()], before);
    assert_eq!(page.text("#paused").await, None);
}

async fn a_cleared_list_is_empty_and_fills_again(browser: Browser) {
    let served = open(&browser, Some(QUICK)).await;
    let page = &served.page;
    page.wait_for_lines(3).await;
    // A paused list stays empty, so that it can be looked at.
    page.press("Pause").await;
    page.press("Clear").await;
    page.wait_for_text("#empty", "No messages").await;
    assert_eq!(page.lines().await, [""; 0]);
    page.press("Resume").await;
    page.wait_for_lines(3).await;
    assert_eq!(page.text("#empty").await, None);
}

async fn a_reader_who_has_scrolled_up_is_left_there_until_asking_for_the_newest(browser: Browser) {
    let served = open(&browser, Some("/events?interval=20ms")).await;
    let page = &served.page;
    wait_for_the_end(page).await;
    page.evaluate("document.querySelector('#list').scrollTop = 50").await;
    page.wait_for_more_messages().await;
    page.wait_for_more_messages().await;
    assert!((place(page).await.0 - 50.0).abs() < 1.0, "{:?}", place(page).await);
    page.wait_for_text("#newest", "Newest").await;
    page.element("#newest").await.click().await.expect("it can be pressed");
    wait_for_the_end(page).await;
    until("the button is gone", async || page.text("#newest").await.is_none().then_some(())).await;
}

async fn a_reader_at_the_end_stays_there_when_the_list_gets_less_room(browser: Browser) {
    let served = open(&browser, Some("/events?interval=20ms")).await;
    let page = &served.page;
    browser.set_viewport(800, 700).await;
    wait_for_the_end(page).await;
    browser.set_viewport(800, 500).await;
    wait_for_the_end(page).await;
    page.wait_for_more_messages().await;
    wait_for_the_end(page).await;
    assert_eq!(page.text("#newest").await, None);
}

/// How far the list is scrolled, and how far it can be.
async fn place(page: &Page) -> (f64, f64) {
    let place = "const list = document.querySelector('#list');
        return [list.scrollTop, list.scrollHeight - list.clientHeight]";
    let place = page.evaluate(place).await;
    (place[0].as_f64().expect("a number"), place[1].as_f64().expect("a number"))
}

/// Waits until the list has more lines than are seen, and shows the last.
async fn wait_for_the_end(page: &Page) {
    page.wait_for_lines(1).await;
    until("the list is at its end", async || {
        let (top, end) = place(page).await;
        (end > 200.0 && end - top < 1.0).then_some(())
    })
    .await;
}

async fn at_most_a_thousand_lines_are_kept(browser: Browser) {
    let served = open(&browser, Some("/events?interval=0&count=3000")).await;
    let page = &served.page;
    until("3,000 messages", async || (page.count().await == 3000).then_some(())).await;
    until("1,000 lines", async || (page.lines().await.len() == 1000).then_some(())).await;
}
