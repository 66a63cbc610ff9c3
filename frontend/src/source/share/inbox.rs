//! What a source that shares is told, in order and as it can take it.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Waker};

use crate::core::share::post::Posted;
use crate::core::state::State;
use crate::message::{Kind, Message};
use crate::runtime::reporter::Reporter;
use crate::transport::contract::{Flow as _, Sink as _};

/// While fewer messages than this can be taken, it asks to be woken when there is room for more.
const LOW: usize = 512;

/// What there is to tell besides messages.
pub(crate) enum News {
    /// The stream has this id, without a message.
    Move(Arc<str>),
    /// The server goes on after this id, which is not the one that was asked for.
    Gap(String),
    /// Messages are missing, so many if that is known.
    Missed(Option<u64>),
    State(State),
}

enum Entry {
    Message(Message),
    News(News),
}

pub(crate) struct Inbox {
    reporter: Rc<Reporter>,
    /// Whether messages wait for room.
    flows: bool,
    waiting: RefCell<VecDeque<Entry>>,
    delivering: Cell<bool>,
    /// Whether someone reads messages, or has done so.
    wanted: Cell<bool>,
    /// What delivers when there is room.
    waker: RefCell<Option<Waker>>,
}

impl Inbox {
    pub(crate) fn new(reporter: Rc<Reporter>, flows: bool) -> Self {
        let (waiting, delivering, wanted, waker) = Default::default();
        Self { reporter, flows, waiting, delivering, wanted, waker }
    }

    pub(crate) fn push(&self, news: News) {
        self.waiting.borrow_mut().push_back(Entry::News(news));
    }

    pub(crate) fn push_messages(&self, messages: Vec<Posted>) {
        let mut last: Option<Rc<Kind>> = None;
        let messages = messages.into_iter().map(|posted| {
            let known = last.take().filter(|kind| **kind.event_type() == *posted.event_type);
            let kind = known.unwrap_or_else(|| self.reporter.kind(&posted.event_type));
            last = Some(Rc::clone(&kind));
            let Posted { data, last_event_id, has_own_id, origin, .. } = posted;
            Entry::Message(Message::from_text(kind, data, last_event_id, has_own_id, origin))
        });
        self.waiting.borrow_mut().extend(messages);
    }

    /// Tells what can be told. What is told may bring more; that comes after the rest.
    pub(crate) fn deliver(&self) {
        if !self.delivering.replace(true) {
            self.deliver_all();
            self.delivering.set(false);
        }
    }

    fn deliver_all(&self) {
        loop {
            let mut messages = self.take_messages();
            if !messages.is_empty() {
                self.reporter.deliver(&mut messages);
                continue;
            }
            let next = self.waiting.borrow_mut().pop_front();
            match next {
                Some(Entry::News(news)) => self.tell(news),
                // There is no room for it.
                Some(message) => return self.waiting.borrow_mut().push_front(message),
                None => return,
            }
        }
    }

    /// The messages that come next, as many as there is room for.
    fn take_messages(&self) -> Vec<Message> {
        let room = if self.flows { self.reporter.room() } else { usize::MAX };
        let mut waiting = self.waiting.borrow_mut();
        let together = waiting.iter().take(room).take_while(|entry| matches!(entry, Entry::Message(_))).count();
        let messages = waiting.drain(..together).filter_map(|entry| match entry {
            Entry::Message(message) => Some(message),
            Entry::News(_) => None,
        });
        messages.collect()
    }

    fn tell(&self, news: News) {
        match news {
            News::Move(id) => self.reporter.place(id),
            News::Gap(last_event_id) => self.reporter.lose_place(last_event_id),
            News::Missed(messages) => self.reporter.delivery.missed(messages),
            News::State(state) => {
                self.reporter.input(Box::new(move |connection, now| connection.mirror(now, state)));
            }
        }
    }

    /// How many messages more can be taken. While they are few, whoever polled last is woken when there are more.
    pub(crate) fn room(&self) -> usize {
        let room = self.reporter.room();
        let waker = self.waker.borrow().clone();
        if let Some(waker) = waker.filter(|_| room < LOW) {
            self.reporter.delivery.wait_for_room(waker);
        }
        if room == usize::MAX { room } else { room.saturating_sub(self.waiting.borrow().len()) }
    }

    /// Whether someone reads for the first time; wakes the context when there is more to do.
    pub(crate) fn poll_wanted(&self, cx: &Context<'_>) -> bool {
        self.waker.replace(Some(cx.waker().clone()));
        !self.wanted.get() && self.reporter.poll_wanted(cx).is_ready() && !self.wanted.replace(true)
    }

    /// Waits no longer for those who have no room.
    pub(crate) fn excuse(&self) {
        let all = self.reporter.delivery.all();
        for entry in all.iter().filter(|entry| entry.outlet.room() == 0) {
            entry.outlet.excuse();
        }
    }
}
