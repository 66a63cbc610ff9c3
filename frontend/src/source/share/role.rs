//! The role of a source that shares its connection.

/// The role of a source that shares its connection, from [`EventSource::sharing`](crate::EventSource::sharing).
///
/// ```no_run
/// # async fn example() -> Result<(), eventsource_wasm::Error> {
/// # use eventsource_wasm::{EventSource, Sharing};
/// let source = EventSource::builder("/events").share(true).open()?;
/// if source.sharing() == Some(Sharing::Unsupported) {
///     println!("this tab has a connection of its own");
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Sharing {
    /// It has the connection, and posts the messages to the others.
    Leader,
    /// Another source has the connection, or a leader is about to be chosen.
    #[default]
    Follower,
    /// It has a connection of its own, because [Web Locks] or [`BroadcastChannel`] are not available. Locks are
    /// available only in [secure contexts]: pages over HTTPS or of `localhost`.
    ///
    /// [Web Locks]: https://developer.mozilla.org/en-US/docs/Web/API/Web_Locks_API
    /// [`BroadcastChannel`]: https://developer.mozilla.org/en-US/docs/Web/API/BroadcastChannel
    /// [secure contexts]: https://developer.mozilla.org/en-US/docs/Web/Security/Secure_Contexts
    Unsupported,
}
