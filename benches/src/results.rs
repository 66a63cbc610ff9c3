//! What was measured.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::browser::Browser;
use crate::statistics::{Quartiles, ratios};
use crate::work::Work;

/// What the page says after a contender has done a work.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Outcome {
    /// From the opening of the stream until its last message was handled, or shown.
    pub ms: f64,
    /// Milliseconds from when a message was due to when it was handled, or shown; not in bursts. Half of them had less.
    pub delay_p50: Option<f64>,
    /// 99 of 100 had less.
    pub delay_p99: Option<f64>,
    /// How many frames did not come; not in bursts.
    pub frames_dropped: Option<f64>,
    /// The longest time between two frames in milliseconds; not in bursts.
    pub longest_gap: Option<f64>,
    /// The size of the contender's `WebAssembly.Memory`.
    pub wasm_bytes: Option<f64>,
    /// What JavaScript has allocated, and not collected yet; only Chromium says.
    pub heap_bytes: Option<f64>,
    /// What processors have worked for all of the browser's processes, in milliseconds; for those who share only.
    pub cpu_ms: Option<f64>,
}

/// A contender's work in a round.
#[derive(Clone, Debug, Serialize)]
pub struct Measurement {
    /// Counted from 0.
    pub round: u32,
    /// The work's id.
    pub work: &'static str,
    /// The contender's id.
    pub contender: &'static str,
    /// What came of it.
    #[serde(flatten)]
    pub outcome: Outcome,
}

/// How much more memory the browser holds after a work than before.
#[derive(Clone, Debug, Serialize)]
pub struct Memory {
    /// Counted from 0.
    pub round: u32,
    /// The work's id.
    pub work: &'static str,
    /// The contender's id.
    pub contender: &'static str,
    /// In MiB, all of the browser's processes together.
    pub mib: f64,
}

/// All of a browser.
#[derive(Clone, Debug, Serialize)]
pub struct InBrowser {
    /// Which.
    pub browser: Browser,
    /// As it says itself.
    pub version: String,
    /// The times.
    pub measurements: Vec<Measurement>,
    /// The memory.
    pub memory: Vec<Memory>,
    /// Who could not be measured, and why.
    pub left_out: BTreeMap<String, String>,
}

/// What a program or a package weighs.
#[derive(Clone, Debug, Serialize)]
pub struct Size {
    /// Its name for readers.
    pub label: &'static str,
    /// The WebAssembly file, in bytes.
    pub wasm: Option<u64>,
    /// The script, minified.
    pub script: u64,
    /// Both together, each compressed by gzip.
    pub gzipped: u64,
    /// How many bytes it may have.
    pub at_most: Option<u64>,
}

/// All of a run.
#[derive(Clone, Debug, Serialize)]
pub struct Results {
    /// What was to be done.
    pub works: Vec<Work>,
    /// By browser.
    pub browsers: Vec<InBrowser>,
    /// What things weigh.
    pub sizes: Vec<Size>,
}

impl InBrowser {
    /// A contender's figures at a work by round.
    pub fn figures(&self, work: &str, contender: &str, of: impl Fn(&Outcome) -> Option<f64>) -> Vec<(u32, f64)> {
        let own = self.measurements.iter().filter(|measured| measured.work == work && measured.contender == contender);
        own.filter_map(|measured| Some((measured.round, of(&measured.outcome)?))).collect()
    }

    /// The time that a contender takes for a work, in milliseconds.
    pub fn time(&self, work: &str, contender: &str) -> Option<Quartiles> {
        self.median_of(work, contender, |outcome| Some(outcome.ms))
    }

    /// A figure of a contender at a work.
    pub fn median_of(&self, work: &str, contender: &str, of: impl Fn(&Outcome) -> Option<f64>) -> Option<Quartiles> {
        Quartiles::of(self.figures(work, contender, of).into_iter().map(|(_, value)| value))
    }

    /// How many times as long as `to` a contender takes for a work, within rounds.
    pub fn time_ratio(&self, work: &str, contender: &str, to: &str) -> Option<Quartiles> {
        self.ratio(work, contender, to, |outcome| Some(outcome.ms))
    }

    /// The same for another figure.
    pub fn ratio(
        &self,
        work: &str,
        contender: &str,
        to: &str,
        of: impl Fn(&Outcome) -> Option<f64>,
    ) -> Option<Quartiles> {
        Quartiles::of(ratios(&self.figures(work, contender, &of), &self.figures(work, to, &of)))
    }

    /// How much more memory the browser holds after a work, in MiB.
    pub fn memory(&self, work: &str, contender: &str) -> Option<Quartiles> {
        let own = self.memory.iter().filter(|memory| memory.work == work && memory.contender == contender);
        Quartiles::of(own.map(|memory| memory.mib))
    }
}
