//! The death of a node, as its clients and its successor see it.

use std::time::Duration;

use eventsource_wasm::{Error, RetryContext, RetryPolicy};

/// How finely time is counted.
const TICK: Duration = Duration::from_millis(10);
/// How finely requests are counted: a server that is asked for more in this time than it can serve has to refuse.
pub const BIN: Duration = Duration::from_millis(100);
const TICKS_PER_BIN: usize = 10;
/// When clients that are still away are no longer waited for.
pub const END: Duration = Duration::from_secs(600);
/// After this time at the latest a client knows that its connection, or its attempt, has failed. Some are nearer than others.
const LATENCY_TICKS: usize = 10;

/// A node dies, and takes the connections of all its clients with it.
#[derive(Clone, Copy, Debug)]
pub struct Outage {
    /// How many clients the node had.
    pub clients: usize,
    /// How long nobody answers.
    pub downtime: Duration,
    /// How many connections a second its successor can then accept.
    pub accepts: usize,
    /// How many wait in the successor's queue; it refuses those beyond.
    pub backlog: usize,
    /// Decides all that chance does.
    pub seed: u64,
}

/// What came of it.
#[derive(Clone, Debug)]
pub struct Course {
    /// How many requests were made, in each [`BIN`] from the death on.
    pub requests: Vec<usize>,
    /// When nobody answered any more, as a number of bins.
    downtime: usize,
    /// When the last client was back.
    pub all_back: Option<Duration>,
}

impl Outage {
    /// Lets every client follow `policy`.
    pub fn play(&self, policy: &dyn RetryPolicy) -> Course {
        let mut chance = fastrand::Rng::with_seed(self.seed);
        let mut retry = RetryContext::new(Error::Disconnected { url: String::new(), messages: None }, 1);
        let end = ticks(END);
        // Who makes a request at a tick: how often each of them has failed.
        let mut attempts: Vec<Vec<u32>> = vec![Vec::new(); end];
        let mut fail = |attempts: &mut Vec<Vec<u32>>, now: usize, failures: u32| {
            retry.failure_streak = failures;
            retry.random = chance.f64();
            let Some(delay) = policy.next_delay(&retry) else { return };
            // At least one tick later, so that nobody is put into the past.
            let next = now + chance.usize(1..=LATENCY_TICKS) + ticks(delay);
            if let Some(attempts) = attempts.get_mut(next) {
                attempts.push(failures);
            }
        };
        for _ in 0..self.clients {
            fail(&mut attempts, 0, 1);
        }
        let mut course =
            Course { requests: Vec::new(), downtime: ticks(self.downtime) / TICKS_PER_BIN, all_back: None };
        let (mut queued, mut back) = (0, 0);
        for now in 0..end {
            if now % TICKS_PER_BIN == 0 {
                course.requests.push(0);
            }
            let due = std::mem::take(&mut attempts[now]);
            course.requests[now / TICKS_PER_BIN] += due.len();
            let up = now >= ticks(self.downtime);
            for failures in due {
                if up && queued < self.backlog {
                    queued += 1;
                    back += 1;
                } else {
                    fail(&mut attempts, now, failures.saturating_add(1));
                }
            }
            if back == self.clients && queued == 0 {
                course.all_back = Some(TICK * u32::try_from(now).unwrap_or(u32::MAX));
                break;
            }
            // What is accepted in a tick need not be a whole number.
            let capacity = (now + 1) * self.accepts / 100 - now * self.accepts / 100;
            queued -= capacity.min(queued);
        }
        course
    }
}

impl Course {
    /// The most requests that came within a bin.
    pub fn busiest_bin(&self) -> usize {
        self.requests.iter().copied().max().unwrap_or(0)
    }

    /// The most requests that came within a second, whenever it began.
    pub fn busiest_second(&self) -> usize {
        busiest(&self.requests, 10)
    }

    /// The same for the time after somebody answered again.
    pub fn busiest_second_up(&self) -> usize {
        busiest(self.requests.get(self.downtime..).unwrap_or(&[]), 10)
    }

    /// All requests, failed ones included.
    pub fn total(&self) -> usize {
        self.requests.iter().sum()
    }
}

fn busiest(requests: &[usize], bins: usize) -> usize {
    requests.windows(bins.min(requests.len()).max(1)).map(|window| window.iter().sum()).max().unwrap_or(0)
}

fn ticks(time: Duration) -> usize {
    usize::try_from(time.as_millis() / TICK.as_millis()).unwrap_or(usize::MAX)
}
