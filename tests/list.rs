//! A list in a page.
#![cfg(target_family = "wasm")]

mod common;

use std::cell::RefCell;
use std::rc::Rc;

use common::{dispatch, live_streams, native, next, open, puppet, sleep, until};
use eventsource_wasm::{EventSource, MessageList, MessageListOptions};
use js_sys::{Function, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
use web_sys::Element;

wasm_bindgen_test_configure!(run_in_browser);

/// A page with one list of 100 pixels' height, taken out again at the end of a test.
struct Page {
    ul: Element,
}

impl Page {
    fn new() -> Self {
        let document = web_sys::window().unwrap().document().unwrap();
        let ul = document.create_element("ul").unwrap();
        ul.set_attribute("style", "height: 100px; overflow-y: auto; margin: 0; padding: 0").unwrap();
        document.document_element().unwrap().append_child(&ul).unwrap();
        Self { ul }
    }

    fn len(&self) -> u32 {
        self.ul.child_element_count()
    }

    fn texts(&self) -> Vec<String> {
        let children = self.ul.children();
        (0..children.length()).filter_map(|n| children.item(n)?.text_content()).collect()
    }

    async fn until_last_is(&self, text: &str) {
        let last = || self.ul.last_element_child().and_then(|line| line.text_content());
        until(&format!("the last line is {text:?}"), async || last().as_deref() == Some(text)).await;
    }

    fn is_at_end(&self) -> bool {
        self.ul.scroll_height() - self.ul.scroll_top() - self.ul.client_height() <= 1
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        self.ul.remove();
    }
}

fn list(page: &Page, source: &EventSource, max_lines: usize) -> MessageList {
    let options = MessageListOptions { max_lines, ..Default::default() };
    MessageList::new(&page.ul, source, &options).unwrap()
}

fn send(native: &web_sys::EventSource, numbers: std::ops::Range<u32>) {
    for n in numbers {
        dispatch(native, "message", &n.to_string());
    }
}

fn expected(numbers: std::ops::Range<u32>) -> Vec<String> {
    numbers.map(|n| format!("message: {n}")).collect()
}

#[wasm_bindgen_test]
async fn the_servers_messages_become_lines() {
    let page = Page::new();
    let source = open("/events?interval=15ms");
    let _list = list(&page, &source, 1000);
    until("there are three lines", async || page.len() >= 3).await;
    assert!(page.texts().iter().all(|text| text.starts_with("message: ") && text.ends_with('M')), "{:?}", page.texts());
    assert!(page.ul.children().item(0).unwrap().tag_name() == "LI");
}

#[wasm_bindgen_test]
async fn markup_stays_text_and_the_prefix_and_types_are_the_pages() {
    let page = Page::new();
    let (source, native) = puppet().await;
    let options = MessageListOptions {
        prefix: "<b>".to_owned(),
        event_types: vec!["a".to_owned(), "b".to_owned()],
        ..Default::default()
    };
    let _list = MessageList::new(&page.ul, &source, &options).unwrap();
    dispatch(&native, "a", "<img src=x onerror=alert(1)>");
    dispatch(&native, "message", "not asked for");
    dispatch(&native, "b", "two\nlines");
    page.until_last_is("<b>two\nlines").await;
    assert_eq!(page.texts(), ["<b><img src=x onerror=alert(1)>", "<b>two\nlines"]);
    assert!(page.ul.query_selector("img, b").unwrap().is_none());
}

#[wasm_bindgen_test]
async fn a_burst_ends_with_exactly_the_newest_lines_in_order() {
    for (max, burst) in [(1000, 5000), (1000, 1000), (1000, 999), (10, 5000), (1, 7)] {
        let page = Page::new();
        let (source, native) = puppet().await;
        let _list = list(&page, &source, max);
        for part in 0..5 {
            send(&native, part * burst / 5..(part + 1) * burst / 5);
            sleep(5).await;
        }
        let first = burst.saturating_sub(u32::try_from(max).unwrap());
        until("the window is full", async || page.texts() == expected(first..burst)).await;
        assert_eq!(source.stats().dropped, 0, "a line that is no longer kept is no loss");
    }
}

#[wasm_bindgen_test]
async fn what_the_page_has_put_into_the_list_stays_in_front() {
    let page = Page::new();
    page.ul.set_inner_html("<li>hello</li>");
    let (source, native) = puppet().await;
    let list = list(&page, &source, 2);
    send(&native, 0..5);
    page.until_last_is("message: 4").await;
    assert_eq!(page.texts(), ["hello", "message: 3", "message: 4"]);
    list.clear();
    assert_eq!(page.texts(), ["hello"]);
}

/// Waits for the next animation frame.
async fn frame() {
    let promise = js_sys::Promise::new(&mut |resolve, _| {
        web_sys::window().unwrap().request_animation_frame(&resolve).unwrap();
    });
    wasm_bindgen_futures::JsFuture::from(promise).await.unwrap();
}

/// Runs `work` in a page whose frames come when the test calls for them.
async fn with_own_frames<F: Future<Output = ()>>(work: impl FnOnce(Rc<RefCell<Vec<Function>>>) -> F) {
    let window = web_sys::window().unwrap();
    let name = JsValue::from_str("requestAnimationFrame");
    let original = Reflect::get(&window, &name).unwrap();
    let requested = Rc::new(RefCell::new(Vec::new()));
    let stub = Closure::<dyn FnMut(Function) -> i32>::new({
        let requested = Rc::clone(&requested);
        move |callback| {
            requested.borrow_mut().push(callback);
            0
        }
    });
    Reflect::set(&window, &name, stub.as_js_value()).unwrap();
    work(requested).await;
    Reflect::set(&window, &name, &original).unwrap();
}

#[wasm_bindgen_test]
async fn the_list_changes_once_per_frame_whatever_the_rate() {
    with_own_frames(async |frames| {
        let page = Page::new();
        let (source, native) = puppet().await;
        let _list = list(&page, &source, 1000);
        for round in 0..3 {
            for part in 0..10 {
                send(&native, round * 1000 + part * 100..round * 1000 + (part + 1) * 100);
                sleep(0).await;
            }
            assert_eq!(frames.borrow().len(), 1, "one frame is asked for, and nothing is shown before it");
            assert_eq!(page.len(), if round == 0 { 0 } else { 128 });
            let frame = frames.borrow_mut().pop().unwrap();
            frame.call1(&JsValue::UNDEFINED, &0.into()).unwrap();
            page.until_last_is(&format!("message: {}", round * 1000 + 999)).await;
        }
        until("the lines before the newest have asked for a frame", async || frames.borrow().len() == 1).await;
        let frame = frames.borrow_mut().pop().unwrap();
        frame.call1(&JsValue::UNDEFINED, &0.into()).unwrap();
        until("the window is full", async || page.texts() == expected(2000..3000)).await;
        sleep(0).await;
        assert!(frames.borrow().is_empty(), "with nothing to show no frame is asked for");
    })
    .await;
}

#[wasm_bindgen_test]
async fn a_page_without_frames_holds_no_more_than_the_newest_lines() {
    with_own_frames(async |frames| {
        let page = Page::new();
        let (source, native) = puppet().await;
        let list = list(&page, &source, 100);
        send(&native, 0..20_000);
        sleep(0).await;
        assert_eq!((page.len(), frames.borrow().len()), (0, 1));
        assert!(format!("{list:?}").contains("waiting: 100"), "{list:?}");
        let frame = frames.borrow_mut().pop().unwrap();
        frame.call1(&JsValue::UNDEFINED, &0.into()).unwrap();
        until("the newest are shown", async || page.texts() == expected(19_900..20_000)).await;
    })
    .await;
}

#[wasm_bindgen_test]
async fn the_list_stays_at_the_end_only_if_the_reader_is_there() {
    let page = Page::new();
    let (source, native) = puppet().await;
    let _list = list(&page, &source, 1000);
    send(&native, 0..50);
    page.until_last_is("message: 49").await;
    until("the list is at its end", async || page.is_at_end()).await;
    page.ul.set_scroll_top(30);
    send(&native, 50..60);
    page.until_last_is("message: 59").await;
    assert_eq!(page.ul.scroll_top(), 30);
    page.ul.set_scroll_top(page.ul.scroll_height());
    send(&native, 60..70);
    page.until_last_is("message: 69").await;
    assert!(page.is_at_end());
}

#[wasm_bindgen_test]
async fn a_paused_list_shows_the_newest_lines_when_it_goes_on() {
    let page = Page::new();
    let (source, native) = puppet().await;
    let list = list(&page, &source, 10);
    send(&native, 0..2);
    page.until_last_is("message: 1").await;
    list.pause();
    assert!(list.is_paused());
    send(&native, 2..50);
    for _ in 0..3 {
        frame().await;
    }
    assert_eq!(page.texts(), expected(0..2));
    list.resume();
    until("the newest are shown", async || page.texts() == expected(40..50)).await;
}

#[wasm_bindgen_test]
async fn a_dropped_list_stops_and_lets_its_source_go() {
    let page = Page::new();
    let source = open("/events?interval=57ms");
    let list = list(&page, &source, 1000);
    until("there is a line", async || page.len() > 0).await;
    let native = native(&next(&mut source.subscribe("message")).await);
    send(&native, 0..5);
    drop((list, source));
    let lines = page.len();
    until("the server sends no more", async || live_streams("interval=57ms").await == 0).await;
    frame().await;
    assert_eq!(page.len(), lines);
}

#[wasm_bindgen_test]
async fn a_page_may_take_lines_out_and_put_its_own_in() {
    let page = Page::new();
    let (source, native) = puppet().await;
    let _list = list(&page, &source, 3);
    send(&native, 0..3);
    page.until_last_is("message: 2").await;
    page.ul.set_inner_html("");
    send(&native, 3..5);
    page.until_last_is("message: 4").await;
    assert_eq!(page.texts(), expected(3..5));
    page.ul.first_element_child().unwrap().remove();
    page.ul.insert_adjacent_html("beforeend", "<li>the page's</li>").unwrap();
    send(&native, 5..8);
    page.until_last_is("message: 7").await;
    assert_eq!(page.texts(), ["the page's", "message: 5", "message: 6", "message: 7"]);
    page.ul.remove();
    send(&native, 8..12);
    page.until_last_is("message: 11").await;
    assert_eq!(page.len(), 4, "a list outside the document is a list");
}

#[wasm_bindgen_test]
async fn a_list_that_gets_less_room_stays_at_its_end() {
    let page = Page::new();
    let (source, native) = puppet().await;
    let _list = list(&page, &source, 1000);
    send(&native, 0..50);
    page.until_last_is("message: 49").await;
    page.ul.set_attribute("style", "height: 60px; overflow-y: auto").unwrap();
    send(&native, 50..51);
    page.until_last_is("message: 50").await;
    assert!(page.is_at_end());
}

#[wasm_bindgen_test]
async fn smooth_scrolling_does_not_pass_for_a_reader_who_left() {
    let page = Page::new();
    page.ul.set_attribute("style", "height: 100px; overflow-y: auto; scroll-behavior: smooth").unwrap();
    let (source, native) = puppet().await;
    let _list = list(&page, &source, 1000);
    for part in 0..10 {
        send(&native, part * 50..(part + 1) * 50);
        page.until_last_is(&format!("message: {}", part * 50 + 49)).await;
        assert!(page.is_at_end());
    }
}

#[wasm_bindgen_test]
async fn a_list_may_be_cleared_at_any_time() {
    let page = Page::new();
    let (source, native) = puppet().await;
    let list = list(&page, &source, 1000);
    list.clear();
    send(&native, 0..3000);
    list.clear();
    send(&native, 3000..6000);
    page.until_last_is("message: 5999").await;
    list.clear();
    assert_eq!(page.len(), 0);
    list.pause();
    send(&native, 6000..6010);
    list.clear();
    list.resume();
    send(&native, 6010..6012);
    page.until_last_is("message: 6011").await;
    assert_eq!(page.texts(), expected(6010..6012));
}

#[wasm_bindgen_test]
async fn what_had_arrived_before_the_close_is_shown() {
    let page = Page::new();
    let (source, native) = puppet().await;
    let _list = list(&page, &source, 1000);
    send(&native, 0..3000);
    source.close();
    until("all is shown", async || page.texts() == expected(2000..3000)).await;
}
