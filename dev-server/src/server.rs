//! The accept loop.

use std::cell::Cell;
use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
#[cfg(feature = "tls")]
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::http::header::{CONNECTION, RETRY_AFTER};
#[cfg(feature = "tls")]
use axum::http::{HeaderValue, header::HOST};
use axum::http::{Request, StatusCode};
use bytes::Bytes;
use hyper::body::Incoming;
use hyper::server::conn::http1;
#[cfg(feature = "tls")]
use hyper::server::conn::http2;
use hyper::service::{Service as _, service_fn};
#[cfg(feature = "tls")]
use hyper_util::rt::TokioExecutor;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpSocket, TcpStream, ToSocketAddrs, lookup_host};
use tokio::sync::{Semaphore, mpsc};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use crate::app::router;
use crate::duration;
use crate::file_limit::file_limit;
use crate::guard::guarded;
use crate::handover::{self, Taken, Taker};
use crate::options::Options;
use crate::refusal::refuse;
use crate::stream::connections::Connections;
use crate::stream::lab::Lab;
use crate::stream::params::end::End;
#[cfg(feature = "tls")]
use crate::tls::Tls;
#[cfg(feature = "tls")]
use crate::wire::{GoAway, Secure};
use crate::wire::{OwnFraming, Peer, Socket, Wire};

/// A request's head, or the next request of a connection, has to arrive within this time.
const HEAD_TIMEOUT: Duration = Duration::from_secs(30);
/// Bounds what a request's head can make the server hold.
const MAX_HEAD: usize = 64 * 1024;
/// How many clients beyond the limit get a 503 at the same time; further ones are dropped.
const MAX_REFUSALS: usize = 64;
/// Open files besides the connections that are served: the runtime's, the page's, and refused connections.
const OTHER_FILES: usize = 64 + MAX_REFUSALS;
/// How many connections may wait to be accepted. All clients of a server that restarts reconnect at once, which soon fills
/// the usual backlog of 128, and a client that finds it full tries again after a second or more.
const BACKLOG: u32 = 4096;
/// How much of a stream the system buffers for a slow reader; by default it would be up to 4 MiB for each.
const SEND_BUFFER: u32 = 128 * 1024;
/// The pause after accepting fails because there are too many open files: some may be closed by then.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
/// How long streams have at shutdown to send their last bytes.
const GRACE: Duration = Duration::from_millis(250);

/// A server that is bound to an address and ready to run.
///
/// Its accept loop sets `TCP_NODELAY`, gives clients 30 s to send a request's headers, refuses connections beyond
/// [`Options::max_connections`], or beyond the limit of open files, with a 503, and ends all streams at once at shutdown.
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
    lab: Arc<Lab>,
    router: Router,
    /// The response to clients beyond the limit.
    refuse: Router,
    #[cfg(feature = "tls")]
    tls: Option<Tls>,
    max_connections: usize,
}

impl Server {
    /// Binds to an address; port 0 chooses a free port.
    ///
    /// # Errors
    /// As [`TcpListener::bind`]: the name is unknown, or the port is in use or not permitted. `InvalidInput` if
    /// [`Options::interval`] is longer than a day.
    pub async fn bind(address: impl ToSocketAddrs, options: Options) -> io::Result<Self> {
        if options.interval > duration::MAX {
            let line = format!("an interval of {:?} is too long: it may be a day at most", options.interval);
            return Err(io::Error::new(io::ErrorKind::InvalidInput, line));
        }
        let listener = listen(address).await?;
        // If open files ran out before this limit is reached, no 503 could be sent.
        let by_files = file_limit().saturating_sub(OTHER_FILES).max(1);
        let max_connections = options.max_connections.min(by_files);
        let lab = Arc::new(Lab::new(options.interval, options.upstream.clone()));
        let (hosts, origins) = (options.allow_hosts.clone(), options.allow_origins.clone());
        let refuse = guarded(refusing_router(max_connections), hosts, origins);
        #[cfg(feature = "tls")]
        let tls = options.tls.clone();
        let router = router(Arc::clone(&lab), options);
        Ok(Self {
            listener,
            lab,
            router,
            refuse,
            #[cfg(feature = "tls")]
            tls,
            max_connections,
        })
    }

