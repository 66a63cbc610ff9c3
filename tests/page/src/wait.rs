//! Tests wait for what they expect, and for no fixed time.

use std::time::{Duration, Instant};

use tokio::time::sleep;

/// How long is waited for something at most: far longer than any of it takes, so that a loaded machine fails no test.
const PATIENCE: Duration = Duration::from_secs(60);
/// How long a test may take, and its browser to start. Without it a driver that answers no more would hang the test for good.
pub(crate) const TEST_LIMIT: Duration = Duration::from_secs(240);
/// How long a driver has for what follows a failed test.
pub(crate) const LAST_WORDS: Duration = Duration::from_secs(20);
pub(crate) const BETWEEN_LOOKS: Duration = Duration::from_millis(50);

/// Waits until `look` finds something, and returns it; fails the test if it doesn't within a minute.
pub async fn until<T>(what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let began = Instant::now();
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(began.elapsed() < PATIENCE, "waited {PATIENCE:?} in vain: {what}");
        sleep(BETWEEN_LOOKS).await;
    }
}
