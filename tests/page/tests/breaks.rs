//! What a reader sees of a server that goes away.

use page_tests::{Browser, Kind, Page, Site, in_each_browser, until};

use crate::list::is_time_line;
use crate::open;

in_each_browser!(
    the_server_restarts_and_the_list_goes_on_without_a_gap,
    a_server_that_refuses_for_a_while_is_found_again,
    a_refusing_server_of_another_origin_is_given_up_as_the_browser_has_it,
);

/// The browsers wait for seconds before they connect again after a break; the server is back long before.
async fn the_server_restarts_and_the_list_goes_on_without_a_gap(browser: Browser) {
    // Four events in each second: where one is lost, some second has fewer lines.
    let mut served = open(&browser, Some("/events?interval=250ms")).await;
    served.page.wait_for_lines(6).await;
    served.server.restart().await;
    served.page.wait_for_state("Reconnecting").await;
    let notice = served.page.text("#notice").await.unwrap_or_default();
    assert!(notice.starts_with("The connection to ") && notice.contains(" messages; check"), "{notice}");
    served.page.wait_for_state("Open").await;
    served.page.wait_for_text("#reconnects", "1").await;
    let lines = served.page.lines().await.len();
    let lines = served.page.wait_for_lines(lines + 6).await;

    assert!(lines.iter().all(|line| is_time_line(line)), "{lines:?}");
    let seconds: Vec<_> = lines.chunk_by(|one, next| one == next).map(<[_]>::len).collect();
    let whole = &seconds[1..seconds.len() - 1];
    assert!(whole.iter().all(|&events| events == 4), "{seconds:?} of {lines:?}");
}

async fn a_server_that_refuses_for_a_while_is_found_again(browser: Browser) {
    let mut served = open(&browser, None).await;
    served.page.wait_for_lines(1).await;
    served.server.kill().await;
    wait_for_a_refused_attempt(&served.page).await;
    served.page.wait_for_state("Reconnecting").await;
    served.server.restart().await;
    served.page.wait_for_state("Open").await;
    served.page.wait_for_lines(2).await;
}

/// Where the stream is of another origin, Firefox gives up at the first refused connection, and the page says so.
/// The others go on trying there too.
async fn a_refusing_server_of_another_origin_is_given_up_as_the_browser_has_it(browser: Browser) {
    let site = Site::with_package();
    let mut other = site.serve().await;
    let served = open(&browser, Some(&other.url("/events"))).await;
    let page = &served.page;
    page.wait_for_lines(1).await;
    other.kill().await;
    match browser.kind() {
        Kind::Firefox => {
            page.wait_for_state("Closed").await;
            page.wait_for_text("#notice", "Press Connect to try again").await;
            other.restart().await;
            page.press("Connect").await;
        }
        Kind::Chromium | Kind::WebKit => {
            wait_for_a_refused_attempt(page).await;
            page.wait_for_state("Reconnecting").await;
            other.restart().await;
        }
    }
    page.wait_for_state("Open").await;
    page.wait_for_lines(1).await;
}

/// Waits until the browser has reported an attempt besides the break.
async fn wait_for_a_refused_attempt(page: &Page) {
    until("an attempt that is refused", async || (page.failures().await > 1).then_some(())).await;
}
