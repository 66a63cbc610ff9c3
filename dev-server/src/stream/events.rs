//! Computes timed events, without a clock or a socket.

use std::iter::Peekable;
use std::rc::Rc;
use std::time::Duration;

use bytes::Bytes;

use super::change::Change;
use super::description::Stream;
use super::heartbeat::Heartbeat;
use super::id::{EventId, Gap, Moment, times};
use super::lines::{Lines, write};
use super::local_time::local_time;
use super::params::encoding::Part;
use super::params::ids::{Data, IdMode};
use super::params::order::{Slot, Slots};
use super::random::Random;
use super::step::{LastId, Progress, Step};

/// Long data is written in pieces of this size.
const FILLER: &[u8] = &[b'.'; 16 * 1024];

/// The events of one connection.
#[derive(Clone, Debug)]
pub(crate) struct Events {
    stream: Stream,
    t0: u64,
    /// Data to send instead of what the URL says.
    text: Option<Bytes>,
    slots: Peekable<Slots>,
    /// An event's number and when it is due; the times of the others follow from it.
    anchor: (u64, Moment),
    /// Whether the lines that begin a connection are still to be written.
    begins: bool,
    /// Why the client can't resume, for a `gap` event.
    gap: Option<Gap>,
    /// An event that has to be sent a second time.
    again: Option<Slot>,
    /// How much padding of an event's data is still to be written, and whether the event is the last one.
    tail: Option<(u64, bool)>,
    heartbeat: Heartbeat,
    /// How many events were sent, not counting `gap` events.
    sent: u64,
    lines: Lines,
    progress: Progress,
}

impl Events {
    /// The events of a connection that is opened at `now` and begins at `first`.
    pub(crate) fn new(stream: Stream, first: EventId, gap: Option<Gap>, now: Moment, text: Option<Bytes>) -> Self {
        let anchor = match stream.ids.t0 {
            // With `t0=` the bytes are fixed, so the pace has to be relative to the connection.
            Some(_) if first.n == 0 => (0, now + stream.pace.delay),
            Some(_) => (first.n, now),
            None => (0, Duration::from_millis(first.t0) + stream.pace.delay),
        };
        Self {
            t0: first.t0,
            text,
            slots: Slots::new(stream.order, stream.ids.seed, first.n, stream.pace.count()).peekable(),
            anchor,
            begins: true,
            gap,
            again: None,
            tail: None,
            heartbeat: Heartbeat::new(&stream.pace, now),
            sent: 0,
            lines: Lines::new(&stream.encoding, stream.ids.seed),
            progress: Progress::default(),
            stream,
        }
    }

    pub(crate) fn progress(&self) -> Progress {
        self.progress.clone()
    }

    /// Changes the events that follow.
    pub(crate) fn change(&mut self, change: &Change) {
        change.apply(&mut self.stream, self.sent);
        // Without a next one there is nothing to change.
        if let Some(next) = self.slots.peek() {
            let (stream, at) = (&self.stream, next.at);
            self.slots = Slots::new(stream.order, stream.ids.seed, at, stream.pace.count()).peekable();
        }
    }

    /// Adds the bytes of the next step at `now`.
    pub(crate) fn step(&mut self, now: Moment, out: &mut Vec<u8>) -> Step {
        if std::mem::take(&mut self.begins) {
            self.begin(out);
            return Step::Sent;
        }
        if let Some((filler, last)) = self.tail.take() {
            self.fill(filler, last, out);
            self.heartbeat.note_sent(now);
            return Step::Sent;
        }
        let next = if self.is_dropped() { None } else { self.again.or_else(|| self.slots.peek().copied()) };
        let Some((slot, due)) = next.and_then(|slot| Some((slot, self.due(slot.at)?))) else { return Step::End };
        let heartbeat = self.heartbeat.is_due(now);
        if due <= now && !(heartbeat && self.heartbeat.is_first()) {
            self.event(slot, out);
            self.heartbeat.note_sent(now);
            return Step::Sent;
        }
        if heartbeat {
            self.heartbeat.write(now, &mut self.lines, out);
            return Step::Sent;
        }
        Step::Until(self.heartbeat.next().map_or(due, |next| due.min(next)))
    }

