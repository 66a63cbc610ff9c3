//! A stream that says what a test wants it to.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// A server at an address of its own that answers every request with the same events, and leaves the stream open.
pub struct FixedStream {
    address: SocketAddr,
    task: JoinHandle<()>,
}

impl FixedStream {
    /// Serves these bytes of `text/event-stream`.
    pub async fn serve(events: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("it has an address");
        let task = tokio::task::spawn_local(async move {
            let mut open = Vec::new();
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut head = [0; 4096];
                let answer = format!(
                    "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\naccess-control-allow-origin: *\r\n\r\n{events}"
                );
                if stream.read(&mut head).await.is_ok() && stream.write_all(answer.as_bytes()).await.is_ok() {
                    open.push(stream);
                }
            }
        });
        Self { address, task }
    }

    /// Its address.
    pub fn url(&self) -> String {
        format!("http://{}/", self.address)
    }
}

impl Drop for FixedStream {
    fn drop(&mut self) {
        self.task.abort();
    }
}
