//! Packages of the workspace, compiled.

use std::process::Command;

use super::Workshop;
use crate::Result;

/// Rust's name for pages.
pub(super) const WASM: &str = "wasm32-unknown-unknown";

/// How a package is compiled.
pub(crate) enum Profile {
    /// As it is used: for speed.
    Release,
    /// For size.
    Small,
}

impl Profile {
    fn name(&self) -> &'static str {
        match self {
            Self::Release => "release",
            Self::Small => "small",
        }
    }

    /// Where cargo puts what it builds.
    pub(super) fn folder(&self) -> &'static str {
        self.name()
    }

    /// `wasm-pack build` says `-O`.
    pub(super) fn wasm_opt(&self) -> &'static str {
        match self {
            Self::Release => "-O",
            Self::Small => "-Oz",
        }
    }
}

impl Workshop {
    /// Compiles a package by itself, so that no other's features come with it.
    pub(super) fn cargo(&self, package: &str, profile: &Profile, triple: Option<&str>) -> Result<()> {
        eprintln!("Building {package} ({}).", profile.name());
        let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        cargo.args(["build", "--quiet", "--locked", "--package", package, "--profile", profile.name()]);
        if let Some(triple) = triple {
            cargo.args(["--lib", "--target", triple]);
        }
        let status = cargo.current_dir(&self.root).env("CARGO_TARGET_DIR", &self.target).status()?;
        let cure = format!("if a target is missing, `rustup target add {WASM}` adds it");
        if status.success() { Ok(()) } else { Err(format!("{package} does not build; {cure}").into()) }
    }
}
