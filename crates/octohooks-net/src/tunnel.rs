//! A tunnel through a proxy: `CONNECT`, and from then on the proxy only passes bytes on.
//!
//! Comes in: a stream to the proxy. Goes out: the same stream, with the target at its other end. The proxy gets the host,
//! the port and its own credentials, and nothing of the request. Of its answer only the status counts, and no byte behind
//! the head is read: it belongs to the target.

use octohooks_core::attempt::Failure;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::connect::Stream;
use crate::explain;
use crate::progress::Place;
use crate::proxy::Proxy;

/// A longer head of a proxy's answer is not read.
const LARGEST_HEAD: usize = 16 * 1024;

/// Asks for the tunnel.
pub(crate) async fn dig(
    mut stream: Box<dyn Stream>,
    proxy: &Proxy,
    target: &Place,
) -> Result<Box<dyn Stream>, Failure> {
    let cut = |error: std::io::Error| explain::proxy_unreachable(&explain::cut(&error, &proxy.place), &proxy.place);
    let mut question = format!("CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n").into_bytes();
    if let Some(authorization) = &proxy.authorization {
        question.extend_from_slice(b"Proxy-Authorization: ");
        question.extend_from_slice(authorization.as_bytes());
        question.extend_from_slice(b"\r\n");
    }
    question.extend_from_slice(b"\r\n");
    stream.write_all(&question).await.map_err(cut)?;
    stream.flush().await.map_err(cut)?;

    // Byte by byte, because what follows the head is not ours. It happens once per connection.
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        if head.len() >= LARGEST_HEAD {
            return Err(explain::proxy_not_http(&proxy.place));
        }
        head.push(stream.read_u8().await.map_err(cut)?);
    }
    match status(&head) {
        Some(200..=299) => Ok(stream),
        Some(status) => Err(explain::proxy_refused(status, &proxy.place)),
        None => Err(explain::proxy_not_http(&proxy.place)),
    }
}

/// The status of `HTTP/1.1 200 Connection established`.
fn status(head: &[u8]) -> Option<u16> {
    let line = std::str::from_utf8(head.split(|byte| *byte == b'\r').next()?).ok()?;
    let mut words = line.split(' ');
    words.next().filter(|version| version.starts_with("HTTP/1."))?;
    words.next()?.parse().ok()
}
