//! The log of the program and the library, from a chosen level on.

use std::fmt;
use std::io::{self, Write};

use chrono::Local;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::FormatTime;

use crate::output::{print, say};

/// Prints all further messages of these levels.
pub(crate) fn start(level: LevelFilter) {
    tracing_subscriber::fmt()
        .with_max_level(level)
        .with_timer(TimeOfDay)
        .with_target(false)
        // Removed when stderr is not a terminal.
        .with_ansi(true)
        .with_writer(Line::default)
        .init();
}

/// Logs what the program does, as plain text.
pub(crate) fn tell(text: &str) {
    if LevelFilter::current() >= LevelFilter::INFO {
        say(text);
    }
}

/// Logs what does not work, as plain text.
pub(crate) fn warn(text: &str) {
    if LevelFilter::current() >= LevelFilter::WARN {
        say(text);
    }
}

struct TimeOfDay;

impl FormatTime for TimeOfDay {
    fn format_time(&self, writer: &mut Writer<'_>) -> fmt::Result {
        write!(writer, "{}", Local::now().format("%H:%M:%S%.3f"))
    }
}

/// A line that is printed when it is complete.
#[derive(Default)]
struct Line(Vec<u8>);

impl Write for Line {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        print(String::from_utf8_lossy(&self.0).into_owned());
    }
}
