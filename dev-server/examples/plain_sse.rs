//! A server with axum's own `Sse`, as an application has it, for the tests of clients: `plain_sse PORT`.
//!
//! `GET /events?count=40&interval=20&oldest=0` tells numbers, the odd ones as events `tick`, and goes on after the id that the client
//! has. Who asks for what is older than `oldest` gets an event `gap`, then what there is.

use std::convert::Infallible;
use std::time::Duration;

use axum::Router;
use axum::http::{HeaderMap, Uri};
use axum::response::Sse;
use axum::response::sse::Event;
use axum::routing::get;
use futures_util::{Stream, StreamExt, stream};
use tokio::net::TcpListener;
use tower_http::cors::CorsLayer;

/// The number that a query has by this name.
fn number(query: &str, name: &str) -> Option<u64> {
    query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('=')?.parse().ok())
}

async fn events(headers: HeaderMap, uri: Uri) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let query = uri.query().unwrap_or_default();
    let wanted = |name, usual| number(query, name).unwrap_or(usual);
    let (count, oldest, pause) =
        (wanted("count", 40), wanted("oldest", 0), Duration::from_millis(wanted("interval", 20)));
    let header = headers.get("last-event-id").and_then(|id| id.to_str().ok()?.parse().ok());
    let next = header.or_else(|| number(query, "lastEventId")).map_or(0, |last: u64| last.saturating_add(1));
    let begin = if next > 0 { next.max(oldest) } else { 0 };
    let gap = (begin > next)
        .then(|| Event::default().event("gap").data(format!("{next} to {} are no longer kept", begin - 1)));
    let numbers = stream::iter(begin..count).then(move |n| async move {
        tokio::time::sleep(pause).await;
        let event = Event::default().id(n.to_string()).data(n.to_string());
        if n % 2 == 1 { event.event("tick") } else { event }
    });
    Sse::new(stream::iter(gap).chain(numbers).chain(stream::pending()).map(Ok))
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let port = std::env::args().nth(1).and_then(|port| port.parse().ok()).unwrap_or(0);
    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    println!("listening on http://{}", listener.local_addr()?);
    axum::serve(listener, Router::new().route("/events", get(events)).layer(CorsLayer::permissive())).await
}
