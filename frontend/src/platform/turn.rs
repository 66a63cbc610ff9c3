//! Calls back in a task of its own, after the current one: sooner than a timer, because browsers delay nested timers by
//! some milliseconds.

use std::cell::RefCell;

use wasm_bindgen::prelude::*;
use web_sys::{MessageChannel, MessagePort};

type Call = Box<dyn FnOnce()>;

/// The one channel of this thread, kept for as long as the thread.
struct Turns {
    port: MessagePort,
    calls: RefCell<Vec<Call>>,
    _closure: Closure<dyn Fn()>,
}

thread_local! {
    static TURNS: Option<Turns> = Turns::new();
}

impl Turns {
    fn new() -> Option<Self> {
        let channel = MessageChannel::new().ok()?;
        let closure = Closure::<dyn Fn()>::new(call_all);
        channel.port1().set_onmessage(Some(closure.as_js_value().unchecked_ref()));
        Some(Self { port: channel.port2(), calls: RefCell::default(), _closure: closure })
    }
}

fn call_all() {
    let calls = TURNS.with(|turns| turns.as_ref().map(|turns| turns.calls.take()));
    for call in calls.into_iter().flatten() {
        call();
    }
}

/// Calls `call` in the next turn; returns it if there are no message channels.
pub(crate) fn next(call: Call) -> Result<(), Call> {
    TURNS.with(|turns| {
        let Some(turns) = turns else { return Err(call) };
        let asked = {
            let mut calls = turns.calls.borrow_mut();
            calls.push(call);
            calls.len() > 1
        };
        if asked || turns.port.post_message(&JsValue::NULL).is_ok() {
            return Ok(());
        }
        let call = turns.calls.borrow_mut().pop();
        call.map_or(Ok(()), Err)
    })
}
