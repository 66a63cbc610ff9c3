//! How the page looks, and that it keeps to the policy it is served with. The pictures are in target/screenshots.

use page_tests::{Browser, FixedStream, Page, Site, in_each_browser};

use crate::{QUICK, open};

in_each_browser!(
    nothing_is_complained_of,
    a_narrow_page_needs_no_sideways_scrolling,
    a_page_without_its_package_says_what_to_run,
    pictures_of_the_light_page,
);

const LONG: &str =
    "data: https://example.com/an-address-that-has-no-place-to-be-broken-0123456789012345678901234567890123456789\n\n";

async fn nothing_is_complained_of(browser: Browser) {
    let served = open(&browser, None).await;
    let page = &served.page;
    page.wait_for_lines(1).await;
    page.press("Pause").await;
    page.press("Clear").await;
    page.wait_for_text("#pause", "Resume").await;
    page.press("Resume").await;
    page.enter_address(QUICK).await;
    page.wait_for_lines(2).await;
    assert_eq!(page.complaints().await, [""; 0]);
}

/// How far the page could be scrolled sideways, in CSS pixels.
async fn sideways(page: &Page) -> i64 {
    let wider = "const root = document.scrollingElement; return root.scrollWidth - root.clientWidth";
    page.evaluate(wider).await.as_i64().expect("a number")
}

async fn a_narrow_page_needs_no_sideways_scrolling(browser: Browser) {
    let stream = FixedStream::serve(LONG).await;
    let served = open(&browser, Some(&stream.url())).await;
    let page = &served.page;
    browser.set_viewport(360, 640).await;
    page.wait_for_lines(1).await;
    assert_eq!(page.evaluate("return innerWidth").await, 360);
    assert_eq!(sideways(page).await, 0);
    page.press("Pause").await;
    page.wait_for_text("#paused", "Paused").await;
    page.enter_address("http://one-long-word-0123456789012345678901234567890123456789:x/").await;
    page.wait_for_text("#address-error", "not an address").await;
    assert_eq!(sideways(page).await, 0);
    browser.save_screenshot("narrow-refused").await;
    page.enter_address("/events?status=404").await;
    page.wait_for_state("Closed").await;
    assert_eq!(sideways(page).await, 0);
    browser.save_screenshot("narrow-closed").await;
    page.enter_address(QUICK).await;
    page.wait_for_lines(20).await;
    assert_eq!(sideways(page).await, 0);
    browser.save_screenshot("narrow").await;
}

async fn a_page_without_its_package_says_what_to_run(browser: Browser) {
    let site = Site::without_package();
    let server = site.serve().await;
    let page = browser.open(&server.url("/")).await;
    let cure = page.wait_for_text("#notice", "cargo run -p dev-server").await;
    assert!(cure.contains("wasm-pack build --target web"), "{cure}");
    browser.save_screenshot("without-package").await;
}

async fn pictures_of_the_light_page(browser: Browser) {
    pictures(&browser, "light").await;
}

/// Takes a picture of each state that looks different.
pub(crate) async fn pictures(browser: &Browser, scheme: &str) {
    let served = open(browser, None).await;
    let page = &served.page;
    browser.set_viewport(1000, 720).await;
    let preferred = format!("return matchMedia('(prefers-color-scheme: {scheme})').matches");
    assert_eq!(page.evaluate(&preferred).await, true);
    page.wait_for_lines(2).await;
    browser.save_screenshot(scheme).await;
    page.enter_address(QUICK).await;
    page.wait_for_lines(30).await;
    page.evaluate("document.querySelector('#list').scrollTop = 0").await;
    page.wait_for_text("#newest", "Newest").await;
    page.press("Pause").await;
    page.wait_for_text("#paused", "Paused").await;
    browser.save_screenshot(&format!("{scheme}-paused")).await;
    page.enter_address("/events?status=404").await;
    page.wait_for_state("Closed").await;
    browser.save_screenshot(&format!("{scheme}-closed")).await;
}
