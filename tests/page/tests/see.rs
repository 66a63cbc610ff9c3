//! What is drawn and told of a stream's course.

use page_tests::{Browser, in_each_browser, until};

use crate::{at_speed, open};

in_each_browser!(a_stream_that_breaks_is_a_timeline_of_states_and_a_plot, a_minute_at_speed_is_drawn_of_buckets);

async fn a_stream_that_breaks_is_a_timeline_of_states_and_a_plot(browser: Browser) {
    let served = open(&browser, None).await;
    let url = "/?url=/events?interval=20ms%26drop=5%26retry=300%26token=see%26plan=200,503&transport=fetch&reconnect=true&panel=see";
    let page = browser.open(&served.server.url(url)).await;
    page.wait_for_text(".timeline", "status 503").await;
    let timeline = page.wait_for_text(".timeline", "attempt 2").await;
    for part in ["connecting", "open", "status 200", "waiting", "waits"] {
        assert!(timeline.contains(part), "{part}: {timeline}");
    }
    // What the server asks for.
    let asks = page.wait_for_text(".panel .terms", "300 ms").await;
    assert!(asks.contains("retry:") && asks.contains("text/event-stream"), "{asks}");
    let drawn = "const canvas = document.querySelector('.plot canvas');
        return canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.some((byte) => byte > 0)";
    page.wait_until(drawn).await;
    assert_eq!(page.complaints().await, [""; 0]);
}

async fn a_minute_at_speed_is_drawn_of_buckets(browser: Browser) {
    let served = open(&browser, None).await;
    let page = browser.open(&served.server.url(&at_speed("data=n", "&panel=see"))).await;
    until("thousands a second", async || {
        let said = page.text(".plot .said").await?;
        let digits: String = said.split(' ').next()?.chars().filter(char::is_ascii_digit).collect();
        digits.parse::<u64>().ok().filter(|rate| *rate > 1_000)
    })
    .await;
    page.wait_until("return /\\d ms$/.test(document.querySelector('.plot:nth-of-type(3) .said').textContent)").await;
    // One value is told to who moves along the plot, until that is left.
    let press = "const canvas = document.querySelector('.plot canvas');
        canvas.focus();
        for (const key of ['ArrowLeft', 'ArrowLeft', 'ArrowLeft']) canvas.dispatchEvent(new KeyboardEvent('keydown', { key }));
        return document.querySelector('.plot .said').textContent.endsWith(', 0.5 s ago')
            && canvas.getAttribute('aria-label').endsWith(' s ago')";
    page.wait_until(press).await;
    page.wait_until("document.querySelector('.plot canvas').blur(); return true").await;
    page.wait_for_text(".plot .said", "in the last second").await;
    assert_eq!(page.text(".plot .axis").await.as_deref(), Some("60 s agonow"));
    browser.save_screenshot("at-speed").await;
}
