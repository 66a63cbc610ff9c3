//! Who is measured. How each of them reads a stream is in ../page/contenders.

use crate::work::Work;

/// With what the others are compared: the floor of the browser's own API.
pub const BASE: &str = "native";
/// The same for those in four workers: a connection for each.
pub const BASE_OF_SHARERS: &str = "share-none";

/// What a contender does with a stream. Only contenders that do the same are of equal use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Does {
    /// It shows every message in the page.
    Lists,
    /// It handles every message.
    Reads,
    /// It takes the bytes and sees no message.
    Discards,
    /// It handles every message, in each of four workers.
    Shares,
}

/// One of those who are measured.
#[derive(Clone, Copy, Debug)]
pub struct Contender {
    /// Its name in the page, in JSON and for `--only`.
    pub id: &'static str,
    /// Its name for readers.
    pub label: &'static str,
    /// What it does.
    pub does: Does,
    /// Whether it is this package.
    pub ours: bool,
    /// A million lines in a page take minutes.
    keeps_all: bool,
}

impl Contender {
    const fn new(id: &'static str, does: Does, label: &'static str) -> Self {
        Self { id, label, does, ours: false, keeps_all: false }
    }

    const fn ours(id: &'static str, does: Does, label: &'static str) -> Self {
        Self { ours: true, ..Self::new(id, does, label) }
    }

    /// The contender of that name.
    pub fn named(id: &str) -> Option<&'static Self> {
        CONTENDERS.iter().find(|contender| contender.id == id)
    }

    /// Whether it does a work in a round: some can't, and with some nobody could wait for all rounds.
    pub fn takes(&self, work: &Work, round: u32) -> bool {
        if work.is_for_sharers() != (self.does == Does::Shares) {
            return false;
        }
        match self.does {
            Does::Lists if work.is_large() => round == 0,
            Does::Lists => !(self.keeps_all && work.count > 100_000),
            Does::Reads | Does::Shares => true,
            Does::Discards => !work.is_paced(),
        }
    }
}

use Does::{Discards, Lists, Reads, Shares};

/// All of them, as tables show them.
pub const CONTENDERS: &[Contender] = &[
    Contender { keeps_all: true, ..Contender::new("usual", Lists, "onmessage, one <li> each") },
    Contender::new("batched", Lists, "by hand, once per frame"),
    Contender::ours("list-native", Lists, "MessageList"),
    Contender::ours("list-fetch", Lists, "MessageList over fetch"),
    Contender::ours("class-list-native", Lists, "JS listMessages"),
    Contender::ours("class-list-fetch", Lists, "JS listMessages over fetch"),
    Contender::new("native", Reads, "EventSource, only counted"),
    Contender::ours("rust-callback", Reads, "Rust callback, data left in JS"),
    Contender::ours("rust-callback-read", Reads, "Rust callback, data read"),
    Contender::ours("rust-native", Reads, "Rust, data left in JS"),
    Contender::ours("rust-native-read", Reads, "Rust, data read"),
    Contender::ours("rust-batches-read", Reads, "Rust batches, data read"),
    Contender::ours("class-native", Reads, "JS class"),
    Contender::ours("class-options", Reads, "JS class, with reconnect"),
    Contender::ours("class-native-each", Reads, "JS for await"),
    Contender::ours("class-native-batches", Reads, "JS batches"),
    Contender::new("gloo", Reads, "gloo-net, data read"),
    Contender::new("fetch", Discards, "fetch, bytes discarded"),
    Contender::ours("rust-fetch", Reads, "Rust over fetch, data not read"),
    Contender::ours("rust-fetch-read", Reads, "Rust over fetch, data read"),
    Contender::ours("rust-fetch-batches", Reads, "Rust batches over fetch"),
    Contender::ours("class-fetch", Reads, "JS class over fetch"),
    Contender::ours("class-fetch-each", Reads, "JS for await over fetch"),
    Contender::ours("class-fetch-batches", Reads, "JS batches over fetch"),
    Contender::new("fetch-parser", Reads, "fetch + eventsource-parser"),
    Contender::new("npm-eventsource", Reads, "npm eventsource"),
    Contender::new("npm-eventsource-client", Reads, "npm eventsource-client"),
    Contender::new("npm-fetch-event-source", Reads, "npm fetch-event-source"),
    Contender::new("share-none", Shares, "4 EventSources"),
    Contender::ours("share-class", Shares, "4 of the JS class, reconnect"),
    Contender::ours("share-native", Shares, "JS class, shared"),
    Contender::ours("share-class-fetch", Shares, "4 of the JS class over fetch"),
    Contender::ours("share-fetch", Shares, "JS class over fetch, shared"),
    Contender::new("share-npm-flame", Shares, "npm flame, shared"),
    Contender::new("share-npm-shared-event-source", Shares, "npm shared-event-source"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_has_every_contender_and_no_other() {
        let page = include_str!("../page/contenders/index.js");
        for Contender { id, .. } in CONTENDERS {
            assert!(page.contains(&format!("() => import('./{id}.js')")), "{id}");
        }
        assert_eq!(page.matches("() => import(").count(), CONTENDERS.len());
    }

    #[test]
    fn the_base_does_every_work() {
        for work in Work::full(11) {
            let base = Contender::named(work.base()).expect("the base is a contender");
            assert!(base.takes(&work, work.rounds), "{}", work.id);
        }
    }
}
