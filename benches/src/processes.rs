//! What a browser's processes hold and use, from /proc: Linux only.

use std::collections::HashMap;
use std::fs;
use std::process;

/// In /proc times are counted in hundredths of a second.
const TICK_MS: f64 = 10.0;

/// The memory in MiB that this process's descendants have allocated and touched, `except` and its own left out.
///
/// None where there is no /proc.
pub(crate) fn memory_of_descendants(except: u32) -> Option<f64> {
    // A process that has ended meanwhile holds nothing.
    let kib: u32 = descendants(except)?.into_iter().map(|id| status(id, "RssAnon:").unwrap_or(0)).sum();
    Some(f64::from(kib) / 1024.0)
}

/// The milliseconds that processors have worked for the same processes, and for their children that have ended.
pub(crate) fn cpu_of_descendants(except: u32) -> Option<f64> {
    let ticks: u32 = descendants(except)?.into_iter().filter_map(ticks).sum();
    Some(f64::from(ticks) * TICK_MS)
}

fn descendants(except: u32) -> Option<Vec<u32>> {
    let mut children = HashMap::<u32, Vec<u32>>::new();
    for entry in fs::read_dir("/proc").ok()?.flatten() {
        let Some(id) = entry.file_name().to_str().and_then(|name| name.parse().ok()) else { continue };
        if let Some(parent) = status(id, "PPid:") {
            children.entry(parent).or_default().push(id);
        }
    }
    let mut found = Vec::new();
    let mut left = vec![process::id()];
    while let Some(id) = left.pop() {
        let next = children.remove(&id).unwrap_or_default();
        let own = next.into_iter().filter(|child| *child != except);
        for child in own {
            found.push(child);
            left.push(child);
        }
    }
    Some(found)
}

/// A number in a process's status.
fn status(id: u32, name: &str) -> Option<u32> {
    let status = fs::read_to_string(format!("/proc/{id}/status")).ok()?;
    let value = status.lines().find_map(|line| line.strip_prefix(name))?;
    value.split_whitespace().next()?.parse().ok()
}

/// The time of a process and of its children that have ended, in and out of the kernel.
fn ticks(id: u32) -> Option<u32> {
    let stat = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    // The program's name may have blanks, and stands in brackets before the third field.
    let (_, fields) = stat.rsplit_once(") ")?;
    fields.split_whitespace().skip(11).take(4).map(|field| field.parse::<u32>().ok()).sum()
}
