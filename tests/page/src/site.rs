//! Folders for a dev server to serve.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use tempfile::TempDir;

use crate::paths;
use crate::server::{Server, build_folder};

/// The page with its package, as the dev server has built it: a folder for `--no-build`.
pub struct Site {
    folder: TempDir,
}

impl Site {
    /// Copies the page and its package, which is built before the first copy.
    pub fn with_package() -> Self {
        let site = Self::without_package();
        copy(package(), &site.path().join("pkg"));
        site
    }

    /// Copies the page; the folder for its package is empty.
    pub fn without_package() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        copy(&paths::root().join("index.html"), &folder.path().join("index.html"));
        fs::create_dir(folder.path().join("pkg")).expect("a folder can be made");
        Self { folder }
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Starts a server for it that builds nothing.
    pub async fn serve(&self) -> Server {
        Server::start(self.path(), &["--no-build", "--no-watch"]).await
    }
}

/// A copy of the project, whose sources a test may change.
pub struct Project {
    folder: TempDir,
}

impl Project {
    /// Copies what Cargo and the dev server need of the project.
    pub fn copy() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        for name in ["Cargo.toml", "Cargo.lock", "index.html", "frontend", "dev-server", "tests"] {
            copy(&paths::root().join(name), &folder.path().join(name));
        }
        Self { folder }
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Writes one of its files anew, as `change` makes it of what it was.
    pub fn change(&self, file: &str, change: impl FnOnce(String) -> String) {
        let path = self.path().join(file);
        let before = fs::read_to_string(&path).expect("the project has this file");
        fs::write(&path, change(before)).expect("the copy can be written");
    }
}

/// The package as the dev server builds it.
fn package() -> &'static Path {
    static PACKAGE: OnceLock<PathBuf> = OnceLock::new();
    PACKAGE.get_or_init(|| {
        // Tests wait for this on their own threads, each with a runtime of its own; so does this.
        let built = std::thread::spawn(|| {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            tokio::task::LocalSet::new().block_on(&runtime, async {
                Server::start(paths::root(), &["--no-watch"]).await.wait_until_built().await;
            });
        });
        assert!(built.join().is_ok(), "the page's package is not built");
        build_folder().join("dev-server/pkg")
    })
}

/// Copies a file, or a folder with all in it but what tools have made there.
fn copy(from: &Path, to: &Path) {
    if !from.is_dir() {
        fs::copy(from, to).unwrap_or_else(|error| panic!("{} is not copied: {error}", from.display()));
        return;
    }
    fs::create_dir_all(to).expect("a folder can be made");
    for entry in fs::read_dir(from).expect("the folder can be read") {
        let name = entry.expect("the folder can be read").file_name();
        if name != "target" && name != "node_modules" {
            copy(&from.join(&name), &to.join(&name));
        }
    }
}
