//! The options of a server.

use std::time::Duration;

use crate::site::Site;
#[cfg(feature = "tls")]
use crate::tls::Tls;
use crate::upstream::address::Upstream;

/// The options of a server.
#[derive(Clone, Debug)]
pub struct Options {
    /// The time between events of a stream whose URL doesn't set it; a day at most.
    pub interval: Duration,
    /// Host names to serve, besides IP addresses, `localhost` and `*.localhost`.
    pub allow_hosts: Vec<String>,
    /// Origins, such as `https://app.example`, whose pages may read the streams; those of this machine always may.
    pub allow_origins: Vec<String>,
    /// How many connections are served at once; further ones get a 503. The number is lower if the process may not have that
    /// many open files: see [`raise_file_limit`](crate::raise_file_limit).
    pub max_connections: usize,
    /// The certificate for serving HTTPS; without one the server speaks HTTP.
    #[cfg(feature = "tls")]
    pub tls: Option<Tls>,
    /// The page and its package, if there are any.
    pub site: Option<Site>,
    /// The server that gets requests for all other paths, and whose streams `/through/…` adds faults to.
    pub upstream: Option<Upstream>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            interval: Duration::from_secs(5),
            allow_hosts: Vec::new(),
            allow_origins: Vec::new(),
            max_connections: 20_000,
            #[cfg(feature = "tls")]
            tls: None,
            site: None,
            upstream: None,
        }
    }
}
