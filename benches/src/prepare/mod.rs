//! From sources to a folder that the dev server can serve: the benchmark's page, its contenders, and what they need.

mod bindgen;
mod cargo;
mod npm;

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::Result;
pub(crate) use cargo::Profile;

/// The tools, and where their work goes.
pub(crate) struct Workshop {
    /// The workspace.
    pub(crate) root: PathBuf,
    /// Cargo's target folder.
    target: PathBuf,
    /// What is made here: `target/browser-bench`.
    pub(crate) folder: PathBuf,
}

impl Workshop {
    /// Installs what npm has to give.
    pub(crate) fn new(target: &Path) -> Result<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().ok_or("this package lies in no workspace")?;
        let folder = target.join("browser-bench");
        fs::create_dir_all(&folder)?;
        let workshop = Self { root: root.to_owned(), target: target.to_owned(), folder };
        workshop.install()?;
        Ok(workshop)
    }

    /// Builds the dev server's program.
    pub(crate) fn dev_server(&self) -> Result<PathBuf> {
        self.cargo("dev-server", &Profile::Release, None)?;
        Ok(self.target.join("release").join(format!("dev-server{}", std::env::consts::EXE_SUFFIX)))
    }

    /// Builds a package to wasm and its glue into the folder `out`, which is made anew.
    pub(crate) fn wasm(&self, package: &str, profile: &Profile, out: &Path) -> Result<Wasm> {
        self.cargo(package, profile, Some(cargo::WASM))?;
        let stem = package.replace('-', "_");
        let built = self.target.join(cargo::WASM).join(profile.folder()).join(format!("{stem}.wasm"));
        bindgen::generate(&built, out)?;
        let wasm = Wasm { wasm: out.join(format!("{stem}_bg.wasm")), script: out.join(format!("{stem}.js")) };
        run(self.tool("wasm-opt").arg(profile.wasm_opt()).arg(&wasm.wasm).arg("-o").arg(&wasm.wasm))?;
        Ok(wasm)
    }

    /// Bundles a script.
    pub(crate) fn bundle(&self, entry: &Path, arguments: &[&OsStr]) -> Result<()> {
        // The packages are not beside the scripts that import them.
        let mut esbuild = self.tool("esbuild");
        esbuild.env("NODE_PATH", self.packages()).arg(entry).args(["--bundle", "--format=esm", "--log-level=warning"]);
        run(esbuild.args(arguments))
    }

    /// Makes the folder that is served.
    pub(crate) fn site(&self) -> Result<PathBuf> {
        let site = self.folder.join("site");
        let pkg = site.join("pkg");
        self.wasm("eventsource-wasm", &Profile::Release, &pkg)?;
        self.wasm("bench-rust", &Profile::Release, &pkg.join("rust"))?;
        self.wasm("bench-gloo", &Profile::Release, &pkg.join("gloo"))?;
        let page = self.root.join("benches/page");
        let out = format!("--outdir={}", pkg.join("bench").display());
        let sharer = page.join("sharer.js");
        let arguments = [sharer.as_ref(), "--splitting".as_ref(), "--external:/pkg/*".as_ref(), out.as_ref()];
        self.bundle(&page.join("bench.js"), &arguments)?;
        fs::copy(page.join("index.html"), site.join("index.html"))?;
        // By its manifest the server knows the folder.
        fs::copy(self.root.join("Cargo.toml"), site.join("Cargo.toml"))?;
        Ok(site)
    }
}

/// A program as a page loads it.
pub(crate) struct Wasm {
    pub(crate) wasm: PathBuf,
    pub(crate) script: PathBuf,
}

/// Runs a command whose output is of interest only if it fails.
fn run(command: &mut Command) -> Result<()> {
    let program = Path::new(command.get_program()).display().to_string();
    let output = command.output().map_err(|error| format!("{program} can't be started: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    let said = [output.stdout, output.stderr].concat();
    Err(format!("{program} failed:\n{}", String::from_utf8_lossy(&said).trim_end()).into())
}
