//! What contenders are given to do.

use serde::Serialize;

use crate::contenders::{BASE, BASE_OF_SHARERS};

/// Data of a message that says when it was due.
const DUE: &str = "message=id:{id}%0Adata:{id}%0A%0A";

/// A stream, and how often it is read.
#[derive(Clone, Debug, Serialize)]
pub struct Work {
    /// Its name in JSON and for `--only`.
    pub id: &'static str,
    /// Its name for readers.
    pub label: String,
    /// How many messages it has.
    pub count: u32,
    /// How often it is measured.
    pub rounds: u32,
    /// Microseconds from one message to the next; none in a burst.
    micros: Option<u32>,
    /// Bytes of a message's data, if it is not short.
    size: Option<u32>,
    /// Whether it is read in several workers.
    shared: bool,
}

impl Work {
    /// What a complete run measures. It takes half an hour with 11 rounds.
    pub fn full(rounds: u32) -> Vec<Self> {
        vec![
            Self::burst("1k", 1_000, rounds),
            Self::burst("100k", 100_000, rounds),
            Self::burst("1m", 1_000_000, rounds / 4),
            Self::steady(10, rounds / 10),
            Self::large(100, rounds / 2),
            Self::four(100_000, rounds.min(5)),
        ]
        .into_iter()
        .map(|work| Self { rounds: work.rounds.max(1), ..work })
        .collect()
    }

    /// What shows that everything works.
    pub fn quick() -> Vec<Self> {
        vec![
            Self::burst("1k", 1_000, 3),
            Self::burst("100k", 20_000, 3),
            Self::steady(2, 1),
            Self::large(10, 1),
            Self::four(20_000, 1),
        ]
    }

    fn burst(id: &'static str, count: u32, rounds: u32) -> Self {
        let label = format!("{} messages in a burst", thousands(count));
        Self { id, label, count, rounds, micros: None, size: None, shared: false }
    }

    fn four(count: u32, rounds: u32) -> Self {
        let burst = Self::burst("four", count, rounds);
        Self { label: format!("{}, to each of four workers", burst.label), shared: true, ..burst }
    }

    fn steady(seconds: u32, rounds: u32) -> Self {
        let label = format!("10,000 messages a second for {seconds} s");
        Self { id: "steady", label, count: 10_000 * seconds, rounds, micros: Some(100), size: None, shared: false }
    }

    fn large(count: u32, rounds: u32) -> Self {
        let label = format!("{count} messages of 1 MiB");
        Self { id: "1mib", label, count, rounds, micros: None, size: Some(1 << 20), shared: false }
    }

    /// Whether messages come at their times, rather than as fast as they are read.
    pub fn is_paced(&self) -> bool {
        self.micros.is_some()
    }

    /// Whether a message is so long that a browser needs long to lay out the line that shows it.
    pub fn is_large(&self) -> bool {
        self.size.is_some()
    }

    /// Whether it is read in several workers, which may share a connection.
    pub fn is_for_sharers(&self) -> bool {
        self.shared
    }

    /// With whom its contenders are compared.
    pub fn base(&self) -> &'static str {
        if self.shared { BASE_OF_SHARERS } else { BASE }
    }

    /// What the page is told of it.
    pub fn for_page(&self) -> impl Serialize + use<> {
        #[derive(Serialize)]
        struct ForPage {
            url: String,
            count: u32,
            every: u32,
            interval: Option<f64>,
        }
        ForPage {
            url: self.url(),
            count: self.count,
            // To ask each message for its data would be a contender's work, not the clock's.
            every: if self.is_paced() { 100 } else { self.count },
            interval: self.micros.map(|micros| f64::from(micros) / 1_000.0),
        }
    }

    fn url(&self) -> String {
        let Self { count, micros, size, .. } = self;
        let interval = micros.map_or_else(|| "0".to_owned(), |micros| format!("{micros}us"));
        let data = size.map_or_else(|| DUE.to_owned(), |size| format!("data=n&size={size}"));
        format!("/events?interval={interval}&count={count}&{data}")
    }
}

/// A number as people read it: 100,000.
pub fn thousands(number: u32) -> String {
    let digits = number.to_string();
    let groups = digits.as_bytes().rchunks(3).rev().map(String::from_utf8_lossy);
    groups.collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_message_that_is_told_is_followed_by_the_last_one() {
        for work in Work::full(11).into_iter().chain(Work::quick()) {
            let told = serde_json::to_value(work.for_page()).expect("JSON");
            let every = told["every"].as_u64().expect("a number");
            assert_eq!(u64::from(work.count) % every, 0, "{}", work.id);
        }
    }

    #[test]
    fn a_single_round_measures_every_work_once() {
        assert!(Work::full(1).iter().all(|work| work.rounds == 1));
    }

    #[test]
    fn thousands_are_set_apart() {
        assert_eq!([1, 999, 1_000, 1_000_000].map(thousands), ["1", "999", "1,000", "1,000,000"]);
    }
}
