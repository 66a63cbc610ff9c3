//! From the sources to the package that the page imports.

mod bindgen;
mod cargo;
mod progress;
mod target;

use std::path::Path;

pub(crate) use progress::{Progress, Tell};

/// Builds the package into the folder `out`, which is recreated, and reports the progress.
///
/// # Errors
/// The diagnostics, with ANSI colours.
pub(crate) async fn build(root: &Path, out: &Path, release: bool, tell: Tell<'_>) -> Result<(), String> {
    target::install_missing(root, tell).await?;
    let wasm = cargo::compile(root, release, tell).await?;
    let out = out.to_owned();
    tokio::task::spawn_blocking(move || bindgen::generate(&wasm, &out, release))
        .await
        .unwrap_or_else(|panic| Err(format!("wasm-bindgen failed: {panic}")))
}
