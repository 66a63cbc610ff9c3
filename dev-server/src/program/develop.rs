//! Keeps the site at the state of its sources.

use std::path::Path;
use std::time::Instant;

use dev_server::Site;

use crate::args::Args;
use crate::build::{Progress, build};
use crate::log::{tell, warn};
use crate::output::say;
use crate::project::package_fault;
use crate::watch::Watcher;

/// Keeps a site at the state of the sources in `root`.
pub(crate) struct Development<'a> {
    args: &'a Args,
    root: &'a Path,
    site: &'a Site,
    watcher: Option<Watcher>,
}

impl<'a> Development<'a> {
    /// Watches from now on. Where nothing is to be built, the site is ready when this is done.
    pub(crate) async fn new(args: &'a Args, root: &'a Path, site: &'a Site) -> Self {
        // Before the first look, and before the first build, which may take a while: what changes meanwhile is seen.
        let watcher = if args.no_watch { None } else { watch(root) };
        if args.no_build {
            look(args, root, site).await;
        }
        Self { args, root, site, watcher }
    }

    /// Builds, if that is wanted, then follows changes; never done.
    pub(crate) async fn run(self) {
        let Self { args, root, site, watcher } = self;
        if !args.no_build {
            rebuild(args, root, site).await;
        }
        if let Some(mut watcher) = watcher {
            loop {
                let changes = watcher.changes().await;
                if args.no_build {
                    look(args, root, site).await;
                } else if changes.sources {
                    rebuild(args, root, site).await;
                } else {
                    refresh(site).await;
                }
            }
        }
        std::future::pending::<()>().await;
    }
}

fn watch(root: &Path) -> Option<Watcher> {
    Watcher::new(root)
        .inspect_err(|error| warn(&format!("Changes can't be watched ({error}): restart the server to see them.")))
        .ok()
}

/// Looks at a package that somebody else builds.
async fn look(args: &Args, root: &Path, site: &Site) {
    let fault = package_fault(&args.package(root));
    if let Some(fault) = &fault {
        warn(fault);
    }
    site.set_error(fault);
    refresh(site).await;
}

async fn refresh(site: &Site) {
    // Between two writes of an editor, or before the first good build, there may be nothing to read.
    let _ = site.refresh().await;
}

async fn rebuild(args: &Args, root: &Path, site: &Site) {
    let start = Instant::now();
    tell("Building the page's WebAssembly …");
    let new = args.package(root).with_extension("new");
    site.build_began();
    let told = |progress: Progress<'_>| match progress {
        Progress::Text(text) => {
            say(text);
            site.build_said(&anstream::adapter::strip_str(text).to_string());
        }
        Progress::Parts { done, total } => site.build_came(done, total),
    };
    let built = match build(root, &new, args.release, &told).await {
        Ok(()) => site.replace_package(&new).await.map_err(|error| format!("the package can't be replaced: {error}")),
        Err(text) => Err(text),
    };
    match &built {
        Ok(()) => tell(&format!("Built in {:.1} s.", start.elapsed().as_secs_f32())),
        Err(text) => {
            warn(text);
            warn("The build failed: what was built before stays. Fix it and save.");
            refresh(site).await;
        }
    }
    site.set_error(built.err().map(|text| anstream::adapter::strip_str(&text).to_string()));
}
