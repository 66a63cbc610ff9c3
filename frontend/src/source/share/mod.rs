//! One connection for all tabs and workers of an origin.
//!
//! A source that shares is two: the user's, which shows what whoever leads has told (its transport is
//! [`Sharing`](sharing::Sharing)), and, in the one that leads, an inner one with all that the options say, which a
//! [`Broadcaster`](broadcaster::Broadcaster) listens to.

pub(crate) mod broadcaster;
pub(crate) mod inbox;
pub(crate) mod inner;
pub(crate) mod name;
pub(crate) mod option;
pub(crate) mod role;
pub(crate) mod sharing;
