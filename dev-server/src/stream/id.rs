//! Event ids, and what a client that presents one gets. Ids are computed, never stored: `<t0 in ms>-<n>` is the n-th
//! event of the stream that began at t0.

use std::fmt;
use std::time::Duration;

use super::description::Stream;
use super::params::ids::History;
use super::params::order::Slots;
use super::params::pace::Pace;

/// The clocks of two machines, or one clock before and after it was set, may differ by this much.
const CLOCK_SKEW: Duration = Duration::from_secs(1);

/// A moment, as the time since the Unix epoch.
pub(crate) type Moment = Duration;

/// The id of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct EventId {
    /// When its stream began, in whole milliseconds since the Unix epoch.
    pub(crate) t0: u64,
    /// How many events of the stream came before it.
    pub(crate) n: u64,
}

impl EventId {
    /// Reads the form that `Display` writes, and no other.
    fn parse(text: &str) -> Option<Self> {
        let (t0, n) = text.split_once('-')?;
        let id = Self { t0: t0.parse().ok()?, n: n.parse().ok()? };
        (id.to_string() == text).then_some(id)
    }

    /// When the event is due, or `None` if that time can't be represented.
    pub(crate) fn due(self, pace: &Pace) -> Option<Moment> {
        let passed = times(pace.interval(), self.n)?.checked_add(pace.delay)?;
        Duration::from_millis(self.t0).checked_add(passed)
    }
}

impl fmt::Display for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.t0, self.n)
    }
}

/// Where a connection begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Start {
    /// At the time when this event is due, whichever event is sent then; after a `gap` event if the client can't resume.
    At(EventId, Option<Gap>),
    /// Nowhere: the client has the whole of a finite stream.
    Finished,
}

/// Why a stream can't resume after the id that the client presented.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Gap {
    /// The id is not one that this stream produces.
    Malformed,
    /// The event with that id is not due yet.
    Future,
    /// More was missed than this allows.
    TooOld(History),
}

impl fmt::Display for Gap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed => f.write_str("malformed: the last event id is not one of this stream"),
            Self::Future => f.write_str("future: the event with the last event id is not due yet"),
            Self::TooOld(history) => write!(f, "too old: {history}"),
        }
    }
}

/// Decides where a connection that is opened at `now` begins.
pub(crate) fn start(stream: &Stream, now: Moment) -> Start {
    let t0 = stream.ids.t0.unwrap_or_else(|| u64::try_from(now.as_millis()).unwrap_or(u64::MAX));
    let fresh = EventId { t0, n: 0 };
    let Some(text) = stream.ids.last_event_id.as_deref() else {
        return Start::At(fresh, None);
    };
    match resume(stream, text, now) {
        Ok(start) => start,
        Err(gap) => Start::At(fresh, Some(gap)),
    }
}

fn resume(stream: &Stream, text: &str, now: Moment) -> Result<Start, Gap> {
    let last = EventId::parse(text).ok_or(Gap::Malformed)?;
    let count = stream.pace.count();
    if count.is_some_and(|count| last.n >= count) {
        return Err(Gap::Malformed);
    }
    let place = stream.order.place(stream.ids.seed, last.n, count).ok_or(Gap::Malformed)?;
    match stream.ids.t0 {
        // The pace of such a stream is relative to the connection, so no id is too early or too late.
        Some(t0) if t0 == last.t0 => {}
        Some(_) => return Err(Gap::Malformed),
        None => check_time(stream, last, place, now)?,
    }
    let next = EventId { n: place.checked_add(1).ok_or(Gap::Malformed)?, ..last };
    // A finite stream is never too old: the client has asked for all of it.
    let finished = count.is_some() && Slots::new(stream.order, stream.ids.seed, next.n, count).next().is_none();
    Ok(if finished { Start::Finished } else { Start::At(next, None) })
}

/// Whether a client that connects at `now` can resume after `last`, which is sent at `place`.
fn check_time(stream: &Stream, last: EventId, place: u64, now: Moment) -> Result<(), Gap> {
    let due = |n| EventId { n, ..last }.due(&stream.pace).ok_or(Gap::Future);
    // With `id=regress`, an event may carry the id of one that is sent later in the same window.
    if due(stream.order.earliest(last.n))? > now + CLOCK_SKEW + stream.pace.jitter {
        return Err(Gap::Future);
    }
    let since = now.saturating_sub(due(place)?);
    let Some(missed) = since.as_micros().checked_div(stream.pace.interval().as_micros()) else { return Ok(()) };
    let (history, age) = (stream.ids.history, since.saturating_sub(stream.pace.interval()));
    let endless = stream.pace.count().is_none();
    if endless && history.is_exceeded(missed, age) { Err(Gap::TooOld(history)) } else { Ok(()) }
}

