//! What is measured, in which order.

use std::path::PathBuf;
use std::process::Command;
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::clients::Received;
use crate::process::Process;
use crate::report::{Report, Row};
use crate::{Result, node, servers};

/// Where files don't limit the connections, the machine's patience does.
const MOST: usize = 50_000;
/// Files that are no connections.
const OTHER_FILES: usize = 200;

/// A busy server is slow to accept connections, so they are made before.
const CALM: Duration = Duration::from_secs(4);

pub(crate) struct Plan {
    pub(crate) rounds: usize,
    /// How many connections are idle.
    idle: Vec<usize>,
    /// How many connections get an event how often: no more than any server can send.
    steady: Vec<(usize, &'static str)>,
    /// The same, but more than any server sends on a machine of two cores.
    flood: Vec<(usize, &'static str)>,
    /// How many connections get as many events as they can read. The system holds megabytes for each.
    burst: usize,
    /// How long events are counted.
    window: Duration,
}

enum Kind {
    Rust(&'static str),
    Node(&'static str, PathBuf),
}

impl Plan {
    /// As far as the file limit goes.
    pub(crate) fn full() -> Result<Self> {
        let most = dev_server::raise_file_limit()?.saturating_sub(OTHER_FILES).min(MOST);
        let counts: Vec<_> = [1_000, 10_000].into_iter().filter(|count| *count < most).chain([most]).collect();
        Ok(Self {
            rounds: 5,
            idle: counts.clone(),
            steady: vec![(1_000, "100ms"), (10_000.min(most), "1000ms")],
            flood: counts.iter().copied().zip(["5ms", "50ms", "100ms"]).collect(),
            burst: 100,
            window: Duration::from_secs(3),
        })
    }

    /// Shows that everything works; its figures say nothing.
    pub(crate) fn quick() -> Self {
        Self {
            rounds: 1,
            idle: vec![100],
            steady: vec![(100, "100ms")],
            flood: vec![(100, "1ms")],
            burst: 100,
            window: Duration::from_millis(500),
        }
    }

    pub(crate) fn carry_out(&self) -> Result<Report> {
        let mut kinds: Vec<_> = servers::NAMES.into_iter().map(Kind::Rust).collect();
        kinds.extend(node::scripts().into_iter().map(|(name, path)| Kind::Node(name, path)));
        let mut report = Report::new(kinds.iter().map(Kind::name).collect(), self.rows());
        for round in 0..self.rounds {
            let mut figures = vec![Vec::new(); kinds.len()];
            for turn in 0..kinds.len() {
                let index = (round + turn) % kinds.len();
                eprintln!("round {} of {}: {}", round + 1, self.rounds, kinds[index].name());
                figures[index] = self.measure(&kinds[index])?;
            }
            report.add(figures);
        }
        Ok(report)
    }

    /// The figures that [`measure`](Self::measure) takes, in its order.
    fn rows(&self) -> Vec<Row> {
        let idle = self.idle.iter().map(|count| Row::new(&format!("{count} idle: memory of each"), "KiB"));
        let steady = self.steady.iter().flat_map(|(count, interval)| {
            let row = |what, unit| Row::new(&format!("{count} × 1 per {interval}: {what}"), unit);
            [row("CPU per event", "µs"), row("delay p50", "ms"), row("delay p99", "ms")]
        });
        let flood = self
            .flood
            .iter()
            .map(|(count, interval)| Row::new(&format!("{count} × 1 per {interval}: events per second"), "thousands"));
        let burst = [("CPU per event", "µs"), ("events per second", "thousands")]
            .map(|(what, unit)| Row::new(&format!("{} × as fast as it goes: {what}", self.burst), unit));
        idle.chain(steady).chain(flood).chain(burst).collect()
    }

    fn measure(&self, kind: &Kind) -> Result<Vec<Option<f64>>> {
        let (server, address) = kind.start()?;
        warm_up(&server, &address)?;
        let mut figures = Vec::new();
        figures.extend(self.idle(&server, &address)?);
        for (count, interval) in &self.steady {
            let figure = self.window(&server, &address, *count, interval);
            let split = |window: Window| [window.cpu_per_event, window.received.delay_p50, window.received.delay_p99];
            figures.extend(or_none(kind, figure, split));
        }
        for (count, interval) in &self.flood {
            let figure = self.window(&server, &address, *count, interval);
            figures.extend(or_none(kind, figure, |window| [window.thousands_per_second()]));
        }
        let figure = self.window(&server, &address, self.burst, "0ms");
        figures.extend(or_none(kind, figure, |window| [window.cpu_per_event, window.thousands_per_second()]));
        Ok(figures)
    }

    fn idle(&self, server: &Process, address: &str) -> Result<Vec<Option<f64>>> {
        let before = server.memory()?;
        let mut clients = Vec::new();
        let mut open = 0;
        let mut figures = Vec::new();
        for count in &self.idle {
            clients.push(connect(address, count - open, "86400000ms", Duration::ZERO)?);
            open = *count;
            settle(server)?;
            figures.push(Some((server.memory()? - before) / count_of(open as u64) / 1024.0));
        }
        drop(clients);
        settle(server)?;
        Ok(figures)
    }

    fn window(&self, server: &Process, address: &str, count: usize, interval: &str) -> Result<Window> {
        let begun = Instant::now() + CALM;
        let mut clients = connect(address, count, interval, CALM)?;
        sleep(begun.saturating_duration_since(Instant::now()) + self.window / 2);
        let (before, _) = (server.cpu()?, clients.ask()?);
        sleep(self.window);
        let (cpu, line) = (server.cpu()?.saturating_sub(before), clients.ask()?);
        drop(clients);
        settle(server)?;
        let received: Received = serde_json::from_str(&line)?;
        Ok(Window { cpu_per_event: cpu.as_secs_f64() * 1e6 / count_of(received.events), received })
    }
}

/// What happened while events were counted.
struct Window {
    /// The server's, in microseconds.
    cpu_per_event: f64,
    received: Received,
}

impl Window {
    fn thousands_per_second(&self) -> f64 {
        count_of(self.received.events) / self.received.seconds / 1_000.0
    }
}

impl Kind {
    fn name(&self) -> &'static str {
        let (Self::Rust(name) | Self::Node(name, _)) = self;
        name
    }

    /// Its process and address.
    fn start(&self) -> Result<(Process, String)> {
        let mut process = match self {
            Self::Rust(name) => Process::this(&["serve", name])?,
            Self::Node(name, path) => Process::start((*name).to_owned(), Command::new("node").arg(path))?,
        };
        let address = process.line()?;
        Ok((process, address))
    }
}

/// A server that fails at some load has no figures there, and the others go on.
fn or_none<T, const N: usize>(kind: &Kind, figure: Result<T>, split: impl Fn(T) -> [f64; N]) -> [Option<f64>; N] {
    match figure {
        Ok(figure) => split(figure).map(Some),
        Err(error) => {
            eprintln!("{}: {error}", kind.name());
            [None; N]
        }
    }
}

/// Opens connections whose events begin after `calm`.
fn connect(address: &str, count: usize, interval: &str, calm: Duration) -> Result<Process> {
    let calm = format!("{}ms", calm.as_millis());
    let mut clients = Process::this(&["read", address, &count.to_string(), interval, &calm])?;
    clients.line()?;
    Ok(clients)
}

/// What a server allocates once is none of its connections' cost.
fn warm_up(server: &Process, address: &str) -> Result<()> {
    drop(connect(address, 50, "1ms", Duration::ZERO)?);
    settle(server)
}

/// Waits until the server has next to nothing to do.
fn settle(server: &Process) -> Result<()> {
    let started = Instant::now();
    let mut before = server.cpu()?;
    while started.elapsed() < Duration::from_secs(30) {
        sleep(Duration::from_millis(250));
        let now = server.cpu()?;
        if now.saturating_sub(before) <= Duration::from_millis(10) {
            return Ok(());
        }
        before = now;
    }
    Err("the server does not come to rest".into())
}

/// Events and connections, far fewer than a float counts exactly.
#[expect(clippy::cast_precision_loss)]
fn count_of(events: u64) -> f64 {
    events as f64
}
