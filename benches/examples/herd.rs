//! Lets 100,000 clients lose their node and come back, by this package's backoff and by others, in a simulation of seconds.
//!
//!     cargo run -p browser-bench --example herd
//!
//! Draws docs/herd.svg and prints the tables of docs/scale.md, which are the same each time.

use std::{fs, io};

use browser_bench::herd::{SHOWN, chart, play, tables};

fn main() -> io::Result<()> {
    let [table, at_once] = tables(&SHOWN);
    println!("Nobody answers for {} s:\n\n{table}\nSomebody answers at once:\n\n{at_once}", SHOWN.downtime.as_secs());
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/herd.svg");
    fs::write(path, chart::svg(&SHOWN, &play(&SHOWN)))
}
