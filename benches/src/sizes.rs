//! What programs and packages weigh.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::Result;
use crate::prepare::{Profile, Workshop};
use crate::results::Size;

enum What {
    /// A package of the workspace, built for size.
    Program(&'static str),
    /// A package from npm, all that it exports.
    Npm(&'static str),
}

use What::{Npm, Program};

/// A name for readers, what it is, and how many bytes it may have.
const SIZES: &[(&str, What, Option<u64>)] = &[
    ("Rust, a minimal subscriber", Program("consumer"), Some(23_000)),
    ("Rust, the same over fetch", Program("minimal-fetch"), None),
    ("JavaScript, the whole package", Program("eventsource-wasm"), Some(45_000)),
    ("gloo-net, a minimal subscriber", Program("minimal-gloo"), None),
    ("web-sys, a class with one handler", Program("minimal-web-sys"), None),
    ("npm eventsource", Npm("eventsource"), None),
    ("npm eventsource-client", Npm("eventsource-client"), None),
    ("npm eventsource-parser", Npm("eventsource-parser"), None),
    ("npm @microsoft/fetch-event-source", Npm("@microsoft/fetch-event-source"), None),
];

/// Measures all of them.
pub(crate) fn measure(workshop: &Workshop) -> Result<Vec<Size>> {
    SIZES.iter().map(|(label, what, at_most)| Ok(Size { label, at_most: *at_most, ..weigh(workshop, what)? })).collect()
}

fn weigh(workshop: &Workshop, what: &What) -> Result<Size> {
    let folder = workshop.folder.join("sizes");
    match what {
        Program(package) => {
            let built = workshop.wasm(package, &Profile::Small, &folder.join(package))?;
            let script = minify(workshop, &built.script)?;
            let wasm = fs::metadata(&built.wasm)?.len();
            Ok(size(Some(wasm), script.len, gzipped(&built.wasm)? + script.gzipped))
        }
        Npm(package) => {
            let entry = folder.join(format!("{}.js", package.replace('/', "-")));
            fs::create_dir_all(&folder)?;
            fs::write(&entry, format!("export * from '{package}';\n"))?;
            let script = minify(workshop, &entry)?;
            Ok(size(None, script.len, script.gzipped))
        }
    }
}

fn size(wasm: Option<u64>, script: u64, gzipped: u64) -> Size {
    Size { label: "", wasm, script, gzipped, at_most: None }
}

struct Script {
    len: u64,
    gzipped: u64,
}

fn minify(workshop: &Workshop, script: &Path) -> Result<Script> {
    let out = script.with_extension("min.js");
    workshop.bundle(script, &["--minify".as_ref(), format!("--outfile={}", out.display()).as_ref()])?;
    Ok(Script { len: fs::metadata(&out)?.len(), gzipped: gzipped(&out)? })
}

fn gzipped(file: &Path) -> Result<u64> {
    let output = Command::new("gzip").args(["-9", "-n", "-c"]).arg(file).output();
    let output = output.map_err(|error| format!("gzip can't be started: {error}"))?;
    Ok(u64::try_from(output.stdout.len())?)
}
