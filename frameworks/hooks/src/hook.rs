//! Opens and closes the source of a component, and reports what happens to it.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::rc::Rc;

use eventsource_wasm::{CloseReason, EventSource, Guard, Message, State};

use crate::options::UseEventSourceOptions;
use crate::values::Change;

/// The source of one component, for the URL that the component [wants](Self::want), until the component
/// [releases](Self::release) it.
///
/// Sources are read by callbacks, not by tasks: when a source is closed, nothing is left that could outlive the
/// component.
///
/// # Drop behavior
///
/// Dropping it closes the source. Neither that nor [`release`](Self::release) is reported.
pub struct Hook<T> {
    options: Rc<UseEventSourceOptions<T>>,
    tell: Rc<dyn Fn(Change<T>)>,
    /// What the component wants; `None` before it is mounted, and after it is unmounted.
    url: RefCell<Option<String>>,
    /// Whether a source was opened and has not been closed by `close()` since.
    is_wanted: Cell<bool>,
    session: RefCell<Option<Session>>,
}

/// A source and its callbacks. The guards are dropped first, so that closing the source is not reported.
struct Session {
    _guards: [Guard; 2],
    source: EventSource,
}

impl<T: 'static> Hook<T> {
    /// Creates a hook without a source. `tell` is called with each change; it may call methods of the hook.
    pub fn new(options: impl Into<Rc<UseEventSourceOptions<T>>>, tell: impl Fn(Change<T>) + 'static) -> Self {
        Self {
            options: options.into(),
            tell: Rc::new(tell),
            url: RefCell::default(),
            is_wanted: Cell::new(false),
            session: RefCell::default(),
        }
    }

    /// To be called when the component is mounted, and when its URL may have changed. While the URL is `""`, there is
    /// no source.
    ///
    /// Another URL opens another source, even after [`close`](Self::close), unless
    /// [`immediate(false)`](UseEventSourceOptions::immediate) is set and no source is open. The same URL does nothing.
    pub fn want(&self, url: &str) {
        let before = self.url.replace(Some(url.to_owned()));
        if before.as_deref() == Some(url) {
            return;
        }
        if !url.is_empty() && (self.options.opens(url) || self.is_wanted.get()) {
            self.open();
        } else if before.is_some() {
            self.leave();
            (self.tell)(Change::Nothing);
        }
    }

    /// Opens a new source, which replaces the present one. Does nothing without a URL, or while the component is not
    /// mounted.
    pub fn open(&self) {
        let Some(url) = self.url.borrow().clone().filter(|url| !url.is_empty()) else { return };
        self.leave();
        self.is_wanted.set(true);
        (self.tell)(Change::Opening);
        let source = match self.options.builder(&url).open() {
            Ok(source) => source,
            Err(cause) => {
                (self.tell)(Change::State(State::Closed { reason: CloseReason::Failed { cause } }));
                return;
            }
        };
        let (tell, options) = (Rc::clone(&self.tell), Rc::clone(&self.options));
        let messages = source.on(self.options.event_types(), move |message| tell(read(&options, message)));
        let tell = Rc::clone(&self.tell);
        let states = source.on_state(move |state| tell(Change::State(state.clone())));
        let before = self.session.replace(Some(Session { _guards: [messages, states], source: source.clone() }));
        drop(before);
        // It may already wait, or be paused: offline, for instance.
        (self.tell)(Change::State(source.state()));
    }

    /// Closes the source; the messages that it has received are kept.
    pub fn close(&self) {
        self.is_wanted.set(false);
        let session = self.session.take();
        if let Some(session) = session {
            session.source.close();
        }
    }

    /// To be called when the component is unmounted. Closes the source; nothing is reported any more.
    pub fn release(&self) {
        self.url.take();
        self.leave();
    }

    fn leave(&self) {
        let session = self.session.take();
        drop(session);
    }
}

fn read<T: 'static>(options: &UseEventSourceOptions<T>, message: &Message) -> Change<T> {
    let event_type = message.event_type().to_owned();
    match options.read(message) {
        Ok(data) => Change::Message { event_type, last_event_id: message.last_event_id().to_owned(), data },
        Err(reason) => Change::Undecodable { event_type, reason },
    }
}

impl<T> fmt::Debug for Hook<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hook").field("url", &self.url.borrow()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Log = Rc<RefCell<Vec<String>>>;

    /// A hook whose sources can't be opened, as this is no browser, and what it tells.
    fn hook(options: UseEventSourceOptions) -> (Hook<String>, Log) {
        let log = Log::default();
        let told = Rc::clone(&log);
        let hook = Hook::new(options, move |change| {
            told.borrow_mut().push(match change {
                Change::State(State::Closed { reason: CloseReason::Failed { .. } }) => "failed".to_owned(),
                change => format!("{change:?}"),
            });
        });
        (hook, log)
    }

    const OPENED: [&str; 2] = ["Opening", "failed"];

    #[test]
    fn a_source_is_opened_for_the_first_url_and_for_another_and_not_for_the_same() {
        let (hook, log) = hook(UseEventSourceOptions::new());
        hook.want("/a");
        assert_eq!(log.take(), OPENED);
        hook.want("/a");
        assert!(log.take().is_empty());
        hook.want("/b");
        assert_eq!(log.take(), OPENED);
        hook.want("");
        assert_eq!(log.take(), ["Nothing"]);
        hook.want("/b");
        assert_eq!(log.take(), OPENED);
    }

    #[test]
    fn without_a_url_or_a_component_nothing_can_be_opened() {
        let (hook, log) = hook(UseEventSourceOptions::new());
        hook.open();
        hook.want("");
        hook.open();
        hook.close();
        assert!(log.take().is_empty());
        hook.want("/a");
        hook.release();
        log.take();
        hook.open();
        assert!(log.take().is_empty());
    }

    #[test]
    fn what_was_closed_is_opened_by_hand_or_by_another_url() {
        let (hook, log) = hook(UseEventSourceOptions::new());
        hook.want("/a");
        hook.close();
        log.take();
        hook.want("/a");
        assert!(log.take().is_empty());
        hook.open();
        assert_eq!(log.take(), OPENED);
        hook.close();
        hook.want("/b");
        assert_eq!(log.take(), OPENED);
    }

    #[test]
    fn sources_that_are_opened_by_hand_follow_the_url_while_one_is_open() {
        let (hook, log) = hook(UseEventSourceOptions::new().immediate(false));
        hook.want("/a");
        hook.want("/b");
        assert_eq!(log.take(), ["Nothing"]);
        hook.open();
        assert_eq!(log.take(), OPENED);
        hook.want("/c");
        assert_eq!(log.take(), OPENED);
        hook.close();
        hook.want("/d");
        assert_eq!(log.take(), ["Nothing"]);
    }
}
