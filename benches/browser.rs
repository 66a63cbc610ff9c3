//! `cargo bench --bench browser`: starts the benchmark, which is a package of its own in this folder.
//!
//! It is started and not contained: what drives browsers would be compiled for every test of this package, also for
//! wasm32, where it can't be.

use std::env;
use std::process::{Command, ExitCode};

fn main() -> ExitCode {
    let arguments: Vec<_> = env::args_os().skip(1).filter(|argument| argument != "--bench").collect();
    // `cargo test --all-targets` runs benchmarks too, and leaves the flag out. This one takes half an hour.
    if !env::args_os().any(|argument| argument == "--bench") {
        return ExitCode::SUCCESS;
    }
    // It only waits for browsers: an optimised one would take longer to build and measure nothing better.
    let status = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args(["bench", "--quiet", "--locked", "--profile", "dev", "--package", "browser-bench"])
        .args(["--features", "browsers", "--bench", "browser", "--"])
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .status();
    match status.map(|status| status.code()) {
        Ok(Some(0)) => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("cargo can't be started ({error}): run `cargo bench -p browser-bench --features browsers`");
            ExitCode::FAILURE
        }
    }
}
