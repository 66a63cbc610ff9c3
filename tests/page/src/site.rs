//! Folders for a dev server to serve.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use tempfile::TempDir;
use tokio::task::LocalSet;

use crate::paths;
use crate::server::Server;

/// Keeps what goes wrong in the page, and counts the failures that the browser's own object reports. The server allows the
/// page's inline scripts, whatever they are.
const WITNESS: &str = "<script>
    globalThis.complaints = [];
    {
        const note = (text) => globalThis.complaints.push(text);
        addEventListener('securitypolicyviolation', (event) => note(`policy: ${event.violatedDirective} ${event.blockedURI}`));
        addEventListener('error', (event) => note(`error: ${event.message ?? event.target.outerHTML}`), true);
        addEventListener('unhandledrejection', (event) => note(`rejected: ${event.reason}`));
        for (const level of ['error', 'warn']) {
            const original = console[level];
            console[level] = (...parts) => { note(`${level}: ${parts.join(' ')}`); original.apply(console, parts); };
        }
        globalThis.failures = 0;
        globalThis.EventSource = new Proxy(EventSource, {
            construct(...given) {
                const made = Reflect.construct(...given);
                EventTarget.prototype.addEventListener.call(made, 'error', () => { globalThis.failures += 1; });
                return made;
            },
        });
    }
</script>";

/// Servers that build do it one at a time: they share a folder, so that each has what the others have compiled.
static BUILDING: Mutex<()> = Mutex::new(());

/// The page with its package, in a folder for `--no-build`.
pub struct Site {
    folder: TempDir,
}

impl Site {
    /// Copies the page and its package, which a dev server builds before the first copy.
    pub fn with_package() -> Self {
        let site = Self::without_package();
        copy(package(), &site.path().join("pkg"));
        site
    }

    /// Copies the page, to which it adds what its [`complaints`](crate::Page::complaints) need; the folders for its package
    /// and its sources are empty.
    pub fn without_package() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        // By its manifest the server knows the folder, and it watches where sources would be.
        for name in ["Cargo.toml", "index.html", "console"] {
            copy(&paths::root().join(name), &folder.path().join(name));
        }
        for name in ["pkg", "frontend"] {
            fs::create_dir(folder.path().join(name)).expect("a folder can be made");
        }
        let site = Self { folder };
        site.change_page(|page| page.replacen("<head>", &format!("<head>\n{WITNESS}"), 1));
        site
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Starts a server for it that neither builds nor watches.
    pub async fn serve(&self) -> Server {
        Server::start(self.path(), &["--no-build", "--no-watch"]).await
    }

    /// Writes the page anew, as `change` makes it of what it was.
    pub fn change_page(&self, change: impl FnOnce(&str) -> String) {
        change_file(&self.path().join("index.html"), change);
    }
}

/// A copy of the project, whose sources a test may change. There is one at a time.
pub struct Project {
    folder: PathBuf,
    _alone: MutexGuard<'static, ()>,
}

impl Project {
    /// Copies what Cargo and the dev server need of the project.
    pub fn copy() -> Self {
        let alone = BUILDING.lock().unwrap_or_else(PoisonError::into_inner);
        // Always in the same place, so that a later build is an incremental one.
        let folder = build_folder().join("project");
        if folder.exists() {
            fs::remove_dir_all(&folder).expect("the copy of an earlier test can be removed");
        }
        fs::create_dir_all(&folder).expect("a folder can be made");
        for name in [
            "Cargo.toml",
            "Cargo.lock",
            "index.html",
            "console",
            "frontend",
            "benches",
            "dev-server",
            "npm/wasm",
            "tests",
        ] {
            copy(&paths::root().join(name), &folder.join(name));
        }
        Self { folder, _alone: alone }
    }

    /// Starts a server for it that builds and watches, and waits for the first build.
    pub async fn serve(&self) -> Server {
        let server = Server::start(&self.folder, &[]).await;
        server.wait_until_built().await;
        server
    }

    /// Writes one of its files anew, as `change` makes it of what it was.
    pub fn change(&self, file: &str, change: impl FnOnce(&str) -> String) {
        change_file(&self.folder.join(file), change);
    }
}

/// Where servers of tests build: not where a developer's own server does, who may be using one meanwhile.
pub(crate) fn build_folder() -> PathBuf {
    paths::target().join("page-tests")
}

/// The package as the dev server builds it.
fn package() -> &'static Path {
    static PACKAGE: OnceLock<PathBuf> = OnceLock::new();
    PACKAGE.get_or_init(|| {
        // Of a copy, whose files are new: to Cargo the project in a folder is that in another one, and what a test has
        // built of changed sources would pass for a build of these.
        let project = Project::copy();
        let folder = project.folder.clone();
        // Whoever asks is within a runtime already, and other tests wait on their own threads.
        let built = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            LocalSet::new().block_on(&runtime, async {
                Server::start(&folder, &["--no-watch"]).await.wait_until_built().await;
            });
        });
        assert!(built.join().is_ok(), "the page's package is not built");
        let package = build_folder().join("package");
        copy(&build_folder().join("dev-server/pkg"), &package);
        package
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

fn change_file(path: &Path, change: impl FnOnce(&str) -> String) {
    let before = fs::read_to_string(path).expect("the file can be read");
    let after = change(&before);
    assert_ne!(after, before, "nothing was changed in {}", path.display());
    fs::write(path, after).expect("the copy can be written");
}
