//! Where things are.

use std::env;
use std::path::{Path, PathBuf};

/// The folder with the workspace's manifest and the page.
pub(crate) fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

/// Cargo's target folder: the tests themselves are in its `debug/deps`.
pub(crate) fn target() -> PathBuf {
    let me = env::current_exe().expect("a test has a path");
    me.ancestors().nth(3).expect("a test lies in target/debug/deps").to_owned()
}
