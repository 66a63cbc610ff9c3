//! No dependency needs a newer compiler than `rust-version` promises. That the code itself doesn't is what clippy's
//! `incompatible_msrv` says, and the workflow's job `msrv`, which builds with that compiler.
#![cfg(not(target_family = "wasm"))]

use std::collections::{HashMap, HashSet};
use std::env;
use std::process::Command;

use serde_json::Value;

type Version = (u64, u64, u64);

fn version(text: &str) -> Version {
    let mut numbers = text.split('.').map(|number| number.parse().expect("a version is made of numbers"));
    (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0), numbers.next().unwrap_or(0))
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_default()
}

fn list<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    value[name].as_array().map_or(&[], Vec::as_slice)
}

/// A package, and all that is linked into it or builds it: no dependencies of tests.
fn with_dependencies<'a>(package: &'a str, nodes: &HashMap<&str, &'a Value>) -> HashSet<&'a str> {
    let mut seen = HashSet::new();
    let mut next = vec![package];
    while let Some(id) = next.pop() {
        if !seen.insert(id) {
            continue;
        }
        let used = list(nodes[id], "deps")
            .iter()
            .filter(|dependency| list(dependency, "dep_kinds").iter().any(|kind| kind["kind"] != "dev"));
        next.extend(used.map(|dependency| text(dependency, "pkg")));
    }
    seen
}

#[test]
fn no_dependency_needs_a_newer_compiler() {
    let output = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args(["metadata", "--locked", "--format-version", "1"])
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("it writes JSON");
    let packages: HashMap<_, _> =
        list(&metadata, "packages").iter().map(|package| (text(package, "id"), package)).collect();
    let nodes: HashMap<_, _> =
        list(&metadata["resolve"], "nodes").iter().map(|node| (text(node, "id"), node)).collect();

    let published = ["eventsource-wasm", "dev-server"];
    let published: Vec<_> = packages
        .values()
        .filter(|package| published.contains(&text(package, "name")) && package["source"].is_null())
        .collect();
    assert_eq!(published.len(), 2);
    for package in published {
        let promised = version(text(package, "rust_version"));
        for id in with_dependencies(text(package, "id"), &nodes) {
            let Some(needed) = packages[id]["rust_version"].as_str() else { continue };
            assert!(
                version(needed) <= promised,
                "{} needs Rust {needed}, and Cargo.toml promises {}: take an older version of it, or raise `rust-version`",
                text(packages[id], "name"),
                text(package, "rust_version"),
            );
        }
    }
}
