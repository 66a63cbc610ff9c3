//! What the program prints: the URL to stdout, everything else to stderr. Nothing waits for whoever reads it: a pipe that
//! nobody empties, or a terminal that is held, is no reason to stop serving.

use std::io::{self, Write};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;
use std::time::Duration;

/// How many texts wait to be printed. More are dropped, and how many is printed in their place.
const WAITING: usize = 4096;
/// At its end the program waits this long for its last words to be printed.
const PATIENCE: Duration = Duration::from_millis(250);

/// Prints the URL for people and for scripts.
pub(crate) fn url_line(url: &str) {
    static STDOUT: Printer = Printer::new();
    STDOUT.print(format!("{url}\n"), io::stdout);
    // A script may take it before anything else happens.
    STDOUT.flush();
}

/// Prints a line, or a text of several; its colours only to a terminal.
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
    /// Answered when all before is printed.
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
        // Counted anew with those before if there is still no room.
        if sender.try_send(Item::Text(text)).is_err() {
            self.dropped.fetch_add(dropped + 1, Ordering::Relaxed);
        }
    }

    fn flush(&self) {
        let (done, printed) = sync_channel(1);
        if self.sender.get().is_some_and(|sender| sender.try_send(Item::Flush(done)).is_ok()) {
            // Whoever doesn't read by then loses the rest.
            let _ = printed.recv_timeout(PATIENCE);
        }
    }
}

fn print_all(items: &Receiver<Item>, mut out: impl Write) {
    for item in items {
        match item {
            // A closed pipe is no reason to stop either.
            Item::Text(text) => drop(out.write_all(text.as_bytes()).and_then(|()| out.flush())),
            Item::Flush(done) => drop(done.send(())),
        }
    }
}
