//! The page, the server, and waiting.

use js_sys::{Function, Promise};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Element, HtmlElement};

/// The address of a path on the dev server under test.
pub(crate) fn url(path: &str) -> String {
    let Some(server) = option_env!("EVENTSOURCE_TEST_SERVER") else {
        panic!(
            "these tests need a dev server: run tests/run.sh frameworks, or set EVENTSOURCE_TEST_SERVER to the address of one"
        );
    };
    format!("{server}{path}")
}

/// How many streams the server is sending whose URL contains `part`.
pub(crate) async fn live_streams(part: &str) -> usize {
    let response: web_sys::Response = JsFuture::from(fetch(&url("/connections"))).await.unwrap().unchecked_into();
    let text = JsFuture::from(response.text().unwrap()).await.unwrap().as_string().unwrap();
    text.matches(part).count()
}

/// Waits until a condition holds, and fails when it never does.
pub(crate) async fn until(what: &str, mut condition: impl AsyncFnMut() -> bool) {
    for _ in 0..1500 {
        if condition().await {
            return;
        }
        sleep(10).await;
    }
    panic!("waited in vain until {what}");
}

/// Lets what is queued run.
pub(crate) async fn settle() {
    sleep(0).await;
}

async fn sleep(milliseconds: i32) {
    let promise = Promise::new(&mut |resolve, _| set_timeout(&resolve, milliseconds));
    JsFuture::from(promise).await.expect("a timer never rejects");
}

/// A new element of the page, with this inside.
pub(crate) fn place(html: &str) -> HtmlElement {
    let document = web_sys::window().and_then(|window| window.document()).expect("the tests run in a page");
    let root: HtmlElement = document.create_element("div").unwrap().unchecked_into();
    root.set_inner_html(html);
    document.body().unwrap().append_child(&root).unwrap();
    root
}

pub(crate) fn find(root: &HtmlElement, class: &str) -> Option<Element> {
    root.query_selector(&format!(".{class}")).unwrap()
}

pub(crate) fn element(root: &HtmlElement, class: &str) -> Element {
    find(root, class).unwrap_or_else(|| panic!("nothing of class {class} in {}", root.inner_html()))
}

pub(crate) fn text(root: &HtmlElement, class: &str) -> String {
    find(root, class).and_then(|element| element.text_content()).unwrap_or_default()
}

pub(crate) fn click(root: &HtmlElement, class: &str) {
    element(root, class).unchecked_into::<HtmlElement>().click();
}

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = setTimeout)]
    fn set_timeout(callback: &Function, milliseconds: i32);

    fn fetch(url: &str) -> Promise;
}
