//! The clock of a server: it keeps running while the machine sleeps, and never goes back.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::id::Moment;

/// The wall clock's time when the server started, plus the time that has passed since on a monotonic clock.
///
/// So an id from one connection is neither late nor early for the next one, even if the wall clock was set meanwhile.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock {
    /// The time at which `passed` was zero.
    zero: Moment,
    passed: fn() -> Duration,
}

impl Clock {
    /// A clock that agrees with the wall clock now.
    pub(crate) fn start() -> Self {
        let wall = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self::showing(wall, since_boot)
    }

    /// A clock that shows `now`, and advances as `passed` does.
    pub(crate) fn showing(now: Moment, passed: fn() -> Duration) -> Self {
        Self { zero: now.saturating_sub(passed()), passed }
    }

    pub(crate) fn now(&self) -> Moment {
        self.zero.saturating_add((self.passed)())
    }
}

/// The time that has passed since the machine started, asleep or awake.
#[cfg(unix)]
fn since_boot() -> Duration {
    use rustix::time::{ClockId, clock_gettime};

    // `Monotonic` stops while the machine sleeps on Linux, but not on other systems.
    #[cfg(any(target_os = "linux", target_os = "android"))]
    let clock = ClockId::Boottime;
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    let clock = ClockId::Monotonic;
    clock_gettime(clock).try_into().unwrap_or_default()
}

/// The time that has passed since the first call, asleep or awake.
#[cfg(not(unix))]
fn since_boot() -> Duration {
    use std::sync::OnceLock;
    use std::time::Instant;

    static FIRST: OnceLock<Instant> = OnceLock::new();
    FIRST.get_or_init(Instant::now).elapsed()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_shows_the_time_and_goes_on() {
        let wall = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970");
        let clock = Clock::start();
        let first = clock.now();
        assert!(first.abs_diff(wall) < Duration::from_secs(10), "{first:?} {wall:?}");
        std::thread::sleep(Duration::from_millis(2));
        assert!(clock.now() >= first + Duration::from_millis(2));
    }
}
