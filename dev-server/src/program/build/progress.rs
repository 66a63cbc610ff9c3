//! What a build reports while it runs.

/// Something that a running build reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Progress<'a> {
    /// A line or several, with ANSI colours.
    Text(&'a str),
    /// How many crates are compiled, and how many there are.
    Parts { done: u64, total: u64 },
}

/// Receives the progress.
pub(crate) type Tell<'a> = &'a (dyn Fn(Progress<'_>) + 'a);

impl Progress<'_> {
    /// Reads a line of cargo's output: its progress bar, or a text.
    pub(super) fn of_line(line: &str) -> Progress<'_> {
        Self::bar(line).unwrap_or(Progress::Text(line))
    }

    /// Reads `Building [===>    ] 34/120: serde`.
    fn bar(line: &str) -> Option<Progress<'static>> {
        let (_, after) = line.trim_start().strip_prefix("Building [")?.split_once(']')?;
        let (done, total) = after.split(':').next()?.trim().split_once('/')?;
        Some(Progress::Parts { done: done.parse().ok()?, total: total.parse().ok()? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_is_told_from_a_line() {
        assert_eq!(
            Progress::of_line("    Building [====>      ] 34/120: serde, syn"),
            Progress::Parts { done: 34, total: 120 }
        );
        for line in ["   Compiling serde v1.0.0", "Building [", "Building [=] x/3", "Building [=] 3"] {
            assert_eq!(Progress::of_line(line), Progress::Text(line));
        }
    }
}