    /// The address that the server is bound to.
    ///
    /// # Errors
    /// As [`TcpListener::local_addr`].
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// The streams that are being read.
    pub fn connections(&self) -> Connections {
        self.lab.connections.clone()
    }

    /// What its handlers share.
    pub(crate) fn lab(&self) -> Arc<Lab> {
        Arc::clone(&self.lab)
    }

    /// Serves until `shutdown` completes, then ends all streams at once.
    ///
    /// Dropping the future also ends all connections, even in the middle of a response.
    pub async fn run(self, shutdown: impl Future<Output = ()>) {
        let mut tasks = self.serve_until(shutdown).await;
        self.lab.connections.end_all(End::Eof);
        // A client that has not read its last bytes by then loses them.
        let _ = timeout(GRACE, self.lab.connections.wait_for_count(0)).await;
        // Awaited, because another thread may be about to write a last chunk.
        tasks.shutdown().await;
    }

    /// Serves until `shutdown` completes, then breaks all connections; completes when they are broken.
    pub(crate) async fn run_and_break(self, shutdown: impl Future<Output = ()>) {
        self.serve_until(shutdown).await.shutdown().await;
    }

    /// Returns the tasks of the connections; dropping them ends the connections.
    async fn serve_until(&self, shutdown: impl Future<Output = ()>) -> JoinSet<()> {
        let mut tasks = JoinSet::new();
        tokio::select! {
            never = self.accept(&mut tasks) => match never {},
            () = shutdown => {}
        }
        tasks
    }

    async fn accept(&self, tasks: &mut JoinSet<()>) -> Infallible {
        let allowed = Arc::new(Semaphore::new(self.max_connections.min(Semaphore::MAX_PERMITS)));
        let refusals = Arc::new(Semaphore::new(MAX_REFUSALS));
        loop {
            let Ok((stream, peer)) = self.listener.accept().await else {
                sleep(ACCEPT_PAUSE).await;
                continue;
            };
            while tasks.try_join_next().is_some() {}
            let (permit, router) = if let Ok(permit) = Arc::clone(&allowed).try_acquire_owned() {
                (permit, &self.router)
            } else if let Ok(permit) = Arc::clone(&refusals).try_acquire_owned() {
                (permit, &self.refuse)
            } else {
                tracing::warn!("{peer} was dropped without a 503: too many clients are beyond --max-connections");
                continue;
            };
            let router = router.clone();
            #[cfg(feature = "tls")]
            if let Some(tls) = self.tls.clone() {
                tasks.spawn(async move {
                    serve_tls(stream, peer, router, tls).await;
                    drop(permit);
                });
                continue;
            }
            tasks.spawn(async move {
                serve(stream, peer, router).await;
                drop(permit);
            });
        }
    }
}

/// As [`TcpListener::bind`], except for the backlog.
async fn listen(address: impl ToSocketAddrs) -> io::Result<TcpListener> {
    let mut result = Err(io::ErrorKind::AddrNotAvailable.into());
    for address in lookup_host(address).await? {
        result = listen_at(address);
        if result.is_ok() {
            break;
        }
    }
    result
}

