//! What a source has counted.

use std::time::Duration;

/// What a source has counted since it was opened, from [`EventSource::stats`](crate::EventSource::stats).
///
/// ```no_run
/// # async fn example() -> Result<(), eventsource_wasm::Error> {
/// # use eventsource_wasm::EventSource;
/// let source = EventSource::new("/events")?;
/// let stats = source.stats();
/// println!("{} messages, {} lost in full queues, {} reconnections", stats.messages, stats.dropped, stats.reconnects);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stats {
    /// Messages of types that have a reader. Each counts once, however many readers got it.
    pub messages: u64,
    /// The size of their data, in bytes of UTF-8. Over `fetch`, all data counts; over the native transport, only data
    /// that has been read, because the rest would have to be copied out of JavaScript to be counted.
    pub bytes: u64,
    /// Messages that full queues dropped, over all subscriptions, past ones too.
    pub dropped: u64,
    /// Messages that were not delivered because they had arrived before
    /// ([`suppress_duplicates`](crate::EventSourceBuilder::suppress_duplicates)).
    pub duplicates: u64,
    /// How many times the source has reconnected after it had been open.
    pub reconnects: u32,
    /// How long ago the newest message arrived; `None` before the first.
    pub last_message_age: Option<Duration>,
    /// How long ago the last sign of life was seen: a message, a heartbeat or the opening; `None` before the first.
    pub last_activity_age: Option<Duration>,
}
