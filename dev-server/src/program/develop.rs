//! Keeps the site up to date with its sources.

use std::path::Path;
use std::time::Instant;

use dev_server::Site;

use crate::args::Args;
use crate::build::{Progress, build};
use crate::log::{tell, warn};
use crate::output::say;
use crate::project::package_fault;
use crate::watch::Watcher;

/// Keeps a site up to date with the sources in `root`.
pub(crate) struct Development<'a> {
    args: &'a Args,
    root: &'a Path,
    site: &'a Site,
    watcher: Option<Watcher>,
}

impl<'a> Development<'a> {
    /// Starts watching. If nothing has to be built, the site is ready when this returns.
    pub(crate) async fn new(args: &'a Args, root: &'a Path, site: &'a Site) -> Self {
        // Before the first refresh and the first build, which may take a while, so that changes during them are noticed.
        let watcher = if args.no_watch { None } else { watch(root) };
        if args.no_build {
            look(args, root, site).await;
        }
        Self { args, root, site, watcher }
    }

    /// Builds, unless building is off, then follows changes; never completes.
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
        .inspect_err(|error| warn(&format!("Files can't be watched ({error}): restart the server to see changes.")))
        .ok()
}

/// Loads a package that is built elsewhere.
async fn look(args: &Args, root: &Path, site: &Site) {
    let fault = package_fault(&args.package(root));
    if let Some(fault) = &fault {
        warn(fault);
    }
    site.set_error(fault);
    refresh(site).await;
}

async fn refresh(site: &Site) {
    // Files may be missing while an editor saves, or before the first successful build.
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
            warn("The build failed, so the previous version stays: fix the error and save.");
            refresh(site).await;
        }
    }
    site.set_error(built.err().map(|text| anstream::adapter::strip_str(&text).to_string()));
}
