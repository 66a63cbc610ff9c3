//! A browser's driver, as a process of its own on a port that is free.

use std::env;
use std::net::{Ipv4Addr, TcpListener};
use std::path::PathBuf;
use std::process::Stdio;

use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};

use crate::{Kind, paths, until};

pub(crate) struct Driver {
    pub(crate) url: String,
    _process: Child,
}

impl Driver {
    /// Starts the driver that `GECKODRIVER` or `CHROMEDRIVER` names, or else the one that `tests/run.sh` has installed, or
    /// else the one on the `PATH`. For `WebKitGTK`'s there is `tests/webkit-driver.sh`, whose browser is quicker if it need
    /// not draw what a picture would show.
    pub(crate) async fn start(kind: Kind, draws: bool) -> Self {
        match kind {
            Kind::Firefox => {
                let mut driver = named("GECKODRIVER", "geckodriver");
                // Firefox takes a fixed port for BiDi unless it is told otherwise, and two browsers may run at once.
                driver.args(["--port=0", "--websocket-port=0"]);
                Self::on_its_port(driver).await
            }
            Kind::Chromium => {
                let mut driver = named("CHROMEDRIVER", "chromedriver");
                driver.arg("--port=0");
                Self::on_its_port(driver).await
            }
            Kind::WebKit => {
                let mut driver = Command::new(paths::root().join("tests/webkit-driver.sh"));
                driver.env("WEBKIT_DISABLE_COMPOSITING_MODE", if draws { "0" } else { "1" });
                Self::on_a_port(driver).await
            }
        }
    }

    /// A driver that takes a free port, and tells which.
    async fn on_its_port(mut driver: Command) -> Self {
        let mut process = spawn(driver.stdout(Stdio::piped()).stderr(Stdio::null()));
        let stdout = process.stdout.take().expect("its output is piped");
        let mut lines = BufReader::new(stdout).lines();
        let port = loop {
            let line = lines.next_line().await.ok().flatten();
            let line = line.unwrap_or_else(|| panic!("{driver:?} ended before it listened"));
            if let Some(port) = announced_port(&line) {
                break port;
            }
        };
        // A driver whose output nobody reads would stop when the pipe is full.
        tokio::task::spawn_local(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        Self { url: format!("http://127.0.0.1:{port}"), _process: process }
    }

    /// A driver that has to be told a port, and does not tell when it listens.
    async fn on_a_port(mut driver: Command) -> Self {
        let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|listener| listener.local_addr());
        let address = free.expect("there is a free port");
        let mut process = spawn(driver.arg(format!("--port={}", address.port())).stdout(Stdio::null()));
        until("the driver listens", async || {
            let ended = process.try_wait().expect("it can be asked");
            assert!(
                ended.is_none(),
                "{driver:?} ended before it listened: run tests/run.sh, which installs what it needs"
            );
            TcpStream::connect(address).await.ok()
        })
        .await;
        Self { url: format!("http://{address}"), _process: process }
    }
}

/// The program that a variable names, or else the one of this name.
fn named(variable: &str, name: &str) -> Command {
    let installed = Some(paths::target().join("tools/bin").join(name)).filter(|driver| driver.is_file());
    Command::new(env::var_os(variable).or(installed.map(PathBuf::into)).unwrap_or_else(|| name.into()))
}

fn spawn(driver: &mut Command) -> Child {
    driver
        .kill_on_drop(true)
        .spawn()
        .unwrap_or_else(|error| panic!("{driver:?} does not start ({error}): run tests/run.sh, which installs it"))
}

/// The port in `Listening on 127.0.0.1:4444` or `ChromeDriver was started successfully on port 4444.`
fn announced_port(line: &str) -> Option<u16> {
    let after = line.split_once("Listening on ").or_else(|| line.split_once("successfully on port "))?.1;
    after.trim_end_matches('.').rsplit(':').next()?.parse().ok()
}
