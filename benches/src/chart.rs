//! The picture for the README: how long 100,000 messages take, as dots on a logarithmic axis.
//!
//! Times lie between a tenth of a second and ten, so bars would show the longest and nothing else.

use std::fmt::{self, Write as _};

use crate::browser::Browser;
use crate::contenders::{CONTENDERS, Contender};
use crate::results::Results;
use crate::statistics::Quartiles;
use crate::work::thousands;

/// The work that is shown.
const WORK: &str = "100k";

const WIDTH: f64 = 840.0;
const ROW: f64 = 24.0;
/// Where the axis begins and ends, and where the columns of numbers end.
const LEFT: f64 = 232.0;
const RIGHT: f64 = 590.0;
const NUMBERS: [f64; 3] = [664.0, 744.0, 830.0];
const TOP: f64 = 62.0;

/// Dark colours where the reader prefers them, also when the picture stands in an `<img>`.
const STYLE: &str = "\
text { font: 13px system-ui, sans-serif; fill: #1f2328 }
.ours { font-weight: 700 }
.quiet { fill: #59636e; font-size: 12px }
.number { text-anchor: end; font-variant-numeric: tabular-nums }
.grid { stroke: #d1d9e0 }
.firefox { fill: #bc4c00; stroke: #bc4c00 }
.chromium { fill: #0969da; stroke: #0969da }
.webkit { fill: #8250df; stroke: #8250df }
text.firefox, text.chromium, text.webkit { stroke: none }
@media (prefers-color-scheme: dark) {
  text { fill: #f0f6fc }
  .quiet { fill: #9198a1 }
  .grid { stroke: #3d444d }
  .firefox { fill: #f0883e; stroke: #f0883e }
  .chromium { fill: #58a6ff; stroke: #58a6ff }
  .webkit { fill: #bc8cff; stroke: #bc8cff }
}";

/// The picture; none if nothing was measured that it shows.
pub fn svg(results: &Results) -> Option<String> {
    let label = &results.works.iter().find(|work| work.id == WORK)?.label;
    let rows: Vec<_> = CONTENDERS.iter().filter_map(|contender| Row::of(results, contender)).collect();
    let axis = Axis::around(rows.iter().flat_map(|row| row.times.iter().flatten()))?;
    let mut out = String::new();
    // Writing to a string can't fail.
    let _ = draw(&mut out, label, &rows, &axis);
    Some(out)
}

struct Row {
    contender: &'static Contender,
    /// In milliseconds, by browser.
    times: [Option<Quartiles>; 3],
}

impl Row {
    fn of(results: &Results, contender: &'static Contender) -> Option<Self> {
        let times = Browser::ALL.map(|browser| {
            let own = results.browsers.iter().find(|results| results.browser == browser)?;
            own.time(WORK, contender.id)
        });
        times.iter().any(Option::is_some).then_some(Self { contender, times })
    }
}

/// Logarithmic, with a line at each of 1, 2 and 5 times the powers of ten, in milliseconds.
struct Axis {
    ticks: Vec<u32>,
}

impl Axis {
    fn around<'a>(times: impl Iterator<Item = &'a Quartiles>) -> Option<Self> {
        let ends = times.map(|time| (time.low, time.high));
        let (low, high) = ends.reduce(|(low, high), (from, to)| (low.min(from), high.max(to)))?;
        let all: Vec<_> = (0..6).flat_map(|power| [1, 2, 5].map(|digit| digit * 10_u32.pow(power))).collect();
        let first = all.iter().rposition(|tick| f64::from(*tick) <= low).unwrap_or(0);
        let last = all.iter().position(|tick| f64::from(*tick) >= high).unwrap_or(all.len() - 1);
        Some(Self { ticks: all[first..=last.max(first + 1).min(all.len() - 1)].to_vec() })
    }

    fn x(&self, ms: f64) -> f64 {
        let log = |index: Option<&u32>| index.map_or(0.0, |tick| f64::from(*tick).log10());
        let (from, to) = (log(self.ticks.first()), log(self.ticks.last()));
        let share = (ms.max(0.1).log10() - from) / (to - from);
        LEFT + share.clamp(0.0, 1.0) * (RIGHT - LEFT)
    }
}

fn draw(out: &mut String, label: &str, rows: &[Row], axis: &Axis) -> fmt::Result {
    let bottom = rows.iter().fold(TOP, |y, _| y + ROW);
    let height = bottom + 14.0;
    writeln!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" width=\"{WIDTH}\" height=\"{height}\" \
         role=\"img\">\n<title>How long {label} take</title>\n<style>\n{STYLE}\n</style>"
    )?;
    writeln!(
        out,
        "<text x=\"4\" y=\"18\" class=\"ours\">{label}: milliseconds on a logarithmic axis, less is better</text>"
    )?;
    writeln!(out, "<text x=\"4\" y=\"46\" class=\"quiet\">bold: eventsource-wasm</text>")?;
    for (browser, x) in Browser::ALL.into_iter().zip(NUMBERS) {
        writeln!(out, "<text x=\"{x}\" y=\"46\" class=\"number {}\">{browser}</text>", class(browser))?;
    }
    for tick in &axis.ticks {
        let x = axis.x(f64::from(*tick));
        writeln!(out, "<path class=\"grid\" d=\"M{x:.1} {:.1}V{bottom:.1}\"/>", TOP - 8.0)?;
        // There is no room for a number at each.
        if tick.to_string().starts_with('1') {
            let number = thousands(*tick);
            writeln!(out, "<text x=\"{x:.1}\" y=\"46\" class=\"quiet\" text-anchor=\"middle\">{number}</text>")?;
        }
    }
    let mut y = TOP + ROW / 2.0;
    for row in rows {
        draw_row(out, row, axis, y)?;
        y += ROW;
    }
    writeln!(out, "</svg>")
}

/// A dot for the median and a line from quartile to quartile.
fn draw_row(out: &mut String, Row { contender, times }: &Row, axis: &Axis, y: f64) -> fmt::Result {
    let Contender { label, ours, .. } = contender;
    let label = label.replace('&', "&amp;").replace('<', "&lt;");
    let text = y + 4.0;
    writeln!(out, "<text x=\"4\" y=\"{text:.1}\"{}>{label}</text>", if *ours { " class=\"ours\"" } else { "" })?;
    for (((browser, time), number), y) in Browser::ALL.into_iter().zip(times).zip(NUMBERS).zip([y - 7.0, y, y + 7.0]) {
        let Some(Quartiles { low, median, high }) = *time else { continue };
        let class = class(browser);
        let (from, at, to) = (axis.x(low), axis.x(median), axis.x(high));
        writeln!(out, "<path class=\"{class}\" d=\"M{from:.1} {y:.1}H{to:.1}\" stroke-width=\"2\"/>")?;
        writeln!(out, "<circle class=\"{class}\" cx=\"{at:.1}\" cy=\"{y:.1}\" r=\"3.5\"/>")?;
        writeln!(out, "<text x=\"{number}\" y=\"{text:.1}\" class=\"number\">{}</text>", whole(median))?;
    }
    Ok(())
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "no work takes weeks")]
fn whole(ms: f64) -> String {
    thousands(ms.round() as u32)
}

fn class(browser: Browser) -> &'static str {
    match browser {
        Browser::Firefox => "firefox",
        Browser::Chromium => "chromium",
        Browser::WebKit => "webkit",
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::results::{InBrowser, Measurement, Outcome};
    use crate::work::Work;

    fn results(times: &[(&'static str, f64)]) -> Results {
        let measurement = |&(contender, ms)| Measurement {
            round: 0,
            work: WORK,
            contender,
            outcome: Outcome { ms, ..Outcome::default() },
        };
        let browser = InBrowser {
            browser: Browser::Chromium,
            version: String::new(),
            measurements: times.iter().map(measurement).collect(),
            memory: Vec::new(),
            left_out: BTreeMap::new(),
        };
        Results { works: Work::full(1), browsers: vec![browser], sizes: Vec::new() }
    }

    #[test]
    fn who_was_measured_has_a_row_and_nobody_else() {
        let svg = svg(&results(&[("usual", 8_000.0), ("list-native", 500.0)])).expect("a picture");
        assert!(svg.contains(">onmessage, one &lt;li> each</text>"), "{svg}");
        assert!(svg.contains("class=\"ours\">MessageList</text>"), "{svg}");
        assert_eq!(svg.matches("<circle").count(), 2);
    }

    #[test]
    fn the_axis_has_room_for_every_time() {
        let axis = Axis::around([Quartiles { low: 90.0, median: 500.0, high: 8_000.0 }].iter()).expect("an axis");
        assert_eq!(axis.ticks, [50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000]);
        assert!(axis.x(90.0) > LEFT && axis.x(8_000.0) < RIGHT);
        let axis = Axis::around([Quartiles { low: 50.0, median: 50.0, high: 50.0 }].iter()).expect("an axis");
        assert_eq!(axis.ticks, [50, 100]);
    }

    #[test]
    fn without_times_there_is_no_picture() {
        assert!(svg(&results(&[])).is_none());
    }
}
