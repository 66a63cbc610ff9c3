//! Timed events, computed: no clock, no socket.

use std::io::Write as _;
use std::iter::Peekable;
use std::rc::Rc;
use std::time::Duration;

use bytes::Bytes;

use super::description::Stream;
use super::id::{EventId, Gap, Moment, times};
use super::local_time::local_time;
use super::params::encoding::{Eol, Newline, Part};
use super::params::ids::{Data, IdMode};
use super::params::order::{Slot, Slots};
use super::params::pace::HeartbeatMode;
use super::random::Random;
use super::step::{Progress, Step};

/// Long data is written in pieces of this size.
const FILLER: &[u8] = &[b'.'; 16 * 1024];
const BOM: &[u8] = "\u{feff}".as_bytes();

/// The events of one connection.
#[derive(Clone, Debug)]
pub(crate) struct Events {
    stream: Stream,
    t0: u64,
    /// Data to be sent instead of what the URL says.
    text: Option<Bytes>,
    slots: Peekable<Slots>,
    /// When event `.0` is due; the others follow from it.
    anchor: (u64, Moment),
    /// Whether the connection still has to begin.
    begins: bool,
    /// What the client is told that it can't have.
    gap: Option<Gap>,
    /// An event that has still to come once more.
    again: Option<Slot>,
    /// How much of an event's data is still to be filled up, and whether the event is the last one.
    tail: Option<(u64, bool)>,
    next_heartbeat: Option<Moment>,
    /// How many events were sent, `gap` events not counted.
    sent: u64,
    random: Random,
    progress: Progress,
}

impl Events {
    /// The events of a connection that is made at `now` and begins at `first`.
    pub(crate) fn new(stream: Stream, first: EventId, gap: Option<Gap>, now: Moment, text: Option<Bytes>) -> Self {
        let anchor = match stream.ids.t0 {
            // Bytes are fixed, and so is the pace: relative to the connection.
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
            next_heartbeat: stream.pace.heartbeat.map(|heartbeat| now + heartbeat),
            sent: 0,
            random: Random::new(stream.ids.seed, 5, u64::MAX),
            progress: Progress::default(),
            stream,
        }
    }

    pub(crate) fn progress(&self) -> Progress {
        self.progress
    }

    /// Adds the bytes of the next step at `now`.
    pub(crate) fn step(&mut self, now: Moment, out: &mut Vec<u8>) -> Step {
        if std::mem::take(&mut self.begins) {
            self.begin(out);
            return Step::Sent;
        }
        if let Some((filler, last)) = self.tail.take() {
            self.fill(filler, last, out);
            self.note_sent(now);
            return Step::Sent;
        }
        let next = if self.is_dropped() { None } else { self.again.or_else(|| self.slots.peek().copied()) };
        let Some((slot, due)) = next.and_then(|slot| Some((slot, self.due(slot.at)?))) else { return Step::End };
        let fixed = self.stream.pace.heartbeat_mode == HeartbeatMode::Fixed;
        let heartbeat = self.next_heartbeat.is_some_and(|next| next <= now);
        if due <= now && !(fixed && heartbeat) {
            self.event(slot, out);
            self.note_sent(now);
            return Step::Sent;
        }
        if heartbeat {
            self.heartbeat(now, out);
            return Step::Sent;
        }
        Step::Until(self.next_heartbeat.map_or(due, |next| due.min(next)))
    }

    fn is_dropped(&self) -> bool {
        self.stream.end.drop.is_some_and(|drop| self.sent >= drop)
    }

    /// When the pace comes to a place, or `None` beyond the end of time.
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
        for _ in 0..self.stream.encoding.bom {
            out.extend_from_slice(BOM);
        }
        if let Some(retry) = self.stream.pace.retry.take() {
            self.field("retry", retry.as_bytes(), out);
            self.end_line(out);
        }
        if let Some(gap) = self.gap.take() {
            self.field("event", b"gap", out);
            self.field("data", gap.to_string().as_bytes(), out);
            self.end_line(out);
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
        self.progress = Progress { events: self.progress.events + 1, last: id.or(self.progress.last) };
        if let Some(parts) = &self.stream.encoding.message {
            self.message(parts, slot.n, id, out);
            return;
        }
        self.random = Random::new(self.stream.ids.seed, 5, slot.n);
        let types = &self.stream.pace.types;
        let index = slot.n.checked_rem(types.len() as u64).and_then(|index| usize::try_from(index).ok());
        if let Some(name) = index.and_then(|index| types.get(index)).filter(|name| !name.is_empty()) {
            out.extend_from_slice(b"event: ");
            out.extend_from_slice(name.as_bytes());
            self.end_line(out);
        }
        if let Some(id) = id {
            write(out, format_args!("id: {id}"));
            self.end_line(out);
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

    /// Fills data up and ends its event, or leaves the rest to the next step.
    fn fill(&mut self, filler: u64, last: bool, out: &mut Vec<u8>) {
        let piece = usize::try_from(filler).unwrap_or(usize::MAX).min(FILLER.len());
        out.extend_from_slice(&FILLER[..piece]);
        let rest = filler - piece as u64;
        if rest > 0 {
            self.tail = Some((rest, last));
            return;
        }
        self.end_line(out);
        if !(last && self.stream.encoding.newline == Newline::Unfinished) {
            self.end_line(out);
        }
    }

    fn heartbeat(&mut self, now: Moment, out: &mut Vec<u8>) {
        if self.stream.pace.heartbeat_mode == HeartbeatMode::Event {
            self.field("event", b"heartbeat", out);
            self.field("data", b"", out);
            self.end_line(out);
        } else {
            out.push(b':');
            self.end_line(out);
        }
        let (Some(next), Some(heartbeat)) = (&mut self.next_heartbeat, self.stream.pace.heartbeat) else { return };
        let in_phase = *next + heartbeat;
        // Nothing is owed for the time in which nobody read.
        let fixed = self.stream.pace.heartbeat_mode == HeartbeatMode::Fixed && in_phase > now;
        *next = if fixed { in_phase } else { now + heartbeat };
    }

    /// A connection that sends is not idle.
    fn note_sent(&mut self, now: Moment) {
        if let Some(heartbeat) =
            self.stream.pace.heartbeat.filter(|_| self.stream.pace.heartbeat_mode != HeartbeatMode::Fixed)
        {
            self.next_heartbeat = Some(now + heartbeat);
        }
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

    fn field(&mut self, name: &str, value: &[u8], out: &mut Vec<u8>) {
        out.extend_from_slice(name.as_bytes());
        out.push(b':');
        if !value.is_empty() {
            out.push(b' ');
        }
        out.extend_from_slice(value);
        self.end_line(out);
    }

    fn end_line(&mut self, out: &mut Vec<u8>) {
        if self.stream.encoding.newline == Newline::None {
            return;
        }
        out.extend_from_slice(match self.stream.encoding.eol {
            Eol::Lf => b"\n",
            Eol::Cr => b"\r",
            Eol::Crlf => b"\r\n",
            Eol::Mix => match self.random.below(3) {
                // After a carriage return a line feed would be its second half.
                0 if out.last() != Some(&b'\r') => b"\n",
                1 => b"\r",
                _ => b"\r\n",
            },
        });
    }
}

fn write(out: &mut Vec<u8>, text: std::fmt::Arguments<'_>) {
    // Writing to memory can't fail.
    let _ = out.write_fmt(text);
}

#[cfg(test)]
mod tests;
