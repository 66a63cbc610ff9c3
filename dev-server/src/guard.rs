//! Who may use the server: it runs on a developer's machine, and every web page that a browser shows can send it requests.

use std::net::IpAddr;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::header::{CONTENT_SECURITY_POLICY, HOST, ORIGIN, RETRY_AFTER, X_CONTENT_TYPE_OPTIONS};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::Response;
use tower_http::cors::{AllowHeaders, AllowMethods, AllowOrigin, CorsLayer};

use crate::refusal::refuse;
use crate::stream::cors::wrong_cors;

/// The names and origins allowed besides this machine's own.
struct Allowed {
    hosts: Vec<String>,
    origins: Vec<String>,
}

/// Refuses requests for foreign hosts and changes by foreign pages; lets pages of allowed origins read.
pub(crate) fn guarded(router: Router, hosts: Vec<String>, origins: Vec<String>) -> Router {
    let allowed = Arc::new(Allowed { hosts, origins });
    let readers = Arc::clone(&allowed);
    let cors = CorsLayer::new()
        .allow_origin(AllowOrigin::predicate(move |origin, _| readers.origin(origin)))
        .allow_credentials(true)
        .allow_methods(AllowMethods::mirror_request())
        .allow_headers(AllowHeaders::mirror_request())
        .expose_headers([RETRY_AFTER]);
    // Inside the CORS layer, so that a page that may read can also read why it is refused.
    router.layer(from_fn_with_state(allowed, guard)).layer(cors).layer(from_fn(wrong_cors))
}

/// Refuses requests for foreign hosts, and nothing else.
pub(crate) fn only_hosts(router: Router, hosts: Vec<String>) -> Router {
    let allowed = Arc::new(Allowed { hosts, origins: Vec::new() });
    router.layer(from_fn(move |request: Request, next: Next| {
        let refusal = allowed.foreign_host(&request);
        async move {
            match refusal {
                Some(line) => refuse(StatusCode::FORBIDDEN, &line),
                None => next.run(request).await,
            }
        }
    }))
}

