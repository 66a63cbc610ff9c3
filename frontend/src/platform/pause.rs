//! A future that is ready after a time.

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Poll, Waker};

use gloo_timers::callback::Timeout;

#[derive(Default)]
struct Shared {
    over: Cell<bool>,
    waker: RefCell<Option<Waker>>,
}

/// Waits for so many milliseconds. Dropping the future clears the timer.
pub(crate) async fn pause(milliseconds: u32) {
    let shared = Rc::new(Shared::default());
    let told = Rc::clone(&shared);
    let _timeout = Timeout::new(milliseconds, move || {
        told.over.set(true);
        let waker = told.waker.take();
        if let Some(waker) = waker {
            waker.wake();
        }
    });
    poll_fn(|cx| {
        if shared.over.get() {
            return Poll::Ready(());
        }
        let waker = cx.waker().clone();
        let before = shared.waker.replace(Some(waker));
        drop(before);
        Poll::Pending
    })
    .await;
}
