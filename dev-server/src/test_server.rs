//! A server for tests.

use std::io;
use std::net::SocketAddr;

use tokio::task::JoinHandle;

use crate::connections::Connections;
use crate::options::Options;
use crate::server::Server;

/// A server on a free port of 127.0.0.1, for the tests of an `EventSource` client.
///
/// ```
/// # async fn example() -> std::io::Result<()> {
/// let server = dev_server::TestServer::spawn().await?;
/// let url = server.url("/events?interval=10ms&count=3");
/// // Open the client under test at `url`; when it is dropped its connection has to go too.
/// server.connections().wait_for_count(0).await;
/// # Ok(())
/// # }
/// ```
///
/// Dropping it stops it and breaks its connections.
#[derive(Debug)]
pub struct TestServer {
    address: SocketAddr,
    connections: Connections,
    task: JoinHandle<()>,
}

impl TestServer {
    /// Starts a server that has streams and no page.
    ///
    /// # Errors
    /// When no port can be had.
    ///
    /// # Panics
    /// Outside a tokio runtime.
    pub async fn spawn() -> io::Result<Self> {
        Self::spawn_with(Options::default()).await
    }

    /// Starts a server with options.
    ///
    /// # Errors
    /// When no port can be had.
    ///
    /// # Panics
    /// Outside a tokio runtime.
    pub async fn spawn_with(options: Options) -> io::Result<Self> {
        Self::spawn_at(SocketAddr::from(([127, 0, 0, 1], 0)), options).await
    }

    /// Starts a server at an address, such as the one that another server had before.
    ///
    /// # Errors
    /// When the address can't be had.
    ///
    /// # Panics
    /// Outside a tokio runtime.
    pub async fn spawn_at(address: SocketAddr, options: Options) -> io::Result<Self> {
        let server = Server::bind(address, options).await?;
        let address = server.address()?;
        let connections = server.connections();
        let task = tokio::spawn(server.run(std::future::pending()));
        Ok(Self { address, connections, task })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The URL of a path and query that begin with `/`.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// The streams that are being read.
    pub fn connections(&self) -> &Connections {
        &self.connections
    }

    /// Stops it and waits until its port is free and its connections are broken.
    pub async fn stop(mut self) {
        self.task.abort();
        // The error says that it was aborted.
        let _ = (&mut self.task).await;
    }
}

impl Drop for TestServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}
