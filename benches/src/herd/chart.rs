//! The picture of docs/scale.md: a panel for each policy, with a bar for the requests of each tenth of a second.
//!
//! The axis is logarithmic: a hundred thousand requests and a hundred are both to be seen.

use std::fmt::{self, Write as _};

use super::outage::{BIN, Course, Outage};
use super::policies::Contender;
use super::table::seconds;
use crate::work::thousands;

const WIDTH: f64 = 840.0;
const LEFT: f64 = 66.0;
const RIGHT: f64 = 820.0;
const TOP: f64 = 50.0;
/// A panel with the line of text above it.
const PANEL: f64 = 116.0;
const PLOT: f64 = 80.0;
/// How many seconds are shown, and where they are named.
const SECONDS: u32 = 60;
const EVERY: usize = 10;
/// The powers of ten at which the axis begins and ends.
const POWERS: std::ops::RangeInclusive<u32> = 1..=5;

/// Dark colours where the reader prefers them, also when the picture stands in an `<img>`.
const STYLE: &str = "\
text { font: 13px system-ui, sans-serif; fill: #1f2328 }
.ours { font-weight: 700 }
.quiet { fill: #59636e; font-size: 12px }
.end { text-anchor: end }
.middle { text-anchor: middle }
.grid { stroke: #d1d9e0 }
.bars { stroke: #8c959f }
.bars.ours { stroke: #0969da }
.limit { stroke: #bc4c00; stroke-dasharray: 5 3 }
.limit-text { fill: #bc4c00; font-size: 12px }
.up { stroke: #1a7f37 }
.up-text { fill: #1a7f37; font-size: 12px }
@media (prefers-color-scheme: dark) {
  text { fill: #f0f6fc }
  .quiet { fill: #9198a1 }
  .grid { stroke: #3d444d }
  .bars { stroke: #848d97 }
  .bars.ours { stroke: #58a6ff }
  .limit { stroke: #f0883e }
  .limit-text { fill: #f0883e }
  .up { stroke: #3fb950 }
  .up-text { fill: #3fb950 }
}";

/// Draws what came of an outage.
pub fn svg(outage: &Outage, courses: &[(Contender, Course)]) -> String {
    let mut out = String::new();
    // Writing to a string can't fail.
    let _ = draw(&mut out, outage, courses);
    out
}

fn draw(out: &mut String, outage: &Outage, courses: &[(Contender, Course)]) -> fmt::Result {
    let height = courses.iter().fold(TOP, |y, _| y + PANEL) + 24.0;
    let clients = count(outage.clients);
    let title = format!("{clients} clients lose their node: their requests in each 0.1 s, on a logarithmic axis");
    writeln!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" width=\"{WIDTH}\" height=\"{height}\" \
         role=\"img\">\n<title>{title}</title>\n<style>\n{STYLE}\n</style>\n\
         <text x=\"4\" y=\"18\" class=\"ours\">{title}</text>"
    )?;
    let accepts = count(outage.accepts);
    writeln!(
        out,
        "<text x=\"4\" y=\"36\"><tspan class=\"up-text\">green: from here on a successor answers</tspan>\
         <tspan class=\"limit-text\" dx=\"16\">dashed: it accepts {accepts} connections a second</tspan>\
         <tspan class=\"quiet\" dx=\"16\">bold: eventsource-wasm</tspan></text>"
    )?;
    let mut top = TOP;
    for (contender, course) in courses {
        panel(out, outage, contender, course, top)?;
        top += PANEL;
    }
    for second in (0..=SECONDS).step_by(EVERY) {
        let x = across(second.into());
        writeln!(out, "<text x=\"{x:.0}\" y=\"{:.0}\" class=\"quiet middle\">{second} s</text>", top + 14.0)?;
    }
    writeln!(out, "</svg>")
}

fn panel(out: &mut String, outage: &Outage, contender: &Contender, course: &Course, top: f64) -> fmt::Result {
    let Contender { label, ours, .. } = contender;
    let (text, plot, bottom) = (top + 18.0, top + PANEL - PLOT - 10.0, top + PANEL - 10.0);
    let ours = if *ours { " ours" } else { "" };
    let back = match course.all_back {
        Some(time) => format!("the last client is back after {}", seconds(time)),
        None => "not all come back".to_owned(),
    };
    writeln!(out, "<text x=\"{LEFT}\" y=\"{text}\" class=\"{}\">{label}</text>", ours.trim())?;
    writeln!(out, "<text x=\"{RIGHT}\" y=\"{text}\" class=\"quiet end\">{back}</text>")?;
    for power in POWERS {
        let y = up(10_f64.powf(power.into()), bottom);
        writeln!(out, "<path class=\"grid\" d=\"M{LEFT} {y:.1}H{RIGHT}\"/>")?;
        if power % 2 == 1 {
            let (number, x, y) = (thousands(10_u32.pow(power)), LEFT - 6.0, y + 4.0);
            writeln!(out, "<text x=\"{x}\" y=\"{y:.1}\" class=\"quiet end\">{number}</text>")?;
        }
    }
    write!(out, "<path class=\"bars{ours}\" d=\"")?;
    for (bin, requests) in (0_u32..).zip(&course.requests) {
        let x = across(BIN.as_secs_f64() * (f64::from(bin) + 0.5));
        let y = up(float(*requests), bottom);
        if x < RIGHT && y < bottom {
            write!(out, "M{x:.1} {bottom:.0}V{y:.0}")?;
        }
    }
    writeln!(out, "\"/>")?;
    let (limit, begin) = (up(float(outage.accepts) * BIN.as_secs_f64(), bottom), across(outage.downtime.as_secs_f64()));
    writeln!(out, "<path class=\"limit\" d=\"M{begin:.1} {limit:.1}H{RIGHT}\"/>")?;
    writeln!(out, "<path class=\"up\" d=\"M{begin:.1} {bottom}V{plot}\"/>")
}

fn across(seconds: f64) -> f64 {
    LEFT + seconds / f64::from(SECONDS) * (RIGHT - LEFT)
}

/// Where a number of requests lies above `bottom`.
fn up(requests: f64, bottom: f64) -> f64 {
    let (from, to) = (f64::from(*POWERS.start()), f64::from(*POWERS.end()));
    bottom - ((requests.max(1.0).log10() - from) / (to - from)).clamp(0.0, 1.0) * PLOT
}

fn count(number: usize) -> String {
    thousands(u32::try_from(number).unwrap_or(u32::MAX))
}

/// As a number to draw with.
fn float(number: usize) -> f64 {
    u32::try_from(number).unwrap_or(u32::MAX).into()
}
