//! The command line.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Parser;
use dev_server::{Options, Site, Tls, Upstream, parse_duration};
use tracing::level_filters::LevelFilter;

const EXAMPLES: &str = "\
Examples:
  dev-server                          build and serve the page, rebuild on changes
  dev-server --port 0 --no-build      a free port (its URL is printed), and pkg/ as it is
  dev-server --interval 200ms --open  five events a second, and the page in the browser
  dev-server --log debug              each request with its headers, beside the streams
  dev-server --upstream http://127.0.0.1:3000
                                      in front of a server of yours: /through/drop=3/its/path
  curl -N 'http://127.0.0.1:8000/events?count=3&interval=1s'

Exit codes: 0 after Ctrl-C or SIGTERM, 1 when it can't start, 2 for a bad flag.";

/// Serves the page and streams of timed events; /help lists what a stream's URL can say
#[derive(Debug, Parser)]
#[command(name = "dev-server", version, after_help = EXAMPLES)]
// Each is a switch of its own: there is no state to be told apart.
#[expect(clippy::struct_excessive_bools)]
pub(crate) struct Args {
    /// Listen on this address; any but a loopback one lets the network in
    #[arg(long, default_value = "127.0.0.1")]
    pub(crate) host: String,
    /// Listen on this port; 0 takes a free one
    #[arg(long, default_value_t = 8000)]
    pub(crate) port: u16,
    /// Send an event this often, unless the stream's URL says otherwise: 200ms, 5s, 1m
    #[arg(long, value_name = "DURATION", default_value = "5s", value_parser = parse_duration)]
    pub(crate) interval: Duration,
    /// Open the page in the browser
    #[arg(long)]
    pub(crate) open: bool,
    /// Build nothing: serve pkg/ as `wasm-pack build --target web` leaves it
    #[arg(long)]
    pub(crate) no_build: bool,
    /// Neither rebuild nor reload when files change
    #[arg(long)]
    pub(crate) no_watch: bool,
    /// Build optimised
    #[arg(long)]
    pub(crate) release: bool,
    /// Serve this host name too, besides IP addresses and localhost; can be repeated
    #[arg(long, value_name = "NAME")]
    pub(crate) allow_host: Vec<String>,
    /// Let pages of this origin read the streams too, besides those of this machine; can be repeated
    #[arg(long, value_name = "ORIGIN", value_parser = parse_origin)]
    pub(crate) allow_origin: Vec<String>,
    /// Serve so many connections at once: more get a 503, and fewer are served if the system permits fewer open files
    #[arg(long, value_name = "N", default_value_t = Options::default().max_connections, value_parser = parse_count)]
    pub(crate) max_connections: usize,
    /// Serve the page of this project: a folder with its index.html and Cargo.toml [default: the one here or above]
    #[arg(long, value_name = "FOLDER")]
    pub(crate) root: Option<PathBuf>,
    /// Serve HTTPS, with HTTP/2 for clients that know it; the certificate is made at the start, unless one is given
    #[arg(long)]
    pub(crate) tls: bool,
    /// Serve HTTPS with the certificates of this PEM file
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    pub(crate) tls_cert: Option<PathBuf>,
    /// The PEM file with the key of --tls-cert
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    pub(crate) tls_key: Option<PathBuf>,
    /// Pass on to this server what is not served here, and put faults into its streams: /through/drop=3/its/path
    #[arg(long, value_name = "URL")]
    pub(crate) upstream: Option<Upstream>,
    /// Tell what happens from this level on: off, error, warn (what is refused), info (each stream opened and ended), debug
    /// (each request with its headers), trace
    #[arg(long, value_name = "LEVEL", default_value = "info", value_parser = parse_level)]
    pub(crate) log: LevelFilter,
    /// Tell errors only, as --log error does
    #[arg(short, long, conflicts_with = "log")]
    pub(crate) quiet: bool,
}

impl Args {
    /// From which level on things are told.
    pub(crate) fn log_level(&self) -> LevelFilter {
        if self.quiet { LevelFilter::ERROR } else { self.log }
    }

    /// The certificate to serve HTTPS with, if it is to be served.
    ///
    /// # Errors
    /// A line that says which file is no good.
    pub(crate) fn certificate(&self) -> Result<Option<Tls>, String> {
        match (&self.tls_cert, &self.tls_key) {
            (Some(certificates), Some(key)) => Tls::from_pem_files(certificates, key).map(Some).map_err(|error| {
                let (certificates, key) = (certificates.display(), key.display());
                format!("--tls-cert {certificates} and --tls-key {key} can't be used: {error}")
            }),
            _ if self.tls => Tls::self_signed(&self.allow_host)
                .map(Some)
                .map_err(|error| format!("no certificate can be made for the names of --allow-host: {error}")),
            _ => Ok(None),
        }
    }

    pub(crate) fn options(&self, site: Option<Site>, tls: Option<Tls>) -> Options {
        Options {
            interval: self.interval,
            allow_hosts: self.allow_host.clone(),
            allow_origins: self.allow_origin.clone(),
            max_connections: self.max_connections,
            tls,
            site,
            upstream: self.upstream.clone(),
        }
    }

    /// The folder of the package that is served.
    pub(crate) fn package(&self, root: &Path) -> PathBuf {
        if self.no_build { root.join("pkg") } else { target_dir(root).join("dev-server/pkg") }
    }
}

fn target_dir(root: &Path) -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), |dir| root.join(dir))
}

fn parse_count(text: &str) -> Result<usize, String> {
    text.parse().ok().filter(|count| *count > 0).ok_or_else(|| "write a whole number from 1".to_owned())
}

fn parse_level(text: &str) -> Result<LevelFilter, String> {
    // Its own reader takes numbers, too.
    let named = text.bytes().all(|byte| byte.is_ascii_lowercase());
    let level = text.parse().ok().filter(|_| named);
    level.ok_or_else(|| "write off, error, warn, info, debug or trace".to_owned())
}

/// An origin without a scheme would be allowed and never match.
fn parse_origin(text: &str) -> Result<String, String> {
    let authority = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    authority
        .filter(|authority| !authority.is_empty() && !authority.trim_end_matches('/').contains(['/', '?', '#', '*']))
        .map(|_| text.to_owned())
        .ok_or_else(|| "write a scheme, a host and maybe a port, as in https://app.example:8443".to_owned())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        Args::command().debug_assert();
    }

    #[test]
    fn an_origin_has_a_scheme_and_no_path() {
        for origin in ["https://app.example", "http://app.example:8080", "https://app.example/"] {
            assert_eq!(parse_origin(origin).as_deref(), Ok(origin));
        }
        for text in ["app.example", "https://", "https://app.example/page", "*", "https://*"] {
            assert!(parse_origin(text).is_err(), "{text}");
        }
    }
}
