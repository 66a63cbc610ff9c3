//! How the tabs and workers of an origin share one connection: which source has it, what it posts to the others, and
//! how the stream continues when that source is gone.
//!
//! Every source that shares is a *sharer*. One of them is the *leader*: it has the connection, numbers its messages and
//! posts them to the others, the *followers*. The holder of a lock is the leader; the browser passes the lock on when
//! its holder is closed or crashes, and a follower that finds the leader silent may steal it.
//!
//! The time of one leader is an *epoch*. A new leader first asks all sharers which messages they have, and from then on
//! they ignore older epochs. So that is settled before the stream continues after the newest of these messages.
//!
//! Like the connection, a [`Sharer`](sharer::Sharer) has no side effects: its inputs are what happens, with the time,
//! and its outputs are what to do.

pub(crate) mod away;
pub(crate) mod call;
pub(crate) mod calling;
pub(crate) mod following;
pub(crate) mod leading;
pub(crate) mod members;
pub(crate) mod overlap;
pub(crate) mod post;
pub(crate) mod recent;
pub(crate) mod sharer;
pub(crate) mod standing;
pub(crate) mod wire;
pub(crate) mod wire_state;

#[cfg(test)]
mod sharer_tests;
#[cfg(all(test, not(target_family = "wasm")))]
mod world;
#[cfg(all(test, not(target_family = "wasm")))]
mod world_checks;
#[cfg(all(test, not(target_family = "wasm")))]
mod world_tests;

use std::time::Duration;

/// How long a leader may be silent before followers ask whether it is there, and how long it may take to answer. A
/// leader is missing for at most twice this time.
pub(crate) const HEARTBEAT: Duration = Duration::from_secs(3);

/// How long a leader may be hidden before it hands over to a sharer that is visible.
pub(crate) const HIDDEN_GRACE: Duration = HEARTBEAT;

/// An overdue timer may fire before the posts that have arrived meanwhile, so a leader that seems silent gets this much
/// longer.
const SECOND_LOOK: Duration = Duration::from_millis(300);

/// A leader that has had no input for longer than this may have been replaced without noticing, because it did not
/// answer. Inputs are more frequent than that, and a replacement takes longer.
const DOUBT: Duration = HEARTBEAT.saturating_add(Duration::from_millis(250));

/// How long a new leader waits for the answers of the others, and for messages that it misses: the others may be
/// frozen, or gone.
const CALL: Duration = Duration::from_millis(400);

/// The shortest time that it waits, so that the last posts of its predecessor arrive.
const SETTLE: Duration = Duration::from_millis(50);

/// After this time, a request for messages that have not arrived is repeated.
const ASK_AGAIN: Duration = Duration::from_millis(500);

/// How long a sharer that was offered the connection may take to open one of its own.
const OFFER: Duration = Duration::from_secs(10);

/// How long a sharer that could not open one is not offered it again.
const DECLINED: Duration = Duration::from_secs(60);
