//! The flow control of a transport that reads the stream itself. Only `fetch` links this.

use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use wasm_bindgen::prelude::*;

use crate::core::connection::Connection;
use crate::core::pacing::Need;
use crate::core::rules::LONGEST_HOLD;
use crate::core::time::Instant;
use crate::message::{Gap, Kind, Message};
use crate::platform::clock;
use crate::runtime::delivery::Delivery;
use crate::runtime::reporter::{Arrival, Reporter};
use crate::runtime::routes::{Entry, Role};
use crate::transport::contract::{Flow, Sink};

impl Flow for Reporter {
    fn kind(&self, event_type: &str) -> Rc<Kind> {
        self.delivery.kind(event_type)
    }

    fn room(&self) -> usize {
        room(&self.delivery)
    }

    fn poll_wanted(&self, cx: &Context<'_>) -> Poll<()> {
        self.poll(cx, is_wanted)
    }

    fn poll_room(&self, message: &Message, cx: &Context<'_>) -> Poll<()> {
        self.poll(cx, |delivery| has_room(delivery, message))
    }

    #[cfg(feature = "js")]
    fn poll_dispatched(&self, cx: &Context<'_>) -> Poll<()> {
        if self.is_live() && self.delivery.all().iter().any(|entry| entry.outlet.is_dispatching()) {
            self.delivery.wait_for_room(cx.waker().clone());
            return Poll::Pending;
        }
        Poll::Ready(())
    }

    fn deliver(&self, messages: &mut Vec<Message>) {
        let is_live = || self.is_live();
        let (now, mut need, mut is_over) = (clock::now(), Need::Nothing, false);
        if self.arrivals.is_empty() {
            need = deliver(&self.delivery, messages, now, is_live);
        } else {
            let mut one = Vec::with_capacity(1);
            for mut message in messages.drain(..) {
                let fate = self.arrived(&mut message);
                // The page's code has looked at the message, and may have closed the source.
                if !is_live() {
                    break;
                }
                if fate != Arrival::End {
                    one.push(message);
                    need = need.max(deliver(&self.delivery, &mut one, now, is_live));
                }
                is_over = fate != Arrival::Message;
                if is_over {
                    break;
                }
            }
        }
        if need != Need::Nothing {
            self.delivery.wake();
        }
        if is_over {
            self.complete();
        }
    }

    fn place(&self, id: Arc<str>) {
        if self.is_live() {
            self.delivery.move_to(Arc::clone(&id));
            self.delivery.all().iter().for_each(|entry| entry.outlet.moved(&id));
        }
    }

    fn lose_place(&self, id: String) {
        if self.is_live() && self.delivery.lose_place(&Gap::Header { last_event_id: id }) != Need::Nothing {
            self.delivery.wake();
        }
    }
}

impl Reporter {
    /// Ready if the transport is not used any more, or if this returns `true`.
    fn poll(&self, cx: &Context<'_>, holds: impl Fn(&Delivery) -> bool) -> Poll<()> {
        if !self.is_live() {
            return Poll::Ready(());
        }
        if holds(&self.delivery) {
            (self.port)(Box::new(Connection::flowing));
            return Poll::Ready(());
        }
        self.delivery.wait_for_room(cx.waker().clone());
        (self.port)(Box::new(Connection::held));
        Poll::Pending
    }
}

/// Whether messages have a reader, or have had one.
fn is_wanted(delivery: &Delivery) -> bool {
    let reads = |entry: &Entry| entry.wants_messages() && entry.outlet.wants_more();
    delivery.is_wanted(|all| all.iter().any(reads))
}

/// Passes messages to their readers, and empties the list; `is_live` says whether the source wants more.
pub(crate) fn deliver(
    delivery: &Delivery,
    messages: &mut Vec<Message>,
    came: Instant,
    is_live: impl Fn() -> bool,
) -> Need {
    let mut need = Need::Nothing;
    let mut messages = messages.drain(..).peekable();
    // A callback may close the source.
    while let Some(message) = messages.next().filter(|_| is_live()) {
        let kind = Rc::clone(message.kind());
        need = need.max(match delivery.lone_queue(&kind) {
            Some(outlet) => {
                let same = std::iter::from_fn(|| messages.next_if(|next| Rc::ptr_eq(next.kind(), &kind)));
                delivery.give_run(&*outlet, std::iter::once(message).chain(same), came)
            }
            None => delivery.hand_over(message, came),
        });
    }
    need
}

/// How many messages may be delivered without waiting.
pub(crate) fn room(delivery: &Delivery) -> usize {
    delivery.all().iter().map(|entry| entry.outlet.room()).min().unwrap_or(usize::MAX)
}

/// Whether this message can be delivered without waiting for a queue.
pub(crate) fn has_room(delivery: &Delivery, message: &Message) -> bool {
    let (readers, everyone) = {
        let routes = delivery.routes();
        let route = routes.find(message.kind());
        let everyone = route.filter(|route| route.role == Role::Gap).map(|_| Rc::clone(routes.all()));
        ([Some(Rc::clone(routes.any())), route.map(|route| Rc::clone(&route.readers))], everyone)
    };
    let has_room = |entry: &Entry| entry.outlet.room() > 0;
    let of_gap = |entry: &Entry| !entry.outlet.shows_gaps() || has_room(entry);
    readers.iter().flatten().all(|readers| readers.iter().all(has_room))
        && everyone.is_none_or(|all| all.iter().all(of_gap))
}

/// Stops waiting for readers that have taken nothing for this long while others wait, with a warning each time.
pub(crate) fn excuse(delivery: &Delivery, url: &str, lasted: Duration) {
    let all = delivery.all();
    let is_full = |entry: &Entry| entry.outlet.room() == 0;
    let others = all.iter().any(|entry| entry.wants_messages() && entry.outlet.wants_more());
    if !others && lasted >= 2 * LONGEST_HOLD {
        return;
    }
    if !is_wanted(delivery) {
        warn(
            &[
                "eventsource-wasm: nobody reads ",
                url,
                " yet, so its response waits for the first subscription, callback, listener or iterator of its \
                 messages. Add one, or close the source",
            ]
            .concat(),
        );
        return;
    }
    let consequence = if others {
        "the others continue without it, and it loses its oldest messages"
    } else {
        "the server has to wait, and a lost connection goes unnoticed until then"
    };
    warn(
        &[
            "eventsource-wasm: a reader of ",
            url,
            " has taken nothing for seconds, and its queue is full: ",
            consequence,
            ". Read it, drop it (in JavaScript: call its return()), or let it drop old messages (Overflow::DropOldest, \
             overflow: 'drop-oldest')",
        ]
        .concat(),
    );
    if others {
        for entry in all.iter().filter(|entry| is_full(entry)) {
            entry.outlet.excuse();
        }
        delivery.made_room();
    }
}

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = console)]
    fn warn(text: &str);
}
