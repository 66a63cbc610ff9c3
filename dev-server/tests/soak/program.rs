//! The program in a process of its own.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};
use tokio::time::{sleep, timeout};

use crate::clients::answer;

/// A wait longer than this fails its test, however busy the machine is.
const PATIENCE: Duration = Duration::from_secs(120);

pub(crate) struct Program {
    child: Child,
    pub(crate) address: SocketAddr,
    errors: PathBuf,
}

impl Program {
    pub(crate) async fn start() -> Self {
        Self::start_with_files(100_000).await
    }

    /// Starts it where it may have this many files open at most.
    pub(crate) async fn start_with_files(files: u32) -> Self {
        static STARTED: AtomicU32 = AtomicU32::new(0);
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("soak");
        fs::create_dir_all(&folder).unwrap();
        let errors = folder.join(format!("stderr-{}", STARTED.fetch_add(1, Ordering::Relaxed)));
        // A limit that is lower already stays.
        let script = format!("ulimit -n {files} 2>&-; exec \"$0\" --port 0 --no-build --no-watch");
        let mut child = Command::new("sh")
            .args(["-c", &script, env!("CARGO_BIN_EXE_dev-server")])
            // What is freed goes back at once, so that what is held can be measured.
            .envs([("MALLOC_ARENA_MAX", "1"), ("MALLOC_TRIM_THRESHOLD_", "65536"), ("MALLOC_MMAP_THRESHOLD_", "16384")])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(fs::File::create(&errors).unwrap())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let url = lines.next_line().await.unwrap().expect("the URL");
        Self { child, address: url.strip_prefix("http://").unwrap().parse().unwrap(), errors }
    }

    fn id(&self) -> String {
        self.child.id().expect("it runs").to_string()
    }

    /// The memory that it holds for itself, in KiB.
    pub(crate) fn memory(&self) -> usize {
        let status = fs::read_to_string(format!("/proc/{}/status", self.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:")).unwrap();
        line.trim().trim_end_matches(" kB").parse().unwrap()
    }

    async fn connections(&self) -> Value {
        let answer =
            answer(self.address, "GET /connections HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").await;
        let (_, json) = answer.split_once("\r\n\r\n").expect("a whole answer");
        serde_json::from_str(json).unwrap()
    }

    pub(crate) async fn wait_for_count(&self, count: usize) {
        let waiting = async {
            while self.connections().await["count"] != count {
                sleep(Duration::from_millis(50)).await;
            }
        };
        timeout(PATIENCE, waiting).await.unwrap_or_else(|_| panic!("never {count} connections"));
    }

    /// Waits until no bytes have been sent for a while, and returns how many were.
    pub(crate) async fn wait_until_nothing_is_sent(&self) -> u64 {
        let waiting = async {
            let (mut before, mut looks) = (0, 0);
            while looks < 10 {
                sleep(Duration::from_millis(50)).await;
                let now = self.connections().await["connections"].as_array().unwrap().iter().map(bytes).sum();
                looks = if now == before { looks + 1 } else { 0 };
                before = now;
            }
            before
        };
        timeout(PATIENCE, waiting).await.expect("what is sent to readers that do not read ends")
    }

    /// Sends what Ctrl-C sends; returns the exit code and what was printed to stderr.
    pub(crate) async fn interrupt(&mut self) -> (Option<i32>, String) {
        assert!(Command::new("kill").args(["-s", "INT", &self.id()]).status().await.unwrap().success());
        let status = timeout(PATIENCE, self.child.wait()).await.expect("an end").unwrap();
        (status.code(), fs::read_to_string(&self.errors).unwrap())
    }
}

fn bytes(connection: &Value) -> u64 {
    connection["bytes"].as_u64().unwrap()
}