/// Keeps a response that a URL describes, whatever its type, from becoming a page of this server's origin: a stranger may
/// have made the URL.
pub(crate) async fn no_pages(request: Request, next: Next) -> Response {
    if is_shown_by_stranger(request.headers()) {
        let line = "Other sites' pages may neither open nor embed this: enter the URL in the address bar.";
        return refuse(StatusCode::FORBIDDEN, line);
    }
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    // The page itself has a policy of its own. `EventSource` and `fetch` ignore both headers.
    headers.entry(CONTENT_SECURITY_POLICY).or_insert(HeaderValue::from_static("sandbox"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

/// Whether a page of another site navigates here or embeds this. Its `EventSource` and `fetch` have the mode `cors` and are
/// left to CORS.
fn is_shown_by_stranger(headers: &HeaderMap) -> bool {
    let is = |name, value| headers.get(name).is_some_and(|found| found == value);
    is("sec-fetch-site", "cross-site") && !is("sec-fetch-mode", "cors")
}

/// In the extensions of a request from a page of a foreign origin: the page may not read the response, and the request must
/// not change anything.
#[derive(Clone, Copy)]
pub(crate) struct Foreign;

async fn guard(State(allowed): State<Arc<Allowed>>, mut request: Request, next: Next) -> Response {
    if allowed.is_foreign(request.headers()) {
        request.extensions_mut().insert(Foreign);
    }
    match allowed.refusal(&request) {
        Some(line) => refuse(StatusCode::FORBIDDEN, &line),
        None => next.run(request).await,
    }
}

impl Allowed {
    fn refusal(&self, request: &Request) -> Option<String> {
        let reads = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
        let line =
            "Pages of this origin may not change anything: start the server with --allow-origin and this origin\n";
        let changes = !reads && self.is_foreign(request.headers());
        self.foreign_host(request).or_else(|| changes.then(|| line.to_owned()))
    }

    fn foreign_host(&self, request: &Request) -> Option<String> {
        let header = request.headers().get(HOST).map(|host| String::from_utf8_lossy(host.as_bytes()));
        // A request in absolute form names its host twice; both have to be allowed.
        let named = request.uri().authority().map(|authority| authority.as_str().into());
        // With DNS rebinding, a stranger's name that resolves to this machine would make this server part of the stranger's
        // origin.
        let host = header.into_iter().chain(named).find(|host| !self.host(host))?;
        let name = hostname(&host);
        Some(format!("The host `{name}` is not served: start the server with --allow-host {name}\n"))
    }

    /// Whether the request comes from a page that is neither the server's own nor of an allowed origin.
    fn is_foreign(&self, headers: &HeaderMap) -> bool {
        let Some(origin) = headers.get(ORIGIN) else { return false };
        // The server's own page, under any of the server's names.
        let own = headers.get(HOST).is_some_and(|host| {
            let origin = origin.as_bytes();
            // A port serves only one of the two schemes.
            let own = origin.strip_prefix(b"http://").or_else(|| origin.strip_prefix(b"https://"));
            own.is_some_and(|origin| origin == host.as_bytes())
        });
        !own && !self.origin(origin)
    }

    fn host(&self, host: &str) -> bool {
        let name = hostname(host);
        is_local_name(name)
            || is_ip(name)
            || self.hosts.iter().any(|allowed| allowed.eq_ignore_ascii_case(name) || allowed.eq_ignore_ascii_case(host))
    }

    fn origin(&self, origin: &HeaderValue) -> bool {
        let Ok(origin) = origin.to_str() else { return false };
        if self.origins.iter().any(|allowed| allowed.trim_end_matches('/').eq_ignore_ascii_case(origin)) {
            return true;
        }
        let Ok(uri) = origin.parse::<Uri>() else { return false };
        let web = matches!(uri.scheme_str(), Some("http" | "https"));
        web && uri.host().is_some_and(|host| is_local_name(host) || is_loopback(host))
    }
}

/// A host without its port.
fn hostname(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) && !ends_inside_brackets(host) => name,
        _ => host,
    }
}

/// Whether the last colon of `host` is one of an IPv6 address, as in `[::1]`.
fn ends_inside_brackets(host: &str) -> bool {
    host.ends_with(']')
}

fn is_local_name(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name == "localhost" || name.ends_with(".localhost")
}

fn ip(name: &str) -> Option<IpAddr> {
    name.trim_start_matches('[').trim_end_matches(']').parse().ok()
}

fn is_ip(name: &str) -> bool {
    ip(name).is_some()
}

fn is_loopback(name: &str) -> bool {
    ip(name).is_some_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use axum::body::Body;

    use super::*;

    fn allowed() -> Allowed {
        Allowed { hosts: vec!["dev.example".into()], origins: vec!["https://app.example".into()] }
    }

    #[test]
    fn ip_addresses_local_names_and_allowed_names_are_hosts() {
        for host in [
            "127.0.0.1:8000",
            "192.0.2.7",
            "[::1]",
            "[::1]:8000",
            "localhost",
            "LOCALHOST:80",
            "a.localhost:1",
            "Dev.example:8000",
        ] {
            assert!(allowed().host(host), "{host}");
        }
    }

    #[test]
    fn foreign_names_are_no_hosts() {
        for host in ["evil.example", "localhost.evil.example", "notlocalhost", "127.0.0.1.evil.example:8000", "", ":80"]
        {
            assert!(!allowed().host(host), "{host}");
        }
    }

    #[test]
    fn pages_of_this_machine_and_of_allowed_origins_may_read() {
        for origin in [
            "http://localhost:3000",
            "https://app.localhost",
            "http://127.0.0.1:9000",
            "http://[::1]:9000",
            "https://app.example",
        ] {
            assert!(allowed().origin(&HeaderValue::from_static(origin)), "{origin}");
        }
    }

    #[test]
    fn foreign_pages_may_not_read() {
        for origin in [
            "null",
            "https://evil.example",
            "http://app.example",
            "https://app.example.evil.example",
            "http://192.0.2.7",
            "file://localhost",
            "http://localhost.evil.example",
        ] {
            assert!(!allowed().origin(&HeaderValue::from_static(origin)), "{origin}");
        }
    }

    #[test]
    fn foreign_pages_may_change_nothing() {
        let request = |method, origin| {
            let request = Request::builder().method(method).uri("/").header(HOST, "localhost").header(ORIGIN, origin);
            allowed().refusal(&request.body(Body::empty()).expect("a request"))
        };
        assert!(request(Method::POST, "https://evil.example").is_some());
        assert!(request(Method::DELETE, "null").is_some());
        assert!(request(Method::POST, "https://app.example").is_none());
        assert!(request(Method::GET, "https://evil.example").is_none());
    }

    #[test]
    fn the_servers_own_page_may_change_something_under_each_of_its_names() {
        let request = |host, origin| {
            let request = Request::builder().method(Method::POST).uri("/").header(HOST, host).header(ORIGIN, origin);
            allowed().refusal(&request.body(Body::empty()).expect("a request"))
        };
        assert!(request("192.0.2.7:8000", "http://192.0.2.7:8000").is_none());
        assert!(request("dev.example:8000", "http://dev.example:8000").is_none());
        assert!(request("192.0.2.7:8000", "http://192.0.2.7:9000").is_some());
        assert!(request("dev.example:8000", "http://192.0.2.7:8000").is_some());
        assert!(request("evil.example", "http://evil.example").is_some());
    }

    #[test]
    fn a_refused_host_is_named_with_the_cure() {
        let request = Request::builder().uri("/").header(HOST, "evil.example:8000").body(Body::empty());
        let line = allowed().refusal(&request.expect("a request")).expect("refused");
        assert!(line.contains("--allow-host evil.example\n"), "{line}");
    }
}
