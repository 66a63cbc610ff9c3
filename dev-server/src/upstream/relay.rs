//! An upstream's events as one connection relays them, with the faults that its URL asks for.

use std::collections::VecDeque;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use http_body::Body as _;

use super::splitter::{Block, Kind, Splitter};
use crate::stream::change::Change;
use crate::stream::description::Stream;
use crate::stream::heartbeat::Heartbeat;
use crate::stream::id::Moment;
use crate::stream::lines::Lines;
use crate::stream::params::order::shuffled;
use crate::stream::random::Random;
use crate::stream::step::{LastId, Progress, Step};

/// Events that wait to be reordered are sent when together they are longer than this.
const MAX_WINDOW: usize = 1 << 20;

/// How the upstream's stream ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Over {
    Whole,
    Broken,
}

/// An upstream's events as one connection relays them.
#[derive(Debug)]
pub(crate) struct Relay {
    body: Body,
    stream: Stream,
    /// Bytes that have arrived and are not yet split.
    frame: Option<Bytes>,
    over: Option<Over>,
    splitter: Splitter,
    split: VecDeque<Block>,
    /// Events that wait to be reordered with later ones, and whether each is sent twice.
    window: Vec<(Block, bool)>,
    ready: VecDeque<Block>,
    /// How many events have arrived.
    come: u64,
    sent: u64,
    begins: bool,
    /// Whether part of an event was sent, but not its end.
    inside: bool,
    /// Nothing may be sent before this time.
    free: Moment,
    /// When the event at the front of `ready` is due.
    due: Option<Moment>,
    heartbeat: Heartbeat,
    lines: Lines,
    progress: Progress,
}

impl Relay {
    /// What a connection that is opened at `now` gets from an upstream's body.
    pub(crate) fn new(stream: &Stream, body: Body, now: Moment) -> Self {
        Self {
            body,
            frame: None,
            over: None,
            splitter: Splitter::default(),
            split: VecDeque::new(),
            window: Vec::new(),
            ready: VecDeque::new(),
            come: 0,
            sent: 0,
            begins: true,
            inside: false,
            free: now + stream.pace.delay,
            due: None,
            heartbeat: Heartbeat::new(&stream.pace, now),
            lines: Lines::new(&stream.encoding, stream.ids.seed),
            progress: Progress::default(),
            stream: stream.clone(),
        }
    }

    pub(crate) fn progress(&self) -> Progress {
        self.progress.clone()
    }

    /// Changes the faults of the events that follow.
    pub(crate) fn change(&mut self, change: &Change) {
        change.apply(&mut self.stream, self.sent);
        if change.has("jitter") {
            self.due = None;
        }
    }

    /// Whether the upstream's stream broke.
    pub(crate) fn is_broken(&self) -> bool {
        self.over == Some(Over::Broken)
    }

    /// Whether the upstream has sent something or ended; if not, the task is woken when it does.
    ///
    /// The upstream is polled only when everything before has been sent, so that a slow reader slows it down.
    pub(crate) fn has_news(&mut self, context: &mut Context<'_>) -> bool {
        while self.frame.is_none() && self.over.is_none() {
            match Pin::new(&mut self.body).poll_frame(context) {
                Poll::Pending => return false,
                Poll::Ready(None) => self.over = Some(Over::Whole),
                Poll::Ready(Some(Err(_))) => self.over = Some(Over::Broken),
                Poll::Ready(Some(Ok(frame))) => self.frame = frame.into_data().ok(),
            }
        }
        true
    }

    /// Adds the bytes of the next step at `now`.
    pub(crate) fn step(&mut self, now: Moment, out: &mut Vec<u8>) -> Step {
        if std::mem::take(&mut self.begins) {
            self.lines.begin(self.stream.encoding.bom, self.stream.pace.retry.take().as_deref(), out);
            return Step::Sent;
        }
        if self.is_dropped() {
            return Step::End;
        }
        if now < self.free {
            return Step::Until(self.free);
        }
        if !self.ready.is_empty() {
            return self.send(now, out);
        }
        if let Some(block) = self.split.pop_front() {
            self.arrange(block);
            return Step::Sent;
        }
        if let Some(frame) = self.frame.take() {
            self.splitter.push(&frame, &mut self.split);
            return Step::Sent;
        }
        if self.over.is_some() {
            self.splitter.finish(&mut self.split);
            self.release();
            return if self.split.is_empty() && self.ready.is_empty() { Step::End } else { Step::Sent };
        }
        if self.heartbeat.is_due(now) && !self.inside {
            self.heartbeat.write(now, &mut self.lines, out);
            return Step::Sent;
        }
        Step::Push(self.heartbeat.next().filter(|_| !self.inside))
    }

