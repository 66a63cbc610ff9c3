//! Which channel a stream's events come from.

use std::sync::Arc;

use super::param::{Param, Set};

/// Names are names, not data.
const MAX_NAME: usize = 64;

/// Which channel a stream's events come from, instead of timed ones.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Push {
    pub(crate) channel: Option<Arc<str>>,
}

/// Whether a channel can have this name.
pub(crate) fn is_name(name: &str) -> bool {
    (1..=MAX_NAME).contains(&name.len())
}

pub(crate) const PARAMS: &[Param<Push>] = &[Param {
    name: "channel",
    meaning: "sends the events that are pushed to this channel with POST /push/<name>, and a comment at once. A client \
              that presents the id of one of the newest 1000 events gets what was pushed since; any other id gets a \
              `gap` event",
    allowed: "1 to 64 characters",
    example: "channel=news&heartbeat=100ms&limit-data=4",
    not_with: &[
        "interval", "count", "delay", "duration", "jitter", "size", "event", "data", "t0", "id", "history", "message",
        "gap", "dup", "reorder",
    ],
    set: Set::Text(|push, value| {
        push.channel = Some(is_name(value).then(|| value.into())?);
        Some(())
    }),
    ..Param::NEW
}];
