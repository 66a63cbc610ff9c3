//! Identifies a version of the page and its package.

use std::fs;
use std::io;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};

/// A digest of the files at these paths and below.
pub(crate) fn of(paths: &[&Path]) -> io::Result<String> {
    let mut hash = Sha256::new();
    for path in paths {
        add(&mut hash, path)?;
    }
    Ok(short(hash))
}

/// A digest of one file's bytes.
pub(crate) fn of_bytes(bytes: &[u8]) -> String {
    short(Sha256::new_with_prefix(bytes))
}

fn add(hash: &mut Sha256, path: &Path) -> io::Result<()> {
    if !path.is_dir() {
        let bytes = fs::read(path)?;
        // Lengths separate the end of one file from the start of the next.
        hash.update(bytes.len().to_le_bytes());
        hash.update(bytes);
        return Ok(());
    }
    let mut entries: Vec<_> = fs::read_dir(path)?.collect::<Result<_, _>>()?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        hash.update(entry.file_name().as_encoded_bytes());
        add(hash, &entry.path())?;
    }
    Ok(())
}

fn short(hash: Sha256) -> String {
    URL_SAFE_NO_PAD.encode(&hash.finalize()[..15])
}
