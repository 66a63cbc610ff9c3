//! The routes.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{Method, StatusCode};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::Response;
use axum::routing::{any, delete, get, post};

use crate::guard::{guarded, no_pages, only_hosts};
use crate::options::Options;
use crate::refusal::refuse;
use crate::requests::noted;
use crate::site::{self, Site};
use crate::stream::lab::Lab;
use crate::stream::{handler, help, inspect, push};
use crate::upstream::pass_on::pass_on;
use crate::upstream::through::through;
use crate::wanted::Wanted;

const NOT_FOUND: &str =
    "Not found. The paths are /, /events, /echo, /raw, /push, /connections, /tokens, /requests, /refused and /help.\n";

/// The server as a [`Router`], for an accept loop of your own.
///
/// Only in [`Server`](crate::Server)'s own accept loop do streams know their peer and end at shutdown.
/// An interval longer than a day is treated as a day.
pub fn app(options: Options) -> Router {
    router(Arc::new(Lab::new(options.interval, options.upstream.clone())), options)
}

/// The routes to the streams and their state, and to the page.
pub(crate) fn router(lab: Arc<Lab>, options: Options) -> Router {
    let Options { site, upstream, allow_hosts, allow_origins, .. } = options;
    let journal = lab.journal.clone();
    let mut router = Router::new()
        .route("/events", get(handler::events).post(handler::events))
        .route("/echo", any(handler::echo_request))
        .route("/raw", post(handler::keep_script))
        .route("/raw/{id}", get(handler::raw).post(handler::raw))
        .route("/through/{*rest}", any(through))
        // These layers wrap only the routes that are already added.
        .route_layer(from_fn_with_state(site.clone(), page_at_once))
        .route_layer(from_fn(no_pages))
        .route("/connections", get(inspect::list).delete(inspect::end_all))
        .route("/connections/{id}", delete(inspect::end_one).patch(inspect::change))
        .route("/tokens/{token}", get(inspect::attempts).delete(inspect::reset_token))
        .route("/push/{name}", post(push::push))
        .route("/requests", get(inspect::requests).delete(inspect::forget_requests))
        .route("/refused", get(inspect::refused_url))
        .route("/help", get(help::help))
        .with_state(lab);
    if site.is_some() || upstream.is_none() {
        router =
            router.merge(Router::new().route("/", get(page)).route("/index.html", get(page)).with_state(site.clone()));
    }
    if upstream.is_none() {
        router = router.fallback(async || (StatusCode::NOT_FOUND, NOT_FOUND));
    }
    if let Some(site) = &site {
        router = router.merge(site::routes(site.clone()));
    }
    let router = router.layer(from_fn_with_state(site, page_or_nothing));
    let mut router = guarded(router, allow_hosts.clone(), allow_origins);
    if let Some(upstream) = upstream {
        // Outside the layers above, because the upstream decides what pages of other origins may do there.
        let fallback = Router::new().fallback(pass_on).with_state(upstream);
        router = router.merge(only_hosts(fallback, allow_hosts));
    }
    router.layer(from_fn_with_state(journal, noted))
}

/// Shows the page to a browser's address bar instead of a stream, which is neither started nor counted.
async fn page_at_once(State(site): State<Option<Site>>, request: Request, next: Next) -> Response {
    if wants_page(&request) {
        return site::page(site.as_ref(), request.uri().path()).await;
    }
    next.run(request).await
}

/// Shows the page at every path where a browser's address bar would get nothing else.
async fn page_or_nothing(State(site): State<Option<Site>>, request: Request, next: Next) -> Response {
    let path = wants_page(&request).then(|| request.uri().path().to_owned());
    let response = next.run(request).await;
    match path {
        Some(path) if matches!(response.status(), StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED) => {
            site::page(site.as_ref(), &path).await
        }
        _ => response,
    }
}

fn wants_page(request: &Request) -> bool {
    matches!(*request.method(), Method::GET | Method::HEAD) && Wanted::of(request.headers()) == Wanted::Page
}

async fn page(State(site): State<Option<Site>>, request: Request) -> Response {
    // If the page were the response to a mistyped stream URL, an EventSource would close without saying why.
    if Wanted::of(request.headers()) == Wanted::Stream {
        return refuse(StatusCode::NOT_FOUND, "There is no stream at this path: use /events, or see /help.");
    }
    site::page(site.as_ref(), request.uri().path()).await
}
