//! The program: its command line, its builds, its end.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};

use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

use crate::support::{Client, body, eventually, folder, header, status};

const GOOD: &str = "#[wasm_bindgen::prelude::wasm_bindgen]\npub fn number() -> u32 {\n    1\n}\n";

fn program(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_dev-server"));
    // Its own, so that no other build is waited for or overwritten; kept, so that dependencies are built once.
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("target");
    command.current_dir(folder).env("CARGO_TARGET_DIR", target).stdin(Stdio::null()).kill_on_drop(true);
    command
}

async fn output(arguments: &[&str]) -> Output {
    program(Path::new(".")).args(arguments).output().await.unwrap()
}

/// A project that builds in a second, but for its dependencies.
fn project(name: &str) -> PathBuf {
    let root = folder(name);
    fs::create_dir_all(root.join("frontend")).unwrap();
    fs::write(root.join("index.html"), "<!doctype html><head></head><p>page one").unwrap();
    fs::write(root.join("frontend/lib.rs"), GOOD).unwrap();
    let manifest = "[workspace]\n[package]\nname = \"eventsource-wasm\"\nedition = \"2024\"\n\
                    [lib]\npath = \"frontend/lib.rs\"\ncrate-type = [\"cdylib\"]\n\
                    [dependencies]\nwasm-bindgen = \"0.2\"\n";
    fs::write(root.join("Cargo.toml"), manifest).unwrap();
    // The versions that are here already.
    fs::copy(concat!(env!("CARGO_MANIFEST_DIR"), "/../Cargo.lock"), root.join("Cargo.lock")).unwrap();
    root
}

struct Running {
    child: Child,
    address: std::net::SocketAddr,
}

impl Running {
    async fn start(root: &Path, arguments: &[&str]) -> Self {
        let mut child = program(root)
            .args(["--port", "0"])
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let url = lines.next_line().await.unwrap().expect("the URL");
        Self { child, address: url.strip_prefix("http://").unwrap().parse().unwrap() }
    }

    async fn get(&self, path: &str) -> String {
        Client::get(self.address, path, "").await.answer().await
    }

    /// What pages are told, as it is now.
    async fn status(&self) -> serde_json::Value {
        let mut client = Client::get(self.address, "/dev-server/reload", "").await;
        let text = client.read_until("status", |text| text.contains("}\n\n")).await;
        let (_, json) = text.split_once("data: ").unwrap();
        serde_json::from_str(json.lines().next().unwrap()).unwrap()
    }
}

#[tokio::test]
async fn the_help_names_every_flag_and_exits_with_0() {
    let output = output(&["--help"]).await;
    assert_eq!(output.status.code(), Some(0));
    let help = String::from_utf8(output.stdout).unwrap();
    for flag in [
        "host",
        "port",
        "interval",
        "open",
        "no-build",
        "no-watch",
        "release",
        "allow-host",
        "allow-origin",
        "help",
        "version",
    ] {
        assert!(help.contains(&format!("--{flag}")), "{flag}");
    }
}

#[tokio::test]
async fn a_bad_flag_is_one_line_and_exit_code_2() {
    for arguments in [["--prot", "1"], ["--port", "x"], ["--interval", "5"], ["--allow-origin", "app.example"]] {
        let output = output(&arguments).await;
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        let text = String::from_utf8(output.stderr).unwrap();
        assert!(text.starts_with("error: ") && text.lines().count() == 1 && text.contains(arguments[0]), "{text}");
    }
}

#[tokio::test]
async fn a_taken_port_is_one_line_and_exit_code_1() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let output = output(&["--port", &port, "--no-build"]).await;
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8(output.stderr).unwrap();
    assert_eq!(
        text,
        format!("error: port {port} of 127.0.0.1 is taken: choose another with --port, or a free one with --port 0\n")
    );
}

#[cfg(unix)]
#[tokio::test]
async fn signals_end_streams_at_once_with_exit_code_0() {
    let root = project("signals");
    for signal in ["INT", "TERM"] {
        let mut running = Running::start(&root, &["--no-build", "--no-watch"]).await;
        let mut client = Client::get(running.address, "/events?interval=1h", "").await;
        client.read_until("first event", |text| text.contains("data: ")).await;
        let id = running.child.id().unwrap().to_string();
        assert!(Command::new("kill").args(["-s", signal, &id]).status().await.unwrap().success());
        assert!(client.read_to_end().await.ends_with("0\r\n\r\n"), "{signal}");
        assert_eq!(running.child.wait().await.unwrap().code(), Some(0), "{signal}");
    }
}

