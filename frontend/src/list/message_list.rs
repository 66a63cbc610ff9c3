//! A list of messages, which is updated once per animation frame.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::fmt;
use std::rc::{Rc, Weak};

use web_sys::Element;

use super::dom::Lines;
use super::window::Window;
use crate::core::close::CloseReason;
use crate::core::pacing::Need;
use crate::core::queue::Pushed;
use crate::error::Error;
use crate::message::Message;
use crate::platform::frame::Frame;
use crate::runtime::outlet::Outlet;
use crate::runtime::place::{Mark, Place};
use crate::runtime::routes::{Interest, OutletId};
use crate::runtime::runtime::Runtime;
use crate::source::source::EventSource;

/// How a [`MessageList`] shows messages.
///
/// ```
/// use eventsource_wasm::MessageListOptions;
///
/// let options = MessageListOptions {
///     event_types: vec!["joined".to_owned(), "left".to_owned()],
///     max_lines: 200,
///     ..MessageListOptions::default()
/// };
/// # drop(options);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageListOptions {
    /// The types of event to show; `["message"]` by default.
    pub event_types: Vec<String>,
    /// Text before each message's data; `"message: "` by default.
    pub prefix: String,
    /// How many lines are kept; older ones are removed. 1,000 by default; 0 counts as 1.
    pub max_lines: usize,
}

impl Default for MessageListOptions {
    fn default() -> Self {
        Self { event_types: vec!["message".to_owned()], prefix: "message: ".to_owned(), max_lines: 1000 }
    }
}

/// Shows a source's messages as `<li>` in a list of the page.
///
/// Data is shown as text: markup in it is not interpreted. The list is updated once per animation frame, however many
/// messages arrive, and keeps only the newest lines. No element is created for a line that would be removed in the same
/// frame. If the list (or its scroll container) is scrolled to its end, it stays there; if the user has scrolled up,
/// the position is kept.
///
/// In a hidden page, which may have no frames, the newest [`max_lines`](MessageListOptions::max_lines) messages wait.
///
/// # Drop behavior
///
/// The list keeps its source alive. Once dropped, it is not updated any more; the lines remain.
///
/// ```no_run
/// # fn example(element: &web_sys::Element) -> Result<(), eventsource_wasm::Error> {
/// # use eventsource_wasm::{EventSource, MessageList, MessageListOptions};
/// let source = EventSource::new("/events")?;
/// let list = MessageList::new(element, &source, &MessageListOptions::default())?;
/// list.pause(); // what arrives meanwhile is shown by resume()
/// # drop(list);
/// # Ok(())
/// # }
/// ```
#[must_use = "a dropped list stops"]
pub struct MessageList {
    inner: Rc<Inner>,
    id: Cell<Option<OutletId>>,
    source: Rc<Runtime>,
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
    /// [`Error::Unsupported`] if no `<li>` can be created, because `list` belongs to no document.
    pub fn new(list: &Element, source: &EventSource, options: &MessageListOptions) -> Result<Self, Error> {
        let lines = Lines::new(list, &options.prefix).ok_or_else(|| Error::Unsupported {
            reason: "the list belongs to no document; give a <ul> of the page".to_owned(),
        })?;
        let max = options.max_lines.max(1);
        let types: Vec<Rc<str>> = options.event_types.iter().map(|event_type| event_type.as_str().into()).collect();
        let inner = Rc::new_cyclic(|me| Inner {
            me: Weak::clone(me),
            lines,
            max,
            waiting: RefCell::default(),
            behind: RefCell::default(),
            window: RefCell::new(Window::new(max)),
            frame: RefCell::default(),
            paused: Cell::new(false),
            ended: Cell::new(false),
            on_finish: RefCell::default(),
        });
        let runtime = source.runtime();
        let id = runtime.add(Interest::Types(&types), Rc::clone(&inner) as Rc<dyn Outlet>, false);
        Ok(Self { inner, id: Cell::new(id), source: Rc::clone(runtime) })
    }

    /// Stops updating the list until [`resume`](Self::resume), or until the source ends. The connection stays open; the
    /// newest messages wait.
    pub fn pause(&self) {
        if !self.inner.ended.get() {
            self.inner.paused.set(true);
        }
    }

