//! The package as a script imports it.

use page_tests::{Browser, Page, Site, in_each_browser, until};
use serde_json::{Value, json};

use crate::{QUICK, Served, open};

in_each_browser!(
    wrong_arguments_are_refused_with_the_name_and_the_rule,
    what_the_platform_takes_is_taken,
    a_list_has_the_prefix_and_types_it_was_given,
    states_are_told_in_order_and_a_listener_that_throws_is_reported,
    closing_inside_the_listener_is_safe,
    a_list_goes_on_when_nobody_holds_it,
    wasm_that_was_not_loaded_is_an_error,
);

/// Runs a script that has `listMessages` and a `list` of its own, and returns what it returns.
async fn script(page: &Page, body: &str) -> Value {
    let script = format!(
        "return (async () => {{
            const {{ default: init, listMessages }} = await import('./pkg/eventsource_wasm.js');
            await init();
            const ul = document.createElement('ul');
            const thrown = (make) => {{
                try {{ make(); return null; }} catch (error) {{ return [error.constructor.name, error.name, error.message]; }}
            }};
            {body}
        }})()"
    );
    page.evaluate(&script).await
}

async fn served(browser: &Browser) -> Served {
    let served = open(browser, Some(QUICK)).await;
    served.page.wait_for_lines(1).await;
    served
}

async fn wrong_arguments_are_refused_with_the_name_and_the_rule(browser: Browser) {
    let served = served(&browser).await;
    let errors = [
        ("listMessages(ul, 'http://[nonsense')", "DOMException", "http://[nonsense"),
        ("listMessages(null, '/events')", "TypeError", "first argument must be an element"),
        ("listMessages(ul, '/events', 7)", "TypeError", "options must be an object"),
        (
            "listMessages(ul, '/events', { maxLines: 0 })",
            "TypeError",
            "maxLines must be a whole number from 1, such as 1000, not 0",
        ),
        ("listMessages(ul, '/events', { maxLines: 1.5 })", "TypeError", "not 1.5"),
        ("listMessages(ul, '/events', { maxLines: '10' })", "TypeError", "not \"10\""),
        ("listMessages(ul, '/events', { types: 'message' })", "TypeError", "types must be a list of event types"),
        ("listMessages(ul, '/events', { types: 5 })", "TypeError", "types must be a list of event types"),
        ("listMessages(ul, '/events', { onStateChange: 'log' })", "TypeError", "onStateChange must be a function"),
        ("listMessages(ul, '/events', { prefix: Symbol() })", "TypeError", ""),
        ("listMessages(ul, '/events', { get prefix() { throw new RangeError('mine') } })", "RangeError", "mine"),
    ];
    for (call, kind, message) in errors {
        let thrown = script(&served.page, &format!("return thrown(() => {call});")).await;
        assert_eq!(thrown[0], kind, "{call}: {thrown}");
        assert!(thrown[2].as_str().is_some_and(|text| text.contains(message)), "{call}: {thrown}");
    }
    let thrown = script(&served.page, "return thrown(() => listMessages(ul, 'http://[nonsense'));").await;
    assert_eq!(thrown[1], "SyntaxError");
}

async fn what_the_platform_takes_is_taken(browser: Browser) {
    let served = served(&browser).await;
    let urls = script(
        &served.page,
        "const lists = [
            listMessages(ul, new URL('/events', location.href)),
            listMessages(ul, 'events#part', null),
            listMessages(ul, '/events', { maxLines: undefined, withCredentials: 1, types: new Set(['tick']) }),
        ];
        lists.forEach((list) => list.close());
        return lists.map((list) => list.url);",
    )
    .await;
    let url = |path| served.server.url(path);
    assert_eq!(urls, json!([url("/events"), url("/events#part"), url("/events")]));
}

async fn a_list_has_the_prefix_and_types_it_was_given(browser: Browser) {
    let served = served(&browser).await;
    let lines = script(
        &served.page,
        "document.body.append(ul);
        const options = { prefix: '<i>', types: ['gap'], maxLines: 1 };
        const list = listMessages(ul, '/events?lastEventId=none-of-the-streams', options);
        await new Promise((done) => new MutationObserver(done).observe(ul, { childList: true }));
        list.close();
        return [ul.children.length, ul.textContent.slice(0, 3), list.stats.messages, list.state];",
    )
    .await;
    assert_eq!(lines, json!([1, "<i>", 1, { "name": "closed", "reason": "close", "cause": null }]));
}

async fn states_are_told_in_order_and_a_listener_that_throws_is_reported(browser: Browser) {
    let served = served(&browser).await;
    let told = script(
        &served.page,
        "const reported = [];
        addEventListener('error', (event) => { reported.push(event.message); event.preventDefault(); });
        const states = [];
        await new Promise((done) => listMessages(ul, '/events?status=404', { onStateChange(state) {
            states.push('cause' in state ? { ...state, cause: state.cause?.message } : state);
            if (state.name === 'closed') done();
            throw new Error('mine');
        } }));
        await new Promise((done) => setTimeout(done));
        return [states, reported];",
    )
    .await;
    assert_eq!(told[0][0], json!({ "name": "connecting", "attempt": 1 }));
    assert_eq!(told[0][1]["name"], "closed");
    assert!(told[0][1]["cause"].as_str().is_some_and(|cause| cause.contains("/events?status=404")), "{told}");
    // Chromium does not tell the page what a driver's script has thrown.
    let reported = told[1].as_array().expect("a list");
    assert!(reported.len() == 2, "{told}");
}

async fn a_list_goes_on_when_nobody_holds_it(browser: Browser) {
    let served = served(&browser).await;
    script(
        &served.page,
        "window.loose = ul;
        listMessages(ul, '/events?interval=50ms');
        // Garbage makes the engine collect, where it can't be asked to.
        if (globalThis.gc) gc(); else for (let n = 0; n < 50; n++) new Array(1e5).fill({});",
    )
    .await;
    for lines in [1, 5, 10] {
        until(&format!("{lines} lines"), async || {
            let count = served.page.evaluate("return window.loose.children.length").await.as_u64();
            count.filter(|count| *count >= lines)
        })
        .await;
    }
}

async fn wasm_that_was_not_loaded_is_an_error(browser: Browser) {
    let site = Site::with_package();
    site.change_page(|_| "<!doctype html><title>Bare</title>".to_owned());
    let server = site.serve().await;
    let page = browser.open(&server.url("/")).await;
    let thrown = page
        .evaluate(
            "return import('./pkg/eventsource_wasm.js').then(({ listMessages }) => {
                try { listMessages(document.createElement('ul'), '/events'); return null; } catch (error) { return error.message; }
            })",
        )
        .await;
    assert!(thrown.as_str().is_some_and(|message| message.contains("await init()")), "{thrown}");
}

async fn closing_inside_the_listener_is_safe(browser: Browser) {
    let served = served(&browser).await;
    let told = script(
        &served.page,
        "const states = [];
        let list;
        await new Promise((done) => {
            list = listMessages(ul, '/events', { onStateChange(state) {
                states.push(state.name);
                list.close();
                if (state.name === 'closed') done();
            } });
        });
        return states;",
    )
    .await;
    assert_eq!(told, json!(["connecting", "closed"]));
}
