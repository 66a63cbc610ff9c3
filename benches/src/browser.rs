//! The browsers.

use std::fmt;

use clap::ValueEnum;
use serde::Serialize;

/// A browser in which is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Browser {
    /// Firefox, by geckodriver.
    Firefox,
    /// Chromium or Chrome, by chromedriver.
    Chromium,
    /// `WebKitGTK`, whose engine is Safari's.
    #[value(name = "webkit")]
    WebKit,
}

impl Browser {
    /// Each.
    pub const ALL: [Self; 3] = [Self::Firefox, Self::Chromium, Self::WebKit];
}

impl fmt::Display for Browser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Firefox => "Firefox",
            Self::Chromium => "Chromium",
            Self::WebKit => "WebKitGTK",
        })
    }
}
