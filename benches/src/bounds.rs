//! What is expected of this package.

use std::fmt;

use crate::browser::Browser;
use crate::results::{InBrowser, Size};
use crate::statistics::Quartiles;

/// The work to which bounds apply.
const WORK: &str = "100k";

/// How much of another's time, or how many times its speed.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Limit {
    /// It takes at most this many times as long.
    Time(f64),
    /// It is at least this many times as fast.
    Speed(f64),
}

use Limit::{Speed, Time};

/// What is expected of a contender in a browser, beside another one.
struct Bound {
    contender: &'static str,
    beside: &'static str,
    browser: Browser,
    limit: Limit,
}

const fn of_two(contender: &'static str, firefox: Limit, chromium: Limit, beside: &'static str) -> [Bound; 2] {
    [
        Bound { contender, beside, browser: Browser::Firefox, limit: firefox },
        Bound { contender, beside, browser: Browser::Chromium, limit: chromium },
    ]
}

const fn of_webkit(contender: &'static str, time: f64, beside: &'static str) -> Bound {
    Bound { contender, beside, browser: Browser::WebKit, limit: Time(time) }
}

/// Firefox's and Chromium's.
const OF_TWO: &[[Bound; 2]] = &[
    of_two("rust-callback", Time(1.10), Time(1.05), "native"),
    of_two("rust-callback-read", Time(1.20), Time(1.55), "native"),
    of_two("rust-native", Time(1.20), Time(1.30), "native"),
    of_two("rust-native-read", Time(1.30), Time(1.65), "native"),
    of_two("rust-batches-read", Time(1.20), Time(1.50), "native"),
    of_two("rust-fetch", Time(1.6), Time(1.6), "fetch"),
    of_two("list-native", Time(1.10), Time(1.35), "native"),
    of_two("list-native", Speed(5.0), Speed(8.0), "usual"),
    of_two("rust-fetch-read", Speed(0.65), Speed(0.65), "fetch"),
    of_two("list-native", Time(1.0), Time(1.0), "batched"),
    of_two("rust-fetch", Speed(5.0), Speed(5.0), "native"),
    of_two("class-native", Time(1.05), Time(1.05), "native"),
    of_two("class-options", Time(1.7), Time(2.0), "native"),
    of_two("class-fetch", Time(0.80), Time(1.30), "native"),
    of_two("class-native-batches", Time(1.3), Time(1.7), "native"),
    of_two("class-fetch-batches", Time(0.45), Time(0.6), "native"),
    of_two("class-list-native", Time(1.15), Time(1.4), "native"),
    of_two("class-list-fetch", Time(0.30), Time(0.35), "native"),
];

/// `WebKitGTK`'s own object is the quickest of the three, so what is added to it weighs more.
const OF_WEBKIT: &[Bound] = &[
    of_webkit("rust-native", 1.8, "native"),
    of_webkit("rust-native-read", 1.8, "native"),
    of_webkit("list-native", 1.5, "native"),
    of_webkit("class-native", 1.10, "native"),
    of_webkit("class-options", 2.5, "native"),
    of_webkit("class-fetch", 3.0, "native"),
    of_webkit("class-fetch-batches", 0.9, "native"),
    of_webkit("class-list-native", 1.5, "native"),
];

fn all() -> impl Iterator<Item = &'static Bound> {
    OF_TWO.as_flattened().iter().chain(OF_WEBKIT)
}

impl Limit {
    /// The ratio that it limits, made of how many times as long the contender takes.
    fn ratio(self, time: Quartiles) -> Quartiles {
        match self {
            Self::Time(_) => time,
            Self::Speed(_) => Quartiles { low: 1.0 / time.high, median: 1.0 / time.median, high: 1.0 / time.low },
        }
    }

    /// A bound is missed when the quartile nearer to it is beyond it: three of four rounds were.
    fn is_met(self, ratio: Quartiles) -> bool {
        match self {
            Self::Time(most) => ratio.low <= most,
            Self::Speed(least) => ratio.high >= least,
        }
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Time(most) => write!(f, "at most {most} of the time of"),
            Self::Speed(least) => write!(f, "at least {least} times as fast as"),
        }
    }
}

/// Whom a contender has to be measured beside.
pub fn beside(contender: &str) -> impl Iterator<Item = &'static str> {
    all().filter(move |bound| bound.contender == contender).map(|bound| bound.beside)
}

/// A bound, and whether it is met.
pub struct Verdict {
    /// What was expected, and what came.
    pub line: String,
    /// Whether it is met.
    pub met: bool,
}

/// The bounds that what was measured in a browser says something about.
pub fn of_times(results: &InBrowser) -> Vec<Verdict> {
    let verdict = |Bound { contender, beside, limit, .. }: &Bound| {
        let ratio = limit.ratio(results.time_ratio(WORK, contender, beside)?);
        let Quartiles { low, median, high } = ratio;
        let line = format!("{contender} {limit} {beside}: {median:.2} ({low:.2} to {high:.2})");
        Some(Verdict { line, met: limit.is_met(ratio) })
    };
    all().filter(|bound| bound.browser == results.browser).filter_map(verdict).collect()
}

/// The bounds of sizes.
pub fn of_sizes(sizes: &[Size]) -> Vec<Verdict> {
    let verdict = |size: &Size| {
        let line = format!("{} at most {} bytes gzipped: {}", size.label, size.at_most?, size.gzipped);
        Some(Verdict { line, met: size.gzipped <= size.at_most? })
    };
    sizes.iter().filter_map(verdict).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contenders::Contender;

    fn ratio(low: f64, high: f64) -> Quartiles {
        Quartiles { low, median: f64::midpoint(low, high), high }
    }

    #[test]
    fn a_bound_is_missed_only_when_the_nearer_quartile_is_beyond_it() {
        assert!(Time(1.15).is_met(ratio(1.1, 1.4)));
        assert!(!Time(1.15).is_met(ratio(1.2, 1.4)));
        assert!(Speed(5.0).is_met(ratio(4.0, 5.1)));
        assert!(!Speed(5.0).is_met(ratio(4.0, 4.9)));
    }

    #[test]
    fn the_speed_is_the_inverse_of_the_time() {
        assert_eq!(Speed(5.0).ratio(ratio(0.25, 0.5)), Quartiles { low: 2.0, median: 1.0 / 0.375, high: 4.0 });
    }

    #[test]
    fn bounds_are_of_contenders_that_exist() {
        for bound in all() {
            assert!(Contender::named(bound.contender).is_some_and(|contender| contender.ours));
            assert!(Contender::named(bound.beside).is_some());
        }
    }
}
