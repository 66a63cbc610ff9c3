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
    /// Messages of the types that are listened to; each is counted once, however many readers got it.
    pub messages: u64,
    /// The bytes of their data, in UTF-8. Over `fetch` all data counts; over the native transport, the data that has been
    /// read, since to count the rest it would have to be copied out of JavaScript.
    pub bytes: u64,
    /// Messages that full queues dropped, over all subscriptions, past ones too.
    pub dropped: u64,
    /// Messages that were not delivered because they had been before
    /// ([`suppress_duplicates`](crate::EventSourceBuilder::suppress_duplicates)).
    pub duplicates: u64,
    /// How often the connection was made again after it had been open.
    pub reconnects: u32,
    /// How long ago the newest message arrived; `None` before the first.
    pub last_message_age: Option<Duration>,
    /// How long ago the server was last heard: a message, a heartbeat or the opening; `None` before the first.
    pub last_activity_age: Option<Duration>,
}
