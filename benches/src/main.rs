//! `cargo bench --bench browser`; see ../README.md.

use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    // Cargo's folder for such files is in its target folder.
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap_or(Path::new("target"));
    browser_bench::main(target)
}
