//! The table as text.

use std::fmt::Write as _;

use super::params::{GROUPS, Param};

/// The table as text.
pub(crate) fn help() -> String {
    let mut text = String::from("GET /events?… is a stream of events. All parameters combine:\n\n");
    for group in GROUPS {
        for Param { name, meaning, allowed, example, .. } in group.params {
            // Writing to a string can't fail.
            let _ = write!(text, "{name}=\n    {meaning}\n    allowed: {allowed}\n    {example}\n\n");
        }
    }
    text.push_str("GET /connections lists the streams that are being read now, as JSON.\n");
    text
}
