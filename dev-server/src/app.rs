//! The routes.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde::Serialize;

use crate::accept::Wanted;
use crate::connections::{ConnectionInfo, Connections};
use crate::guard::guarded;
use crate::options::Options;
use crate::site::{self, Site};
use crate::stream::{self, Stream};

const NOT_FOUND: &str = "Not found. There are /, /events, /connections and /help.\n";

/// The server as a [`Router`], for an accept loop of your own.
///
/// Streams know their peer only in [`Server`](crate::Server)'s accept loop, and end at its shutdown only there.
pub fn app(options: Options) -> Router {
    App::new(&options, Connections::default()).router(options)
}

/// What the handlers share.
pub(crate) struct App {
    stream: Stream,
    connections: Connections,
    site: Option<Site>,
}

impl App {
    pub(crate) fn new(options: &Options, connections: Connections) -> Self {
        let stream = Stream { interval: options.interval, ..Stream::default() };
        Self { stream, connections, site: options.site.clone() }
    }

    pub(crate) fn router(self, options: Options) -> Router {
        let site = self.site.clone();
        let mut router = Router::new()
            .route("/", get(page))
            .route("/index.html", get(page))
            .route("/events", get(stream::events))
            .route("/connections", get(connections))
            .route("/help", get(async || stream::help()))
            .fallback(async || (StatusCode::NOT_FOUND, NOT_FOUND))
            .with_state(Arc::new(self));
        if let Some(site) = site {
            router = router.merge(site::routes(site));
        }
        guarded(router, options.allow_hosts, options.allow_origins)
    }

    /// The stream that an empty query describes.
    pub(crate) fn stream(&self) -> &Stream {
        &self.stream
    }

    pub(crate) fn connections(&self) -> &Connections {
        &self.connections
    }

    pub(crate) async fn page(&self) -> Response {
        match &self.site {
            Some(site) => site.page().await,
            None => site::explain(),
        }
    }
}

async fn page(State(app): State<Arc<App>>, request: Request) -> Response {
    // A page answered to a mistyped stream's URL would end an EventSource with nothing to learn from.
    if Wanted::of(request.headers()) == Wanted::Stream {
        return (StatusCode::NOT_FOUND, "The stream is at /events.\n").into_response();
    }
    app.page().await
}

#[derive(Serialize)]
struct Live {
    count: usize,
    connections: Vec<ConnectionInfo>,
}

async fn connections(State(app): State<Arc<App>>) -> Json<Live> {
    let connections = app.connections.list();
    Json(Live { count: connections.len(), connections })
}
