//! Watches the files that the site is made of.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use notify::{Event, RecommendedWatcher, RecursiveMode, Watcher as _};
use tokio::sync::Notify;
use tokio::time::timeout;

/// Saving a file causes several events, and an editor may save several files at once.
const QUIET: Duration = Duration::from_millis(100);

/// What has changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Changes {
    /// What the WebAssembly is built from.
    pub(crate) sources: bool,
    /// Files that are served unchanged.
    pub(crate) page: bool,
}

/// Watches until it is dropped.
pub(crate) struct Watcher {
    notify: RecommendedWatcher,
    folders: [PathBuf; 3],
    seen: Arc<Seen>,
}

#[derive(Default)]
struct Seen {
    changes: Mutex<Changes>,
    notify: Notify,
}

impl Watcher {
    pub(crate) fn new(root: &Path) -> notify::Result<Self> {
        let seen = Arc::new(Seen::default());
        let handler = {
            let (seen, root) = (Arc::clone(&seen), root.to_owned());
            move |event: notify::Result<Event>| {
                // Reading a file causes an event too.
                if let Ok(event) = event
                    && !event.kind.is_access()
                {
                    seen.add(&root, &event.paths);
                }
            }
        };
        let mut watcher = notify::recommended_watcher(handler)?;
        // The folder, not the files, because editors replace files when they save.
        watcher.watch(root, RecursiveMode::NonRecursive)?;
        let sources = root.join("frontend");
        // With --no-build there may be no sources.
        if sources.is_dir() {
            watcher.watch(&sources, RecursiveMode::Recursive)?;
        }
        let mut watcher = Self { notify: watcher, folders: [sources, root.join("console"), root.join("pkg")], seen };
        watcher.watch_folders();
        Ok(watcher)
    }

    /// Watches the folders that exist; they may have been recreated.
    fn watch_folders(&mut self) {
        for folder in &self.folders {
            let _ = self.notify.watch(folder, RecursiveMode::Recursive);
        }
    }

    /// Waits for changes, and then until there have been no more for a moment.
    pub(crate) async fn changes(&mut self) -> Changes {
        loop {
            self.seen.notify.notified().await;
            while timeout(QUIET, self.seen.notify.notified()).await.is_ok() {}
            // Before the changes are returned: files written earlier will be read, and later writes will be noticed.
            self.watch_folders();
            let changes = self.seen.take();
            if changes != Changes::default() {
                return changes;
            }
        }
    }
}

impl Seen {
    fn add(&self, root: &Path, paths: &[PathBuf]) {
        let mut changes = self.changes.lock().unwrap_or_else(PoisonError::into_inner);
        for path in paths.iter().filter_map(|path| path.strip_prefix(root).ok()) {
            let (sources, page) = (is_source(path), is_page(path));
            changes.sources |= sources;
            changes.page |= page;
            // Even if nothing is new, each event restarts the wait.
            if sources || page {
                self.notify.notify_one();
            }
        }
    }

    fn take(&self) -> Changes {
        std::mem::take(&mut self.changes.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn is_source(path: &Path) -> bool {
    path == Path::new("Cargo.toml") || (path.starts_with("frontend") && !is_editors(path))
}

/// Whether it is a temporary or backup file that editors keep beside the edited one.
fn is_editors(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name.starts_with('.') || name.ends_with('~')
}

fn is_page(path: &Path) -> bool {
    path == Path::new("index.html") || path.starts_with("pkg") || path.starts_with("console") && !is_editors(path)
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;

    #[test]
    fn every_change_of_a_source_or_the_page_is_told_and_no_other() {
        let seen = Seen::default();
        let told = |path: &str| {
            seen.add(Path::new("/root"), &[Path::new("/root").join(path)]);
            seen.notify.notified().now_or_never().is_some()
        };
        assert!(told("frontend/lib.rs") && told("frontend/lib.rs") && told("index.html") && told("index.html"));
        assert!(!told("Cargo.lock") && !told("frontend/.lib.rs.swp"));
        assert_eq!(seen.take(), Changes { sources: true, page: true });
    }

    #[test]
    fn sources_are_told_from_the_page_and_from_everything_else() {
        for path in ["Cargo.toml", "frontend/src/lib.rs", "frontend/src/js/class.js"] {
            assert!(is_source(Path::new(path)) && !is_page(Path::new(path)), "{path}");
        }
        for path in ["index.html", "pkg", "pkg/eventsource_wasm.js", "console", "console/main.js"] {
            assert!(is_page(Path::new(path)) && !is_source(Path::new(path)), "{path}");
        }
        for path in [
            "",
            "target",
            "Cargo.lock",
            "frontend/src/.lib.rs.swp",
            "frontend/src/lib.rs~",
            "src/index.html",
            "console/.main.js.swp",
        ] {
            assert!(!is_source(Path::new(path)) && !is_page(Path::new(path)), "{path}");
        }
    }
}
