//! What `PATCH /connections/<id>` changes about a running stream.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use super::description::Stream;
use super::params::value;
use super::table::{canonical, put, rows};

pub(crate) const HELP: &str = "\
Changes the faults of a stream while it runs, and returns its entry in /connections. The parameters are those of a stream's URL: \
rate, end, limit-data, chunk-size, chunk-delay and split; also drop, except for scripts; also gap, dup and jitter, for timed \
events, /echo and /through. An empty value, as in rate=, removes the fault. drop and limit-data count from now: drop=2 means two \
more events. Any other parameter gets a 400, an unknown id a 404. Only this connection changes: a client that reconnects gets \
what its URL says.\n";

/// What can be changed for a script.
pub(super) const BYTES: &[&str] = &["rate", "end", "limit-data", "chunk-size", "chunk-delay", "split"];
/// What can be changed for a channel.
pub(super) const PUSHED: &[&str] = &["rate", "end", "limit-data", "chunk-size", "chunk-delay", "split", "drop"];
/// What can be changed for timed events, and for those of an upstream.
pub(super) const ALL: &[&str] =
    &["rate", "end", "limit-data", "chunk-size", "chunk-delay", "split", "drop", "gap", "dup", "jitter"];

/// Why a stream can't be changed; the message says what can be done.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ChangeError {
    /// There is no connection with this id.
    Unknown,
    /// The change is not possible, as this line says.
    Refused(String),
}

impl fmt::Display for ChangeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unknown => "There is no connection with this id: GET /connections lists them.",
            Self::Refused(line) => line,
        })
    }
}

impl std::error::Error for ChangeError {}

/// New values of parameters; an empty one stands for the default. There are no more than [`ALL`] of them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Change(BTreeMap<String, Vec<u8>>);

impl Change {
    /// Reads the query of a change.
    ///
    /// # Errors
    /// A line that names the parameter at fault and says what is allowed.
    pub(crate) fn read(query: &str, allowed: &[&str]) -> Result<Self, String> {
        let mut change = Self::default();
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = value::pair(pair.as_bytes());
            let name = canonical(name);
            if !allowed.contains(&name.as_str()) {
                let why = if ALL.contains(&name.as_str()) {
                    "has no effect on this stream"
                } else if rows().any(|row| row.name == name) {
                    "can't be changed while a stream runs, because what was already sent depends on it"
                } else {
                    "is not a parameter"
                };
                return Err(format!("`{name}` {why}: allowed are {}", allowed.join(", ")));
            }
            if !value.is_empty() {
                put(&mut scratch(), &name, &value)?;
            }
            if change.has(&name) {
                return Err(format!("`{name}` is given twice: give it once"));
            }
            change.0.insert(name, value);
        }
        if change.0.is_empty() {
            return Err(format!("Say what to change, as in ?rate=1KB/s: allowed are {}", allowed.join(", ")));
        }
        Ok(change)
    }

    /// Adds a later change, which takes precedence.
    pub(crate) fn add(&mut self, later: Self) {
        self.0.extend(later.0);
    }

    /// Whether a parameter changes.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// A stream that has the new values, and defaults elsewhere.
    pub(crate) fn values(&self) -> Stream {
        let mut stream = scratch();
        for (name, value) in self.0.iter().filter(|(_, value)| !value.is_empty()) {
            // It was valid when it was read.
            let _ = put(&mut stream, name, value);
        }
        stream
    }

    /// Changes the following events of a connection that has sent this many.
    pub(crate) fn apply(&self, stream: &mut Stream, sent: u64) {
        let values = self.values();
        if self.has("drop") {
            stream.end.drop = self.drop_after(sent);
        }
        if self.has("gap") {
            stream.order.gap = values.order.gap;
        }
        if self.has("dup") {
            stream.order.dup = values.order.dup;
        }
        if self.has("jitter") {
            stream.pace.jitter = values.pace.jitter;
        }
    }

    /// After how many events in all a connection ends that has sent this many.
    pub(crate) fn drop_after(&self, sent: u64) -> Option<u64> {
        self.values().end.drop.map(|more| sent.saturating_add(more))
    }
}

fn scratch() -> Stream {
    Stream::new(Duration::ZERO)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_help_names_all_that_can_be_changed_and_the_table_has_it() {
        for name in ALL {
            assert!(HELP.contains(name) && rows().any(|row| row.name == *name), "{name}");
        }
        for list in [BYTES, PUSHED] {
            assert!(ALL.starts_with(list));
        }
    }

    #[test]
    fn a_later_change_counts_where_both_say_something() {
        let mut change = Change::read("rate=1KB/s&drop=2", ALL).expect("a change");
        change.add(Change::read("rate=&jitter=1s", ALL).expect("a change"));
        assert!(change.has("rate") && change.values().end.rate.is_none());
        assert_eq!(
            (change.drop_after(u64::MAX), change.values().pace.jitter),
            (Some(u64::MAX), Duration::from_secs(1))
        );
    }
}
