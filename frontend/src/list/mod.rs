//! Messages as `<li>`.

mod dom;
mod frame;
mod window;

use std::cell::{Cell, RefCell};
use std::fmt;
use std::future::poll_fn;
use std::rc::{Rc, Weak};
use std::task::{Context, Poll, Waker};

use web_sys::Element;

use crate::subscription::Delivery;
use crate::task::Task;
use crate::{Error, EventSource, Message, Subscription};
use dom::Lines;
use frame::Frame;
use window::Window;

/// How a [`MessageList`] shows messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageListOptions {
    /// The types of event to show; `["message"]` by default.
    pub event_types: Vec<String>,
    /// What stands before each message's data; `"message: "` by default.
    pub prefix: String,
    /// How many lines are kept, the newest; 1,000 by default. 0 counts as 1.
    pub max_lines: usize,
}

impl Default for MessageListOptions {
    fn default() -> Self {
        Self { event_types: vec!["message".to_owned()], prefix: "message: ".to_owned(), max_lines: 1000 }
    }
}

/// Shows a source's messages as `<li>` in a list that the page gives.
///
/// Each line is text: markup in a message stays text. The list changes once per animation frame, however many messages
/// arrive, and keeps the newest lines only. What would be gone before it is seen is not built. Where the list (or what
/// it scrolls in) is scrolled to its end it stays there; a reader who has scrolled up is left in peace.
///
/// In a hidden page, where frames may not come, the newest [`max_lines`](MessageListOptions::max_lines) messages wait.
///
/// # Drop behavior
///
/// The list keeps its source alive. Dropped, it changes nothing any more; the lines remain.
#[must_use = "a dropped list stops"]
pub struct MessageList {
    inner: Rc<Inner>,
    _task: Task,
}

impl MessageList {
    /// Shows the messages of `source` that arrive from now on in `list`, a `<ul>` or `<ol>`, after what it contains.
    ///
    /// ```no_run
    /// # fn show(list: &web_sys::Element) -> Result<(), eventsource_wasm::Error> {
    /// use eventsource_wasm::{EventSource, MessageList, MessageListOptions};
    ///
    /// let source = EventSource::new("/events")?;
    /// let options = MessageListOptions { max_lines: 100, ..Default::default() };
    /// let lines = MessageList::new(list, &source, &options)?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Unsupported`] where no `<li>` can be made: `list` belongs to no document.
    pub fn new(list: &Element, source: &EventSource, options: &MessageListOptions) -> Result<Self, Error> {
        let lines = Lines::new(list, &options.prefix).ok_or_else(|| Error::Unsupported {
            reason: "the list belongs to no document; give a <ul> of the page".to_owned(),
        })?;
        let max = options.max_lines.max(1);
        let types = options.event_types.iter().map(String::as_str);
        // The queue itself keeps the newest lines only; what it drops would never have been seen.
        let subscription = source.subscribe_newest(types, max);
        let inner = Rc::new(Inner {
            lines,
            subscription,
            window: RefCell::new(Window::new(max)),
            frame: RefCell::new(None),
            paused: Cell::new(false),
            resumed: Cell::new(None),
            finished: Cell::new(false),
            on_finish: Cell::new(None),
        });
        let task = Task::spawn(run(Rc::downgrade(&inner)));
        Ok(Self { inner, _task: task })
    }

    /// Changes nothing until [`resume`](Self::resume). The connection stays; the newest lines wait.
    pub fn pause(&self) {
        self.inner.paused.set(true);
    }

    /// Goes on after [`pause`](Self::pause).
    pub fn resume(&self) {
        self.inner.paused.set(false);
        if let Some(waker) = self.inner.resumed.take() {
            waker.wake();
        }
    }

    /// Whether the list is paused.
    pub fn is_paused(&self) -> bool {
        self.inner.paused.get()
    }

    /// Removes all lines, and those that wait.
    pub fn clear(&self) {
        drop(self.inner.subscription.queue().take_all());
        self.inner.window.borrow_mut().clear();
        self.inner.lines.remove_first(usize::MAX);
    }

    /// Takes no further message; what has arrived is still shown.
    #[cfg(feature = "js")]
    pub(crate) fn end(&self) {
        self.inner.subscription.end();
    }

    /// Waits until the source has ended and its last line is shown.
    #[cfg(feature = "js")]
    pub(crate) fn poll_finished(&self, cx: &Context<'_>) -> Poll<()> {
        if self.inner.finished.get() {
            return Poll::Ready(());
        }
        self.inner.on_finish.set(Some(cx.waker().clone()));
        Poll::Pending
    }
}

impl fmt::Debug for MessageList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MessageList").field("subscription", &self.inner.subscription).finish_non_exhaustive()
    }
}

struct Inner {
    lines: Lines,
    subscription: Subscription,
    window: RefCell<Window<Message>>,
    frame: RefCell<Option<Frame>>,
    paused: Cell<bool>,
    resumed: Cell<Option<Waker>>,
    finished: Cell<bool>,
    on_finish: Cell<Option<Waker>>,
}

/// Waits for messages, then for a frame, then shows them. It holds the list only while it works, so that dropping the
/// list drops it.
async fn run(list: Weak<Inner>) {
    while poll_fn(|cx| list.upgrade().map_or(Poll::Ready(false), |list| list.poll_work(cx))).await {
        poll_fn(|cx| list.upgrade().map_or(Poll::Ready(()), |list| list.poll_frame(cx))).await;
        if let Some(list) = list.upgrade() {
            list.show();
        }
    }
    if let Some(list) = list.upgrade() {
        list.finished.set(true);
        if let Some(waker) = list.on_finish.take() {
            waker.wake();
        }
    }
}

impl Inner {
    /// Ready when there is something to show (true), or nothing will come any more (false).
    fn poll_work(&self, cx: &mut Context<'_>) -> Poll<bool> {
        if self.paused.get() {
            self.resumed.set(Some(cx.waker().clone()));
            Poll::Pending
        } else if self.window.borrow().is_behind() {
            Poll::Ready(true)
        } else {
            self.subscription.queue().poll_readable(cx)
        }
    }

    fn poll_frame(&self, cx: &mut Context<'_>) -> Poll<()> {
        let mut frame = self.frame.borrow_mut();
        let poll = frame.get_or_insert_with(Frame::request).poll(cx);
        if poll.is_ready() {
            *frame = None;
        }
        poll
    }

    fn show(&self) {
        if self.paused.get() {
            return;
        }
        let fresh = self.subscription.queue().take_all().into_iter().filter_map(|delivery| match delivery {
            Delivery::Message(message) => Some(message),
            Delivery::Gap(_) => None,
        });
        let fresh = fresh.collect();
        let update = self.window.borrow_mut().advance(fresh, self.lines.len());
        self.lines.apply(&update);
    }
}
