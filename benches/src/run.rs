//! From the command line to the results.

use std::fs;
use std::path::Path;
use std::process::ExitCode;
use std::rc::Rc;

use clap::Parser as _;

use crate::args::Args;
use crate::browser::Browser;
use crate::prepare::Workshop;
use crate::results::Results;
use crate::server::Server;
use crate::{Result, bounds, chart, drive, sizes, table};

/// Measures what the command line asks for. `target` is cargo's target folder.
pub fn main(target: &Path) -> ExitCode {
    match run(&Args::parse(), target) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Whether all is as it has to be.
fn run(args: &Args, target: &Path) -> Result<bool> {
    let workshop = Workshop::new(target)?;
    let mut results = Results { works: args.works(), browsers: Vec::new(), sizes: Vec::new() };
    if !args.sizes {
        let server = Rc::new(Server::start(&workshop.dev_server()?, &workshop.site()?)?);
        let browsers = Browser::ALL.into_iter().filter(|browser| args.browser.is_none_or(|only| only == *browser));
        for browser in browsers {
            results.browsers.push(drive::measure(browser, args, &server));
            // What was measured is kept, should the next browser fail.
            keep(&results, target)?;
        }
    }
    if args.sizes || args.is_complete() {
        results.sizes = sizes::measure(&workshop)?;
    }
    print!("{}", table::of(&results));
    keep(&results, target)?;
    if let Some(svg) = chart::svg(&results) {
        let complete = args.is_complete().then(|| workshop.root.join("docs/bench.svg"));
        fs::write(complete.unwrap_or_else(|| target.join("browser-bench.svg")), svg)?;
    }
    Ok(!args.check || are_met(&results))
}

fn keep(results: &Results, target: &Path) -> Result<()> {
    Ok(fs::write(target.join("browser-bench.json"), serde_json::to_string_pretty(results)?)?)
}

fn are_met(results: &Results) -> bool {
    let times = results.browsers.iter().flat_map(bounds::of_times);
    times.chain(bounds::of_sizes(&results.sizes)).all(|verdict| verdict.met)
}
