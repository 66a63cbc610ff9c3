//! What the program prints: the URL to stdout, everything else to stderr. Nothing waits for the reader, so a pipe that
//! nobody reads, or a paused terminal, does not stop the server.

use std::io::{self, Write};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;
use std::time::Duration;

/// How many texts may wait to be printed. Further ones are dropped, and their number is printed instead.
const WAITING: usize = 4096;
/// How long the program waits at exit for its last messages to be printed.
const PATIENCE: Duration = Duration::from_millis(250);

/// Prints the URL, for people and for scripts.
pub(crate) fn url_line(url: &str) {
    static STDOUT: Printer = Printer::new();
    STDOUT.print(format!("{url}\n"), io::stdout);
    // Printed first, so that a script can read it before anything else happens.
    STDOUT.flush();
}

/// Prints a line or several; colours are kept only on a terminal.
pub(crate) fn say(text: &str) {
    print(format!("{}\n", text.trim_end()));
}

/// Prints a text as it is.
pub(crate) fn print(text: String) {
    STDERR.print(text, anstream::stderr);
}

/// Waits a moment for what is still to be printed.
pub(crate) fn flush() {
    STDERR.flush();
}

static STDERR: Printer = Printer::new();

/// A thread that prints, started when there is something to print.
struct Printer {
    sender: OnceLock<SyncSender<Item>>,
    dropped: AtomicU64,
}

enum Item {
    Text(String),
    /// Answered when everything before it is printed.
    Flush(SyncSender<()>),
}

impl Printer {
    const fn new() -> Self {
        Self { sender: OnceLock::new(), dropped: AtomicU64::new(0) }
    }

    fn print<W: Write + 'static>(&self, text: String, open: fn() -> W) {
        let sender = self.sender.get_or_init(|| {
            let (sender, receiver) = sync_channel(WAITING);
            thread::spawn(move || print_all(&receiver, open()));
            sender
        });
        let dropped = self.dropped.swap(0, Ordering::Relaxed);
        let text =
            if dropped == 0 { text } else { format!("({dropped} lines were dropped: nobody read them)\n{text}") };
        // If there is still no room, they are counted again with this text.
        if sender.try_send(Item::Text(text)).is_err() {
            self.dropped.fetch_add(dropped + 1, Ordering::Relaxed);
        }
    }

    fn flush(&self) {
        let (done, printed) = sync_channel(1);
        if self.sender.get().is_some_and(|sender| sender.try_send(Item::Flush(done)).is_ok()) {
            // A reader that has not read by then loses the rest.
            let _ = printed.recv_timeout(PATIENCE);
        }
    }
}

fn print_all(items: &Receiver<Item>, mut out: impl Write) {
    for item in items {
        match item {
            // A closed pipe must not stop the server either.
            Item::Text(text) => drop(out.write_all(text.as_bytes()).and_then(|()| out.flush())),
            Item::Flush(done) => drop(done.send(())),
        }
    }
}
