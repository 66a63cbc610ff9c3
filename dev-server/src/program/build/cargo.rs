//! From the sources to wasm.

use std::collections::VecDeque;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use serde::Deserialize;
use tokio::io::{AsyncBufReadExt as _, AsyncRead, BufReader};
use tokio::process::Command;

use super::progress::{Progress, Tell};
use super::target::TARGET;

/// How many of cargo's other lines are shown for an error without diagnostics.
const MAX_LINES: usize = 50;

/// Compiles the library, reports cargo's output, and returns the path of the wasm file.
pub(super) async fn compile(root: &Path, release: bool, tell: Tell<'_>) -> Result<PathBuf, String> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo"));
    let mut child = Command::new(cargo)
        .args(["build", "--lib", "--target", TARGET, "--message-format", "json-diagnostic-rendered-ansi"])
        .args(release.then_some("--release"))
        .current_dir(root)
        // Only the progress bar shows how many crates there are to compile.
        .envs([("CARGO_TERM_PROGRESS_WHEN", "always"), ("CARGO_TERM_PROGRESS_WIDTH", "80")])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| format!("cargo can't be run ({error}): install Rust, or put cargo on the PATH"))?;
    let (outcome, progress) =
        tokio::join!(read_messages(child.stdout.take(), tell), read_progress(child.stderr.take(), tell));
    let status = child.wait().await.map_err(|error| format!("cargo can't be waited for: {error}"))?;
    match outcome {
        Outcome { wasm: Some(wasm), .. } if status.success() => Ok(wasm),
        Outcome { errors, .. } if !errors.is_empty() => Err(errors),
        _ if status.success() => Err("cargo built no wasm: the library's crate-type needs \"cdylib\".".to_owned()),
        _ => Err(progress),
    }
}

/// Collects a build's messages.
#[derive(Debug, Default, PartialEq)]
struct Outcome {
    wasm: Option<PathBuf>,
    errors: String,
}

impl Outcome {
    /// Adds a line, and returns what to show of it now. Errors are shown together at the end.
    fn read(&mut self, line: &str) -> Option<String> {
        match serde_json::from_str(line).ok()? {
            Message::Diagnostic { message } if message.level.starts_with("error") => {
                self.errors.push_str(&message.rendered?);
            }
            Message::Diagnostic { message } => return message.rendered,
            Message::Artifact { filenames } => {
                self.wasm = filenames
                    .into_iter()
                    .find(|file| file.extension().is_some_and(|end| end == "wasm"))
                    .or(self.wasm.take());
            }
            Message::Other => {}
        }
        None
    }
}

#[derive(Deserialize)]
#[serde(tag = "reason")]
enum Message {
    #[serde(rename = "compiler-message")]
    Diagnostic { message: Diagnostic },
    #[serde(rename = "compiler-artifact")]
    Artifact { filenames: Vec<PathBuf> },
    #[serde(other)]
    Other,
}

#[derive(Deserialize)]
struct Diagnostic {
    level: String,
    rendered: Option<String>,
}

async fn read_messages(stdout: Option<impl AsyncRead + Unpin>, tell: Tell<'_>) -> Outcome {
    let mut outcome = Outcome::default();
    let Some(mut lines) = stdout.map(|stdout| BufReader::new(stdout).lines()) else { return outcome };
    while let Ok(Some(line)) = lines.next_line().await {
        if let Some(text) = outcome.read(&line) {
            tell(Progress::Text(&text));
        }
    }
    outcome
}

/// Reports cargo's own lines and its progress, and returns the last of the lines.
async fn read_progress(stderr: Option<impl AsyncRead + Unpin>, tell: Tell<'_>) -> String {
    let mut last = VecDeque::new();
    if let Some(stderr) = stderr {
        let mut reader = BufReader::new(stderr);
        while let Some(line) = next_line(&mut reader).await {
            let told = Progress::of_line(&line);
            tell(told);
            if matches!(told, Progress::Text(_)) {
                last.truncate(MAX_LINES - 1);
                last.push_front(line);
            }
        }
    }
    last.into_iter().rev().collect::<Vec<_>>().join("\n")
}

/// The next line that is not blank; a progress bar ends in a carriage return, and is erased before the next line.
async fn next_line(reader: &mut BufReader<impl AsyncRead + Unpin>) -> Option<String> {
    let mut line = Vec::new();
    loop {
        let buffer = reader.fill_buf().await.ok()?;
        if buffer.is_empty() && line.is_empty() {
            return None;
        }
        let end = buffer.iter().position(|byte| matches!(byte, b'\r' | b'\n'));
        line.extend_from_slice(&buffer[..end.unwrap_or(buffer.len())]);
        let read = end.map_or(buffer.len(), |end| end + 1);
        let is_whole = end.is_some() || read == 0;
        reader.consume(read);
        if is_whole {
            let text = String::from_utf8_lossy(&line).replace("\u{1b}[K", "");
            line.clear();
            if !text.trim().is_empty() {
                return Some(text);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_collected_and_warnings_shown_at_once() {
        let mut outcome = Outcome::default();
        let message = |level, rendered| {
            format!(
                r#"{{"reason":"compiler-message","message":{{"level":"{level}","rendered":"{rendered}","code":null}}}}"#
            )
        };
        assert_eq!(outcome.read(&message("warning", "unused")).as_deref(), Some("unused"));
        assert_eq!(outcome.read(&message("error", "one. ")), None);
        assert_eq!(outcome.read(&message("error: internal compiler error", "two.")), None);
        assert_eq!(outcome, Outcome { wasm: None, errors: "one. two.".to_owned() });
    }

    #[test]
    fn the_wasm_file_is_found_among_artifacts_and_noise() {
        let mut outcome = Outcome::default();
        outcome.read(r#"{"reason":"compiler-artifact","filenames":["/t/libserde.rlib"]}"#);
        outcome.read(r#"{"reason":"compiler-artifact","filenames":["/t/a.rlib","/t/a.wasm"]}"#);
        outcome.read(r#"{"reason":"compiler-artifact","filenames":["/t/build-script"]}"#);
        outcome.read(r#"{"reason":"build-finished","success":true}"#);
        outcome.read("no JSON");
        assert_eq!(outcome.wasm, Some(PathBuf::from("/t/a.wasm")));
    }
}
