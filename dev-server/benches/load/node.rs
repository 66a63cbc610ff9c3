//! The servers in JavaScript.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use crate::process::target_dir;

/// Their sources, as this program was built with them.
const FILES: [(&str, &str); 4] = [
    ("package.json", include_str!("node/package.json")),
    ("package-lock.json", include_str!("node/package-lock.json")),
    ("plain.mjs", include_str!("node/plain.mjs")),
    ("better-sse.mjs", include_str!("node/better-sse.mjs")),
];

/// Puts the sources and better-sse into the target folder, and returns the scripts that can run; says why any can't.
pub(crate) fn scripts() -> Vec<(&'static str, PathBuf)> {
    let folder = target_dir().join("load-node");
    if let Err(error) = Command::new("node").arg("--version").stdout(Stdio::null()).status() {
        eprintln!("Node can't be started ({error}): the columns of Node and better-sse are left out.");
        return Vec::new();
    }
    let written = std::fs::create_dir_all(&folder)
        .and_then(|()| FILES.iter().try_for_each(|(name, text)| std::fs::write(folder.join(name), text)));
    if let Err(error) = written {
        eprintln!("{} can't be written ({error}): the columns of Node and better-sse are left out.", folder.display());
        return Vec::new();
    }
    let mut scripts = vec![("Node", folder.join("plain.mjs"))];
    let npm = Command::new("npm").args(["ci", "--no-audit", "--no-fund"]).current_dir(&folder).output();
    match npm {
        Ok(output) if output.status.success() => scripts.push(("better-sse", folder.join("better-sse.mjs"))),
        Ok(output) => {
            let text = String::from_utf8_lossy(&output.stderr);
            eprintln!("`npm ci` failed, the column of better-sse is left out:\n{}", text.trim_end());
        }
        Err(error) => eprintln!("npm can't be started ({error}): the column of better-sse is left out."),
    }
    scripts
}