#[tokio::test]
async fn it_builds_rebuilds_and_keeps_the_last_good_build_while_there_is_an_error() {
    let root = project("builds");
    let running = Running::start(&root, &[]).await;
    assert_eq!(status(&running.get("/events?count=1").await), "200", "streams don't wait for the build");
    eventually("the first build is served", async || status(&running.get("/").await) == "200").await;
    let wasm = running.get("/pkg/eventsource_wasm_bg.wasm").await;
    assert_eq!(header(&wasm, "content-type"), Some("application/wasm"));
    let script = running.get("/pkg/eventsource_wasm.js").await;
    assert!(script.contains("new URL('eventsource_wasm_bg.wasm', import.meta.url)"), "init() finds the wasm by itself");
    let first = running.status().await;

    fs::write(root.join("frontend/lib.rs"), "fn broken(").unwrap();
    eventually("the error is told", async || running.status().await["error"].is_string()).await;
    let broken = running.status().await;
    let error = broken["error"].as_str().unwrap();
    assert!(error.contains("frontend/lib.rs:1") && !error.contains('\u{1b}'), "{error}");
    assert_eq!(broken["version"], first["version"]);
    assert_eq!(header(&running.get("/pkg/eventsource_wasm_bg.wasm").await, "etag"), header(&wasm, "etag"));

    fs::write(root.join("frontend/lib.rs"), GOOD.replace('1', "2")).unwrap();
    eventually("the error is gone", async || running.status().await["error"].is_null()).await;
    let fixed = running.status().await;
    assert_ne!(fixed["version"], first["version"]);

    fs::write(root.join("index.html"), "<!doctype html><head></head><p>page two").unwrap();
    eventually("the page's change is told", async || running.status().await["version"] != fixed["version"]).await;
    assert!(body(&running.get("/").await).contains("page two"));
}

#[tokio::test]
async fn without_building_a_missing_or_unfit_package_is_explained_until_it_is_there() {
    let root = project("no_build");
    let running = Running::start(&root, &["--no-build"]).await;
    let told = async |part: &str| running.status().await["error"].as_str().is_some_and(|error| error.contains(part));
    eventually("the missing package is told", async || told("is missing: run `wasm-pack build --target web`").await)
        .await;

    fs::create_dir(root.join("pkg")).unwrap();
    fs::write(root.join("pkg/eventsource_wasm_bg.wasm"), "\0asm").unwrap();
    fs::write(root.join("pkg/eventsource_wasm.js"), "import * as wasm from './eventsource_wasm_bg.wasm';").unwrap();
    eventually("the bundler's package is told", async || told("built for a bundler").await).await;

    fs::write(root.join("pkg/eventsource_wasm.js"), "export { initSync };").unwrap();
    eventually("the package is served", async || running.status().await["error"].is_null()).await;
    assert!(running.get("/pkg/eventsource_wasm.js").await.ends_with("export { initSync };"));
}

#[tokio::test]
async fn without_building_the_page_is_there_as_soon_as_the_url_is() {
    let root = project("first_look");
    fs::create_dir(root.join("pkg")).unwrap();
    fs::write(root.join("pkg/eventsource_wasm_bg.wasm"), vec![0; 32 << 20]).unwrap();
    fs::write(root.join("pkg/eventsource_wasm.js"), "export { initSync };").unwrap();
    for watching in [&["--no-build", "--no-watch"][..], &["--no-build"]] {
        let page = Running::start(&root, watching).await.get("/").await;
        assert!(status(&page) == "200" && body(&page).contains("page one"), "{watching:?}: {page}");
    }
}

#[tokio::test]
async fn without_sources_the_page_is_watched_still() {
    let root = project("no_sources");
    fs::remove_dir_all(root.join("frontend")).unwrap();
    fs::create_dir(root.join("pkg")).unwrap();
    let running = Running::start(&root, &["--no-build"]).await;
    eventually("the page is served", async || running.status().await["version"].is_string()).await;
    let first = running.status().await;
    fs::write(root.join("index.html"), "<!doctype html><head></head><p>page two").unwrap();
    eventually("its change is told", async || running.status().await["version"] != first["version"]).await;
}
