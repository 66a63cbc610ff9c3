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
        Self::start_with(root, arguments, Stdio::null()).await
    }

    async fn start_with(root: &Path, arguments: &[&str], stderr: Stdio) -> Self {
        let mut child =
            program(root).args(["--port", "0"]).args(arguments).stdout(Stdio::piped()).stderr(stderr).spawn().unwrap();
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
        "max-connections",
        "root",
        "tls",
        "tls-cert",
        "tls-key",
        "log",
        "quiet",
        "help",
        "version",
    ] {
        assert!(help.contains(&format!("--{flag}")), "{flag}");
    }
}

#[tokio::test]
async fn a_bad_flag_is_one_line_and_exit_code_2() {
    for arguments in [
        ["--prot", "1"],
        ["--port", "x"],
        ["--interval", "5"],
        ["--allow-origin", "app.example"],
        ["--log", "loud"],
        ["--log", "3"],
        ["--max-connections", "0"],
    ] {
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
        format!(
            "error: port {port} of 127.0.0.1 is in use: choose another with --port, or any free one with --port 0\n"
        )
    );
}

#[cfg(unix)]
#[tokio::test]
async fn the_project_that_is_asked_for_is_served_and_what_is_none_is_named() {
    let root = project("root");
    let running = Running::start(Path::new("/"), &["--no-build", "--root", root.to_str().unwrap()]).await;
    eventually("the page", async || {
        let page = Client::get(running.address, "/", "Accept: text/html\r\n").await.answer().await;
        status(&page) == "503" || body(&page).contains("page one")
    })
    .await;
    for none in [folder("no-root"), root.join("nowhere")] {
        let output = output(&["--port", "0", "--root", none.to_str().unwrap()]).await;
        assert_eq!(output.status.code(), Some(1));
        let text = String::from_utf8(output.stderr).unwrap();
        assert!(text.lines().count() == 1 && text.contains("is not a project: it needs an index.html"), "{text}");
    }
}

#[tokio::test]
async fn the_program_refuses_more_connections_than_its_flag_says() {
    let running = Running::start(Path::new("."), &["--no-build", "--max-connections", "1"]).await;
    let mut first = Client::get(running.address, "/events", "").await;
    first.read_until("first event", |text| text.contains("data: ")).await;
    assert_eq!(status(&running.get("/events").await), "503");
}

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

/// Sends Ctrl-C, and returns the exit code and what was printed to stderr.
#[cfg(unix)]
async fn interrupt(running: Running) -> (Option<i32>, String) {
    let id = running.child.id().unwrap().to_string();
    assert!(Command::new("kill").args(["-s", "INT", &id]).status().await.unwrap().success());
    let output = running.child.wait_with_output().await.unwrap();
    (output.status.code(), String::from_utf8(output.stderr).unwrap())
}

#[cfg(unix)]
#[tokio::test]
async fn each_stream_is_told_when_it_is_opened_and_when_it_has_ended() {
    let root = project("told");
    let running = Running::start_with(&root, &["--no-build", "--no-watch"], Stdio::piped()).await;
    running.get("/events?t0=7&data=n&count=2&interval=0&token=a").await;
    Client::get(running.address, "/events?t0=7&drop=1&end=reset&token=a", "Last-Event-ID: 7-3\r\n")
        .await
        .read_to_any_end()
        .await;
    running.get("/events?status=503").await;
    running.get("/events?count=none").await;
    running.get("/events?delay-headers=1ms&status=503").await;
    let mut gone = Client::get(running.address, "/events?interval=1h", "").await;
    gone.read_until("first event", |text| text.contains("data: ")).await;
    drop(gone);
    let mut killed = Client::get(running.address, "/events?interval=2h", "").await;
    killed.read_until("first event", |text| text.contains("data: ")).await;
    let (code, text) = interrupt(running).await;
    assert_eq!(code, Some(0));
    let has = |parts: &[&str]| {
        let line = text.lines().find(|line| parts.iter().all(|part| line.contains(part)));
        assert!(line.is_some(), "no line with {parts:?} in {text}");
    };
    has(&[
        "INFO stream opened",
        "peer=127.0.0.1:",
        "url=\"/events?t0=7&data=n&count=2&interval=0&token=a\"",
        "attempt=1",
    ]);
    has(&["INFO stream ended", "count=2", "events=2", "bytes=34", "last_event_id=\"7-1\"", "end=\"eof\""]);
    has(&["INFO stream opened", "end=reset", "attempt=2", "after=\"7-3\""]);
    has(&["INFO stream ended", "end=reset", "events=1", "end=\"reset\""]);
    has(&["INFO answered without a stream", "status=503"]);
    has(&["INFO stream ended", "delay-headers=1ms&status=503", "events=0", "end=\"eof\""]);
    has(&["WARN 400 `count=none` is invalid: expected a whole number from 1"]);
    has(&["INFO stream ended", "interval=1h", "end=\"the client disconnected\""]);
    has(&["INFO stream ended", "interval=2h", "end=\"eof, from outside\""]);
    assert!(!text.contains('\u{1b}') && !text.contains("host: "), "{text}");
}

