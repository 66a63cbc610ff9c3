//! The program under thousands of connections that break, stall and talk nonsense.
//!
//! The long soak takes as many seconds as `SOAK_SECONDS` says, or ten minutes:
//!
//!     cargo test -p dev-server --test soak -- --ignored --nocapture

// Memory is read from /proc.
#![cfg(all(feature = "cli", target_os = "linux"))]
// Clippy's allowance for tests does not reach the functions that tests share.
#![allow(clippy::unwrap_used)]

mod clients;
mod program;
mod random;

use std::time::{Duration, Instant};

use tokio::task::JoinSet;

use crate::clients::{Follower, stuck, talk_nonsense};
use crate::program::Program;
use crate::random::Random;

const FOLLOWERS: u64 = 1_600;
const STUCK: usize = 300;
const NONSENSE: u64 = 100;

/// The time between the events that followers get.
const INTERVAL: Duration = Duration::from_millis(250);

/// Followers over breaks, beside readers that never read and clients that send nonsense, all at once.
async fn wave(program: &Program, events: u64, seed: u64) {
    let mut stuck_readers = Vec::new();
    for _ in 0..STUCK {
        stuck_readers.push(stuck(program.address).await);
    }
    let mut nonsense = JoinSet::new();
    for number in 0..NONSENSE {
        nonsense.spawn(talk_nonsense(program.address, Random::new(seed + number)));
    }
    let mut followers = JoinSet::new();
    for number in 0..FOLLOWERS {
        let mut follower = Follower::new(program.address, INTERVAL, events, Random::new(seed + 1_000 + number));
        followers.spawn(async move { follower.follow().await });
    }
    let mut breaks = 0;
    while let Some(done) = followers.join_next().await {
        breaks += done.expect("a follower that got every event once");
    }
    eprintln!("{FOLLOWERS} followers got each of {events} events once, over {breaks} breaks");
    nonsense.shutdown().await;
    drop(stuck_readers);
    program.wait_for_count(0).await;
}

async fn soak(events: u64) {
    dev_server::raise_file_limit().unwrap();
    let mut program = Program::start().await;
    // What the first wave leaves is what the program needs to work at all; a leak grows with every wave.
    wave(&program, events.min(20), 1).await;
    let before = program.memory();
    wave(&program, events, 2).await;
    let after = program.memory();
    eprintln!("{before} KiB before, {after} KiB after");
    assert!(after < before + before / 4 + 4 * 1024, "memory grew from {before} to {after} KiB");

    let mut readers = Vec::new();
    for _ in 0..STUCK {
        readers.push(stuck(program.address).await);
    }
    program.wait_for_count(STUCK).await;
    let asked = Instant::now();
    let (code, errors) = program.interrupt().await;
    eprintln!("Ctrl-C ended it after {:?}", asked.elapsed());
    assert_eq!(code, Some(0));
    // Whatever it waits for, it is neither a reader nor the next event.
    assert!(asked.elapsed() < Duration::from_secs(10), "{:?}", asked.elapsed());
    assert!(!errors.contains("panicked"), "{errors}");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_loses_an_event_and_nothing_stays_behind() {
    soak(30).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes minutes"]
async fn nobody_loses_an_event_for_a_long_time() {
    let seconds = std::env::var("SOAK_SECONDS").map_or(600, |seconds| seconds.parse().unwrap());
    soak(seconds * 1_000 / u64::try_from(INTERVAL.as_millis()).unwrap()).await;
}

#[tokio::test]
async fn a_reader_that_does_not_read_costs_bounded_memory() {
    dev_server::raise_file_limit().unwrap();
    let program = Program::start().await;
    let before = program.memory();
    let mut readers = Vec::new();
    for _ in 0..STUCK {
        readers.push(stuck(program.address).await);
    }
    program.wait_for_count(STUCK).await;
    let sent = program.wait_until_nothing_is_sent().await;
    let each = (program.memory() - before) / STUCK;
    eprintln!("{} KiB sent to each reader, {each} KiB held for each", sent / 1024 / STUCK as u64);
    assert!(each < 256, "{each} KiB for each");
}

#[tokio::test]
async fn where_files_run_out_first_clients_are_told_so() {
    let program = Program::start_with_files(160).await;
    let mut readers = Vec::new();
    for _ in 0..32 {
        readers.push(stuck(program.address).await);
    }
    let answer = clients::answer(program.address, "GET /help HTTP/1.1\r\nHost: localhost\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 503 ") && answer.contains("has its 32 connections"), "{answer}");
}
