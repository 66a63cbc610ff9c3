//! What a connection is told, and what it wants done.

use std::time::Duration;

use super::retry::RetryContext;
use super::state::State;
use crate::error::Error;

/// What happened.
#[cfg_attr(not(feature = "fetch"), allow(dead_code, reason = "some of it only the transport over `fetch` tells"))]
#[derive(Clone, Debug)]
pub(crate) enum Input {
    Start,
    /// The transport has an event stream.
    Opened,
    /// The server was heard, at the time that comes with this.
    Activity,
    /// The transport lost its connection, or failed to make one, and tries again by itself.
    Interrupted(Error),
    /// The transport gave up, or could not be made.
    Failed(Error),
    /// The response has ended, which for a stream that goes on is a loss of the connection.
    Ended(Error),
    /// The server has said how long to wait before a reconnection.
    ReconnectionTime(Duration),
    /// Nothing is read, because a reader's queue is full.
    Held,
    /// The stream is read again.
    Flowing,
    /// What a probe found.
    Probed(Error),
    /// What the policy said to [`Output::Consult`].
    Decided(Option<Duration>),
    Fired(Timer),
    /// The browser is online. All its pages hear so at once, and those of other users may; the number between 0 and 1
    /// spreads them.
    Online(f64),
    Offline,
    Hidden,
    Shown,
    /// The page goes into the back/forward cache.
    Cached,
    /// It has come back from there.
    Restored,
    /// The user wants a new connection now.
    Reconnect,
    /// The user wants no more.
    Close,
    /// The user's signal was aborted, for this reason.
    Abort(String),
}

/// There is at most one timer of each kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Timer {
    /// The wait before the next attempt.
    Retry,
    /// How long an attempt, the browser's own or a probe may take.
    Deadline,
    /// How long an open connection may be silent.
    Idle,
    /// How long one reader may keep the stream from the others.
    Held,
    /// The grace before a hidden page's source pauses.
    Hidden,
}

/// What to do about it, in this order.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Output {
    /// Make a transport.
    Open,
    /// Find out why the transport gave up.
    Probe,
    /// Let go of the transport, or of the probe.
    Release,
    /// Ask the policy, and answer with [`Input::Decided`].
    Consult(RetryContext),
    SetTimer(Timer, Duration),
    ClearTimer(Timer),
    /// Wait no longer for those readers that keep the stream from others.
    Excuse,
    /// Tell everyone about the new state.
    Announce(State),
}
