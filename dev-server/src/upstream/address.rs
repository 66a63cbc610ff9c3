//! The address of the upstream.

use std::fmt;
use std::str::FromStr;

use axum::http::uri::Authority;
use axum::http::{HeaderValue, Uri};

/// The address of a server that requests are passed on to, such as `http://127.0.0.1:3000`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upstream {
    authority: Authority,
    host: HeaderValue,
}

impl Upstream {
    /// The host, without brackets, and port to connect to.
    pub(crate) fn target(&self) -> (&str, u16) {
        let host = self.authority.host();
        (host.trim_start_matches('[').trim_end_matches(']'), self.authority.port_u16().unwrap_or(80))
    }

    /// The `Host` of requests to it.
    pub(crate) fn host(&self) -> &HeaderValue {
        &self.host
    }
}

impl FromStr for Upstream {
    type Err = String;

    /// Reads `http://`, a host and optionally a port.
    fn from_str(text: &str) -> Result<Self, String> {
        let example = "write http://, a host and optionally a port, as in http://127.0.0.1:3000";
        let uri: Uri = text.parse().map_err(|_| example.to_owned())?;
        if uri.scheme_str() == Some("https") {
            return Err(
                "an https:// upstream is not supported: give its http:// address, or put a TLS-terminating proxy such \
                 as `caddy reverse-proxy` between"
                    .to_owned(),
            );
        }
        if uri.path() != "/" || uri.query().is_some() || text.contains('#') {
            return Err(format!("an upstream's address has no path, because requests keep theirs: {example}"));
        }
        let authority = uri.authority().filter(|authority| {
            let ends_in_port = authority.as_str().len() == authority.host().len() || authority.port_u16().is_some();
            uri.scheme_str() == Some("http") && !authority.as_str().contains('@') && ends_in_port
        });
        let authority = authority.ok_or_else(|| example.to_owned())?.clone();
        let host = HeaderValue::from_str(authority.as_str()).map_err(|_| example.to_owned())?;
        Ok(Self { authority, host })
    }
}

impl fmt::Display for Upstream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "http://{}", self.authority)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_upstream_is_a_host_and_maybe_a_port() {
        for (text, host, port) in [
            ("http://127.0.0.1:3000", "127.0.0.1", 3000),
            ("http://a.test/", "a.test", 80),
            ("http://[::1]:8", "::1", 8),
        ] {
            let upstream: Upstream = text.parse().expect(text);
            assert_eq!(upstream.target(), (host, port));
            assert_eq!(upstream.to_string(), text.trim_end_matches('/'));
        }
    }

    #[test]
    fn anything_else_is_refused_with_the_cure() {
        for text in ["", "127.0.0.1:3000", "http://", "ftp://a", "http://a:port", "http://a:70000", "http://u@a", "a b"]
        {
            let error = text.parse::<Upstream>().expect_err(text);
            assert!(error.contains("http://127.0.0.1:3000"), "{text}: {error}");
        }
        for (text, line) in [("https://a", "give its http:// address"), ("http://a/api", "no path")] {
            assert!(text.parse::<Upstream>().expect_err(text).contains(line), "{text}");
        }
    }
}
