//! Helpers to drive the page in a browser: a browser with its driver, the page as its reader sees it, a dev server as its
//! own process, and folders for it to serve.
//!
//! Nothing here returns an error: a helper that can't do its work fails the test, and says why.

#![cfg(feature = "browsers")]
#![expect(clippy::missing_panics_doc, reason = "failing is how a test's helper reports")]

mod bidi;
mod browser;
mod driver;
mod fixture;
mod page;
mod paths;
mod server;
mod site;
mod wait;

pub use browser::{Browser, Kind, Scheme, run, run_with};
pub use fixture::FixedStream;
pub use page::Page;
pub use server::Server;
pub use site::{Project, Site};
pub use wait::until;

/// Makes a test for each browser of each function, which takes a [`Browser`].
///
/// Written `Dark => name, …` the browser prefers dark pages.
#[macro_export]
macro_rules! in_each_browser {
    ($($name:ident),+ $(,)?) => { $crate::in_each_browser!(Light => $($name),+); };
    ($scheme:ident => $($name:ident),+ $(,)?) => {
        mod firefox {
            $(#[test]
            fn $name() {
                $crate::run($crate::Kind::Firefox, $crate::Scheme::$scheme, stringify!($name), super::$name);
            })+
        }
        mod chromium {
            $(#[test]
            fn $name() {
                $crate::run($crate::Kind::Chromium, $crate::Scheme::$scheme, stringify!($name), super::$name);
            })+
        }
        mod webkit {
            $(#[test]
            fn $name() {
                $crate::run($crate::Kind::WebKit, $crate::Scheme::$scheme, stringify!($name), super::$name);
            })+
        }
    };
}
