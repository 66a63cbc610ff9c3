//! The page with its scripts and styles, its WebAssembly package, and the stream that reloads it.

mod build_log;
mod files;
mod page;
mod reload;
mod version;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{Html, IntoResponse as _, Response};
use axum::routing::get;
use serde::Serialize;
use tokio::fs;
use tokio::sync::{RwLock, watch};

use build_log::BuildLog;

/// The folder of the page's scripts and styles.
const CONSOLE: &str = "console";

/// A page to serve: a folder with an `index.html` and the files that the page loads as `./console/…`, and the package that it
/// imports as `./pkg/…`. Clones share them.
///
/// Until [`refresh`](Self::refresh) has found a package, the page says that it is being built.
#[derive(Clone, Debug)]
pub struct Site(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    root: PathBuf,
    pkg: PathBuf,
    reload: bool,
    status: watch::Sender<Status>,
    log: BuildLog,
    /// Held while the package is replaced, so that no request finds neither the old one nor the new one.
    replacing: RwLock<()>,
}

/// What is sent to open pages.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
struct Status {
    /// Changes with the page or its package; `None` before the first build.
    version: Option<String>,
    /// Why there is no newer version.
    error: Option<String>,
}

impl Site {
    /// A site of the page in `root` and the package in `pkg`; with `reload`, open pages reload when these change.
    pub fn new(root: impl Into<PathBuf>, pkg: impl Into<PathBuf>, reload: bool) -> Self {
        Self(Arc::new(Shared {
            root: root.into(),
            pkg: pkg.into(),
            reload,
            status: watch::Sender::default(),
            log: BuildLog::default(),
            replacing: RwLock::default(),
        }))
    }

    /// Reads the page and the package again: open pages reload if they have changed.
    ///
    /// # Errors
    /// If one of them can't be read. Open pages stay as they are.
    pub async fn refresh(&self) -> io::Result<()> {
        let shared = Arc::clone(&self.0);
        let version = {
            let _whole = self.0.replacing.read().await;
            let version = move || {
                let (page, console) = (shared.root.join("index.html"), shared.root.join(CONSOLE));
                // A page need not have scripts and styles in separate files.
                let console = console.is_dir().then_some(console.as_path());
                version::of(
                    &[page.as_path()].into_iter().chain(console).chain([shared.pkg.as_path()]).collect::<Vec<_>>(),
                )
            };
            tokio::task::spawn_blocking(version).await.map_err(io::Error::other)??
        };
        self.update(|status| status.version = Some(version));
        Ok(())
    }

    /// Replaces the package with the one in the folder `new`, which is moved; open pages reload if it differs.
    ///
    /// # Errors
    /// If the folders can't be moved. The package stays as it is.
    pub async fn replace_package(&self, new: &Path) -> io::Result<()> {
        {
            let _alone = self.0.replacing.write().await;
            swap(new, &self.0.pkg).await?;
        }
        self.refresh().await
    }

    /// Shows an error on every open page, or with `None` removes it.
    pub fn set_error(&self, error: Option<String>) {
        self.update(|status| status.error = error);
    }

    /// Tells waiting pages that a build has started.
    pub fn build_began(&self) {
        self.0.log.begin();
    }

    /// Sends the output of a build to waiting pages, line by line.
    pub fn build_said(&self, text: &str) {
        text.lines().for_each(|line| self.0.log.line(line));
    }

    /// Tells waiting pages how many crates are compiled, and how many there are.
    pub fn build_came(&self, done: u64, total: u64) {
        self.0.log.progress(done, total);
    }

    fn update(&self, change: impl FnOnce(&mut Status)) {
        self.0.status.send_if_modified(|status| {
            let before = status.clone();
            change(status);
            *status != before
        });
    }

    /// The page, or the one that says that it is being built.
    async fn page(&self, path: &str) -> Response {
        let version = self.0.status.borrow().version.clone();
        let Some(version) = version else {
            let page = page::prepare(page::BUILDING, path, Some(""));
            return (StatusCode::SERVICE_UNAVAILABLE, page).into_response();
        };
        match fs::read(self.0.root.join("index.html")).await {
            Ok(html) => {
                let html = String::from_utf8_lossy(&html);
                page::prepare(&html, path, self.0.reload.then_some(version.as_str())).into_response()
            }
            Err(error) => (
                StatusCode::NOT_FOUND,
                format!("index.html can't be read ({error}): see that it is there and readable.\n"),
            )
                .into_response(),
        }
    }
}

/// Replaces the folder `old` with `new`; if that fails, `old` stays.
async fn swap(new: &Path, old: &Path) -> io::Result<()> {
    let aside = old.with_extension("old");
    // An earlier run may have left it; if it can't be removed, the move fails and says so.
    let _ = fs::remove_dir_all(&aside).await;
    match fs::rename(old, &aside).await {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    if let Err(error) = fs::rename(new, old).await {
        // There may have been no package before.
        let _ = fs::rename(&aside, old).await;
        return Err(error);
    }
    let _ = fs::remove_dir_all(&aside).await;
    Ok(())
}

/// The routes that a site adds.
pub(crate) fn routes(site: Site) -> Router {
    Router::new()
        .route("/pkg/{*path}", get(package))
        .route("/console/{*path}", get(console))
        .route("/dev-server/reload", get(async |State(site): State<Site>| reload::stream(&site.0.status)))
        .route("/dev-server/build", get(async |State(site): State<Site>| site.0.log.stream()))
        .route("/dev-server/building.js", get(async || script(include_str!("building.js"))))
        .route("/dev-server/reload.js", get(async || script(include_str!("reload.js"))))
        .route("/dev-server/reload-worker.js", get(async || script(include_str!("reload-worker.js"))))
        .with_state(site)
}

/// The page as it is served at a path, or a page that says why there is none.
pub(crate) async fn page(site: Option<&Site>, path: &str) -> Response {
    match site {
        Some(site) => site.page(path).await,
        None => Html(include_str!("no-page.html")).into_response(),
    }
}

async fn package(State(site): State<Site>, request: Request) -> Response {
    let path = request.uri().path().strip_prefix("/pkg/").unwrap_or_default();
    let _whole = site.0.replacing.read().await;
    files::serve(&site.0.pkg, path, request.headers()).await
}

async fn console(State(site): State<Site>, request: Request) -> Response {
    let path = request.uri().path().strip_prefix("/console/").unwrap_or_default();
    files::serve(&site.0.root.join(CONSOLE), path, request.headers()).await
}

fn script(text: &'static str) -> impl axum::response::IntoResponse {
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/javascript"));
    (headers, text)
}
