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
}

impl Browser {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Firefox, Self::Chromium];
}

impl fmt::Display for Browser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Firefox => "Firefox",
            Self::Chromium => "Chromium",
        })
    }
}
