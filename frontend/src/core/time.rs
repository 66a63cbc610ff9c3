//! Points in time, lengths of time, and how long a timer can wait.

use std::time::Duration;

/// A point in time: how long after the start of the page or worker.
pub(crate) type Instant = Duration;

/// The longest time that a browser's timer can wait: 2^31 - 1 ms, about 24 days.
pub(crate) const LONGEST: Duration = Duration::from_millis(i32::MAX as u64);

/// Whole milliseconds, as timers count; without the 128-bit arithmetic of [`Duration::as_millis`].
pub(crate) fn milliseconds(duration: Duration) -> u64 {
    duration.as_secs().saturating_mul(1000).saturating_add(duration.subsec_millis().into())
}
