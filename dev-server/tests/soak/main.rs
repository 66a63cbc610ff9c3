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

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::clients::{Follower, stuck, talk_nonsense};
use crate::program::Program;
use crate::random::Random;

const FOLLOWERS: u64 = 1_700;
const SLOW: u64 = 50;
const STUCK: usize = 150;
const NONSENSE: u64 = 100;

/// In KiB: a tenth of one for each connection of a wave.
const LEAK: usize = 1024;

/// The time between the events that followers get.
const INTERVAL: Duration = Duration::from_millis(250);

/// Followers over breaks, beside slow readers, readers that never read, and clients that send nonsense, all at once.
async fn wave(program: &Program, events: u64, seed: u64) {
    let readers = stuck_readers(program).await;
    let mut others = JoinSet::new();
    for number in 0..SLOW {
        let random = Random::new(seed + number);
        others.spawn(Follower::new(program.address, Duration::ZERO, u64::MAX, random).dawdle());
    }
    for number in 0..NONSENSE {
        others.spawn(talk_nonsense(program.address, Random::new(seed + number)));
    }
    let mut followers = JoinSet::new();
    for number in 0..FOLLOWERS {
        let mut follower = Follower::new(program.address, INTERVAL, events, Random::new(seed + number));
        followers.spawn(async move { follower.follow().await });
    }
    let mut breaks = 0;
    while let Some(done) = followers.join_next().await {
        breaks += done.expect("a follower that got every event once");
    }
    eprintln!("{FOLLOWERS} followers got each of {events} events once, over {breaks} breaks");
    assert!(others.try_join_next().is_none(), "the others go on");
    others.shutdown().await;
    drop(readers);
    program.wait_for_count(0).await;
}

async fn stuck_readers(program: &Program) -> Vec<TcpStream> {
    let mut readers = Vec::new();
    for _ in 0..STUCK {
        readers.push(stuck(program.address).await);
    }
    program.wait_for_count(STUCK).await;
    readers
}

async fn soak(events: u64) {
    dev_server::raise_file_limit().unwrap();
    let mut program = Program::start().await;
    wave(&program, events.min(10), 0).await;
    assert!(comes_to_rest(&program, events).await, "every wave leaves more memory behind");

    let _readers = stuck_readers(&program).await;
    let asked = Instant::now();
    let (code, errors) = program.interrupt().await;
    eprintln!("Ctrl-C ended it after {:?}", asked.elapsed());
    assert_eq!(code, Some(0));
    // Whatever it waits for, it is neither a reader nor the next event.
    assert!(asked.elapsed() < Duration::from_secs(10), "{:?}", asked.elapsed());
    assert!(!errors.contains("panicked"), "{errors}");
}

/// Whether a wave, of a few, leaves no more memory than the one before. How much the first ones need, and so leave to be
/// used again, depends on how many of their connections happen to be opened at the same moment.
async fn comes_to_rest(program: &Program, events: u64) -> bool {
    let mut before = program.memory();
    for seed in 1..=5 {
        wave(program, events, seed).await;
        let after = program.memory();
        eprintln!("{before} KiB before, {after} KiB after");
        if after < before + LEAK {
            return true;
        }
        before = after;
    }
    false
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_loses_an_event_and_nothing_stays_behind() {
    soak(20).await;
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
    let _readers = stuck_readers(&program).await;
    let sent = program.wait_until_nothing_is_sent().await;
    let each = (program.memory() - before) / STUCK;
    eprintln!("{} KiB sent to each reader, {each} KiB held for each", sent / 1024 / STUCK as u64);
    assert!(each < 128, "{each} KiB for each");
}

/// Readers of streams on which nothing happens, each of which has its first event.
async fn idle_readers(program: &Program, count: usize) -> Vec<TcpStream> {
    let mut readers = Vec::new();
    for _ in 0..count {
        let mut stream = TcpStream::connect(program.address).await.unwrap();
        let request = format!("GET /events?interval=1h HTTP/1.1\r\nHost: {}\r\n\r\n", program.address);
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut text = Vec::new();
        while !text.ends_with(b"\n\n\r\n") {
            stream.read_buf(&mut text).await.unwrap();
        }
        readers.push(stream);
    }
    readers
}

#[tokio::test]
async fn an_idle_stream_holds_no_buffers() {
    dev_server::raise_file_limit().unwrap();
    let program = Program::start().await;
    // What the first ones need is there for all.
    let _first = idle_readers(&program, 1_000).await;
    let before = program.memory();
    let _more = idle_readers(&program, 2_000).await;
    let bytes = (program.memory() - before) * 1024 / 2_000;
    eprintln!("{bytes} bytes held for each");
    assert!(bytes < 5 * 1024, "{bytes} bytes for each");
}

#[tokio::test]
async fn where_files_run_out_first_clients_are_told_so() {
    let program = Program::start_with_files(160).await;
    let mut readers = Vec::new();
    for _ in 0..32 {
        readers.push(stuck(program.address).await);
    }
    let answer = clients::answer(program.address, "GET /help HTTP/1.1\r\nHost: localhost\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 503 ") && answer.contains("All 32 connections are in use"), "{answer}");
}
