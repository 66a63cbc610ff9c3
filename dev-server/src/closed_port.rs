//! A port that refuses connections.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Mutex, PoisonError};

use tokio::net::TcpSocket;

/// A port of 127.0.0.1 that is reserved when it is first needed. Nothing listens on it, and no other program can while it
/// is held.
#[derive(Debug, Default)]
pub(crate) struct ClosedPort(Mutex<Option<TcpSocket>>);

impl ClosedPort {
    /// The address at which connections are refused; it never changes.
    ///
    /// # Errors
    /// If there is no free port.
    pub(crate) fn address(&self) -> io::Result<SocketAddr> {
        // The value is a socket or `None`, so a poisoned lock can be used.
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