fn listen_at(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    // So that a restarted server can bind to the port at once. On Windows the option would let two servers share it.
    #[cfg(unix)]
    socket.set_reuseaddr(true)?;
    // Accepted sockets inherit it.
    socket.set_send_buffer_size(SEND_BUFFER)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

async fn serve(stream: TcpStream, peer: SocketAddr, router: Router) {
    // Otherwise small events could wait for acknowledgements. A socket that refuses the option is about to fail anyway.
    let _ = stream.set_nodelay(true);
    let mut socket = Socket::new(stream, Wire::default());
    let mut unread = Bytes::new();
    loop {
        let wire = Wire::default();
        socket.renew(unread, wire.clone());
        // Boxed, so that its memory is freed while a stream plays.
        let Some((left, arrived, taken)) = Box::pin(answer(socket, wire, peer, router.clone())).await else { return };
        // An error means that the client disconnected.
        let Ok(Some(again)) = handover::play(left, taken, arrived).await else { return };
        (socket, unread) = again;
        // While it waits for the next request, hyper would hold its buffers.
        if unread.is_empty() && !matches!(timeout(HEAD_TIMEOUT, socket.readable()).await, Ok(Ok(()))) {
            return;
        }
    }
}

/// Serves HTTP/2 or HTTP/1.1 over TLS, both with hyper: streams can't leave it, because the bytes on the socket are TLS's.
#[cfg(feature = "tls")]
async fn serve_tls(stream: TcpStream, peer: SocketAddr, router: Router, tls: Tls) {
    let _ = stream.set_nodelay(true);
    let wire = Wire::default();
    let socket = Socket::new(stream, wire.clone());
    let gone = socket.gone();
    // An error means that the client does not speak TLS, or does not trust the certificate.
    let Ok(Ok(stream)) = timeout(HEAD_TIMEOUT, tls.acceptor.accept(socket)).await else { return };
    let shared = stream.get_ref().1.alpn_protocol() == Some(b"h2");
    let router = TowerToHyperService::new(router);
    let go_away = GoAway::default();
    let wanted = go_away.clone();
    let service = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(Peer(peer));
        request.extensions_mut().insert(Secure);
        if shared {
            request.extensions_mut().insert(go_away.clone());
            // In HTTP/2 the host is only in the URL (`:authority`).
            let host = request.uri().authority().and_then(|host| HeaderValue::from_str(host.as_str()).ok());
            if let Some(host) = host {
                request.headers_mut().entry(HOST).or_insert(host);
            }
        } else {
            // A stream must not break the others of its connection.
            request.extensions_mut().insert(wire.clone());
        }
        router.call(request)
    });
    if shared {
        let connection = http2::Builder::new(TokioExecutor::new())
            .timer(TokioTimer::new())
            .keep_alive_interval(HEAD_TIMEOUT)
            .max_header_list_size(u32::try_from(MAX_HEAD).unwrap_or(u32::MAX))
            .serve_connection(TokioIo::new(stream), service);
        let mut connection = pin!(connection);
        // An error means that the client sent invalid HTTP, or disconnected.
        tokio::select! {
            biased;
            () = wanted.wanted() => {
                connection.as_mut().graceful_shutdown();
                let _ = connection.await;
            }
            _ = &mut connection => {}
        }
        return;
    }
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .max_buf_size(MAX_HEAD)
        .serve_connection(TokioIo::new(stream), service);
    tokio::select! {
        _ = connection => {}
        () = gone => {}
    }
}

/// Handles requests until the connection ends, or until a response is a stream, which is returned with the socket and with
/// the bytes of the next request that have arrived.
async fn answer(socket: Socket, wire: Wire, peer: SocketAddr, router: Router) -> Option<(Socket, Bytes, Taken)> {
    let router = TowerToHyperService::new(router);
    let (sender, mut stream_answer) = mpsc::channel(1);
    let first = Cell::new(true);
    let service = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(Peer(peer));
        request.extensions_mut().insert(wire.clone());
        let taker = Taker::of(&request, sender.clone());
        if taker.is_some() {
            request.extensions_mut().insert(OwnFraming);
        }
        let wire = (!first.replace(false)).then(|| wire.clone());
        let answer = router.call(request);
        async move {
            let flushed = async {
                // Nothing was written before the first response.
                if let Some(wire) = wire {
                    wire.flushed().await;
                }
            };
            Ok::<_, Infallible>(handover::filter(answer.await?, taker, flushed).await)
        }
    });
    let gone = socket.gone();
    let mut connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .max_buf_size(MAX_HEAD)
        .serve_connection(TokioIo::new(socket), service);
    tokio::select! {
        Some(taken) = stream_answer.recv() => {
            let parts = connection.into_parts();
            // Copied, because it is part of a buffer that would otherwise live as long as the stream.
            Some((parts.io.into_inner(), Bytes::copy_from_slice(&parts.read_buf), taken))
        }
        // An error means that the client sent invalid HTTP, or disconnected.
        _ = &mut connection => None,
        () = gone => None,
    }
}

fn refusing_router(max: usize) -> Router {
    let line = format!(
        "All {max} connections are in use: close one and try again, or start the server with a higher --max-connections.\n"
    );
    Router::new().fallback(async move || {
        ([(CONNECTION, "close"), (RETRY_AFTER, "1")], refuse(StatusCode::SERVICE_UNAVAILABLE, &line))
    })
}
