//! Which headers are passed on.

use std::net::SocketAddr;

use axum::http::header::{
    CONNECTION, HOST, PROXY_AUTHENTICATE, PROXY_AUTHORIZATION, TE, TRAILER, TRANSFER_ENCODING, UPGRADE, VIA,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue};

use super::address::Upstream;

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

const PSEUDONYM: &str = "1.1 eventsource-dev-server";
/// A request may pass a few of these servers in a row; more means that a server is its own upstream.
const MAX_HOPS: usize = 8;

/// Whether a request has returned to the server that passed it on.
pub(crate) fn loops(headers: &HeaderMap) -> bool {
    let values = headers.get_all(VIA).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).filter(|hop| hop.trim() == PSEUDONYM).count() >= MAX_HOPS
}

/// Turns the headers of a request into those of the request to the upstream.
pub(crate) fn for_upstream(headers: &mut HeaderMap, upstream: &Upstream, peer: Option<SocketAddr>) {
    remove_hop_by_hop(headers);
    let host = headers.insert(HOST, upstream.host().clone());
    // The upstream needs these to make URLs and to compare with Origin. A proxy in front of this one knows better.
    if let Some(host) = host {
        headers.entry(FORWARDED_HOST).or_insert(host);
    }
    headers.entry(FORWARDED_PROTO).or_insert(HeaderValue::from_static("http"));
    let peer = peer.and_then(|peer| HeaderValue::from_str(&peer.ip().to_string()).ok());
    headers.extend(peer.map(|peer| (FORWARDED_FOR, peer)));
    headers.append(VIA, HeaderValue::from_static(PSEUDONYM));
}

/// Removes headers that are meant for the next hop only (RFC 9110, 7.6.1).
pub(crate) fn remove_hop_by_hop(headers: &mut HeaderMap) {
    let named: Vec<HeaderName> = headers
        .get_all(CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|name| name.trim().parse().ok())
        .collect();
    for name in named {
        headers.remove(name);
    }
    for name in [CONNECTION, PROXY_AUTHENTICATE, PROXY_AUTHORIZATION, TE, TRAILER, TRANSFER_ENCODING, UPGRADE] {
        headers.remove(name);
    }
    headers.remove("keep-alive");
    headers.remove("proxy-connection");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_connection_names_is_for_one_hop_and_the_rest_stays() {
        let mut headers = HeaderMap::new();
        for (name, value) in [
            ("connection", "keep-alive, X-Hop"),
            ("x-hop", "1"),
            ("keep-alive", "timeout=5"),
            ("te", "trailers"),
            ("upgrade", "websocket"),
            ("last-event-id", "7"),
            ("host", "localhost:8000"),
            ("x-forwarded-for", "10.0.0.1"),
        ] {
            headers.append(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        let upstream = "http://127.0.0.1:3000".parse().expect("an upstream");
        for_upstream(&mut headers, &upstream, Some(([127, 0, 0, 1], 9).into()));
        let mut lines: Vec<_> = headers.iter().map(|(name, value)| format!("{name}: {value:?}")).collect();
        lines.sort_unstable();
        assert_eq!(
            lines,
            [
                r#"host: "127.0.0.1:3000""#,
                r#"last-event-id: "7""#,
                r#"via: "1.1 eventsource-dev-server""#,
                r#"x-forwarded-for: "10.0.0.1""#,
                r#"x-forwarded-for: "127.0.0.1""#,
                r#"x-forwarded-host: "localhost:8000""#,
                r#"x-forwarded-proto: "http""#,
            ]
        );
    }
}
