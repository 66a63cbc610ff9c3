//! Packages and tools from npm: those of ../../package.json, and no others.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use super::{Workshop, run};
use crate::Result;

const MANIFEST: &str = "package.json";
const LOCK: &str = "package-lock.json";

impl Workshop {
    /// Where the packages are.
    pub(super) fn packages(&self) -> PathBuf {
        self.folder.join("npm/node_modules")
    }

    /// A tool that npm has installed.
    pub(super) fn tool(&self, name: &str) -> Command {
        Command::new(self.packages().join(".bin").join(name))
    }

    /// Installs what the lock file says, unless that is done already.
    pub(super) fn install(&self) -> Result<()> {
        let (from, to) = (self.root.join("benches"), self.folder.join("npm"));
        let lock = fs::read(from.join(LOCK))?;
        // The copy is written last, so it is there only if all is.
        if fs::read(to.join("installed")).is_ok_and(|installed| installed == lock) {
            return Ok(());
        }
        eprintln!("Installing packages from npm.");
        fs::create_dir_all(&to)?;
        fs::copy(from.join(MANIFEST), to.join(MANIFEST))?;
        fs::copy(from.join(LOCK), to.join(LOCK))?;
        run(Command::new("npm").args(["ci", "--no-audit", "--no-fund"]).current_dir(&to)).map_err(|error| {
            format!("{error}\nNode with npm is needed: https://nodejs.org, or apt-get install nodejs npm")
        })?;
        Ok(fs::write(to.join("installed"), lock)?)
    }
}
