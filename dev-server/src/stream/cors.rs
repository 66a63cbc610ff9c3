//! Makes the CORS headers of a response wrong, if the stream's URL asks for it.

use axum::extract::Request;
use axum::http::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN,
};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri};
use axum::middleware::Next;
use axum::response::Response;

use super::params::answer::Cors;
use super::params::value;

/// Lets the response get its correct headers, then changes them as its [`Cors`] says.
pub(crate) async fn wrong_cors(request: Request, next: Next) -> Response {
    // The CORS layer responds to preflights before any handler sees them.
    let preflight = (request.method() == Method::OPTIONS).then(|| asked(request.uri()));
    let mut response = next.run(request).await;
    let cors = preflight.or_else(|| response.extensions().get().copied()).unwrap_or_default();
    if cors == Cors::NoPreflight && preflight.is_some() {
        *response.status_mut() = StatusCode::FORBIDDEN;
    }
    spoil(cors, preflight.is_some(), response.headers_mut());
    response
}

fn asked(uri: &Uri) -> Cors {
    let pairs = uri.query().unwrap_or_default().split('&').map(|pair| value::pair(pair.as_bytes()));
    let value = pairs.into_iter().find(|(name, _)| name == "cors").and_then(|(_, value)| String::from_utf8(value).ok());
    value.and_then(|value| Cors::parse(&value)).unwrap_or_default()
}

fn spoil(cors: Cors, preflight: bool, headers: &mut HeaderMap) {
    let Some(origin) = headers.get(ACCESS_CONTROL_ALLOW_ORIGIN).cloned() else { return };
    match cors {
        Cors::NoPreflight if !preflight => {}
        Cors::On => {}
        Cors::Off | Cors::NoPreflight => {
            for header in [
                ACCESS_CONTROL_ALLOW_ORIGIN,
                ACCESS_CONTROL_ALLOW_CREDENTIALS,
                ACCESS_CONTROL_ALLOW_METHODS,
                ACCESS_CONTROL_ALLOW_HEADERS,
            ] {
                headers.remove(header);
            }
        }
        Cors::Any => {
            headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
        }
        Cors::Other => {
            headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("https://other.example"));
        }
        Cors::NoCredentials => {
            headers.remove(ACCESS_CONTROL_ALLOW_CREDENTIALS);
        }
        Cors::Twice => {
            headers.append(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        }
    }
}
