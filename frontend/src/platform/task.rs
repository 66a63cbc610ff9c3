//! A future that runs in the background until it is dropped.

use std::cell::{Cell, RefCell};
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

/// A future that runs in the background until it is done or this is dropped. It may drop this itself.
pub(crate) struct Task(Rc<Shared>);

struct Shared {
    /// Taken out while it runs.
    future: RefCell<Option<Pin<Box<dyn Future<Output = ()>>>>>,
    /// The executor frees the future only when it is done, so it has to be woken to notice that.
    waker: RefCell<Option<Waker>>,
    cancelled: Cell<bool>,
}

impl Task {
    pub(crate) fn spawn(future: impl Future<Output = ()> + 'static) -> Self {
        let shared = Rc::new(Shared {
            future: RefCell::new(Some(Box::pin(future))),
            waker: RefCell::default(),
            cancelled: Cell::new(false),
        });
        let running = Rc::clone(&shared);
        wasm_bindgen_futures::spawn_local(poll_fn(move |cx| running.poll(cx)));
        Self(shared)
    }
}

impl Shared {
    fn poll(&self, cx: &mut Context<'_>) -> Poll<()> {
        let future = self.future.take();
        let Some(mut future) = future else { return Poll::Ready(()) };
        if future.as_mut().poll(cx).is_ready() || self.cancelled.get() {
            return Poll::Ready(());
        }
        self.future.replace(Some(future));
        self.waker.replace(Some(cx.waker().clone()));
        Poll::Pending
    }
}

impl Drop for Task {
    fn drop(&mut self) {
        self.0.cancelled.set(true);
        let future = self.0.future.take();
        drop(future);
        let waker = self.0.waker.take();
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}
