//! The transport over `fetch` against the dev server, in a page.
#![cfg(target_family = "wasm")]

mod answer;
mod answers;
#[path = "../common/mod.rs"]
mod common;
mod ends;
mod flow;
mod holding;
mod lifetime;
mod request;
mod requests;
mod retrying;
mod support;
mod withheld;

use wasm_bindgen_test::wasm_bindgen_test_configure;

wasm_bindgen_test_configure!(run_in_browser);
