//! Messages that leave the page as files, and come back.

use page_tests::{Browser, Page, in_each_browser, until};
use serde_json::Value;

use crate::open;

in_each_browser!(what_is_saved_can_be_opened_again, a_stream_is_replayed_through_raw);

/// Presses a button that saves, and returns what would be in the file.
async fn saved(page: &Page, name: &str) -> String {
    // A driver has no folder for files.
    page.evaluate("URL.createObjectURL = (blob) => { blob.text().then((text) => { window.saved = text; }); return '#'; }; HTMLAnchorElement.prototype.click = () => {}; window.saved = null;").await;
    page.press(name).await;
    until("the file's text", async || page.try_evaluate("return window.saved").await?.as_str().map(str::to_owned)).await
}

/// Opens a file of this text.
async fn open_file(page: &Page, name: &str, text: &str) {
    let text = serde_json::to_string(text).expect("a text");
    page.evaluate(&format!(
        "const input = document.querySelector('input[type=file]');
        const given = new DataTransfer();
        given.items.add(new File([{text}], '{name}'));
        input.files = given.files;
        input.dispatchEvent(new Event('change'));"
    ))
    .await;
    page.wait_for_text("#notice", name).await;
}

async fn what_is_saved_can_be_opened_again(browser: Browser) {
    let served = open(&browser, Some("/events?data=n&t0=0&count=3&interval=0&end=stall")).await;
    let page = &served.page;
    let lines = ["message: 0", "message: 1", "message: 2"];
    page.wait_for_exactly(&lines).await;
    page.click("[data-tab=do]").await;
    for (button, name) in [("JSON Lines", "a.jsonl"), ("HAR", "a.har"), ("/raw script", "a.raw.json")] {
        page.press("Connect").await;
        page.wait_for_state("Open").await;
        page.wait_for_exactly(&lines).await;
        let text = saved(page, button).await;
        if button == "HAR" {
            let har: Value = serde_json::from_str(&text).expect("an HAR is JSON");
            assert_eq!(har["log"]["entries"][0]["_eventSourceMessages"][1]["eventId"], "0-1", "{text}");
        }
        page.press("Clear").await;
        page.wait_for_exactly(&[]).await;
        open_file(page, name, &text).await;
        page.wait_for_exactly(&lines).await;
        page.wait_for_state("File").await;
        page.click("#list li:nth-child(2)").await;
        page.wait_for_text(".details .terms", "0-1").await;
        page.click("[data-tab=do]").await;
    }
    open_file(page, "curl.txt", "event: tick\ndata: a\ndata: b\n\n").await;
    page.wait_for_exactly(&["tick: a\nb"]).await;
}

async fn a_stream_is_replayed_through_raw(browser: Browser) {
    let served = open(&browser, Some("/events?data=n&t0=0&count=3&interval=0&event=tick&end=stall")).await;
    let page = browser
        .open(
            &served
                .server
                .url("/?url=/events?data=n%26t0=0%26count=3%26interval=0%26end=stall&transport=fetch&panel=do"),
        )
        .await;
    page.wait_for_lines(3).await;
    page.press("Replay through /raw").await;
    until("the script is played", async || {
        let address = page.try_evaluate("return document.querySelector('#address').value").await?;
        address.as_str().filter(|address| address.starts_with("/raw/")).map(|_| ())
    })
    .await;
    page.wait_for_exactly(&["message: 0", "message: 1", "message: 2"]).await;
}
