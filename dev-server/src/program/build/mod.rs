//! From the sources to the package that the page imports.

mod bindgen;
mod cargo;
mod target;

use std::path::Path;

/// Builds the package into the folder `out`, which is made anew.
///
/// # Errors
/// What a person needs to see to fix it, with colours.
pub(crate) async fn build(root: &Path, out: &Path, release: bool) -> Result<(), String> {
    target::install_missing(root).await?;
    let wasm = cargo::compile(root, release).await?;
    let out = out.to_owned();
    tokio::task::spawn_blocking(move || bindgen::generate(&wasm, &out, release))
        .await
        .unwrap_or_else(|panic| Err(format!("wasm-bindgen failed: {panic}")))
}
