//! Plays a stream as a response body.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body, Frame};
use tokio::time::{Instant, Sleep, sleep_until};

use super::clock::Clock;
use super::connections::Connection;
use super::params::end::End;
use super::player::Player;
use super::step::Step;
use crate::duration;

/// Steps that are ready are joined into one write up to about this size: system calls cost more than the copy.
const BATCH: usize = 32 * 1024;
/// No more steps than this are joined, so that other tasks run even if steps add very few bytes.
const STEPS: usize = 4096;

/// The wait before a body fails, because hyper then discards what it has not sent yet. On the server's own sockets, `wire.rs`
/// waits instead.
const BEFORE_BREAK: Duration = Duration::from_millis(20);

/// The time that the next step waits for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wait {
    Nothing,
    Pause,
    /// Whichever comes first.
    PauseOrPush,
}

/// The body of a stream. It computes a step only when the socket takes it, so a slow reader costs no memory.
pub(crate) struct StreamBody {
    player: Player,
    clock: Clock,
    /// Boxed, because a connection moves its body.
    pause: Option<Pin<Box<Sleep>>>,
    wait: Wait,
    ending: Option<End>,
    /// Whether the last frame had the maximum size: the next one probably will too.
    large: bool,
    /// Whether there is more to send at once: other tasks run first.
    bursting: bool,
    connection: Connection,
}

impl StreamBody {
    /// Plays from now on, until the stream or the connection ends.
    pub(crate) fn new(player: Player, clock: Clock, connection: Connection) -> Self {
        connection.plays(player.changeable());
        Self {
            player,
            clock,
            pause: None,
            wait: Wait::Nothing,

            ending: None,
            large: false,
            bursting: false,
            connection,
        }
    }

    /// Runs the steps that are ready now, and sets the pause or the end after them.
    fn ready(&mut self) -> Vec<u8> {
        let now = self.clock.now();
        let mut out = Vec::with_capacity(if self.large { BATCH + BATCH / 2 } else { 0 });
        self.bursting = true;
        for _ in 0..STEPS {
            if out.len() >= BATCH {
                break;
            }
            match self.player.step(now, &mut out) {
                Step::Sent => {}
                Step::Cut => {
                    self.bursting = out.len() >= BATCH;
                    break;
                }
                Step::Until(moment) => {
                    self.bursting = false;
                    self.pause(moment.saturating_sub(now));
                    break;
                }
                Step::Push(moment) => {
                    self.bursting = false;
                    self.pause(moment.map_or(duration::MAX, |moment| moment.saturating_sub(now)));
                    self.wait = Wait::PauseOrPush;
                    break;
                }
                Step::End => {
                    self.bursting = false;
                    let end = self.player.end();
                    self.ending = Some(end);
                    if matches!(end, End::Abort | End::Reset | End::RstStream) && !self.connection.has_wire() {
                        self.pause(BEFORE_BREAK);
                    }
                    break;
                }
            }
        }
        self.large = out.len() >= BATCH;
        out
    }

    fn pause(&mut self, wait: Duration) {
        self.wait = Wait::Pause;
        // A later moment is checked again when the timer fires.
        let until = Instant::now() + wait.min(duration::MAX);
        match &mut self.pause {
            Some(pause) => pause.as_mut().reset(until),
            None => self.pause = Some(Box::pin(sleep_until(until))),
        }
    }

    fn end(&self, end: End) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        self.connection.finished(end);
        match end {
            End::Eof => Poll::Ready(None),
            End::GoAway => {
                self.connection.go_away();
                Poll::Ready(None)
            }
            End::Stall => Poll::Pending,
            End::Abort | End::Reset | End::RstStream if self.connection.break_off(end) => Poll::Pending,
            // Over HTTP/2, and in an accept loop that is not the server's, only the body can fail.
            End::Abort | End::Reset | End::RstStream => Poll::Ready(Some(Err(io::ErrorKind::ConnectionAborted.into()))),
        }
    }
}

