//! What the program prints: the URL to stdout, everything else to stderr. A closed pipe is no reason to stop.

use std::io::Write as _;

/// Prints the URL for people and for scripts.
pub(crate) fn url_line(url: &str) {
    let _ = writeln!(std::io::stdout(), "{url}");
}

/// Prints a line, or a text of several; its colours only to a terminal.
pub(crate) fn say(text: &str) {
    let _ = writeln!(anstream::stderr(), "{}", text.trim_end());
}
