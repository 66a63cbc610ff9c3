//! How a stream is asked for: options, faults, snippets.

use page_tests::{Browser, Page, in_each_browser, until};

use crate::open;

in_each_browser!(
    a_post_with_headers_and_a_body_is_sent_and_the_address_reproduces_it,
    a_fault_is_built_of_the_servers_own_table,
    a_stream_is_copied_as_curl_rust_and_javascript,
);

/// Chooses an option, as a reader does who types or picks it.
async fn choose(page: &Page, name: &str, value: &str) {
    page.evaluate(&format!(
        "const field = document.querySelector('.options [name={name}]');
        if (field.closest('[hidden]')) throw new Error('{name} is not to be seen');
        field.value = '{value}';
        field.dispatchEvent(new Event('change', {{ bubbles: true }}))"
    ))
    .await;
}

async fn a_post_with_headers_and_a_body_is_sent_and_the_address_reproduces_it(browser: Browser) {
    let served = open(&browser, Some("/echo?end=stall")).await;
    let page = &served.page;
    page.wait_for_lines(1).await;
    page.click("[data-tab=do]").await;
    choose(page, "transport", "fetch").await;
    // What is chosen stays when the stream is opened meanwhile.
    page.enter_address("/echo?end=stall&data=x").await;
    page.wait_for_text("#notice", "is not allowed for /echo").await;
    assert_eq!(page.evaluate("return document.querySelector('.options [name=transport]').value").await, "fetch");
    page.enter_address("/echo?end=stall").await;
    page.wait_for_lines(1).await;
    choose(page, "method", "POST").await;
    choose(page, "headers", "no header").await;
    page.evaluate("document.querySelector('form[aria-label=Options]').requestSubmit()").await;
    page.wait_for_text(".options [role=alert]", "A header is a line such as").await;
    choose(page, "headers", "X-Room: 7").await;
    choose(page, "body", "a question").await;
    page.evaluate("document.querySelector('form[aria-label=Options]').requestSubmit()").await;
    let is_posted = async || {
        let lines = page.lines().await;
        lines
            .first()
            .filter(|line| {
                line.contains("\"method\":\"POST\"") && line.contains("a question") && line.contains("x-room")
            })
            .cloned()
    };
    until("the request as it was asked for", is_posted).await;
    browser.refresh().await.expect("the page reloads");
    until("the same request of the address", is_posted).await;
}

async fn a_fault_is_built_of_the_servers_own_table(browser: Browser) {
    let served = open(&browser, Some("/events?data=n&interval=20ms")).await;
    let page = &served.page;
    page.wait_for_lines(1).await;
    page.click("[data-tab=do]").await;
    page.click("[data-section=faults] > summary").await;
    let table = page.wait_for_text("[data-section=faults]", "drop=").await;
    assert!(table.contains("limit-data=") && table.contains("Allowed:"), "{table}");
    page.evaluate("for (const group of document.querySelectorAll('[data-section=faults] details')) group.open = true")
        .await;
    page.fill("[aria-label=Faults] [name=plan]", "503").await;
    page.wait_for_text("[aria-label=Faults] [role=alert]", "plan= needs token=").await;
    page.fill("[aria-label=Faults] [name=plan]", "").await;
    page.fill("[aria-label=Faults] [name=drop]", "2").await;
    page.wait_for_text("code.made", "/events?data=n&interval=20ms&drop=2").await;
    page.press("Connect with these faults").await;
    page.wait_for_state("Reconnecting").await;
    assert_eq!(
        page.evaluate("return document.querySelector('#address').value").await,
        "/events?data=n&interval=20ms&drop=2"
    );
}

async fn a_stream_is_copied_as_curl_rust_and_javascript(browser: Browser) {
    let served = open(&browser, None).await;
    let url = "/?url=/events?interval=1s&transport=fetch&headers=X-Room:%207&reconnect=true&panel=do";
    let page = browser.open(&served.server.url(url)).await;
    page.wait_for_lines(1).await;
    for (name, parts) in [
        ("curl", ["curl -N", "-H 'X-Room: 7'"]),
        ("Rust", ["FetchOptions::new().header(\"X-Room\", \"7\")", ".reconnect(Backoff::default())"]),
        ("JavaScript", ["new EventSource(", "headers: {\"X-Room\":\"7\"}"]),
    ] {
        page.press(name).await;
        let text = page.wait_for_text("[aria-label=Copied]", parts[0]).await;
        assert!(text.contains(parts[1]) && text.contains("/events?interval=1s"), "{text}");
    }
}
