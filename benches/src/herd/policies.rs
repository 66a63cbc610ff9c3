//! Who is compared.

use std::time::Duration;

use eventsource_wasm::{Backoff, RetryContext, RetryPolicy};

/// A way to come back.
pub struct Contender {
    /// What the table and the picture call it.
    pub label: &'static str,
    /// Whether it is this package's.
    pub ours: bool,
    /// When its clients try again.
    pub policy: Box<dyn RetryPolicy>,
}

/// All of them, what is usual first.
pub fn contenders() -> [Contender; 4] {
    [
        Contender {
            label: "a fixed delay of 3 s",
            ours: false,
            policy: Box::new(|_: &RetryContext| Some(Duration::from_secs(3))),
        },
        Contender { label: "1, 2, 4 … 30 s without jitter", ours: false, policy: Box::new(without_jitter) },
        Contender { label: "Backoff::default()", ours: true, policy: Box::new(Backoff::default()) },
        Contender {
            label: "Backoff, min_delay 10 s, max_delay 60 s",
            ours: true,
            policy: Box::new(Backoff {
                min_delay: Duration::from_secs(10),
                max_delay: Duration::from_secs(60),
                ..Backoff::default()
            }),
        },
    ]
}

/// The longest that [`Backoff`] could wait, always.
fn without_jitter(retry: &RetryContext) -> Option<Duration> {
    let mut longest = retry.clone();
    longest.random = 1.0;
    Backoff::default().next_delay(&longest)
}
