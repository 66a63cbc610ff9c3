//! A source in a service worker.
#![cfg(target_family = "wasm")]

mod common;
mod in_worker;

wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_service_worker);
