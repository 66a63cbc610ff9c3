//! How the tabs and workers of an origin share one connection: who has it, who is told what, and what becomes of a stream
//! when the one who had it is gone.
//!
//! Every source that shares is a *sharer*. One of them leads: it has the connection, numbers its messages and posts them
//! to the others, which follow. Who holds the lock leads; the browser hands a lock on when its holder is closed or crashes,
//! and whoever finds that the leader is silent may steal it.
//!
//! A leadership is an *epoch*. A new leader first calls upon all sharers to say what they have, and they heed no older epoch
//! from then on; so what they have is settled before the stream goes on after the newest of it.
//!
//! Like the connection, a [`Sharer`](sharer::Sharer) has no effects: it is told what happens, and when, and says what is to
//! be done.

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

/// How long a leader may be silent before it is asked whether it is there, and how long it may take to answer. Nobody is
/// without a leader for longer than twice this.
pub(crate) const HEARTBEAT: Duration = Duration::from_secs(3);

/// How long a leader may be hidden before it hands over to a sharer that is visible.
pub(crate) const HIDDEN_GRACE: Duration = HEARTBEAT;

/// A timer that is overdue may fire before the posts that came meanwhile: a leader that seems silent is given this much
/// longer.
const SECOND_LOOK: Duration = Duration::from_millis(300);

/// A leader to which nothing has happened for longer than this may have been asked in vain, and replaced. It is asked more
/// often than that, and replaced later.
const DOUBT: Duration = HEARTBEAT.saturating_add(Duration::from_millis(250));

/// How long a new leader waits for the others to say what they have, and for what it misses: they may be frozen, or gone.
const CALL: Duration = Duration::from_millis(400);

/// The least that it waits, so that what its predecessor has posted last arrives.
const SETTLE: Duration = Duration::from_millis(50);

/// After this time what was asked for, and has not come, is asked for again.
const ASK_AGAIN: Duration = Duration::from_millis(500);

/// How long a sharer that was offered the connection may take to open one of its own.
const OFFER: Duration = Duration::from_secs(10);

/// How long a sharer that could not open one is not offered it again.
const DECLINED: Duration = Duration::from_secs(60);
