//! What the terminal shows.

use std::fmt::Write as _;

use crate::bounds::{self, Verdict};
use crate::contenders::{CONTENDERS, Contender};
use crate::results::{InBrowser, Outcome, Results, Size};
use crate::statistics::Quartiles;
use crate::work::Work;

/// A title of a column, and what is read in it.
type Column = (&'static str, fn(&Outcome) -> Option<f64>);

/// What is told of a work in which messages come at their times.
const PACED: [Column; 4] = [
    ("delay p50", |outcome| outcome.delay_p50),
    ("p99, ms", |outcome| outcome.delay_p99),
    ("frames lost", |outcome| outcome.frames_dropped),
    ("longest gap, ms", |outcome| outcome.longest_gap),
];

/// All tables, and the bounds.
pub fn of(results: &Results) -> String {
    let mut out = String::new();
    for browser in &results.browsers {
        for work in &results.works {
            if CONTENDERS.iter().any(|contender| browser.time(work.id, contender.id).is_some()) {
                // Writing to a string can't fail, here and below.
                let _ = writeln!(out, "\n{} {}: {}", browser.browser, browser.version, work.label);
                let _ = if work.is_paced() { paced(&mut out, browser, work) } else { burst(&mut out, browser, work) };
            }
        }
        if !browser.left_out.is_empty() {
            let _ = writeln!(out, "\nLeft out in {}", browser.browser);
        }
        for (who, why) in &browser.left_out {
            let _ = writeln!(out, "  {who}: {why}");
        }
        verdicts(&mut out, &format!("Bounds in {}", browser.browser), &bounds::of_times(browser));
    }
    if !results.sizes.is_empty() {
        let _ = sizes(&mut out, &results.sizes);
        verdicts(&mut out, "Bounds of sizes", &bounds::of_sizes(&results.sizes));
    }
    out
}

fn burst(out: &mut String, browser: &InBrowser, work: &Work) -> std::fmt::Result {
    let base = Contender::named(work.base()).map_or(work.base(), |base| base.label);
    writeln!(out, "  {:<32}{:>10}{:>22}{:>14}  × {base}", "", "ms", "(quartiles)", "per second")?;
    for Contender { id, label, .. } in CONTENDERS {
        let Some(Quartiles { low, median, high }) = browser.time(work.id, id) else { continue };
        let quartiles = format!("({low:.1} to {high:.1})");
        let per_second = f64::from(work.count) / median * 1_000.0;
        write!(out, "  {label:<32}{median:>10.1}{quartiles:>22}{per_second:>14.0}")?;
        if let Some(Quartiles { low, median, high }) = browser.time_ratio(work.id, id, work.base()) {
            write!(out, "  {median:.2} ({low:.2} to {high:.2})")?;
        }
        if let Some(Quartiles { median, .. }) = browser.median_of(work.id, id, |outcome| outcome.cpu_ms) {
            write!(out, "  CPU {median:.0} ms")?;
        }
        if let Some(Quartiles { low, median, high }) = browser.ratio(work.id, id, work.base(), |outcome| outcome.cpu_ms)
        {
            write!(out, "  {median:.2} ({low:.2} to {high:.2})")?;
        }
        memory(out, browser, work, id)?;
    }
    Ok(())
}

fn paced(out: &mut String, browser: &InBrowser, work: &Work) -> std::fmt::Result {
    write!(out, "  {:<32}", "")?;
    PACED.iter().try_for_each(|(title, _)| write!(out, "{title:>17}"))?;
    writeln!(out)?;
    for Contender { id, label, .. } in CONTENDERS {
        if browser.time(work.id, id).is_none() {
            continue;
        }
        write!(out, "  {label:<32}")?;
        for (_, column) in PACED {
            match browser.median_of(work.id, id, column) {
                Some(figure) => write!(out, "{:>17.1}", figure.median)?,
                None => write!(out, "{:>17}", "-")?,
            }
        }
        memory(out, browser, work, id)?;
    }
    Ok(())
}

/// Ends a line with the memory, if it was measured.
fn memory(out: &mut String, browser: &InBrowser, work: &Work, contender: &str) -> std::fmt::Result {
    if let Some(memory) = browser.memory(work.id, contender) {
        write!(out, "  {:+.0} MiB", memory.median)?;
    }
    writeln!(out)
}

fn sizes(out: &mut String, sizes: &[Size]) -> std::fmt::Result {
    writeln!(out, "\nSizes in bytes; gzipped is WebAssembly and script together")?;
    writeln!(out, "  {:<40}{:>10}{:>10}{:>10}", "", "wasm", "script", "gzipped")?;
    for Size { label, wasm, script, gzipped, .. } in sizes {
        let wasm = wasm.map_or_else(|| "-".to_owned(), |wasm| wasm.to_string());
        writeln!(out, "  {label:<40}{wasm:>10}{script:>10}{gzipped:>10}")?;
    }
    Ok(())
}

fn verdicts(out: &mut String, title: &str, verdicts: &[Verdict]) {
    if verdicts.is_empty() {
        return;
    }
    let _ = writeln!(out, "\n{title} (missed is one whose nearer quartile is beyond it)");
    for Verdict { line, met } in verdicts {
        let _ = writeln!(out, "  {:<8}{line}", if *met { "met" } else { "missed" });
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::browser::Browser;
    use crate::results::Measurement;

    #[test]
    fn a_table_compares_with_the_base_and_tells_of_bounds() {
        let measured = |contender, ms| Measurement {
            round: 0,
            work: "100k",
            contender,
            outcome: Outcome { ms, ..Outcome::default() },
        };
        let browser = InBrowser {
            browser: Browser::Firefox,
            version: "1".to_owned(),
            measurements: vec![measured("native", 500.0), measured("list-native", 750.0)],
            memory: Vec::new(),
            left_out: BTreeMap::from([("list-fetch".to_owned(), "still to come".to_owned())]),
        };
        let table = of(&Results { works: Work::full(1), browsers: vec![browser], sizes: Vec::new() });
        assert!(table.contains("Firefox 1: 100,000 messages in a burst"), "{table}");
        assert!(table.contains("1.50 (1.50 to 1.50)"), "{table}");
        assert!(table.contains("missed  list-native at most 1.1 of the time of native: 1.50"), "{table}");
        assert!(table.contains("  list-fetch: still to come"), "{table}");
        assert!(!table.contains("1,000,000"), "{table}");
    }
}