#[cfg(unix)]
#[tokio::test]
async fn refusals_name_the_cure_in_the_terminal_and_to_the_page() {
    let root = project("refusals");
    let running = Running::start_with(&root, &["--no-build", "--no-watch", "--log", "warn"], Stdio::piped()).await;
    let page = "http://localhost:3000";
    let ask = async |text: &str| Client::request(running.address, text).await.answer().await;
    let host = ask(&format!("GET /events HTTP/1.1\r\nHost: my.example\r\nOrigin: {page}\r\n\r\n")).await;
    assert_eq!((status(&host), header(&host, "access-control-allow-origin")), ("403", Some(page)));
    assert!(body(&host).contains("--allow-host my.example"), "{host}");
    let evil = "Host: my.example\r\nOrigin: https://my.example\r\n";
    let evil = ask(&format!("GET /events HTTP/1.1\r\n{evil}\r\n")).await;
    assert_eq!((status(&evil), header(&evil, "access-control-allow-origin")), ("403", None));
    let change = "Host: localhost\r\nOrigin: https://app.example\r\nContent-Length: 0\r\n";
    assert_eq!(status(&ask(&format!("POST /events HTTP/1.1\r\n{change}\r\n")).await), "403");
    let (_, text) = interrupt(running).await;
    assert!(
        text.contains("WARN 403 The host `my.example` is not served: start the server with --allow-host"),
        "{text}"
    );
    assert!(
        text.contains("WARN 403 Pages of this origin may not change anything: start the server with --allow-origin")
    );
    assert!(!text.contains("INFO"), "{text}");
}

#[cfg(unix)]
#[tokio::test]
async fn each_request_is_told_with_its_headers_when_asked_for_and_little_when_quiet() {
    let root = project("levels");
    for (arguments, told) in [(&["--log", "debug"][..], true), (&["-q"], false)] {
        let arguments = [&["--no-build", "--no-watch"], arguments].concat();
        let running = Running::start_with(&root, &arguments, Stdio::piped()).await;
        Client::get(running.address, "/events?count=1&x=1", "X-Mine: \u{e9}\r\n").await.answer().await;
        running.get("/help").await;
        let (_, text) = interrupt(running).await;
        assert_eq!(text.contains("DEBUG GET /events?count=1&x=1 HTTP/1.1 from 127.0.0.1:"), told, "{text}");
        assert_eq!(text.contains("\n    x-mine: \\xc3\\xa9\n"), told, "{text}");
        assert_eq!(text.contains("DEBUG GET /help HTTP/1.1"), told, "{text}");
        assert!(told || text.is_empty(), "{text}");
    }
}

#[cfg(unix)]
#[tokio::test]
async fn a_pipe_that_nobody_empties_keeps_it_neither_from_serving_nor_from_its_end() {
    let root = project("unread");
    let arguments = ["--no-build", "--no-watch", "--log", "debug"];
    let mut running = Running::start_with(&root, &arguments, Stdio::piped()).await;
    let long = format!("X-Long: {}\r\n", "x".repeat(8_000));
    // Far more than a pipe holds.
    for _ in 0..100 {
        Client::get(running.address, "/events?count=1", &long).await.answer().await;
    }
    assert_eq!(status(&running.get("/help").await), "200");
    let id = running.child.id().unwrap().to_string();
    assert!(Command::new("kill").args(["-s", "INT", &id]).status().await.unwrap().success());
    let ended = tokio::time::timeout(std::time::Duration::from_secs(10), running.child.wait()).await;
    assert_eq!(ended.expect("an end").unwrap().code(), Some(0));
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
