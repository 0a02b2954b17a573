//! A port where nobody listens, and nobody else will: tests that run at the same time get others.

use std::net::{Ipv4Addr, SocketAddr};

use tokio::net::TcpSocket;

use crate::{RudeServer, Script};

/// Whoever connects to it is refused, until a server comes there.
#[derive(Debug)]
pub struct DeadPort {
    /// Bound, and never listening.
    socket: TcpSocket,
    address: SocketAddr,
}

impl DeadPort {
    /// Takes a port.
    ///
    /// # Panics
    /// When the system gives none.
    #[allow(clippy::new_without_default, reason = "it takes something from the system")]
    pub fn new() -> Self {
        let socket = TcpSocket::new_v4().expect("a socket");
        socket.bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).expect("a port");
        let address = socket.local_addr().expect("its address");
        Self { socket, address }
    }

    /// Its number.
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// From now on a server listens there.
    pub fn revive(self, scripts: impl IntoIterator<Item = Script>) -> RudeServer {
        let port = self.port();
        drop(self.socket);
        RudeServer::start_on(port, scripts)
    }
}
