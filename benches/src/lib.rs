//! Measures this package and others side by side in Firefox and Chromium; ../README.md tells what and how.
//!
//! What is decided and computed is here always, and tested on the host. What builds the contenders and drives the
//! browsers is behind the feature `browsers`.

pub mod args;
pub mod bounds;
pub mod browser;
pub mod chart;
pub mod contenders;
pub mod herd;
pub mod results;
pub mod statistics;
pub mod table;
pub mod work;

#[cfg(feature = "browsers")]
mod drive;
#[cfg(feature = "browsers")]
mod prepare;
#[cfg(feature = "browsers")]
mod processes;
#[cfg(feature = "browsers")]
mod run;
#[cfg(feature = "browsers")]
mod server;
#[cfg(feature = "browsers")]
mod sizes;

/// An error is a line for a person, with the cure where there is one.
#[cfg(feature = "browsers")]
type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

#[cfg(feature = "browsers")]
pub use run::main;
