//! The events of a channel as one connection reads them.

use std::sync::Arc;
use std::task::Context;

use atomic_waker::AtomicWaker;

use super::change::Change;
use super::channels::{Channel, Pushed};
use super::description::Stream;
use super::heartbeat::Heartbeat;
use super::id::Moment;
use super::lines::{Lines, write};
use super::step::{LastId, Progress, Step};

/// Long data is written in pieces of this size.
const PART: usize = 16 * 1024;

/// The data of the `gap` event for an id that is not known.
const GAP: &str = "unknown: the last event id is not among the newest events of this channel";

/// The events of a channel as one connection reads them.
#[derive(Debug)]
pub(crate) struct Reading {
    channel: Arc<Channel>,
    /// Woken at each push.
    waker: Arc<AtomicWaker>,
    /// The place of the next event in the channel.
    next: u64,
    /// Whether the client's id is unknown.
    gap: bool,
    begins: bool,
    boms: usize,
    retry: Option<String>,
    /// After how many events the connection ends.
    drop: Option<u64>,
    /// An event whose data is being written, and how much of that is already written.
    tail: Option<(Arc<Pushed>, usize)>,
    heartbeat: Heartbeat,
    lines: Lines,
    sent: u64,
    progress: Progress,
}

impl Reading {
    /// What a connection that is opened at `now` reads from a channel.
    pub(crate) fn new(stream: &Stream, channel: Arc<Channel>, now: Moment) -> Self {
        let waker = Arc::new(AtomicWaker::new());
        channel.wake(&waker);
        let after = stream.ids.last_event_id.as_deref().map(|id| channel.after(id));
        Self {
            next: after.flatten().unwrap_or_else(|| channel.end()),
            gap: after.is_some_and(|place| place.is_none()),
            channel,
            waker,
            begins: true,
            boms: stream.encoding.bom,
            retry: stream.pace.retry.clone(),
            drop: stream.end.drop,
            tail: None,
            heartbeat: Heartbeat::new(&stream.pace, now),
            lines: Lines::new(&stream.encoding, stream.ids.seed),
            sent: 0,
            progress: Progress::default(),
        }
    }

    pub(crate) fn progress(&self) -> Progress {
        self.progress.clone()
    }

    /// Changes after how many more events the connection ends.
    pub(crate) fn change(&mut self, change: &Change) {
        if change.has("drop") {
            self.drop = change.drop_after(self.sent);
        }
    }

    /// Whether there is something new; if not, the task is woken when there is.
    pub(crate) fn has_news(&self, context: &Context<'_>) -> bool {
        self.waker.register(context.waker());
        self.channel.end() > self.next
    }

    /// Adds the bytes of the next step at `now`.
    pub(crate) fn step(&mut self, now: Moment, out: &mut Vec<u8>) -> Step {
        if std::mem::take(&mut self.begins) {
            self.begin(out);
            return Step::Sent;
        }
        if let Some((event, written)) = self.tail.take() {
            self.data(event, written, out);
            self.heartbeat.note_sent(now);
            return Step::Sent;
        }
        if self.is_dropped() {
            return Step::End;
        }
        let due = self.heartbeat.is_due(now);
        let missed = self.channel.kept(self.next) - self.next;
        if missed > 0 {
            self.next += missed;
            self.lines.gap(&format!("too slow: {missed} events were discarded before this client read them"), out);
            self.progress.events += 1;
            return Step::Sent;
        }
        if !(due && self.heartbeat.is_first())
            && let Some(event) = self.channel.get(self.next)
        {
            self.next += 1;
            self.event(event, out);
            self.heartbeat.note_sent(now);
            return Step::Sent;
        }
        if due {
            self.heartbeat.write(now, &mut self.lines, out);
            return Step::Sent;
        }
        Step::Push(self.heartbeat.next())
    }

    fn is_dropped(&self) -> bool {
        self.drop.is_some_and(|drop| self.sent >= drop)
    }

    fn begin(&mut self, out: &mut Vec<u8>) {
        self.lines.begin(self.boms, self.retry.take().as_deref(), out);
        if self.gap {
            self.lines.gap(GAP, out);
            self.progress.events += 1;
        } else {
            // Browsers may fire `open` only at the first byte, and the first event may take long.
            out.push(b':');
            self.lines.end(out);
        }
    }

    fn event(&mut self, event: Arc<Pushed>, out: &mut Vec<u8>) {
        self.lines.begin_event(self.next - 1);
        self.sent += 1;
        self.progress.events += 1;
        self.progress.last = Some(LastId::Pushed(Arc::clone(&event.id)));
        if let Some(event_type) = &event.event_type {
            self.lines.field("event", event_type.as_bytes(), out);
        }
        self.lines.field("id", event.id.as_bytes(), out);
        if let Some(retry) = event.retry {
            write(out, format_args!("retry: {retry}"));
            self.lines.end(out);
        }
        if event.data.is_some() {
            out.extend_from_slice(b"data: ");
        }
        self.data(event, 0, out);
    }

    /// Writes data from an offset on and ends its event, or leaves the rest to the next step.
    fn data(&mut self, event: Arc<Pushed>, written: usize, out: &mut Vec<u8>) {
        if let Some(data) = &event.data {
            let rest = &data.as_bytes()[written..];
            let part = &rest[..rest.len().min(PART)];
            for (index, line) in part.split(|byte| *byte == b'\n').enumerate() {
                if index > 0 {
                    self.lines.end(out);
                    out.extend_from_slice(b"data: ");
                }
                out.extend_from_slice(line);
            }
            if part.len() < rest.len() {
                self.tail = Some((event, written + PART));
                return;
            }
            self.lines.end(out);
        }
        self.lines.end_event(self.is_dropped(), out);
    }
}
