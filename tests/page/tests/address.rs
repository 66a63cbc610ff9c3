//! The field for the stream's address.

use page_tests::{Browser, FixedStream, in_each_browser, until};

use crate::{QUICK, open};

in_each_browser!(
    the_pages_own_address_presets_the_field,
    another_address_lists_the_other_stream_and_leaves_the_first,
    a_bad_address_is_explained_at_the_field_and_the_stream_goes_on,
    a_bad_address_from_the_start_is_explained_too,
    an_empty_address_is_explained,
    a_stream_that_is_not_found_is_closed_with_the_reason,
    an_entered_address_survives_a_reload,
    the_keyboard_alone_reaches_everything,
);

async fn the_pages_own_address_presets_the_field(browser: Browser) {
    let stream = FixedStream::serve("data: preset\n\n").await;
    let served = open(&browser, Some(&stream.url())).await;
    assert_eq!(served.page.wait_for_lines(1).await, ["message: preset"]);
    assert_eq!(served.page.evaluate("return document.querySelector('#address').value").await, stream.url());
}

async fn another_address_lists_the_other_stream_and_leaves_the_first(browser: Browser) {
    let other = FixedStream::serve("data: the other\n\n").await;
    let served = open(&browser, Some(QUICK)).await;
    let page = &served.page;
    page.wait_for_lines(2).await;
    page.enter_address(&other.url()).await;
    page.wait_for_exactly(&["message: the other"]).await;
    page.wait_for_state("Open").await;
    until("the first stream is left", async || served.server.connections().await.is_empty().then_some(())).await;
    page.wait_for_text("#count", "1").await;
    assert_eq!(page.lines().await, ["message: the other"]);
}

async fn a_bad_address_is_explained_at_the_field_and_the_stream_goes_on(browser: Browser) {
    let served = open(&browser, Some(QUICK)).await;
    let page = &served.page;
    page.wait_for_lines(1).await;
    for (address, word) in [("http://", "not an address"), ("ftp://example.com/events", "http: or https:")] {
        page.enter_address(address).await;
        let text = page.wait_for_text("#address-error", word).await;
        assert!(text.contains("Try /events"), "{text}");
        let invalid = page.element("#address").await.attr("aria-invalid").await.expect("it has attributes");
        assert_eq!(invalid.as_deref(), Some("true"));
    }
    page.wait_for_more_messages().await;
    assert_eq!(page.text("#state").await.as_deref(), Some("Open"));
    page.element("#address").await.send_keys("x").await.expect("the field takes keys");
    until("typing on takes the message away", async || page.text("#address-error").await.is_none().then_some(())).await;
}

async fn a_bad_address_from_the_start_is_explained_too(browser: Browser) {
    let served = open(&browser, Some("http://")).await;
    served.page.wait_for_text("#address-error", "not an address").await;
    served.page.wait_for_state("Closed").await;
    served.page.enter_address("/events").await;
    served.page.wait_for_lines(1).await;
}

async fn an_empty_address_is_explained(browser: Browser) {
    let served = open(&browser, None).await;
    served.page.wait_for_lines(1).await;
    served.page.enter_address("").await;
    served.page.wait_for_text("#address-error", "An address is needed").await;
}

async fn a_stream_that_is_not_found_is_closed_with_the_reason(browser: Browser) {
    let served = open(&browser, Some("/events?status=404")).await;
    served.page.wait_for_state("Closed").await;
    let notice = served.page.wait_for_text("#notice", "Press Connect to try again").await;
    assert!(notice.contains("event-stream"), "{notice}");
    served.page.enter_address("/events").await;
    served.page.wait_for_lines(1).await;
    served.page.wait_for_state("Open").await;
    assert_eq!(served.page.text("#notice").await, None);
}

async fn an_entered_address_survives_a_reload(browser: Browser) {
    let stream = FixedStream::serve("data: kept\n\n").await;
    let served = open(&browser, None).await;
    served.page.wait_for_lines(1).await;
    served.page.enter_address(&stream.url()).await;
    served.page.wait_for_exactly(&["message: kept"]).await;
    browser.refresh().await.expect("the page reloads");
    served.page.wait_for_exactly(&["message: kept"]).await;
}

async fn the_keyboard_alone_reaches_everything(browser: Browser) {
    let served = open(&browser, None).await;
    let page = &served.page;
    page.wait_for_lines(1).await;
    let mut at = page.element("body").await;
    let mut reached = Vec::new();
    for _ in 0..5 {
        at.send_keys(&char::from(fantoccini::key::Key::Tab).to_string()).await.expect("the page takes the Tab key");
        at = browser.active_element().await.expect("something has the focus");
        let name = page.evaluate("return document.activeElement.id || document.activeElement.textContent").await;
        reached.push(name.as_str().unwrap_or_default().to_owned());
        let outline = page.evaluate("return getComputedStyle(document.activeElement).outlineStyle").await;
        assert_ne!(outline, "none", "the focus is not seen: {reached:?}");
    }
    assert_eq!(reached, ["address", "Connect", "pause", "clear", "list"]);
}
