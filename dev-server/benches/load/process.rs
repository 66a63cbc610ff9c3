//! Other processes: started, spoken to by lines, looked at in /proc, ended with their handle.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;

use crate::Result;

/// A process that ends when its stdin does.
pub(crate) struct Process {
    name: String,
    child: Child,
    stdin: ChildStdin,
    stdout: BufReader<ChildStdout>,
}

impl Process {
    /// This program in another role.
    pub(crate) fn this(arguments: &[&str]) -> Result<Self> {
        Self::start(arguments.join(" "), Command::new(std::env::current_exe()?).args(arguments))
    }

    pub(crate) fn start(name: String, command: &mut Command) -> Result<Self> {
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let stdin = child.stdin.take().ok_or("no stdin")?;
        let stdout = BufReader::new(child.stdout.take().ok_or("no stdout")?);
        Ok(Self { name, child, stdin, stdout })
    }

    /// The next line that it prints.
    pub(crate) fn line(&mut self) -> Result<String> {
        let mut line = String::new();
        match self.stdout.read_line(&mut line)? {
            0 => Err(format!("`{}` ended", self.name).into()),
            _ => Ok(line.trim_end().to_owned()),
        }
    }

    /// Sends an empty line, and returns the line that it answers.
    pub(crate) fn ask(&mut self) -> Result<String> {
        self.stdin.write_all(b"\n")?;
        self.line()
    }

    /// Its own memory in bytes: what it allocated and touched, without the files that it shares.
    pub(crate) fn memory(&self) -> Result<f64> {
        self.status("RssAnon:")
    }

    /// All that it has in memory, with what it shares with others.
    pub(crate) fn resident(&self) -> Result<f64> {
        self.status("VmRSS:")
    }

    fn status(&self, name: &str) -> Result<f64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix(name)).ok_or("/proc has no such line")?;
        Ok(line.trim().trim_end_matches(" kB").parse::<f64>()? * 1024.0)
    }

    /// The processor time that it has used.
    pub(crate) fn cpu(&self) -> Result<Duration> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        // The name, in parentheses, may hold spaces. After it utime and stime are the 12th and 13th field.
        let (_, fields) = stat.rsplit_once(')').ok_or("no name in /proc")?;
        let ticks =
            fields.split_whitespace().skip(11).take(2).map(str::parse::<u64>).sum::<std::result::Result<u64, _>>()?;
        Ok(Duration::from_secs(ticks) / u32::try_from(rustix::param::clock_ticks_per_second())?)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Where cargo builds.
pub(crate) fn target_dir() -> PathBuf {
    let mut dir = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    dir.pop();
    dir
}
