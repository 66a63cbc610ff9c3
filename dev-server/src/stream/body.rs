//! Plays the pieces of a stream as a response body.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::{Body, Frame};
use tokio::time::{Instant, Sleep, sleep_until};

use super::id::Moment;
use super::pieces::{Piece, Pieces};
use crate::connections::Connection;

/// Ready pieces are joined into one write up to about this size: system calls cost more than the copy.
const BATCH: usize = 32 * 1024;

/// The body of a stream. It computes a piece only when the socket takes it, so a slow reader costs no memory.
pub(crate) struct StreamBody {
    pieces: Pieces,
    /// The same moment by the wall clock, which the pieces know, and by the timer's.
    opened: (Moment, Instant),
    /// Boxed, as a connection moves its body about.
    pause: Option<Pin<Box<Sleep>>>,
    /// Whether more than a batch was ready: others get their turn before the next one.
    bursting: bool,
    connection: Connection,
}

impl StreamBody {
    /// Plays `pieces`, which were made at `opened`, until they or the connection end.
    pub(crate) fn new(pieces: Pieces, opened: Moment, connection: Connection) -> Self {
        Self { pieces, opened: (opened, Instant::now()), pause: None, bursting: false, connection }
    }

    /// Takes the pieces that are ready now, and sets the pause before the next one.
    fn ready(&mut self) -> Bytes {
        let mut batch = Batch::default();
        while batch.len() < BATCH {
            match self.pieces.next() {
                Some(Piece::Bytes(bytes)) => batch.push(bytes),
                Some(Piece::Until(moment)) => {
                    let until = self.opened.1 + moment.saturating_sub(self.opened.0);
                    if until > Instant::now() {
                        self.pause(until);
                        break;
                    }
                }
                None => break,
            }
        }
        batch.join()
    }

    fn pause(&mut self, until: Instant) {
        match &mut self.pause {
            Some(pause) => pause.as_mut().reset(until),
            None => self.pause = Some(Box::pin(sleep_until(until))),
        }
    }
}

impl Body for StreamBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let this = self.get_mut();
        if this.connection.poll_ended(context) {
            return Poll::Ready(None);
        }
        if std::mem::take(&mut this.bursting) {
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        if let Some(pause) = &mut this.pause {
            ready!(pause.as_mut().poll(context));
        }
        let mut bytes = this.ready();
        // Nothing was ready, but a pause was set: it has to be polled once to wake this task.
        while bytes.is_empty() {
            match &mut this.pause {
                Some(pause) if !pause.is_elapsed() => ready!(pause.as_mut().poll(context)),
                _ => return Poll::Ready(None),
            }
            bytes = this.ready();
        }
        this.bursting = bytes.len() >= BATCH;
        this.connection.sent(bytes.len(), this.pieces.progress());
        Poll::Ready(Some(Ok(Frame::data(bytes))))
    }
}

/// Joins pieces, copying none if there is only one.
#[derive(Default)]
struct Batch {
    first: Bytes,
    joined: Vec<u8>,
}

impl Batch {
    fn len(&self) -> usize {
        self.first.len().max(self.joined.len())
    }

    fn push(&mut self, bytes: Bytes) {
        if self.first.is_empty() {
            self.first = bytes;
            return;
        }
        if self.joined.is_empty() {
            // All that a burst will need, as growing by doubling would hold twice as much for a slow reader.
            self.joined.reserve_exact(BATCH + bytes.len());
            self.joined.extend_from_slice(&self.first);
        }
        self.joined.extend_from_slice(&bytes);
    }

    fn join(self) -> Bytes {
        if self.joined.is_empty() { self.first } else { self.joined.into() }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use futures_util::FutureExt as _;
    use http_body_util::BodyExt as _;

    use super::*;
    use crate::connections::Connections;
    use crate::stream::description::Stream;
    use crate::stream::id::{Start, start};

    const NOW: Moment = Duration::from_secs(1_700_000_000);

    fn body(query: &str, connections: &Connections) -> StreamBody {
        let stream = Stream::default().with_query(query).expect(query);
        let Start::At(first, gap) = start(&stream, NOW) else { panic!("{query} is finished") };
        StreamBody::new(Pieces::new(&stream, first, gap, NOW), NOW, connections.open(None, String::new(), NOW))
    }

    /// The next frame, and after how many milliseconds it came.
    async fn next(body: &mut StreamBody) -> Option<(u128, String)> {
        let asked = Instant::now();
        let bytes = body.frame().await?.expect("infallible").into_data().expect("data");
        Some((asked.elapsed().as_millis(), String::from_utf8(bytes.to_vec()).expect("text")))
    }

    #[tokio::test(start_paused = true)]
    async fn events_come_when_they_are_due() {
        let mut body = body("count=3", &Connections::default());
        for (n, expected) in [0, 5_000, 5_000].into_iter().enumerate() {
            let (waited, text) = next(&mut body).await.expect("an event");
            assert_eq!(waited, expected);
            assert!(text.starts_with(&format!("id: 1700000000000-{n}\n")), "{text}");
        }
        assert_eq!(next(&mut body).await, None);
    }

    #[tokio::test(start_paused = true)]
    async fn what_was_missed_comes_in_one_frame_and_the_rhythm_stays() {
        let mut body = body("lastEventId=1699999988000-0", &Connections::default());
        let (waited, text) = next(&mut body).await.expect("events");
        assert_eq!((waited, text.matches("id: ").count()), (0, 2));
        assert_eq!(next(&mut body).await.map(|(waited, _)| waited), Some(3_000));
    }

    #[tokio::test(start_paused = true)]
    async fn a_reader_that_was_slow_gets_what_it_missed_and_then_the_rhythm() {
        let mut body = body("", &Connections::default());
        next(&mut body).await.expect("the first event");
        tokio::time::advance(Duration::from_secs(12)).await;
        let (waited, text) = next(&mut body).await.expect("events");
        assert_eq!((waited, text.matches("id: ").count()), (0, 2));
        assert_eq!(next(&mut body).await.map(|(waited, _)| waited), Some(3_000));
    }

    #[tokio::test(start_paused = true)]
    async fn an_idle_stream_sends_a_comment() {
        let mut body = body("interval=1m", &Connections::default());
        next(&mut body).await.expect("the first event");
        assert_eq!(next(&mut body).await, Some((15_000, ":\n".to_owned())));
    }

    #[tokio::test(start_paused = true)]
    async fn a_burst_comes_in_frames_of_bounded_size() {
        let mut body = body("interval=0", &Connections::default());
        for _ in 0..100 {
            let (waited, text) = next(&mut body).await.expect("events");
            assert_eq!(waited, 0);
            assert!(text.len() < 2 * BATCH, "{}", text.len());
        }
    }

    #[tokio::test]
    async fn a_burst_gives_other_tasks_their_turn_after_each_frame() {
        let mut body = body("interval=0", &Connections::default());
        for _ in 0..3 {
            assert!(body.frame().await.is_some());
            assert!(body.frame().now_or_never().is_none());
        }
    }

    #[tokio::test(start_paused = true)]
    async fn ending_all_wakes_and_ends_a_stream_that_waits() {
        let connections = Connections::default();
        let mut body = body("interval=1h", &connections);
        next(&mut body).await.expect("the first event");
        let asked = Instant::now();
        let (end, ()) = tokio::join!(body.frame(), async { connections.end_all() });
        assert!(end.is_none() && asked.elapsed().is_zero());
        assert_eq!(connections.list()[0].events, 1);
        drop(body);
        assert_eq!(connections.count(), 0);
    }
}
