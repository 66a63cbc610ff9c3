//! A dev server as its users run it: its own process.

use std::cell::RefCell;
use std::env;
use std::path::{Path, PathBuf};
use std::process::{self, Stdio};
use std::rc::Rc;
use std::sync::OnceLock;

use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};
use tokio::time::sleep;

use crate::paths;
use crate::site::build_folder;
use crate::wait::{BETWEEN_LOOKS, until};

/// A running dev server; dropping it ends it.
pub struct Server {
    process: Child,
    folder: PathBuf,
    arguments: Vec<String>,
    port: u16,
    output: Rc<RefCell<String>>,
}

impl Server {
    /// Starts one on a free port for the site in this folder.
    pub async fn start(folder: &Path, arguments: &[&str]) -> Self {
        let arguments = arguments.iter().map(|&argument| argument.to_owned()).collect();
        Self::start_on(0, folder.to_owned(), arguments).await
    }

    async fn start_on(port: u16, folder: PathBuf, arguments: Vec<String>) -> Self {
        let mut process = Command::new(program())
            .args(["--port", &port.to_string()])
            .args(&arguments)
            .current_dir(&folder)
            .env("CARGO_TARGET_DIR", build_folder())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("the dev server starts");
        let output = Rc::<RefCell<String>>::default();
        keep(process.stdout.take(), &output);
        keep(process.stderr.take(), &output);
        let port = until("the dev server's address", async || {
            if let Ok(Some(status)) = process.try_wait() {
                panic!("the dev server ended with {status}:\n{}", output.borrow());
            }
            announced_port(&output.borrow())
        })
        .await;
        Self { process, folder, arguments, port, output }
    }

    /// An address on it.
    pub fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// Ends it as a crash would. Its port is free then.
    pub async fn kill(&mut self) {
        self.process.kill().await.expect("it can be ended");
    }

    /// Ends it and starts it anew on the same port.
    pub async fn restart(&mut self) {
        self.kill().await;
        *self = Self::start_on(self.port, self.folder.clone(), self.arguments.clone()).await;
    }

    /// The streams that are being read, as it tells them.
    pub async fn connections(&self) -> Vec<Value> {
        let (_, body) = self.get("/connections").await.expect("it answers");
        let told: Value = serde_json::from_str(&body).expect("it answers with JSON");
        told["connections"].as_array().cloned().unwrap_or_default()
    }

    /// Waits until its build is done, however long that takes.
    pub async fn wait_until_built(&self) {
        while !self.output.borrow().contains("Built in ") {
            assert!(!self.output.borrow().contains("The build failed"), "{}", self.output.borrow());
            sleep(BETWEEN_LOOKS).await;
        }
    }

    async fn get(&self, path: &str) -> Option<(u16, String)> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).await.ok()?;
        let request = format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.ok()?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.ok()?;
        let answer = String::from_utf8_lossy(&answer);
        let (head, body) = answer.split_once("\r\n\r\n")?;
        let status = head.split(' ').nth(1)?.parse().ok()?;
        Some((status, body.to_owned()))
    }
}

/// Keeps what a program says, line by line.
fn keep(from: Option<impl AsyncRead + Unpin + 'static>, output: &Rc<RefCell<String>>) {
    let mut lines = BufReader::new(from.expect("its output is piped")).lines();
    let output = Rc::clone(output);
    tokio::task::spawn_local(async move {
        while let Ok(Some(line)) = lines.next_line().await {
            output.borrow_mut().extend([line.as_str(), "\n"]);
        }
    });
}

fn announced_port(output: &str) -> Option<u16> {
    let after = output.split_once("http://127.0.0.1:")?.1;
    let digits: String = after.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}

/// The program that `DEV_SERVER` names. Without it, the workspace's, built once: Cargo builds no other package's program
/// for a test, and an old one would test nothing.
fn program() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        if let Some(program) = env::var_os("DEV_SERVER") {
            return program.into();
        }
        let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let built = process::Command::new(cargo)
            .args(["build", "--locked", "--package", "dev-server"])
            .current_dir(paths::root())
            .env("CARGO_TARGET_DIR", paths::target())
            .output()
            .expect("cargo runs");
        assert!(built.status.success(), "the dev server does not build:\n{}", String::from_utf8_lossy(&built.stderr));
        paths::target().join("debug/dev-server")
    })
}
