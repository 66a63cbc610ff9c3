//! The page in each browser, driven as its reader would, against a real dev server.

mod address;
mod asking;
mod breaks;
mod files;
mod lab;
mod list;
mod look;
mod looks;
mod looks_dark;
mod module;
mod reload;
mod see;
mod several;
mod typed;

use page_tests::{Browser, Page, Server, Site};

/// A stream fast enough that no test has to wait for its next event.
const QUICK: &str = "/events?interval=100ms";

/// The page, with a server of its own.
struct Served {
    page: Page,
    server: Server,
    _site: Site,
}

/// Opens the page on a stream: the one of this address, or the page's own.
async fn open(browser: &Browser, stream: Option<&str>) -> Served {
    let site = Site::with_package();
    let server = site.serve().await;
    let path = stream.map_or("/".to_owned(), |stream| format!("/?url={}", stream.replace('&', "%26")));
    let page = browser.open(&server.url(&path)).await;
    Served { page, server, _site: site }
}

/// The page's path and query for ten thousand messages a second, by the browser's own object unless options say otherwise.
fn at_speed(query: &str, options: &str) -> String {
    format!("/?url=/events?interval=100us%26{query}{options}")
}
