//! The routes.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{Method, StatusCode};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{any, delete, get, post};

use crate::guard::{guarded, no_pages};
use crate::options::Options;
use crate::program::site::{self, Site};
use crate::stream::lab::Lab;
use crate::stream::{handler, help, inspect};
use crate::wanted::Wanted;

const NOT_FOUND: &str = "Not found. There are /, /events, /echo, /raw, /connections, /refused and /help.\n";

/// The server as a [`Router`], for an accept loop of your own.
///
/// Streams know their peer only in [`Server`](crate::Server)'s accept loop, and end at its shutdown only there.
pub fn app(options: Options) -> Router {
    router(Arc::new(Lab::new(options.interval)), options)
}

/// The routes to what is in a lab, and to the page.
pub(crate) fn router(lab: Arc<Lab>, options: Options) -> Router {
    let site = options.site;
    let events = get(handler::events).post(handler::events);
    let mut router = Router::new()
        .route("/events", events.layer(from_fn_with_state(site.clone(), or_page)))
        .route("/echo", any(handler::echo_request))
        .route("/raw", post(handler::keep_script))
        .route("/raw/{id}", get(handler::raw).post(handler::raw))
        // For these only: it wraps the routes so far.
        .route_layer(from_fn(no_pages))
        .route("/connections", get(inspect::list).delete(inspect::end_all))
        .route("/connections/{id}", delete(inspect::end_one))
        .route("/refused", get(inspect::refused_url))
        .route("/help", get(help::help))
        .fallback(async || (StatusCode::NOT_FOUND, NOT_FOUND))
        .with_state(lab)
        .merge(Router::new().route("/", get(page)).route("/index.html", get(page)).with_state(site.clone()));
    if let Some(site) = site {
        router = router.merge(site::routes(site));
    }
    guarded(router, options.allow_hosts, options.allow_origins)
}

/// Shows the page to a browser's address bar.
async fn or_page(State(site): State<Option<Site>>, request: Request, next: Next) -> Response {
    if *request.method() == Method::GET && Wanted::of(request.headers()) == Wanted::Page {
        return site::page(site.as_ref()).await;
    }
    next.run(request).await
}

async fn page(State(site): State<Option<Site>>, request: Request) -> Response {
    // A page answered to a mistyped stream's URL would end an EventSource with nothing to learn from.
    if Wanted::of(request.headers()) == Wanted::Stream {
        return (StatusCode::NOT_FOUND, "The stream is at /events.\n").into_response();
    }
    site::page(site.as_ref()).await
}