/// `n` times a duration, in whole microseconds.
pub(crate) fn times(duration: Duration, n: u64) -> Option<Duration> {
    u64::try_from(duration.as_micros()).ok()?.checked_mul(n).map(Duration::from_micros)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stream::query::{Endpoint, with_query};

    const NOW: Moment = Duration::from_secs(1_700_000_000);

    fn start_after(id: &str, query: &str) -> Start {
        let stream = Stream::new(Duration::from_secs(5));
        let mut stream = with_query(stream, Endpoint::Events, query).expect(query);
        stream.ids.last_event_id = Some(id.into());
        start(&stream, NOW)
    }

    fn fresh(gap: Option<Gap>) -> Start {
        Start::At(EventId { t0: 1_700_000_000_000, n: 0 }, gap)
    }

    #[test]
    fn without_an_id_a_stream_begins_now() {
        assert_eq!(start(&Stream::new(Duration::from_secs(5)), NOW), fresh(None));
    }

    #[test]
    fn an_id_is_continued_by_the_next_event() {
        let next = EventId { t0: 1_699_999_990_000, n: 2 };
        assert_eq!(start_after("1699999990000-1", ""), Start::At(next, None));
    }

    #[test]
    fn an_id_of_another_form_is_malformed() {
        for id in ["x", "1", "-", "1-", "-1", "1-1-1", "01-1", "+1-1", "1-01", " 1-1", "99999999999999999999-1", "é-1"]
        {
            assert_eq!(start_after(id, ""), fresh(Some(Gap::Malformed)), "{id}");
        }
    }

    #[test]
    fn an_event_that_is_not_due_yet_is_in_the_future_but_clocks_may_differ_by_a_second() {
        assert_eq!(start_after("1700000000000-1", ""), fresh(Some(Gap::Future)));
        assert_eq!(start_after("18446744073709551615-18446744073709551615", ""), fresh(Some(Gap::Future)));
        let next = EventId { t0: 1_700_000_001_000, n: 1 };
        assert_eq!(start_after("1700000001000-0", ""), Start::At(next, None));
    }

    #[test]
    fn an_event_that_came_early_is_not_in_the_future() {
        for query in ["reorder=1000", "reorder=1000&seed=9", "reorder=2", "reorder=3&gap=2"] {
            let stream = with_query(Stream::new(Duration::from_secs(5)), Endpoint::Events, query).expect(query);
            let first = Slots::new(stream.order, stream.ids.seed, 0, None).next().expect("an event");
            let next = EventId { t0: 1_700_000_000_000, n: first.at + 1 };
            assert_eq!(start_after(&format!("1700000000000-{}", first.n), query), Start::At(next, None), "{query}");
        }
        assert_eq!(start_after("1700000000000-2", "reorder=2"), fresh(Some(Gap::Future)));
    }

    #[test]
    fn a_thousand_missed_events_are_resumed_and_one_more_is_too_old() {
        let interval = Duration::from_secs(5);
        let t0 = |missed: u32| NOW.as_millis() - (interval * missed).as_millis();
        assert!(matches!(start_after(&format!("{}-0", t0(1_000)), ""), Start::At(EventId { n: 1, .. }, None)));
        assert_eq!(start_after(&format!("{}-0", t0(1_001)), ""), fresh(Some(Gap::TooOld(History::Usual))));
    }

    #[test]
    fn a_fast_stream_is_resumed_for_a_minute_however_many_events_that_is() {
        let id = |age: u128| format!("{}-0", NOW.as_millis() - age);
        assert!(matches!(start_after(&id(59_000), "interval=1ms"), Start::At(EventId { n: 1, .. }, None)));
        assert_eq!(start_after(&id(61_000), "interval=1ms"), fresh(Some(Gap::TooOld(History::Usual))));
    }

    #[test]
    fn how_much_may_be_missed_can_be_said_in_events_or_in_time() {
        let after = |age: u128, query: &str| match start_after(&format!("{}-0", NOW.as_millis() - age), query) {
            Start::At(_, gap) => gap.map(|gap| gap.to_string()),
            Start::Finished => panic!("{query} is endless"),
        };
        for (fits, exceeds, query, line) in [
            (15_000, 20_000, "history=3", "too old: more than 3 events were missed"),
            (4_999, 5_000, "history=0", "too old: more than 0 events were missed"),
            (11_000, 11_001, "history=6s", "too old: events were missed for more than 6s"),
            (1_200, 1_201, "history=200ms&interval=1s", "too old: events were missed for more than 200ms"),
            (3_600_000, 3_605_001, "history=1h", "too old: events were missed for more than 3600s"),
        ] {
            assert_eq!(after(fits, query), None, "{query}");
            assert_eq!(after(exceeds, query).as_deref(), Some(line), "{query}");
        }
    }

    #[test]
    fn a_finite_stream_is_never_too_old_and_its_last_id_finishes_it() {
        assert_eq!(start_after("0-3", "count=5"), Start::At(EventId { t0: 0, n: 4 }, None));
        assert_eq!(start_after("0-4", "count=5"), Start::Finished);
        assert_eq!(start_after("0-5", "count=5"), fresh(Some(Gap::Malformed)));
    }

    #[test]
    fn who_has_all_that_comes_is_finished_even_if_later_events_are_left_out() {
        assert_eq!(start_after("0-3", "count=5&gap=5"), Start::Finished);
        assert_eq!(start_after("0-2", "count=5&gap=5"), Start::At(EventId { t0: 0, n: 3 }, None));
    }

    #[test]
    fn a_stream_with_a_t0_of_its_own_knows_no_time() {
        assert_eq!(start_after("7-3", "t0=7"), Start::At(EventId { t0: 7, n: 4 }, None));
        assert_eq!(start_after("8-3", "t0=7"), Start::At(EventId { t0: 7, n: 0 }, Some(Gap::Malformed)));
        let future = EventId { t0: 1_800_000_000_000, n: 1 };
        assert_eq!(start_after("1800000000000-0", "t0=1800000000000"), Start::At(future, None));
    }

    #[test]
    fn a_delay_puts_all_events_off() {
        let t0 = NOW.as_millis() - 7_000;
        assert_eq!(start_after(&format!("{t0}-1"), "delay=5s"), fresh(Some(Gap::Future)));
        assert!(matches!(start_after(&format!("{t0}-1"), "delay=2s"), Start::At(EventId { n: 2, .. }, None)));
    }
}
