//! What a browser's processes hold, from /proc: Linux only.

use std::collections::HashMap;
use std::fs;
use std::process;

/// The memory in MiB that this process's descendants have allocated and touched, `except` and its own left out.
///
/// None where there is no /proc.
pub(crate) fn of_descendants(except: u32) -> Option<f64> {
    let mut children = HashMap::<u32, Vec<u32>>::new();
    for entry in fs::read_dir("/proc").ok()?.flatten() {
        let Some(id) = entry.file_name().to_str().and_then(|name| name.parse().ok()) else { continue };
        if let Some(parent) = status(id, "PPid:") {
            children.entry(parent).or_default().push(id);
        }
    }
    let mut kib = 0;
    let mut left = vec![process::id()];
    while let Some(id) = left.pop() {
        let next = children.remove(&id).unwrap_or_default();
        let own = next.into_iter().filter(|child| *child != except);
        for child in own {
            // A process that has ended meanwhile holds nothing.
            kib += status(child, "RssAnon:").unwrap_or(0);
            left.push(child);
        }
    }
    Some(f64::from(kib) / 1024.0)
}

/// A number in a process's status.
fn status(id: u32, name: &str) -> Option<u32> {
    let status = fs::read_to_string(format!("/proc/{id}/status")).ok()?;
    let value = status.lines().find_map(|line| line.strip_prefix(name))?;
    value.split_whitespace().next()?.parse().ok()
}
