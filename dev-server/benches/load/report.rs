//! Medians, ratios, the table.

use std::fmt;

use serde_json::json;

use crate::Result;

/// What a figure says.
pub(crate) struct Row {
    name: String,
    unit: &'static str,
}

impl Row {
    pub(crate) fn new(name: &str, unit: &'static str) -> Self {
        Self { name: name.to_owned(), unit }
    }
}

/// All figures of all rounds.
pub(crate) struct Report {
    servers: Vec<&'static str>,
    rows: Vec<Row>,
    /// By round, server and row.
    rounds: Vec<Vec<Vec<Option<f64>>>>,
}

/// The values between which the middle half of all values lies, and the one in the middle.
struct Quartiles {
    low: f64,
    median: f64,
    high: f64,
}

impl Quartiles {
    fn of(mut values: Vec<f64>) -> Option<Self> {
        values.sort_unstable_by(f64::total_cmp);
        let last = values.len().checked_sub(1)?;
        let at = |quarter: usize| {
            let (below, above) = (values[last * quarter / 4], values[(last * quarter).div_ceil(4)]);
            f64::midpoint(below, above)
        };
        Some(Self { low: at(1), median: at(2), high: at(3) })
    }
}

impl Report {
    pub(crate) fn new(servers: Vec<&'static str>, rows: Vec<Row>) -> Self {
        Self { servers, rows, rounds: Vec::new() }
    }

    /// Adds a round: for each server the figures of all rows.
    pub(crate) fn add(&mut self, figures: Vec<Vec<Option<f64>>>) {
        self.rounds.push(figures);
    }

    pub(crate) fn json(&self) -> Result<String> {
        let rows = self.rows.iter().enumerate().map(|(row, Row { name, unit })| {
            let servers = self.servers.iter().enumerate().map(|(server, name)| {
                let rounds: Vec<_> = self.rounds.iter().map(|round| round[server][row]).collect();
                ((*name).to_owned(), json!(rounds))
            });
            json!({ "name": name, "unit": unit, "rounds": servers.collect::<serde_json::Map<_, _>>() })
        });
        Ok(serde_json::to_string_pretty(&rows.collect::<Vec<_>>())?)
    }

    fn figure(&self, server: usize, row: usize) -> Option<Quartiles> {
        Quartiles::of(self.rounds.iter().filter_map(|round| round[server][row]).collect())
    }

    /// How many times the first server's figure a server's is, within rounds.
    fn ratio(&self, server: usize, row: usize) -> Option<Quartiles> {
        Quartiles::of(self.rounds.iter().filter_map(|round| Some(round[server][row]? / round[0][row]?)).collect())
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "Medians of {} rounds; × is the ratio to {}, taken within rounds, with its quartiles.\n",
            self.rounds.len(),
            self.servers[0]
        )?;
        for (row, Row { name, unit }) in self.rows.iter().enumerate() {
            writeln!(f, "{name}, {unit}")?;
            for (server, name) in self.servers.iter().enumerate() {
                let Some(figure) = self.figure(server, row) else {
                    writeln!(f, "  {name:<12} {:>9}", "-")?;
                    continue;
                };
                write!(f, "  {name:<12} {:>9.2}", figure.median)?;
                match self.ratio(server, row) {
                    Some(Quartiles { low, median, high }) if server > 0 => {
                        writeln!(f, "  × {median:.2} ({low:.2} to {high:.2})")?;
                    }
                    _ => writeln!(f, "  ({:.2} to {:.2})", figure.low, figure.high)?,
                }
            }
        }
        Ok(())
    }
}
