//! The dev server, as a process of its own.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use crate::Result;

/// A running server; dropping it ends it.
pub(crate) struct Server {
    process: Child,
    /// The page's address.
    pub(crate) url: String,
}

impl Server {
    pub(crate) fn start(program: &Path, site: &Path) -> Result<Self> {
        let mut process = Command::new(program)
            .args(["--port", "0", "--no-build", "--no-watch", "-q"])
            .current_dir(site)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| format!("{} can't be started: {error}", program.display()))?;
        // It says its address on a line of its own, and nothing else there.
        let mut url = String::new();
        if let Some(stdout) = process.stdout.take() {
            BufReader::new(stdout).read_line(&mut url)?;
        }
        url.truncate(url.trim_end().len());
        let server = Self { process, url };
        if server.url.is_empty() { Err("the dev server ended before it listened".into()) } else { Ok(server) }
    }

    /// Its process.
    pub(crate) fn id(&self) -> u32 {
        self.process.id()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
