//! Cuts a stream's bytes into pieces, slows them down and ends them.

use std::time::Duration;

use super::change::Change;
use super::description::Stream;
use super::id::Moment;
use super::params::encoding::Split;
use super::step::Step;

/// How often pieces are sent at a limited rate.
const SLICE: Duration = Duration::from_millis(20);
/// How much lateness of a timer is made up for by sending faster.
const LATE: Duration = Duration::from_millis(100);

/// Cuts a stream's bytes into pieces, slows them down and ends them.
#[derive(Clone, Debug)]
pub(crate) struct Shape {
    split: Split,
    chunk: Option<usize>,
    chunk_left: usize,
    delay: Duration,
    /// In bytes a second.
    rate: Option<u64>,
    limit_left: Option<u64>,
    /// Bytes that were computed and not yet sent, and how many of them were.
    pending: (Vec<u8>, usize),
    last: u8,
    /// Whether a cut was just made.
    cut: bool,
    /// Nothing may be sent before.
    free: Moment,
}

impl Shape {
    /// What has to be done to the stream's bytes, if anything.
    pub(crate) fn of(stream: &Stream) -> Option<Self> {
        let (bytes, end) = (&stream.encoding, &stream.end);
        let shaped =
            bytes.chunk_size.is_some() || bytes.split != Split::Nowhere || end.rate.is_some() || end.limit.is_some();
        shaped.then(|| Self::new(stream))
    }

    /// What has to be done to the stream's bytes.
    pub(crate) fn new(stream: &Stream) -> Self {
        let (bytes, end) = (&stream.encoding, &stream.end);
        let chunk = chunk(stream);
        Self {
            split: bytes.split,
            chunk,
            chunk_left: chunk.unwrap_or(usize::MAX),
            delay: bytes.chunk_delay(),
            rate: end.rate,
            limit_left: end.limit,
            pending: (Vec::new(), 0),
            last: 0,
            cut: true,
            free: Moment::ZERO,
        }
    }

    /// Changes what is done to the bytes that follow.
    pub(crate) fn change(&mut self, change: &Change) {
        let values = change.values();
        if change.has("split") {
            self.split = values.encoding.split;
        }
        if change.has("chunk-size") {
            self.chunk = chunk(&values);
            self.chunk_left = self.chunk.unwrap_or(usize::MAX);
        }
        if change.has("chunk-delay") {
            self.delay = values.encoding.chunk_delay();
        }
        if change.has("rate") {
            self.rate = values.end.rate;
        }
        if change.has("limit-data") {
            self.limit_left = values.end.limit;
        }
        // A pause that was set before the change may be long.
        self.free = Moment::ZERO;
    }

    /// Adds the bytes of the next step at `now`, taken from what `source` adds.
    pub(crate) fn step(
        &mut self,
        now: Moment,
        out: &mut Vec<u8>,
        mut source: impl FnMut(&mut Vec<u8>) -> Step,
    ) -> Step {
        if self.limit_left == Some(0) {
            return Step::End;
        }
        if now < self.free {
            return Step::Until(self.free);
        }
        let (pending, sent) = &mut self.pending;
        if *sent == pending.len() {
            pending.clear();
            *sent = 0;
            match source(pending) {
                Step::Sent if pending.is_empty() => return Step::Sent,
                Step::Sent => {}
                other => return other,
            }
        }
        self.send(now, out)
    }

    fn send(&mut self, now: Moment, out: &mut Vec<u8>) -> Step {
        let rest = &self.pending.0[self.pending.1..];
        let mut len = rest.len().min(self.chunk_left);
        if let Some(limit) = self.limit_left {
            len = len.min(usize::try_from(limit).unwrap_or(usize::MAX));
        }
        if let Some(rate) = self.rate {
            let slice = u128::from(rate) * SLICE.as_micros() / 1_000_000;
            len = len.min(usize::try_from(slice).unwrap_or(usize::MAX).max(1));
        }
        let split = self.split_in(&rest[..len]);
        let piece = &rest[..split.unwrap_or(len)];
        out.extend_from_slice(piece);
        let len = piece.len();
        self.last = piece.last().copied().unwrap_or(self.last);
        self.pending.1 += len;
        self.chunk_left -= len;
        self.limit_left = self.limit_left.map(|left| left - len as u64);

        let chunk_ends = self.chunk_left == 0;
        if chunk_ends {
            self.chunk_left = self.chunk.unwrap_or(usize::MAX);
        }
        if let Some(rate) = self.rate {
            let began = if now.saturating_sub(self.free) < LATE { self.free } else { now };
            // Nanoseconds, because whole microseconds would round the time of small pieces down to nothing.
            let nanos = len as u128 * 1_000_000_000 / u128::from(rate);
            self.free = began + Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX));
        }
        self.cut = split.is_some() || chunk_ends;
        if !self.cut {
            return Step::Sent;
        }
        self.free = self.free.max(now + self.delay);
        Step::Cut
    }

    /// Where the first cut in `bytes` is, if there is one; the end counts only if what comes next is known.
    fn split_in(&self, bytes: &[u8]) -> Option<usize> {
        let (crlf, utf8) = match self.split {
            Split::Nowhere => return None,
            Split::Crlf => (true, false),
            Split::Utf8 => (false, true),
            Split::Both => (true, true),
        };
        let next = self.pending.0.get(self.pending.1 + bytes.len());
        let mut before = self.last;
        bytes.iter().chain(next).enumerate().find_map(|(index, byte)| {
            let inside = (crlf && before == b'\r' && *byte == b'\n') || (utf8 && *byte & 0xc0 == 0x80);
            before = *byte;
            (inside && !(index == 0 && self.cut)).then_some(index)
        })
    }
}

fn chunk(stream: &Stream) -> Option<usize> {
    stream.encoding.chunk_size.map(|size| usize::try_from(size).unwrap_or(usize::MAX))
}
