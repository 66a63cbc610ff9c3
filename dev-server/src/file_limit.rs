//! How many files this process may have open: each connection is one.
//!
//! The `rlimit` crate would do the same on top of libc; rustix, which is already a dependency, does it in one call.

use std::io;

/// Lets this process have as many open files as the system permits, and returns how many those are.
///
/// Systems start programs with a limit such as 1,024, lower than what they permit. The program raises it when it starts;
/// tests with thousands of connections, which have both ends of each in one process, have to call this themselves.
/// Where there is no such limit, this does nothing and returns [`usize::MAX`].
///
/// # Errors
/// If the system refuses.
#[cfg(unix)]
pub fn raise_file_limit() -> io::Result<usize> {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    if current != maximum {
        setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum })?;
    }
    Ok(count(maximum))
}

/// Returns [`usize::MAX`]: this system has no limit of open files.
///
/// # Errors
/// Never.
#[cfg(not(unix))]
pub fn raise_file_limit() -> io::Result<usize> {
    Ok(usize::MAX)
}

/// How many files this process may have open now.
pub(crate) fn file_limit() -> usize {
    #[cfg(unix)]
    let current = rustix::process::getrlimit(rustix::process::Resource::Nofile).current;
    #[cfg(not(unix))]
    let current = None;
    count(current)
}

fn count(limit: Option<u64>) -> usize {
    limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(usize::MAX)
}
