//! A port that refuses connections.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Mutex, PoisonError};

use tokio::net::TcpSocket;

/// A port of 127.0.0.1 that is taken when it is first asked for. Nobody listens on it, and nobody else can as long as it
/// is held.
#[derive(Debug, Default)]
pub(crate) struct ClosedPort(Mutex<Option<TcpSocket>>);

impl ClosedPort {
    /// Where connections are refused; the same address each time.
    ///
    /// # Errors
    /// When there is no free port.
    pub(crate) fn address(&self) -> io::Result<SocketAddr> {
        // A socket or none: whole at every moment, so a panic elsewhere does not spoil it.
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(socket) = &*held {
            return socket.local_addr();
        }
        let socket = TcpSocket::new_v4()?;
        socket.bind((Ipv4Addr::LOCALHOST, 0).into())?;
        let address = socket.local_addr()?;
        *held = Some(socket);
        Ok(address)
    }
}
