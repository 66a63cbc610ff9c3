//! The command line.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Parser;
use dev_server::{Options, Site, Tls, Upstream, parse_duration};
use tracing::level_filters::LevelFilter;

const EXAMPLES: &str = "\
Examples:
  dev-server                          build and serve the page, rebuild it on changes
  dev-server --port 0 --no-build      use a free port (the URL is printed), and serve pkg/ as it is
  dev-server --interval 200ms --open  send five events a second, and open the page in the browser
  dev-server --log debug              also log each request with its headers
  dev-server --upstream http://127.0.0.1:3000
                                      run in front of your own server: /through/drop=3/its/path
  curl -N 'http://127.0.0.1:8000/events?count=3&interval=1s'

Exit codes: 0 after Ctrl-C or SIGTERM, 1 if the server can't start, 2 for an invalid option.";

/// Serves the page and streams of timed events; /help explains the parameters of a stream's URL
#[derive(Debug, Parser)]
#[command(name = "dev-server", version, after_help = EXAMPLES)]
// Each is an independent switch of the command line.
#[expect(clippy::struct_excessive_bools)]
pub(crate) struct Args {
    /// Listen on this address; other machines can connect unless it is a loopback address
    #[arg(long, default_value = "127.0.0.1")]
    pub(crate) host: String,
    /// Listen on this port; 0 chooses a free one
    #[arg(long, default_value_t = 8000)]
    pub(crate) port: u16,
    /// Send an event this often, unless the stream's URL says otherwise: 200ms, 5s, 1m
    #[arg(long, value_name = "DURATION", default_value = "5s", value_parser = parse_duration)]
    pub(crate) interval: Duration,
    /// Open the page in the browser
    #[arg(long)]
    pub(crate) open: bool,
    /// Don't build: serve pkg/ as `wasm-pack build --target web` made it
    #[arg(long)]
    pub(crate) no_build: bool,
    /// Don't rebuild or reload when files change
    #[arg(long)]
    pub(crate) no_watch: bool,
    /// Build with optimizations
    #[arg(long)]
    pub(crate) release: bool,
    /// Also serve this host name, besides IP addresses and localhost; can be repeated
    #[arg(long, value_name = "NAME")]
    pub(crate) allow_host: Vec<String>,
    /// Also let pages of this origin read the streams, besides those of this machine; can be repeated
    #[arg(long, value_name = "ORIGIN", value_parser = parse_origin)]
    pub(crate) allow_origin: Vec<String>,
    /// Serve up to this many connections at once, or as many as the limit of open files allows; further ones get a 503
    #[arg(long, value_name = "N", default_value_t = Options::default().max_connections, value_parser = parse_count)]
    pub(crate) max_connections: usize,
    /// Serve the page of the project in this folder, which has its index.html and Cargo.toml [default: the current folder or
    /// one above it]
    #[arg(long, value_name = "FOLDER")]
    pub(crate) root: Option<PathBuf>,
    /// Serve HTTPS, with HTTP/2 for clients that support it; a certificate is generated at startup unless one is given
    #[arg(long)]
    pub(crate) tls: bool,
    /// Serve HTTPS with the certificate chain in this PEM file
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    pub(crate) tls_cert: Option<PathBuf>,
    /// The PEM file with the private key for --tls-cert
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    pub(crate) tls_key: Option<PathBuf>,
    /// Pass requests for other paths on to this server, and add faults to its streams with /through/drop=3/its/path
    #[arg(long, value_name = "URL")]
    pub(crate) upstream: Option<Upstream>,
    /// Log from this level on: off, error, warn (refused requests), info (streams opened and ended), debug (each request with
    /// its headers), trace
    #[arg(long, value_name = "LEVEL", default_value = "info", value_parser = parse_level)]
    pub(crate) log: LevelFilter,
    /// Log only errors, as --log error does
    #[arg(short, long, conflicts_with = "log")]
    pub(crate) quiet: bool,
}

impl Args {
    /// The level from which messages are logged.
    pub(crate) fn log_level(&self) -> LevelFilter {
        if self.quiet { LevelFilter::ERROR } else { self.log }
    }

    /// The certificate for HTTPS, if the options ask for it.
    ///
    /// # Errors
    /// A line that says which files or names can't be used.
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
    // `LevelFilter`'s own parser accepts numbers too.
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
        .ok_or_else(|| "write a scheme, a host and optionally a port, as in https://app.example:8443".to_owned())
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