    fn is_dropped(&self) -> bool {
        !self.inside && self.stream.end.drop.is_some_and(|drop| self.sent >= drop)
    }

    /// Omits a block, doubles it, or lets it wait to be reordered.
    fn arrange(&mut self, block: Block) {
        let (order, seed, n) = (self.stream.order, self.stream.ids.seed, self.come);
        match block.kind {
            Kind::Event => {
                self.come += 1;
                if order.leaves_out(seed, n) {
                    // An omitted event shortens its window.
                } else if order.window_len() > 1 {
                    self.window.push((block, order.doubles(seed, n)));
                } else {
                    let again = order.doubles(seed, n).then(|| block.clone());
                    self.ready.push_back(block);
                    self.ready.extend(again);
                }
                let bytes: usize = self.window.iter().map(|(block, _)| block.bytes.len()).sum();
                if self.come.is_multiple_of(order.window_len()) || bytes > MAX_WINDOW {
                    self.release();
                }
            }
            // A block in parts can't wait or be sent twice, and a block that is not an event is not reordered.
            Kind::Part | Kind::LastPart => {
                self.come += u64::from(block.kind == Kind::LastPart);
                self.release();
                self.ready.push_back(block);
            }
            Kind::Other => self.ready.push_back(block),
        }
    }

    /// Sends the waiting events in another order.
    fn release(&mut self) {
        let mut window: Vec<_> = std::mem::take(&mut self.window).into_iter().map(Some).collect();
        for index in shuffled(window.len() as u64, &mut Random::new(self.stream.ids.seed, 3, self.come)) {
            let index = usize::try_from(index).unwrap_or(usize::MAX);
            let Some((block, twice)) = window.get_mut(index).and_then(Option::take) else { continue };
            self.ready.extend(twice.then(|| block.clone()));
            self.ready.push_back(block);
        }
    }

    fn send(&mut self, now: Moment, out: &mut Vec<u8>) -> Step {
        let is_event = self.ready.front().is_some_and(|block| block.kind == Kind::Event);
        let jitter = u64::try_from(self.stream.pace.jitter.as_micros()).unwrap_or(u64::MAX);
        if is_event && jitter > 0 {
            let late = || Random::new(self.stream.ids.seed, 4, self.sent).below(jitter.saturating_add(1));
            let due = *self.due.get_or_insert_with(|| now + Duration::from_micros(late()));
            if now < due {
                return Step::Until(due);
            }
            self.due = None;
        }
        let Some(block) = self.ready.pop_front() else { return Step::Sent };
        if matches!(block.kind, Kind::Event | Kind::LastPart) {
            self.sent += 1;
            self.progress.events += 1;
            self.lines.begin_event(self.sent);
        }
        self.inside = block.kind == Kind::Part;
        if let Some(id) = block.id {
            self.progress.last = Some(LastId::Pushed(id));
        }
        self.heartbeat.note_sent(now);
        if self.stream.encoding.rewrites && matches!(block.kind, Kind::Event | Kind::Other) {
            let last = self.is_dropped();
            rewrite(&block.bytes, &mut self.lines, last, out);
        } else {
            out.extend_from_slice(&block.bytes);
        }
        Step::Sent
    }
}

/// Writes a block with other line ends.
fn rewrite(block: &[u8], lines: &mut Lines, last: bool, out: &mut Vec<u8>) {
    let mut rest = block;
    while let Some(end) = rest.iter().position(|byte| matches!(byte, b'\r' | b'\n')) {
        let (line, after) = rest.split_at(end);
        rest = after.strip_prefix(b"\r\n").unwrap_or(&after[1..]);
        // A late second half of a line end is not a line of its own.
        if line.is_empty() && block == b"\n" {
            return;
        }
        out.extend_from_slice(line);
        if rest.is_empty() {
            lines.end_event(last, out);
        } else {
            lines.end(out);
        }
    }
    out.extend_from_slice(rest);
}
