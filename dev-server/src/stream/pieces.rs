//! A connection's bytes and pauses, computed: no clock, no socket.

use std::fmt::Write as _;
use std::time::Duration;

use bytes::Bytes;

use super::description::Stream;
use super::id::{EventId, Gap, Moment};
use super::local_time::local_time;

/// An idle stream says this often that it is alive.
pub(crate) const HEARTBEAT: Duration = Duration::from_secs(15);

/// A comment: clients ignore it, proxies see traffic.
const COMMENT: &[u8] = b":\n";

/// A step of a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Piece {
    /// Send these.
    Bytes(Bytes),
    /// Go on at this moment, at once if it has passed.
    Until(Moment),
}

/// The steps of one connection, in order; the stream ends after the last one.
#[derive(Clone, Debug)]
pub(crate) struct Pieces {
    interval: Duration,
    count: Option<u64>,
    gap: Option<Gap>,
    next: Option<EventId>,
    /// The moment that the steps so far have come to.
    reached: Moment,
    last_sent: Moment,
    progress: Progress,
}

/// How far a connection has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Progress {
    /// The events so far, `gap` events too.
    pub(crate) events: u64,
    /// The id of the last event so far.
    pub(crate) last: Option<EventId>,
}

impl Pieces {
    /// The steps of a connection that is made at `now` and begins at `first`.
    pub(crate) fn new(stream: &Stream, first: EventId, gap: Option<Gap>, now: Moment) -> Self {
        let Stream { interval, count, .. } = *stream;
        Self { interval, count, gap, next: Some(first), reached: now, last_sent: now, progress: Progress::default() }
    }

    /// How far the pieces taken so far have come.
    pub(crate) fn progress(&self) -> Progress {
        self.progress
    }

    fn wait(&mut self, until: Moment) -> Piece {
        self.reached = until;
        Piece::Until(until)
    }

    fn send(&mut self, bytes: impl Into<Bytes>) -> Piece {
        self.last_sent = self.reached;
        Piece::Bytes(bytes.into())
    }
}

impl Iterator for Pieces {
    type Item = Piece;

    fn next(&mut self) -> Option<Piece> {
        if let Some(gap) = self.gap.take() {
            self.progress.events += 1;
            return Some(self.send(format!("event: gap\ndata: {gap}\n\n")));
        }
        let id = self.next.filter(|id| self.count.is_none_or(|count| id.n < count))?;
        let due = id.due(self.interval)?;
        if due <= self.reached {
            self.next = id.next();
            self.progress = Progress { events: self.progress.events + 1, last: Some(id) };
            return Some(self.send(event(id, due)));
        }
        let heartbeat = self.last_sent + HEARTBEAT;
        if heartbeat <= self.reached {
            return Some(self.send(COMMENT));
        }
        Some(self.wait(due.min(heartbeat)))
    }
}

fn event(id: EventId, due: Moment) -> String {
    let mut text = String::with_capacity(64);
    // Writing to a string can't fail.
    let _ = write!(text, "id: {id}\ndata: {}\n\n", local_time(due));
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stream::id::{Start, start};

    const NOW: Moment = Duration::from_secs(1_700_000_000);

    fn pieces(query: &str) -> Pieces {
        let stream = Stream::default().with_query(query).expect(query);
        match start(&stream, NOW) {
            Start::At(first, gap) => Pieces::new(&stream, first, gap, NOW),
            Start::Finished => panic!("{query} is finished"),
        }
    }

    fn event(t0: u64, n: u64, interval_ms: u64) -> Piece {
        let time = local_time(Duration::from_millis(t0 + n * interval_ms));
        Piece::Bytes(format!("id: {t0}-{n}\ndata: {time}\n\n").into())
    }

    fn until(after_ms: u64) -> Piece {
        Piece::Until(NOW + Duration::from_millis(after_ms))
    }

    #[test]
    fn the_first_event_comes_at_once_and_the_next_ones_every_five_seconds() {
        let t0 = 1_700_000_000_000;
        let expected = [event(t0, 0, 5_000), until(5_000), event(t0, 1, 5_000), until(10_000), event(t0, 2, 5_000)];
        assert_eq!(pieces("").take(5).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn missed_events_come_at_once_and_the_rhythm_goes_on_in_phase() {
        let t0 = 1_699_999_988_000;
        let expected = [event(t0, 1, 5_000), event(t0, 2, 5_000), until(3_000), event(t0, 3, 5_000), until(8_000)];
        assert_eq!(pieces("lastEventId=1699999988000-0").take(5).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn a_finite_stream_ends_after_its_last_event() {
        let t0 = 1_700_000_000_000;
        let expected = [event(t0, 0, 100), until(100), event(t0, 1, 100)];
        assert_eq!(pieces("count=2&interval=100ms").collect::<Vec<_>>(), expected);
    }

    #[test]
    fn an_idle_stream_sends_a_comment_every_fifteen_seconds() {
        let comment = Piece::Bytes(Bytes::from_static(COMMENT));
        let t0 = 1_700_000_000_000;
        let expected = [
            event(t0, 0, 40_000),
            until(15_000),
            comment.clone(),
            until(30_000),
            comment.clone(),
            until(40_000),
            event(t0, 1, 40_000),
            until(55_000),
            comment,
        ];
        assert_eq!(pieces("interval=40s").take(9).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn a_resume_owes_no_heartbeats_for_the_past() {
        let t0 = 1_699_999_900_000;
        let expected = [event(t0, 1, 60_000), until(15_000)];
        assert_eq!(pieces("interval=1m&lastEventId=1699999900000-0").take(2).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn an_unknown_id_gets_a_gap_event_and_a_fresh_start() {
        let gap = Piece::Bytes(Bytes::from_static(
            b"event: gap\ndata: malformed: the last event id is none of this stream\n\n",
        ));
        let t0 = 1_700_000_000_000;
        assert_eq!(pieces("lastEventId=abc").take(2).collect::<Vec<_>>(), [gap, event(t0, 0, 5_000)]);
    }

    #[test]
    fn an_interval_of_zero_never_waits() {
        let events = pieces("interval=0&count=10000").filter(|piece| matches!(piece, Piece::Bytes(_))).count();
        assert_eq!(events, 10_000);
        assert!(pieces("interval=0").take(10_000).all(|piece| matches!(piece, Piece::Bytes(_))));
    }
}
