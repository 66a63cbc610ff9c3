//! Brings what a stream over `fetch`, or one that is shared, says to the JavaScript class: all messages of a chunk in one call.

use std::borrow::Cow;
use std::cell::RefCell;
use std::rc::Rc;

use wasm_bindgen::prelude::*;

use super::convert;
use super::outlet::{Sink, mark_of, report};
use super::settings::count;
use super::sharing;
use crate::core::close::CloseReason;
use crate::core::pacing::Need;
use crate::core::queue::Pushed;
use crate::core::state::State;
use crate::message::Message;
use crate::runtime::outlet::Outlet;
use crate::runtime::place::{Mark, Place};

/// The most bytes of text that are brought at once: a part of a text may keep all of it in memory.
const MOST_TEXT: usize = 16 * 1024;

/// Numbers for each message: its number among the source's, less that of the batch's first; the lengths of its data and of
/// its id in UTF-16 code units; and which type of the source's it has.
const NUMBERS: usize = 4;

/// In the place of an id's length: it is that of the message before.
const SAME: u32 = u32::MAX;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(extends = Sink)]
    pub type BatchSink;

    /// Messages whose texts, data and id in turn, are parts of one.
    #[wasm_bindgen(method, catch)]
    fn batch(this: &BatchSink, first: f64, text: &str, numbers: &[u32], origin: &str) -> Result<(), JsValue>;

    /// How many messages more its readers can take.
    #[wasm_bindgen(method, catch)]
    fn room(this: &BatchSink) -> Result<f64, JsValue>;

    /// Whether messages are still to be dispatched, and no iterator keeps them waiting. If so, it will report room once this changes.
    #[wasm_bindgen(method, catch)]
    fn dispatching(this: &BatchSink) -> Result<bool, JsValue>;

    /// The type of this number.
    #[wasm_bindgen(method, catch, js_name = type)]
    fn kind(this: &BatchSink, number: u32, event_type: &str) -> Result<(), JsValue>;
}

/// Queues what comes until it is woken, then gives it to the class.
pub(super) struct BatchOutlet {
    sink: RefCell<Option<Rc<BatchSink>>>,
    waiting: RefCell<Vec<Message>>,
    /// Where the stream was before them.
    before: RefCell<Option<Mark>>,
    /// The types that the class knows.
    types: RefCell<Vec<Rc<str>>>,
    /// The id of the message that the class was given last.
    last_id: RefCell<String>,
    /// Which part the source has in sharing.
    part: sharing::Part,
}

impl BatchOutlet {
    pub(super) fn new(sink: BatchSink, part: sharing::Part) -> Self {
        Self {
            sink: RefCell::new(Some(Rc::new(sink))),
            waiting: RefCell::default(),
            before: RefCell::default(),
            types: RefCell::default(),
            last_id: RefCell::default(),
            part,
        }
    }

    fn sink(&self) -> Option<Rc<BatchSink>> {
        self.sink.borrow().clone()
    }

    /// Gives the class what waits.
    fn give(&self) {
        let (Some(sink), messages) = (self.sink(), self.waiting.take()) else { return };
        let mut rest = &*messages;
        while let Some(first) = rest.first() {
            let mut batch = Batch::default();
            let mut taken = 0;
            for message in rest {
                if taken > 0
                    && (batch.text.len() + message.data().len() > MOST_TEXT || message.origin() != first.origin())
                {
                    break;
                }
                let number = message.number() - first.number();
                batch.add(number, message, self.number_of(&sink, message), &mut self.last_id.borrow_mut());
                taken += 1;
            }
            #[expect(clippy::cast_precision_loss, reason = "no page sees 2^53 messages")]
            report(sink.batch(first.number() as f64, &batch.text, &batch.numbers, first.origin()));
            rest = rest.get(taken..).unwrap_or_default();
        }
    }

    /// The number under which the class knows a message's type.
    fn number_of(&self, sink: &BatchSink, message: &Message) -> u32 {
        let known = self.types.borrow().iter().position(|known| **known == *message.event_type());
        let number = known.unwrap_or_else(|| {
            let mut types = self.types.borrow_mut();
            types.push(message.event_type().into());
            types.len() - 1
        });
        let number = u32::try_from(number).unwrap_or_default();
        if known.is_none() {
            report(sink.kind(number, message.event_type()));
        }
        number
    }
}

#[derive(Default)]
struct Batch {
    text: String,
    numbers: Vec<u32>,
}

impl Batch {
    fn add(&mut self, number: u64, message: &Message, kind: u32, last_id: &mut String) {
        let (data, id) = (message.data(), message.last_event_id());
        let new = *last_id != id;
        if new {
            id.clone_into(last_id);
        }
        self.text.push_str(data);
        self.text.push_str(if new { id } else { "" });
        let numbers: [u32; NUMBERS] =
            [u32::try_from(number).unwrap_or_default(), length(data), if new { length(id) } else { SAME }, kind];
        self.numbers.extend(numbers);
    }
}

/// In UTF-16 code units.
fn length(text: &str) -> u32 {
    let units = if text.is_ascii() { text.len() } else { text.encode_utf16().count() };
    u32::try_from(units).unwrap_or_default()
}

impl Outlet for BatchOutlet {
    fn message(&self, message: Cow<'_, Message>, before: Option<&Place>) -> Pushed {
        let mut waiting = self.waiting.borrow_mut();
        if waiting.is_empty() {
            self.before.replace(before.map(Place::mark));
        }
        waiting.push(message.into_owned());
        Pushed { need: Need::WakeNow, dropped: 0 }
    }

    fn state(&self, state: &State) {
        self.give();
        if let Some(sink) = self.sink() {
            report(sink.state(convert::state(state, sharing::name(&self.part))));
        }
    }

    #[cfg(feature = "share")]
    fn missed(&self) {
        self.give();
        if let Some(sink) = self.sink() {
            report(sink.missed());
        }
    }

    fn room(&self) -> usize {
        // A class that throws holds nobody up.
        let room = self.sink().and_then(|sink| sink.room().ok()).map_or(usize::MAX, count);
        room.saturating_sub(self.waiting.borrow().len())
    }

    fn wants_more(&self) -> bool {
        self.sink().is_some_and(|sink| sink.wants_more().unwrap_or_default())
    }

    fn is_dispatching(&self) -> bool {
        self.sink().is_some_and(|sink| sink.dispatching().unwrap_or_default())
    }

    fn excuse(&self) {
        if let Some(sink) = self.sink() {
            report(sink.excuse());
        }
    }

    fn wake(&self) {
        self.give();
    }

    fn behind(&self) -> Option<Mark> {
        let known = self.sink().and_then(|sink| mark_of(&sink));
        known.or_else(|| if self.waiting.borrow().is_empty() { None } else { self.before.borrow().clone() })
    }

    fn finish(&self, _reason: &CloseReason) {
        self.give();
        let sink = self.sink.take();
        if let Some(sink) = sink {
            report(sink.end());
        }
    }
}
