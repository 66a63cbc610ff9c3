//! The routes.

use std::io;
use std::sync::Arc;

use axum::extract::{Path, RawQuery, Request, State};
use axum::http::StatusCode;
use axum::middleware::from_fn;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{any, delete, get, post};
use axum::{Json, Router};
use serde::Serialize;

use crate::accept::Wanted;
use crate::connections::{ConnectionInfo, Connections};
use crate::guard::{guarded, no_pages};
use crate::options::Options;
use crate::refused::Refused;
use crate::site::{self, Site};
use crate::stream::{self, Attempts, End, Scripts, Stream};

const NOT_FOUND: &str = "Not found. There are /, /events, /echo, /raw, /connections, /refused and /help.\n";

/// The server as a [`Router`], for an accept loop of your own.
///
/// Streams know their peer only in [`Server`](crate::Server)'s accept loop, and end at its shutdown only there.
pub fn app(options: Options) -> Router {
    Arc::new(App::new(&options, Connections::default())).router(options)
}

/// What the handlers share.
#[derive(Debug)]
pub(crate) struct App {
    stream: Stream,
    attempts: Attempts,
    refused: Refused,
    scripts: Scripts,
    connections: Connections,
    site: Option<Site>,
}

impl App {
    pub(crate) fn new(options: &Options, connections: Connections) -> Self {
        let stream = Stream::new(options.interval);
        Self {
            stream,
            attempts: Attempts::default(),
            refused: Refused::default(),
            scripts: Scripts::new(),
            connections,
            site: options.site.clone(),
        }
    }

    pub(crate) fn router(self: Arc<Self>, options: Options) -> Router {
        let site = self.site.clone();
        let mut router = Router::new()
            .route("/events", get(stream::events).post(stream::events))
            .route("/echo", any(stream::echo_request))
            .route("/raw", post(stream::keep_script))
            .route("/raw/{id}", get(stream::raw).post(stream::raw))
            // For these only: it wraps the routes so far.
            .route_layer(from_fn(no_pages))
            .route("/", get(page))
            .route("/index.html", get(page))
            .route("/connections", get(connections).delete(end_all))
            .route("/connections/{id}", delete(end_one))
            .route("/refused", get(refused))
            .route("/help", get(stream::help))
            .fallback(async || (StatusCode::NOT_FOUND, NOT_FOUND))
            .with_state(self);
        if let Some(site) = site {
            router = router.merge(site::routes(site));
        }
        guarded(router, options.allow_hosts, options.allow_origins)
    }

    /// The stream that an empty query describes.
    pub(crate) fn stream(&self) -> &Stream {
        &self.stream
    }

    /// The counts of those who connect with a token.
    pub(crate) fn attempts(&self) -> &Attempts {
        &self.attempts
    }

    pub(crate) fn scripts(&self) -> &Scripts {
        &self.scripts
    }

    /// A URL whose port refuses connections.
    pub(crate) fn refused_url(&self) -> io::Result<String> {
        self.refused.address().map(|address| format!("http://{address}/events"))
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

async fn refused(State(app): State<Arc<App>>) -> Response {
    match app.refused_url() {
        Ok(url) => (url + "\n").into_response(),
        Err(error) => (StatusCode::SERVICE_UNAVAILABLE, format!("no port can be had: {error}\n")).into_response(),
    }
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

/// `?end=`, or an abort: what is killed does not say goodbye.
fn end_of(query: Option<&str>) -> Result<End, (StatusCode, &'static str)> {
    match query.unwrap_or_default() {
        "" => Ok(End::Abort),
        query => query
            .strip_prefix("end=")
            .and_then(End::parse)
            .ok_or((StatusCode::BAD_REQUEST, "Allowed is end= with eof, abort, reset or stall.\n")),
    }
}

async fn end_all(State(app): State<Arc<App>>, RawQuery(query): RawQuery) -> Response {
    match end_of(query.as_deref()) {
        Ok(end) => Json(Ended { ended: app.connections.end_all(end) }).into_response(),
        Err(refusal) => refusal.into_response(),
    }
}

async fn end_one(State(app): State<Arc<App>>, Path(id): Path<String>, RawQuery(query): RawQuery) -> Response {
    match (end_of(query.as_deref()), id.parse()) {
        (Err(refusal), _) => refusal.into_response(),
        (Ok(end), Ok(id)) if app.connections.end(id, end) => Json(Ended { ended: 1 }).into_response(),
        _ => {
            (StatusCode::NOT_FOUND, "There is no connection of this id: GET /connections lists them.\n").into_response()
        }
    }
}

#[derive(Serialize)]
struct Ended {
    ended: usize,
}
