//! Points in time, lengths of time, and how long a timer can wait.

use std::time::Duration;

/// A point in time: how long after the start of the page or worker.
pub(crate) type Instant = Duration;

/// The longest time that a browser's timer can wait: 2^31 - 1 ms, about 24 days.
pub(crate) const LONGEST: Duration = Duration::from_millis(i32::MAX as u64);

/// A number between 0 and 1 as one that durations can be multiplied by: a page may have a `Math.random` of its own.
pub(crate) fn fraction(number: f64) -> f64 {
    if number.is_nan() { 0.0 } else { number.clamp(0.0, 1.0) }
}

/// Whole milliseconds, as timers count; without the 128-bit arithmetic of [`Duration::as_millis`].
pub(crate) fn milliseconds(duration: Duration) -> u64 {
    duration.as_secs().saturating_mul(1000).saturating_add(duration.subsec_millis().into())
}
