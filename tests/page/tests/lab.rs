//! The dev server's own panel.

use page_tests::{Browser, in_each_browser, until};

use crate::open;

in_each_browser!(
    the_servers_connections_are_listed_and_ended,
    a_stream_is_changed_while_it_runs,
    an_event_is_pushed_from_the_page,
);

async fn the_servers_connections_are_listed_and_ended(browser: Browser) {
    let served = open(&browser, Some("/events?interval=100ms")).await;
    let page = &served.page;
    page.wait_for_lines(1).await;
    page.click("#lab").await;
    page.wait_for_text("#lab-panel tbody", "/events?interval=100ms").await;
    page.click("#lab-panel tbody button").await;
    page.wait_for_state("Reconnecting").await;
    until("no row is left", async || page.text("#lab-panel tbody tr").await.is_none().then_some(())).await;
    page.wait_for_state("Open").await;
    page.wait_for_text("#lab-panel tbody", "/events?interval=100ms").await;
}

async fn a_stream_is_changed_while_it_runs(browser: Browser) {
    let served = open(&browser, Some("/events?interval=100ms&data=n&retry=1h")).await;
    let page = &served.page;
    page.wait_for_lines(1).await;
    page.click("#lab").await;
    page.wait_for_text("#lab-panel tbody", "/events?interval=100ms").await;
    page.click("#lab-panel tbody button[aria-label^=Change]").await;
    page.wait_for_text("#lab-panel [role=status]", "Say what to change").await;
    page.fill("[aria-label='Faults for a stream that runs']", "drop=0&end=abort").await;
    page.click("#lab-panel tbody button[aria-label^=Change]").await;
    page.wait_for_text("#lab-panel [role=status]", "goes on with drop=0&end=abort").await;
    page.wait_for_state("Reconnecting").await;
}

async fn an_event_is_pushed_from_the_page(browser: Browser) {
    let served = open(&browser, Some("/events?channel=news")).await;
    let page = &served.page;
    page.wait_for_state("Open").await;
    page.click("#lab").await;
    // What comes above the form moves its button.
    page.wait_for_text("#lab-panel", "/events?channel=news").await;
    page.press("Push").await;
    page.wait_for_text("#lab-panel [role=status]", "A channel is needed").await;
    page.fill("[name=channel]", "news").await;
    page.fill("[name=data]", "hello").await;
    page.press("Push").await;
    page.wait_for_exactly(&["message: hello"]).await;
    page.wait_for_text("#lab-panel [role=status]", "to 1 reader").await;
    assert_eq!(page.complaints().await, [""; 0]);
}
