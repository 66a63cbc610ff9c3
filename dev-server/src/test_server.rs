//! A server for tests.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::options::Options;
use crate::requests::RequestInfo;
use crate::server::Server;
use crate::stream::channels::PushedEvent;
use crate::stream::connections::Connections;
use crate::stream::lab::Lab;
use crate::stream::script::Script;
use crate::stream_url::StreamUrl;

/// A server on a free port of 127.0.0.1, for the tests of an `EventSource` client.
///
/// ```
/// # async fn example() -> std::io::Result<()> {
/// let server = dev_server::TestServer::spawn().await?;
/// let url = server.events().data(dev_server::Data::N).drop(3).end(dev_server::End::Reset).to_string();
/// // Open the client under test at `url`, and see it reconnect.
/// server.connections().end_all(dev_server::End::Abort);
/// // Drop the client: its connection has to close.
/// server.connections().wait_for_count(0).await;
/// # Ok(())
/// # }
/// ```
///
/// Dropping this stops the server and breaks its connections.
#[derive(Debug)]
pub struct TestServer {
    address: SocketAddr,
    scheme: &'static str,
    lab: Arc<Lab>,
    task: JoinHandle<()>,
    /// Dropped to stop it.
    running: Option<oneshot::Sender<()>>,
}

impl TestServer {
    /// Starts a server with streams and no page.
    ///
    /// # Errors
    /// If no port is free.
    ///
    /// # Panics
    /// Outside a tokio runtime.
    pub async fn spawn() -> io::Result<Self> {
        Self::spawn_with(Options::default()).await
    }

    /// Starts a server with options.
    ///
    /// # Errors
    /// If no port is free.
    ///
    /// # Panics
    /// Outside a tokio runtime.
    pub async fn spawn_with(options: Options) -> io::Result<Self> {
        Self::spawn_at(SocketAddr::from(([127, 0, 0, 1], 0)), options).await
    }

    /// Starts a server at an address, such as one that an earlier server had.
    ///
    /// # Errors
    /// If the server can't bind to the address.
    ///
    /// # Panics
    /// Outside a tokio runtime.
    pub async fn spawn_at(address: SocketAddr, options: Options) -> io::Result<Self> {
        #[cfg(feature = "tls")]
        let secure = options.tls.is_some();
        #[cfg(not(feature = "tls"))]
        let secure = false;
        let server = Server::bind(address, options).await?;
        let address = server.address()?;
        let lab = server.lab();
        let (running, stopped) = oneshot::channel();
        let task = tokio::spawn(server.run_and_break(async { drop(stopped.await) }));
        let scheme = if secure { "https" } else { "http" };
        Ok(Self { address, scheme, lab, task, running: Some(running) })
    }

    /// The address that the server listens on.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The URL for a path, which begins with `/`, and query.
    pub fn url(&self, path: &str) -> String {
        format!("{}://{}{path}", self.scheme, self.address)
    }

    /// The streams that are open.
    pub fn connections(&self) -> &Connections {
        &self.lab.connections
    }

    /// The newest 1,000 requests, oldest first; fewer if they are very long.
    pub fn requests(&self) -> Vec<RequestInfo> {
        self.lab.journal.list()
    }

    /// Forgets all requests so far.
    pub fn forget_requests(&self) {
        self.lab.journal.clear();
    }

    /// The URL of a stream of events, to which parameters can be added.
    pub fn events(&self) -> StreamUrl {
        StreamUrl::new(self.url("/events"))
    }

    /// The URL of a stream whose events describe the request, as JSON.
    pub fn echo(&self) -> StreamUrl {
        StreamUrl::new(self.url("/echo"))
    }

    /// The URL of a stream that plays a script once; later connections get 204.
    ///
    /// Up to 64 scripts wait to be played: when there are more, the oldest is discarded, and its URL gets a 404.
    pub fn script(&self, script: Script) -> StreamUrl {
        StreamUrl::new(self.url(&format!("/raw/{}", self.lab.scripts.keep(script))))
    }

    /// Sends an event to every open stream of a [`channel`](StreamUrl::channel), and returns how many there were.
    ///
    /// The newest 1,000 events of a channel are kept for clients that reconnect.
    ///
    /// # Errors
    /// A line that says what is allowed, if the event is invalid or there are too many channels.
    pub fn push(&self, channel: &str, event: PushedEvent) -> Result<usize, String> {
        self.lab.channels.push(channel, event, self.lab.clock.now()).map(|(_, readers)| readers)
    }

    /// How many connections were made with a [`token`](StreamUrl::token).
    pub fn attempts(&self, token: &str) -> u64 {
        self.lab.tokens.of(token)
    }

    /// Resets the count of a [`token`](StreamUrl::token), whose plan starts over, and returns how many connections there were.
    pub fn reset_attempts(&self, token: &str) -> u64 {
        self.lab.tokens.reset(token)
    }

    /// A URL whose port refuses connections; it stays the same as long as the server runs.
    ///
    /// # Errors
    /// If no port is free.
    pub fn refused_url(&self) -> io::Result<String> {
        self.lab.refused_url()
    }

    /// Stops the server, and waits until its port is free and its connections are broken.
    pub async fn stop(mut self) {
        // An abort would not wait for the connections.
        drop(self.running.take());
        // An error would mean a panic or the end of the runtime: the server has stopped either way.
        let _ = (&mut self.task).await;
    }
}

impl Drop for TestServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpStream;

    use super::*;

    #[tokio::test(flavor = "multi_thread")]
    async fn a_stopped_server_has_let_go_of_its_connections() {
        let server = TestServer::spawn().await.expect("a port");
        let mut readers = Vec::new();
        for _ in 0..50 {
            let mut reader = TcpStream::connect(server.address()).await.expect("a connection");
            reader.write_all(b"GET /events?interval=1h HTTP/1.1\r\nHost: localhost\r\n\r\n").await.expect("written");
            readers.push(reader);
        }
        let connections = server.connections().clone();
        connections.wait_for_count(readers.len()).await;
        server.stop().await;
        assert_eq!(connections.count(), 0);
        for mut reader in readers {
            let mut bytes = Vec::new();
            // An error is an end too.
            let _ = reader.read_to_end(&mut bytes).await;
            assert!(!bytes.ends_with(b"0\r\n\r\n"), "broken, not ended");
        }
    }
}
