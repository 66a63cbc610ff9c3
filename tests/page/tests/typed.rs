//! A stream's URL typed into the address bar, and what a server that refuses has to say.

use page_tests::{Browser, Page, Site, in_each_browser};

use crate::open;

in_each_browser!(
    a_url_typed_into_the_address_bar_shows_that_stream,
    a_mistake_in_a_typed_url_is_told_in_the_servers_words,
    a_host_that_is_not_served_is_told_with_the_cure,
    a_server_that_lets_no_page_read_is_told_from_one_that_is_away,
);

/// Opens a path of a dev server, as the address bar does.
async fn typed(browser: &Browser, path: &str) -> (Page, page_tests::Server, Site) {
    let site = Site::with_package();
    let server = site.serve().await;
    let page = browser.open(&server.url(path)).await;
    (page, server, site)
}

async fn a_url_typed_into_the_address_bar_shows_that_stream(browser: Browser) {
    let (page, _server, _site) = typed(&browser, "/events?interval=50ms&data=n&drop=3").await;
    let lines = page.wait_for_lines(3).await;
    assert_eq!(lines[..3], ["message: 0", "message: 1", "message: 2"]);
    assert_eq!(
        page.evaluate("return document.querySelector('#address').value").await,
        "/events?interval=50ms&data=n&drop=3"
    );
    // Another one is entered: the page's own address names it, and a reload shows it.
    page.enter_address("/events?data=n&t0=0&count=2&end=stall").await;
    page.wait_for_exactly(&["message: 0", "message: 1"]).await;
    assert_eq!(page.evaluate("return location.pathname").await, "/");
    browser.refresh().await.expect("the page reloads");
    page.wait_for_exactly(&["message: 0", "message: 1"]).await;
}

async fn a_mistake_in_a_typed_url_is_told_in_the_servers_words(browser: Browser) {
    let (page, _server, _site) = typed(&browser, "/events?interval=soon").await;
    page.wait_for_state("Closed").await;
    let notice = page.wait_for_text("#notice", "400").await;
    assert!(notice.contains("interval") && notice.contains("200ms, 5s or 1m"), "{notice}");
}

async fn a_host_that_is_not_served_is_told_with_the_cure(browser: Browser) {
    let served = open(&browser, None).await;
    served.page.wait_for_lines(1).await;
    // A trailing dot makes another name of it, which leads to the same machine.
    let refused = served.server.url("/events").replace("127.0.0.1", "localhost.");
    served.page.enter_address(&refused).await;
    let notice = served.page.wait_for_text("#notice", "--allow-host").await;
    assert!(notice.contains("The host `localhost.` is not served"), "{notice}");
}

async fn a_server_that_lets_no_page_read_is_told_from_one_that_is_away(browser: Browser) {
    let served = open(&browser, None).await;
    let site = Site::with_package();
    let other = site.serve().await;
    served.page.wait_for_lines(1).await;
    served.page.enter_address(&other.url("/events?cors=off")).await;
    let notice = served.page.wait_for_text("#notice", "--allow-origin http://127.0.0.1:").await;
    assert!(notice.contains("has to send Access-Control-Allow-Origin"), "{notice}");
}
