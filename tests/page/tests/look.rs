//! Finding messages, and looking at one.

use fantoccini::key::Key;
use page_tests::{Browser, FixedStream, Page, in_each_browser, until};

use crate::{at_speed, open};

in_each_browser!(
    a_line_opens_to_its_message_with_a_json_tree,
    over_fetch_a_message_has_its_comments_retry_and_bytes,
    the_list_is_filtered_by_type_text_and_expression,
    at_ten_thousand_a_second_a_line_opens_to_its_own_message,
    a_line_opens_where_frames_are_far_behind,
    a_line_that_a_filter_shows_opens_however_old_it_is,
);

/// The terms of the message that is open, as `term: text` lines.
async fn details(page: &Page) -> String {
    let script =
        "return [...document.querySelectorAll('.details .terms')].flatMap((list) => [...list.querySelectorAll('dt')])
        .map((term) => `${term.textContent}: ${term.nextElementSibling.textContent}`).join('\\n')";
    page.evaluate(script).await.as_str().unwrap_or_default().to_owned()
}

async fn a_line_opens_to_its_message_with_a_json_tree(browser: Browser) {
    let stream =
        FixedStream::serve("id: a\ndata: {\"room\": {\"name\": \"<b>\"}, \"n\": [1, 2]}\n\nid: b\ndata: plain\n\n")
            .await;
    let served = open(&browser, Some(&stream.url())).await;
    let page = &served.page;
    page.wait_for_lines(2).await;
    page.click("#list li").await;
    page.wait_for_text(".details h3", "Message 1").await;
    let told = details(page).await;
    for part in ["type: message", "id: a", "gap before: none: the first message", "size: 38 B"] {
        assert!(told.contains(part), "{part}: {told}");
    }
    let tree = page.text(".json").await.unwrap_or_default();
    assert!(tree.contains("room: ") && tree.contains("[2]"), "{tree}");
    // A branch opens; what is in it is text.
    page.click(".json .branch .branch > summary").await;
    page.wait_for_text(".json .branch .branch .string", "<b>").await;

    // The keyboard leads from one to the next, opens the newest, and closes it.
    let list = page.element("#list").await;
    let key = |key: Key| char::from(key).to_string();
    list.send_keys(&key(Key::Down)).await.expect("the list takes keys");
    page.wait_for_text(".details h3", "Message 2").await;
    let told = details(page).await;
    assert!(told.contains("id: b") && !told.contains("none: the first message"), "{told}");
    assert_eq!(page.text("#list li[aria-current]").await.as_deref(), Some("message: plain"));
    list.send_keys(&key(Key::Escape)).await.expect("the list takes keys");
    until("it is closed", async || page.text(".details").await.is_none().then_some(())).await;
    list.send_keys(&key(Key::Enter)).await.expect("the list takes keys");
    page.wait_for_text(".details h3", "Message 2").await;
    assert_eq!(page.complaints().await, [""; 0]);
}

async fn over_fetch_a_message_has_its_comments_retry_and_bytes(browser: Browser) {
    let stream = FixedStream::serve(": a remark\r\nretry: 500\r\nevent: tick\r\ndata: one\r\n\r\n").await;
    let served = open(&browser, None).await;
    let page = browser.open(&served.server.url(&format!("/?url={}&transport=fetch", stream.url()))).await;
    // Every type is shown.
    page.wait_for_exactly(&["tick: one"]).await;
    page.click("#list li").await;
    page.wait_for_text(".details h3", "Message 1").await;
    until("the bytes are there", async || page.text(".wire").await).await;
    let told = details(&page).await;
    for part in ["type: tick", "retry:: 500 ms", "comment: a remark"] {
        assert!(told.contains(part), "{part}: {told}");
    }
    let wire = page.text(".wire").await.unwrap_or_default();
    assert!(wire.starts_with(": a remark\u{240d}\u{240a}\nretry: 500"), "{wire}");
}

