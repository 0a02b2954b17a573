//! An address that never answers a call: its queue is full, so the system drops what comes (Linux).

use std::net::{Ipv4Addr, SocketAddr};

use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::time::{Duration, timeout};

/// Calls to this address go unanswered until it is dropped.
#[derive(Debug)]
pub struct BlackHole {
    address: SocketAddr,
    _listener: TcpListener,
    _callers: Vec<TcpStream>,
}

impl BlackHole {
    /// On an address of 127.0.0.0/8 and a port; 0 is any.
    pub async fn at(ip: Ipv4Addr, port: u16) -> Self {
        let socket = TcpSocket::new_v4().expect("a socket");
        socket.bind(SocketAddr::from((ip, port))).expect("a free port");
        let listener = socket.listen(1).expect("a listener");
        let address = listener.local_addr().expect("it is bound");
        let mut callers = Vec::new();
        // The first calls fill the queue; the one that is not answered says that it is full.
        while let Ok(connected) = timeout(Duration::from_millis(100), TcpStream::connect(address)).await {
            callers.push(connected.expect("the queue is full or takes one more"));
            assert!(callers.len() < 64, "this system has a queue without end");
        }
        Self { address, _listener: listener, _callers: callers }
    }

    /// Where not to call.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}
