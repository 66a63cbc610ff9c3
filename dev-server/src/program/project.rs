//! Finds the page's project.

use std::fs;
use std::path::{Path, PathBuf};

/// The folder of the page's project: the given one, or else one that is found, if any.
///
/// # Errors
/// A line that says what is missing in the given folder.
pub(crate) fn root(asked: Option<&Path>) -> Result<Option<PathBuf>, String> {
    let Some(folder) = asked else { return Ok(find()) };
    match folder.canonicalize() {
        Ok(folder) if is_project(&folder) => Ok(Some(folder)),
        _ => {
            let folder = folder.display();
            Err(format!(
                "--root {folder} is not a project: it needs an index.html and the Cargo.toml of eventsource-wasm"
            ))
        }
    }
}

/// The folder of the page's project: the current one, one above it, or the one that this program was built in.
fn find() -> Option<PathBuf> {
    let here = std::env::current_dir().ok();
    let above = here.iter().flat_map(|here| here.ancestors());
    let built_in = Path::new(env!("CARGO_MANIFEST_DIR")).parent();
    above.chain(built_in).find(|folder| is_project(folder)).and_then(|folder| folder.canonicalize().ok())
}

fn is_project(folder: &Path) -> bool {
    let manifest = fs::read_to_string(folder.join("Cargo.toml")).unwrap_or_default();
    folder.join("index.html").is_file() && manifest.lines().any(|line| line.trim() == r#"name = "eventsource-wasm""#)
}

/// What is wrong with a package that wasm-pack built, and how to fix it.
pub(crate) fn package_fault(package: &Path) -> Option<String> {
    let cure = "run `wasm-pack build --target web`, or leave out --no-build";
    let script = fs::read_to_string(package.join("eventsource_wasm.js"));
    match script.as_deref() {
        Err(_) => Some(format!("pkg/eventsource_wasm.js is missing: {cure}")),
        // Only the web target has a function that fetches the wasm, which a page without a bundler needs.
        Ok(script) if !script.contains("initSync") => {
            Some(format!("pkg/ was built for a bundler or for Node, not for a page: {cure}"))
        }
        Ok(_) if !package.join("eventsource_wasm_bg.wasm").is_file() => {
            Some(format!("pkg/eventsource_wasm_bg.wasm is missing: {cure}"))
        }
        Ok(_) => None,
    }
}
