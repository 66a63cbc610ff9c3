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

/// What is expected of a contender, beside another one.
struct Bound {
    contender: &'static str,
    beside: &'static str,
    /// None for all.
    browser: Option<Browser>,
    limit: Limit,
}

const fn bound(contender: &'static str, limit: Limit, beside: &'static str) -> Bound {
    Bound { contender, beside, browser: None, limit }
}

const fn in_each(contender: &'static str, firefox: f64, chromium: f64, beside: &'static str) -> [Bound; 2] {
    [
        Bound { browser: Some(Browser::Firefox), ..bound(contender, Time(firefox), beside) },
        Bound { browser: Some(Browser::Chromium), ..bound(contender, Time(chromium), beside) },
    ]
}

/// Two at a time, as the table has them.
const fn in_webkit(pairs: [(&'static str, f64); 2], beside: &'static str) -> [Bound; 2] {
    let [(one, time), (other, other_time)] = pairs;
    [
        Bound { browser: Some(Browser::WebKit), ..bound(one, Time(time), beside) },
        Bound { browser: Some(Browser::WebKit), ..bound(other, Time(other_time), beside) },
    ]
}

const BOUNDS: &[[Bound; 2]] = &[
    in_each("rust-callback", 1.10, 1.05, "native"),
    in_each("rust-callback-read", 1.20, 1.55, "native"),
    in_each("rust-native", 1.20, 1.30, "native"),
    in_each("rust-native-read", 1.30, 1.65, "native"),
    in_each("rust-batches-read", 1.20, 1.50, "native"),
    in_each("rust-fetch", 1.6, 1.6, "fetch"),
    in_each("list-native", 1.10, 1.35, "native"),
    [
        Bound { browser: Some(Browser::Firefox), ..bound("list-native", Speed(5.0), "usual") },
        Bound { browser: Some(Browser::Chromium), ..bound("list-native", Speed(8.0), "usual") },
    ],
    [
        Bound { browser: Some(Browser::Firefox), ..bound("rust-fetch-read", Speed(0.65), "fetch") },
        Bound { browser: Some(Browser::Chromium), ..bound("rust-fetch-read", Speed(0.65), "fetch") },
    ],
    [bound("list-native", Time(1.0), "batched"), bound("rust-fetch", Speed(5.0), "native")],
    in_each("class-native", 1.05, 1.05, "native"),
    in_each("class-options", 1.7, 2.0, "native"),
    in_each("class-fetch", 0.80, 1.30, "native"),
    in_each("class-native-batches", 1.3, 1.7, "native"),
    in_each("class-fetch-batches", 0.45, 0.6, "native"),
    in_each("class-list-native", 1.15, 1.4, "native"),
    in_each("class-list-fetch", 0.30, 0.35, "native"),
    in_webkit([("class-native", 1.10), ("class-options", 2.5)], "native"),
    in_webkit([("class-fetch", 3.0), ("class-fetch-batches", 0.9)], "native"),
    in_webkit([("rust-native", 1.8), ("rust-native-read", 1.8)], "native"),
    in_webkit([("list-native", 1.5), ("class-list-native", 1.5)], "native"),
];

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
    BOUNDS.as_flattened().iter().filter(move |bound| bound.contender == contender).map(|bound| bound.beside)
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
    let bounds =
        BOUNDS.as_flattened().iter().filter(|bound| bound.browser.is_none_or(|browser| browser == results.browser));
    let verdict = |Bound { contender, beside, limit, .. }: &Bound| {
        let ratio = limit.ratio(results.time_ratio(WORK, contender, beside)?);
        let Quartiles { low, median, high } = ratio;
        let line = format!("{contender} {limit} {beside}: {median:.2} ({low:.2} to {high:.2})");
        Some(Verdict { line, met: limit.is_met(ratio) })
    };
    bounds.filter_map(verdict).collect()
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
        for bound in BOUNDS.as_flattened() {
            assert!(Contender::named(bound.contender).is_some_and(|contender| contender.ours));
            assert!(Contender::named(bound.beside).is_some());
        }
    }
}
