//! The toolchain's WebAssembly target.

use std::path::Path;

use tokio::process::Command;

use super::progress::{Progress, Tell};

pub(super) const TARGET: &str = "wasm32-unknown-unknown";

/// Adds the target with rustup if the toolchain lacks it.
pub(super) async fn install_missing(root: &Path, tell: Tell<'_>) -> Result<(), String> {
    if is_installed(root).await {
        return Ok(());
    }
    let line = format!("rustup target add {TARGET}");
    tell(Progress::Text(&format!("The WebAssembly target of Rust is missing: running `{line}` …")));
    let status =
        Command::new("rustup").args(["target", "add", TARGET]).current_dir(root).kill_on_drop(true).status().await;
    match status {
        Ok(status) if status.success() => Ok(()),
        Ok(_) => Err(format!("`{line}` failed: run it by hand to see why.")),
        Err(error) => Err(format!(
            "The target {TARGET} is missing, and rustup can't be run ({error}): install Rust with rustup, or install the \
             target with your system's package manager."
        )),
    }
}

/// Asks the compiler, because not everybody has rustup. If the compiler can't be run, cargo reports that later.
async fn is_installed(root: &Path) -> bool {
    let arguments = ["--print", "target-libdir", "--target", TARGET];
    match Command::new("rustc").args(arguments).current_dir(root).kill_on_drop(true).output().await {
        Ok(output) => Path::new(String::from_utf8_lossy(&output.stdout).trim()).is_dir(),
        Err(_) => true,
    }
}