async fn the_list_is_filtered_by_type_text_and_expression(browser: Browser) {
    let stream =
        FixedStream::serve("data: Apple\n\nevent: tick\ndata: apple\n\ndata: pear\n\ndata: a.c\n\ndata: abc\n\n").await;
    let served = open(&browser, None).await;
    let page = browser.open(&served.server.url(&format!("/?url={}&types=tick&panel=look", stream.url()))).await;
    page.wait_for_lines(5).await;
    let filter = async |find: &str, only: &str| {
        page.fill("[name=find]", find).await;
        page.fill("[name=only]", only).await;
        page.press("Find").await;
    };
    filter("APPLE", "").await;
    page.wait_for_exactly(&["message: Apple", "tick: apple"]).await;
    filter("apple", "tick").await;
    page.wait_for_exactly(&["tick: apple"]).await;
    page.wait_for_text(".panel [role=status]", "1 of 5 kept messages").await;
    filter("a.c", "").await;
    page.wait_for_exactly(&["message: a.c"]).await;
    page.click("[name=regexp]").await;
    filter("a.c", "").await;
    page.wait_for_exactly(&["message: a.c", "message: abc"]).await;
    filter("a(", "").await;
    page.wait_for_text(".panel [role=alert]", "not a valid regular expression").await;
    // The address has it, without what was wrong.
    filter("^p", "").await;
    page.wait_for_exactly(&["message: pear"]).await;
    browser.refresh().await.expect("the page reloads");
    page.wait_for_exactly(&["message: pear"]).await;
    page.press("Show all").await;
    page.wait_for_lines(5).await;
}

const TRANSPORTS: [&str; 2] = ["", "&transport=fetch"];

async fn at_ten_thousand_a_second_a_line_opens_to_its_own_message(browser: Browser) {
    let served = open(&browser, None).await;
    for transport in TRANSPORTS {
        let page = &browser.open(&served.server.url(&at_speed("data=n%26id=position", transport))).await;
        wait_for_count(page, 1_500).await;
        page.press("Pause").await;
        page.wait_for_text("#paused", "Paused").await;
        page.evaluate("document.querySelector('#list li:nth-last-child(3)').click()").await;
        let line = page.text("#list li:nth-last-child(3)").await.unwrap_or_default();
        let data = page.text(".details pre").await.unwrap_or_default();
        assert_eq!(line, format!("message: {data}"));
        assert_eq!(page.text("#list li[aria-current]").await.as_deref(), Some(line.as_str()));
        page.wait_for_more_messages().await;
        // A loaded machine may be too slow for so many, and the page says so then.
        let complaints = page.complaints().await;
        let other: Vec<_> =
            complaints.iter().filter(|complaint| !complaint.contains("has taken nothing for seconds")).collect();
        assert!(other.is_empty(), "{other:?}");
    }
}

/// On a busy machine thousands of messages may come between two frames.
async fn a_line_opens_where_frames_are_far_behind(browser: Browser) {
    let served = open(&browser, None).await;
    for transport in TRANSPORTS {
        let page = &browser.open(&served.server.url(&at_speed("data=n%26id=position", transport))).await;
        page.wait_for_lines(1).await;
        page.evaluate("window.requestAnimationFrame = () => 0").await;
        wait_for_count(page, page.count().await + 5_000).await;
        page.press("Pause").await;
        // More than the page keeps.
        wait_for_count(page, page.count().await + 12_000).await;
        page.evaluate("document.querySelector('#list li:last-child').click()").await;
        let line = page.text("#list li:last-child").await.unwrap_or_default();
        assert_eq!(Some(line), page.text(".details pre").await.map(|data| format!("message: {data}")), "{transport}");
    }
}

async fn a_line_that_a_filter_shows_opens_however_old_it_is(browser: Browser) {
    let served = open(&browser, None).await;
    let page = &browser.open(&served.server.url(&at_speed("data=n", "&find=^7$&regexp=on&panel=look"))).await;
    page.wait_for_exactly(&["message: 7"]).await;
    // More than the page keeps.
    wait_for_count(page, 11_000).await;
    page.click("#list li").await;
    page.wait_for_text(".details pre", "7").await;
    page.wait_for_exactly(&["message: 7"]).await;
}

async fn wait_for_count(page: &Page, count: u64) {
    until(&format!("{count} messages"), async || (page.count().await >= count).then_some(())).await;
}
