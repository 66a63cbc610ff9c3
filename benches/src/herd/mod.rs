//! What the clients of a node do to its successor: all of them lose their connection at once, and come back as their policies
//! say.
//!
//! Nothing here waits: the policies are the package's own, and the clock is counted. `cargo run -p browser-bench --example herd`
//! writes docs/herd.svg and prints the tables of docs/scale.md.

use std::time::Duration;

pub mod chart;
pub mod outage;
pub mod policies;
pub mod table;

use outage::{Course, Outage};
use policies::Contender;

/// What docs/scale.md shows.
pub const SHOWN: Outage =
    Outage { clients: 100_000, downtime: Duration::from_secs(20), accepts: 5_000, backlog: 4_096, seed: 1 };

/// Every contender's course.
pub fn play(outage: &Outage) -> Vec<(Contender, Course)> {
    let play = |contender: Contender| {
        let course = outage.play(&*contender.policy);
        (contender, course)
    };
    policies::contenders().into_iter().map(play).collect()
}

/// The tables: that of `outage`, and that of the same where somebody answers at once.
pub fn tables(outage: &Outage) -> [String; 2] {
    [*outage, Outage { downtime: Duration::ZERO, ..*outage }].map(|outage| table::of(&play(&outage)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A tenth of what is shown, which takes a tenth of the time.
    const SMALL: Outage = Outage { clients: 10_000, accepts: 500, backlog: 410, ..SHOWN };

    #[test]
    fn jitter_spreads_the_clients_that_others_bring_all_at_once() {
        for downtime in [0, 20].map(Duration::from_secs) {
            let courses = play(&Outage { downtime, ..SMALL });
            let [fixed, without_jitter, ours, gentle] = &courses[..] else { panic!("four contenders") };
            for (Contender { label, .. }, others) in [fixed, without_jitter] {
                assert!(ours.1.busiest_bin() * 5 < others.busiest_bin(), "five times as many in 0.1 s: {label}");
                assert!(gentle.1.busiest_bin() * 40 < others.busiest_bin(), "{label}");
                assert!(gentle.1.busiest_second() * 6 < others.busiest_second(), "{label}");
                assert!(ours.1.total() * 2 < others.total(), "{label}");
                assert!(ours.1.all_back < others.all_back, "{label}");
            }
        }
    }

    #[test]
    fn who_has_waited_through_an_outage_meets_the_successor_spread_out() {
        let courses = play(&SMALL);
        let (others, ours) = courses.split_at(2);
        for ((_, others), (_, ours)) in others.iter().flat_map(|other| ours.iter().map(move |ours| (other, ours))) {
            assert!(ours.busiest_second_up() * 10 < others.busiest_second_up(), "{ours:?} {others:?}");
        }
    }

    #[test]
    fn the_documentation_shows_what_comes_out() {
        let docs = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs");
        let text = std::fs::read_to_string(format!("{docs}/scale.md")).unwrap();
        for table in tables(&SHOWN) {
            assert!(
                text.contains(&table),
                "`cargo run -p browser-bench --example herd` prints what docs/scale.md lacks:\n{table}"
            );
        }
        let picture = std::fs::read_to_string(format!("{docs}/herd.svg")).unwrap();
        assert_eq!(
            picture,
            chart::svg(&SHOWN, &play(&SHOWN)),
            "`cargo run -p browser-bench --example herd` draws it anew"
        );
    }

    #[test]
    fn a_seed_says_all_that_happens() {
        let requests = |seed| Outage { seed, ..SMALL }.play(&eventsource_wasm::Backoff::default()).requests;
        assert_eq!(requests(1), requests(1));
        assert_ne!(requests(1), requests(2));
    }
}