    fn is_dropped(&self) -> bool {
        self.stream.end.drop.is_some_and(|drop| self.sent >= drop)
    }

    /// When a place in the pace is due, or `None` if that time can't be represented.
    fn due(&self, at: u64) -> Option<Moment> {
        let (from, moment) = self.anchor;
        let due = moment.checked_add(times(self.stream.pace.interval(), at.saturating_sub(from))?)?;
        let jitter = u64::try_from(self.stream.pace.jitter.as_micros()).ok()?;
        if jitter == 0 {
            return Some(due);
        }
        let late = Random::new(self.stream.ids.seed, 4, at).below(jitter.saturating_add(1));
        due.checked_add(Duration::from_micros(late))
    }

    fn begin(&mut self, out: &mut Vec<u8>) {
        self.lines.begin(self.stream.encoding.bom, self.stream.pace.retry.take().as_deref(), out);
        if let Some(gap) = self.gap.take() {
            self.lines.gap(&gap.to_string(), out);
            self.progress.events += 1;
        }
    }

    fn event(&mut self, slot: Slot, out: &mut Vec<u8>) {
        if self.again.take().is_none() {
            self.slots.next();
            self.again = slot.twice.then_some(slot);
        }
        self.sent += 1;
        let last = self.is_dropped() || (self.again.is_none() && self.slots.peek().is_none());
        let id = self.id(slot.n);
        self.progress.events += 1;
        if let Some(id) = id {
            self.progress.last = Some(LastId::Timed(id));
        }
        if let Some(parts) = &self.stream.encoding.message {
            self.message(parts, slot.n, id, out);
            return;
        }
        self.lines.begin_event(slot.n);
        let types = &self.stream.pace.types;
        let index = slot.n.checked_rem(types.len() as u64).and_then(|index| usize::try_from(index).ok());
        if let Some(name) = index.and_then(|index| types.get(index)).filter(|name| !name.is_empty()) {
            out.extend_from_slice(b"event: ");
            out.extend_from_slice(name.as_bytes());
            self.lines.end(out);
        }
        if let Some(id) = id {
            write(out, format_args!("id: {id}"));
            self.lines.end(out);
        }
        out.extend_from_slice(b"data: ");
        let before = out.len();
        match (&self.text, self.stream.ids.data) {
            (Some(text), _) => out.extend_from_slice(text),
            (None, Data::N) => write(out, format_args!("{}", slot.n)),
            (None, Data::Time) => out.extend_from_slice(self.time(slot.n).as_bytes()),
        }
        let mut filler = self.stream.pace.size.saturating_sub((out.len() - before) as u64);
        if filler > 0 {
            out.push(b' ');
            filler -= 1;
        }
        self.fill(filler, last, out);
    }

    fn message(&self, parts: &[Part], n: u64, id: Option<EventId>, out: &mut Vec<u8>) {
        for part in parts {
            match part {
                Part::Raw(bytes) => out.extend_from_slice(bytes),
                Part::Id => id.iter().for_each(|id| write(out, format_args!("{id}"))),
                Part::N => write(out, format_args!("{n}")),
                Part::Time => out.extend_from_slice(self.time(n).as_bytes()),
            }
        }
    }

    /// Writes padding and ends the event, or leaves the rest to the next step.
    fn fill(&mut self, filler: u64, last: bool, out: &mut Vec<u8>) {
        let piece = usize::try_from(filler).unwrap_or(usize::MAX).min(FILLER.len());
        out.extend_from_slice(&FILLER[..piece]);
        let rest = filler - piece as u64;
        if rest > 0 {
            self.tail = Some((rest, last));
            return;
        }
        self.lines.end(out);
        self.lines.end_event(last, out);
    }

    fn id(&self, n: u64) -> Option<EventId> {
        let n = match self.stream.ids.mode {
            IdMode::Position => n,
            IdMode::None => return None,
            IdMode::Constant => 0,
            IdMode::Regress => n.saturating_sub(if n % 2 == 1 { 2 } else { 0 }),
        };
        Some(EventId { t0: self.t0, n })
    }

    fn time(&self, n: u64) -> Rc<str> {
        EventId { t0: self.t0, n }.due(&self.stream.pace).map_or_else(|| "".into(), local_time)
    }
}

#[cfg(test)]
mod tests;
