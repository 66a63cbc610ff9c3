#![cfg(target_family = "wasm")]
mod common;
use common::*;
use futures_util::StreamExt;
use std::cell::Cell;
use std::rc::Rc;
use wasm_bindgen_test::*;
wasm_bindgen_test_configure!(run_in_browser);

#[wasm_bindgen_test]
async fn stream() {
    let source = open("/events?interval=0&count=1000&data=n");
    source.on_state(|s| console_log!("{s:?}"));
    let mut m = source.subscribe("message");
    for n in 0..1000 { assert_eq!(number(&next(&mut m).await), n); }
}
#[wasm_bindgen_test]
async fn callback() {
    let source = open("/events?interval=0&count=1000&data=n");
    let seen = Rc::new(Cell::new(0));
    let s = Rc::clone(&seen);
    let _g = source.on("message", move |_| s.set(s.get() + 1));
    let _h = source.on_state(|s| console_log!("{s:?}"));
    for _ in 0..100 { sleep(10).await; }
    console_log!("{:?} {}", source.stats(), seen.get());
    assert_eq!(seen.get(), 1000);
}