    /// Continues after [`pause`](Self::pause).
    pub fn resume(&self) {
        self.inner.paused.set(false);
        self.inner.wake();
    }

    /// Whether the list is paused.
    pub fn is_paused(&self) -> bool {
        self.inner.paused.get()
    }

    /// Removes all lines, and the messages that wait to be shown.
    pub fn clear(&self) {
        let (waiting, behind) = (self.inner.waiting.take(), self.inner.behind.take());
        drop((waiting, behind));
        self.inner.window.borrow_mut().clear();
        self.inner.lines.remove_first(usize::MAX);
    }

    /// Takes no further message; those that have arrived are still shown.
    #[cfg(feature = "js")]
    pub(crate) fn end(&self) {
        self.leave();
        self.inner.finish(&CloseReason::ByHand);
    }

    /// Calls this when the list will not be updated any more.
    #[cfg(feature = "js")]
    pub(crate) fn on_finish(&self, call: impl FnOnce() + 'static) {
        if self.inner.is_finished() {
            call();
        } else {
            self.inner.on_finish.replace(Some(Box::new(call)));
        }
    }

    fn leave(&self) {
        if let Some(id) = self.id.take() {
            self.source.remove(id);
        }
    }
}

impl Drop for MessageList {
    fn drop(&mut self) {
        self.leave();
        let frame = self.inner.frame.take();
        drop(frame);
    }
}

impl fmt::Debug for MessageList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let waiting = self.inner.waiting.borrow().len();
        f.debug_struct("MessageList")
            .field("waiting", &waiting)
            .field("paused", &self.is_paused())
            .finish_non_exhaustive()
    }
}

struct Inner {
    me: Weak<Self>,
    lines: Lines,
    max: usize,
    /// The newest messages that have arrived since the last frame.
    waiting: RefCell<VecDeque<Message>>,
    /// Where the stream was before them.
    behind: RefCell<Option<Mark>>,
    window: RefCell<Window<Message>>,
    /// Set while one is requested.
    frame: RefCell<Option<Frame>>,
    paused: Cell<bool>,
    ended: Cell<bool>,
    on_finish: RefCell<Option<Box<dyn FnOnce()>>>,
}

impl Outlet for Inner {
    fn message(&self, message: Cow<'_, Message>, before: Option<&Place>) -> Pushed {
        let mut waiting = self.waiting.borrow_mut();
        if waiting.is_empty() {
            self.behind.replace(before.map(Place::mark));
        } else if waiting.len() >= self.max {
            // It would be gone before it is seen.
            waiting.pop_front();
        }
        waiting.push_back(message.into_owned());
        let need = if self.paused.get() || self.frame.borrow().is_some() { Need::Nothing } else { Need::WakeNow };
        Pushed { need, dropped: 0 }
    }

    /// Requests a frame, if there is something to show.
    fn wake(&self) {
        if self.paused.get() || self.frame.borrow().is_some() || !self.has_work() {
            return;
        }
        let me = Weak::clone(&self.me);
        let frame = Frame::request(move || {
            if let Some(list) = me.upgrade() {
                list.show();
            }
        });
        self.frame.replace(frame);
    }

    fn behind(&self) -> Option<Mark> {
        if self.waiting.borrow().is_empty() { None } else { self.behind.borrow().clone() }
    }

    /// Shows the messages that have arrived, even if the list is paused, because nothing else will end the pause.
    fn finish(&self, _reason: &CloseReason) {
        self.ended.set(true);
        self.paused.set(false);
        self.wake();
        self.tell_finish();
    }
}

impl Inner {
    fn has_work(&self) -> bool {
        !self.waiting.borrow().is_empty() || self.window.borrow().is_behind()
    }

    fn is_finished(&self) -> bool {
        self.ended.get() && !self.has_work()
    }

    fn show(&self) {
        let frame = self.frame.take();
        drop(frame);
        if !self.paused.get() {
            let fresh = self.waiting.take();
            let behind = self.behind.take();
            drop(behind);
            let shown = self.lines.len();
            let update = self.window.borrow_mut().advance(fresh, shown);
            self.lines.apply(&update);
        }
        self.wake();
        self.tell_finish();
    }

    fn tell_finish(&self) {
        if self.is_finished() {
            let call = self.on_finish.take();
            if let Some(call) = call {
                call();
            }
        }
    }
}
