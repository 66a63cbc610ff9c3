//! The command line.

use clap::Parser;

use crate::browser::Browser;
use crate::contenders::{CONTENDERS, Contender};
use crate::work::Work;

const MORE: &str = "\
Contenders (what --only means by a name):
  usual  batched  list-native  list-fetch  native  gloo
  rust-callback  rust-callback-read  rust-native  rust-native-read
  rust-batches-read  rust-fetch  rust-fetch-read  rust-fetch-batches
  class-native  class-options  class-native-each  class-native-batches
  class-fetch  class-fetch-each  class-fetch-batches
  class-list-native  class-list-fetch  fetch  fetch-parser
  npm-eventsource  npm-eventsource-client  npm-fetch-event-source
  share-none  share-class  share-native  share-class-fetch  share-fetch
  share-npm-flame  share-npm-shared-event-source

Works: 1k  100k  1m  steady  1mib  four

Examples:
  cargo bench --bench browser                 everything, in three quarters of an hour
  cargo bench --bench browser -- --quick      does all of it work? 5 minutes
  cargo bench --bench browser -- --only list/100k --rounds 5
                                              lists in a burst of 100,000,
                                              and what they compare with
  cargo bench --bench browser -- --only class,npm-eventsource/100k
                                              the JavaScript class beside npm's
  cargo bench --bench browser -- --only share/four --rounds 5
                                              one connection for four workers
                                              beside four
  cargo bench --bench browser -- --sizes      what programs weigh

A complete run writes docs/bench.svg, any other target/browser-bench.svg.
All figures go to target/browser-bench.json.

Exit codes: 0 when it ran to its end, 1 when it could not, or when --check is
given and a bound is missed, 2 for a bad flag.";

/// Measures this package and others side by side in Firefox, Chromium and `WebKitGTK`
#[derive(Clone, Debug, Parser)]
#[command(name = "browser", bin_name = "cargo bench --bench browser --", after_help = MORE)]
// Each is a switch of its own: there is no state to be told apart.
#[expect(clippy::struct_excessive_bools)]
pub struct Args {
    /// Measure this often; what takes long (1m, steady, 1mib, memory) is measured less often
    #[arg(long, value_name = "N", default_value_t = 11, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,
    /// 3 rounds of small works: shows that everything works, its figures say little
    #[arg(long)]
    pub quick: bool,
    /// Measure only contenders (several with commas) and works of these names, or of names that begin like
    /// this; what they are compared with is added
    #[arg(long, value_name = "CONTENDERS/WORK")]
    pub only: Option<String>,
    /// Measure in this browser only
    #[arg(long)]
    pub browser: Option<Browser>,
    /// Measure sizes and nothing else
    #[arg(long)]
    pub sizes: bool,
    /// Fail when a bound is missed
    #[arg(long)]
    pub check: bool,
    /// What cargo adds.
    #[arg(long, hide = true)]
    bench: bool,
}

impl Args {
    /// How often the works that don't take long are measured.
    pub fn rounds(&self) -> u32 {
        if self.quick { 3 } else { self.rounds }
    }

    /// Whether all there is is measured.
    pub fn is_complete(&self) -> bool {
        !self.quick && !self.sizes && self.only.is_none() && self.browser.is_none()
    }

    /// The works that are to be measured.
    pub fn works(&self) -> Vec<Work> {
        let works = if self.quick { Work::quick() } else { Work::full(self.rounds) };
        let names = works.iter().map(|work| work.id);
        let wanted = chosen(self.parts().1, names);
        works.into_iter().filter(|work| wanted.contains(&work.id)).collect()
    }

    /// Whether a contender is asked for.
    pub fn wants(&self, contender: &Contender) -> bool {
        let names = || CONTENDERS.iter().map(|contender| contender.id);
        self.parts().0.split(',').any(|beginning| chosen(beginning, names()).contains(&contender.id))
    }

    fn parts(&self) -> (&str, &str) {
        let only = self.only.as_deref().unwrap_or_default();
        only.split_once('/').unwrap_or((only, ""))
    }
}

/// The names that begin like this; a whole name is that one only.
fn chosen(beginning: &str, names: impl Iterator<Item = &'static str>) -> Vec<&'static str> {
    let names: Vec<_> = names.filter(|name| name.starts_with(beginning)).collect();
    names.iter().find(|name| **name == beginning).map_or(names.clone(), |name| vec![*name])
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    fn parse(arguments: &[&str]) -> Args {
        Args::parse_from([&["browser"], arguments].concat())
    }

    #[test]
    fn the_command_line_is_well_formed() {
        Args::command().debug_assert();
    }

    #[test]
    fn only_takes_beginnings_of_a_contender_and_of_a_work() {
        let args = parse(&["--only", "list/100"]);
        assert_eq!(args.works().iter().map(|work| work.id).collect::<Vec<_>>(), ["100k"]);
        let wanted = CONTENDERS.iter().filter(|contender| args.wants(contender)).map(|contender| contender.id);
        assert_eq!(wanted.collect::<Vec<_>>(), ["list-native", "list-fetch"]);
        let args = parse(&["--only", "list,gloo/1k"]);
        let wanted = CONTENDERS.iter().filter(|contender| args.wants(contender)).map(|contender| contender.id);
        assert_eq!(wanted.collect::<Vec<_>>(), ["list-native", "list-fetch", "gloo"]);
        assert_eq!(parse(&["--only", "/steady"]).works().len(), 1);
        assert_eq!(parse(&["--only", "/1m"]).works().len(), 1, "not 1mib too");
        assert!(parse(&["--only", "gloo"]).works().len() > 1);
    }

    #[test]
    fn help_names_every_contender() {
        for Contender { id, .. } in CONTENDERS {
            assert!(MORE.split_whitespace().any(|name| name == *id), "{id}");
        }
    }
}
