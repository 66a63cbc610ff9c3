//! Several streams side by side.

use page_tests::{Browser, in_each_browser, until};

use crate::open;

in_each_browser!(several_streams_are_shown_side_by_side_and_a_link_has_them_all);

async fn several_streams_are_shown_side_by_side_and_a_link_has_them_all(browser: Browser) {
    let served = open(&browser, Some("/events?data=n&t0=0&count=2&end=stall")).await;
    let page = &served.page;
    page.wait_for_exactly(&["message: 0", "message: 1"]).await;
    page.press("Add a stream").await;
    let second = ".stream:nth-child(2)";
    page.fill(&format!("{second} input"), "/events?data=n&t0=0&count=3&end=stall").await;
    page.click(&format!("{second} button.main")).await;
    let lines = async |nth: usize| {
        let script = format!("return document.querySelectorAll('.stream:nth-child({nth}) .list li').length");
        page.try_evaluate(&script).await.and_then(|count| count.as_u64())
    };
    until("the second list", async || (lines(2).await == Some(3)).then_some(())).await;
    assert_eq!(lines(1).await, Some(2));
    assert_eq!(page.evaluate("return new Set([...document.querySelectorAll('[id]')].map(({ id }) => id)).size === document.querySelectorAll('[id]').length").await, true);

    browser.refresh().await.expect("the page reloads");
    until("both again", async || (lines(1).await == Some(2) && lines(2).await == Some(3)).then_some(())).await;
    page.click(".stream:nth-child(1) [aria-label='Remove this stream']").await;
    until("the first is left", async || (served.server.connections().await.len() == 1).then_some(())).await;
    assert_eq!(lines(1).await, Some(3));
    assert_eq!(lines(2).await, Some(0));
    assert_eq!(page.complaints().await, [""; 0]);
}
