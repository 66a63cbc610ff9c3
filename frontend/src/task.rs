use std::cell::{Cell, RefCell};
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

/// A future that runs in the background until it is done or this is dropped. It may drop this itself.
pub(crate) struct Task(Rc<Shared>);

struct Shared {
    /// Taken out while it runs.
    future: RefCell<Option<Pin<Box<dyn Future<Output = ()>>>>>,
    cancelled: Cell<bool>,
}

impl Task {
    pub(crate) fn spawn(future: impl Future<Output = ()> + 'static) -> Self {
        let shared = Rc::new(Shared { future: RefCell::new(Some(Box::pin(future))), cancelled: Cell::new(false) });
        let running = Rc::clone(&shared);
        wasm_bindgen_futures::spawn_local(poll_fn(move |cx| running.poll(cx)));
        Self(shared)
    }
}

impl Shared {
    fn poll(&self, cx: &mut Context<'_>) -> Poll<()> {
        let Some(mut future) = self.future.take() else { return Poll::Ready(()) };
        let poll = future.as_mut().poll(cx);
        if poll.is_pending() && !self.cancelled.get() {
            self.future.replace(Some(future));
            return Poll::Pending;
        }
        Poll::Ready(())
    }
}

impl Drop for Task {
    fn drop(&mut self) {
        self.0.cancelled.set(true);
        // Its wakers go with the future, and with them what `spawn_local` holds.
        let future = self.0.future.take();
        drop(future);
    }
}
