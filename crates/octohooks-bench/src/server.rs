//! A receiver that takes everything at once and says when each request began to arrive.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

use anyhow::Context;

/// Nothing takes longer.
const PATIENCE: Duration = Duration::from_mins(2);

/// A receiver on the loopback interface; its threads end with the process.
pub(crate) struct Server {
    address: SocketAddr,
    arrivals: Receiver<Instant>,
}

impl Server {
    pub(crate) fn start() -> anyhow::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0))?;
        let address = listener.local_addr()?;
        let (sender, arrivals) = channel();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let sender = sender.clone();
                // A connection that breaks ends its thread; what is missing is noticed by whoever counts.
                std::thread::spawn(move || drop(serve(stream, &sender)));
            }
        });
        Ok(Self { address, arrivals })
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}/{path}", self.address)
    }

    pub(crate) const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Waits for the next requests; when each began to arrive.
    pub(crate) fn arrivals(&self, count: usize) -> anyhow::Result<Vec<Instant>> {
        (0..count).map(|_| self.arrivals.recv_timeout(PATIENCE).context("a request did not arrive")).collect()
    }
}

fn serve(stream: TcpStream, arrivals: &Sender<Instant>) -> anyhow::Result<()> {
    stream.set_nodelay(true)?;
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut writer = stream;
    while !reader.fill_buf()?.is_empty() {
        let arrived = Instant::now();
        let mut length = 0;
        let mut line = String::new();
        while reader.read_line(&mut line)? > 2 {
            if let Some((name, value)) = line.split_once(':')
                && name.eq_ignore_ascii_case("content-length")
            {
                length = value.trim().parse()?;
            }
            line.clear();
        }
        std::io::copy(&mut reader.by_ref().take(length), &mut std::io::sink())?;
        writer.write_all(b"HTTP/1.1 204 No Content\r\n\r\n")?;
        arrivals.send(arrived)?;
    }
    Ok(())
}
