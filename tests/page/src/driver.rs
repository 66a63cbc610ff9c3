//! A browser's driver, as a process of its own on a port that is free.

use std::env;
use std::path::PathBuf;
use std::process::Stdio;

use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

use crate::{Kind, paths};

pub(crate) struct Driver {
    pub(crate) url: String,
    _process: Child,
}

impl Driver {
    /// Starts the driver that `GECKODRIVER` or `CHROMEDRIVER` names, or else the one that `tests/run.sh` has installed, or
    /// else the one on the `PATH`.
    pub(crate) async fn start(kind: Kind) -> Self {
        let (variable, name, arguments): (_, _, &[_]) = match kind {
            // Firefox takes a fixed port for BiDi unless it is told otherwise, and two browsers may run at once.
            Kind::Firefox => ("GECKODRIVER", "geckodriver", &["--port=0", "--websocket-port=0"]),
            Kind::Chromium => ("CHROMEDRIVER", "chromedriver", &["--port=0"]),
        };
        let installed = Some(paths::target().join("tools/bin").join(name)).filter(|driver| driver.is_file());
        let program = env::var_os(variable).or(installed.map(PathBuf::into)).unwrap_or_else(|| name.into());
        let mut process = Command::new(&program)
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .unwrap_or_else(|error| {
                panic!("{} does not start ({error}): run tests/run.sh, which installs it", program.display())
            });
        let stdout = process.stdout.take().expect("its output is piped");
        let mut lines = BufReader::new(stdout).lines();
        let port = loop {
            let line = lines.next_line().await.ok().flatten();
            let line = line.unwrap_or_else(|| panic!("{} ended before it listened", program.display()));
            if let Some(port) = announced_port(&line) {
                break port;
            }
        };
        // A driver whose output nobody reads would stop when the pipe is full.
        tokio::task::spawn_local(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        Self { url: format!("http://127.0.0.1:{port}"), _process: process }
    }
}

/// The port in `Listening on 127.0.0.1:4444` or `ChromeDriver was started successfully on port 4444.`
fn announced_port(line: &str) -> Option<u16> {
    let after = line.split_once("Listening on ").or_else(|| line.split_once("successfully on port "))?.1;
    after.trim_end_matches('.').rsplit(':').next()?.parse().ok()
}