impl Body for StreamBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        let this = self.get_mut();
        if let Some(end) = this.connection.poll_ended(context) {
            return this.end(end);
        }
        if this.ending.is_none()
            && let Some(change) = this.connection.take_change()
        {
            this.player.change(&change);
            // The next event may be due now.
            this.wait = Wait::Nothing;
        }
        loop {
            if std::mem::take(&mut this.bursting) {
                context.waker().wake_by_ref();
                return Poll::Pending;
            }
            if let Some(pause) = this.pause.as_mut().filter(|_| this.wait != Wait::Nothing) {
                if !(this.wait == Wait::PauseOrPush && this.player.has_news(context)) {
                    ready!(pause.as_mut().poll(context));
                }
                this.wait = Wait::Nothing;
            }
            if let Some(end) = this.ending {
                return this.end(end);
            }
            let bytes = this.ready();
            if !bytes.is_empty() {
                this.connection.sent(bytes.len(), this.player.progress());
                return Poll::Ready(Some(Ok(Frame::data(bytes.into()))));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::sync::OnceLock;

    use futures_util::FutureExt as _;
    use http_body_util::BodyExt as _;

    use super::*;
    use crate::stream::connections::{Client, Connections};
    use crate::stream::description::Stream;
    use crate::stream::events::Events;
    use crate::stream::id::{Moment, Start, start};
    use crate::stream::query::{Endpoint, with_query};

    thread_local! {
        /// How long the machine has slept: timers know nothing of that.
        static SLEPT: Cell<Duration> = const { Cell::new(Duration::ZERO) };
    }

    fn passed() -> Duration {
        static FIRST: OnceLock<Instant> = OnceLock::new();
        let awake = Instant::now().saturating_duration_since(*FIRST.get_or_init(Instant::now));
        // Clocks of other tests started at other times.
        Duration::from_secs(3_600) + awake + SLEPT.get()
    }

    const NOW: Moment = Duration::from_secs(1_700_000_000);

    fn body(query: &str, connections: &Connections) -> StreamBody {
        let stream = with_query(Stream::new(Duration::from_secs(5)), Endpoint::Events, query).expect(query);
        let Start::At(first, gap) = start(&stream, NOW) else { panic!("{query} is finished") };
        let player = Player::events(&stream, Events::new(stream.clone(), first, gap, NOW, None));
        StreamBody::new(player, Clock::showing(NOW, passed), connections.open(Client::default(), NOW))
    }

    /// The next frame, and after how many milliseconds it came.
    async fn next(body: &mut StreamBody) -> Option<(u128, String)> {
        let asked = Instant::now();
        let bytes = body.frame().await?.ok()?.into_data().expect("data");
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
        let mut body = body("last-event-id=1699999988000-0", &Connections::default());
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
    async fn while_the_machine_sleeps_events_fall_due_and_their_ids_can_be_resumed_after_it() {
        let mut body = body("", &Connections::default());
        next(&mut body).await.expect("the first event");
        SLEPT.set(Duration::from_secs(60));
        let (_, text) = next(&mut body).await.expect("what was missed");
        assert_eq!(
            text.matches("id: ").count(),
            13,
            "those of the minute and the one that the timer was set for: {text}"
        );
        let stream =
            with_query(Stream::new(Duration::from_secs(5)), Endpoint::Events, "last-event-id=1700000000000-13");
        let Start::At(next, gap) = start(&stream.expect("a stream"), body.clock.now()) else { panic!("it is endless") };
        assert_eq!((next.n, gap), (14, None));
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
            assert!((BATCH..2 * BATCH).contains(&text.len()), "{}", text.len());
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

    #[tokio::test]
    async fn events_without_a_byte_give_other_tasks_their_turn() {
        let mut body = body("interval=0", &Connections::default());
        let mut stream = Stream::new(Duration::ZERO);
        stream.encoding.message = Some([].into());
        let Start::At(first, gap) = start(&stream, NOW) else { panic!("it is endless") };
        body.player = Player::events(&stream, Events::new(stream.clone(), first, gap, NOW, None));
        for _ in 0..3 {
            assert!(body.frame().now_or_never().is_none());
        }
    }

    #[tokio::test(start_paused = true)]
    async fn forced_pieces_are_frames_with_a_pause_between_however_slow_the_reader_is() {
        let mut body = body("t0=7&data=n&count=1&chunk-size=6", &Connections::default());
        let pieces = [(0, "id: 7-"), (5, "0\ndata"), (5, ": 0\n\n")];
        for (waited, text) in pieces {
            assert_eq!(next(&mut body).await, Some((waited, text.to_owned())));
        }
        tokio::time::advance(Duration::from_secs(1)).await;
        assert_eq!(next(&mut body).await, None);
    }

    #[tokio::test(start_paused = true)]
    async fn pieces_without_a_pause_are_frames_of_their_own() {
        let mut body = body("t0=7&data=n&count=1&chunk-size=8&chunk-delay=0", &Connections::default());
        assert_eq!(next(&mut body).await, Some((0, "id: 7-0\n".to_owned())));
        assert_eq!(next(&mut body).await, Some((0, "data: 0\n".to_owned())));
    }

    #[tokio::test(start_paused = true)]
    async fn without_a_socket_to_break_a_broken_end_is_an_error() {
        for end in ["abort", "reset"] {
            let mut body = body(&format!("drop=0&end={end}"), &Connections::default());
            let error = body.frame().await.expect("an error").expect_err(end);
            assert_eq!(error.kind(), io::ErrorKind::ConnectionAborted);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_stall_sends_nothing_more_and_stays() {
        let connections = Connections::default();
        let mut body = body("drop=1&end=stall&heartbeat=1ms", &connections);
        next(&mut body).await.expect("the first event");
        let day = Duration::from_secs(24 * 60 * 60);
        tokio::time::timeout(day, body.frame()).await.expect_err("neither bytes nor an end");
        assert_eq!(connections.count(), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn ending_all_wakes_and_ends_a_stream_that_waits_or_is_stalled() {
        for query in ["interval=1h", "drop=1&end=stall"] {
            let connections = Connections::default();
            let mut body = body(query, &connections);
            next(&mut body).await.expect("the first event");
            let asked = Instant::now();
            let (end, ended) = tokio::join!(body.frame(), async { connections.end_all(End::Eof) });
            assert!(end.is_none() && ended == 1 && asked.elapsed().is_zero(), "{query}");
            assert_eq!(connections.list()[0].events, 1);
            drop(body);
            assert_eq!(connections.count(), 0);
        }
    }
}
