//! One request over one connection, up to the head of its answer.
//!
//! Comes in: a stream that stands, and a hop. Goes out: an [`Exchange`], whose body has not been read yet, or a failure. The
//! head of an answer is at most 64 KiB and 100 headers; interim answers (1xx) are skipped, but not without end. The
//! connection is driven by whoever waits for something of it, so nothing goes on behind our back and dropping ends it.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use http::header::{CONTENT_LENGTH, HOST, PROXY_AUTHORIZATION};
use http::{HeaderMap, HeaderValue, Method, response};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use octohooks_core::attempt::Failure;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::Notify;
use url::Position;

use crate::connect::{Stream, Wire};
use crate::explain;
use crate::proxy::Proxy;
use crate::redirect::Hop;

/// The largest head of an answer.
const LARGEST_HEAD: usize = 64 * 1024;

/// More interim answers than this are not waited through.
const MOST_INTERIM_ANSWERS: usize = 32;

/// An answer whose head is here and whose body may be on its way.
pub(crate) struct Exchange {
    pub(crate) head: response::Parts,
    pub(crate) body: Incoming,
    pub(crate) driver: Driver,
}

impl Exchange {
    /// Sends the request and waits for the head of the answer.
    pub(crate) async fn begin(wire: Wire, hop: &Hop) -> Result<Self, Failure> {
        let place = &hop.target.place;
        let mut request = compose(hop, wire.forwarding_proxy.as_ref())?;
        let flooded = stop_at_flood(&mut request);
        let first_byte = Arc::new(OnceLock::new());
        let stream = TokioIo::new(Watched::new(wire.stream, &first_byte));
        let failed =
            |error: &hyper::Error| explain::exchange(error, place, hop.target.secure, first_byte.get().copied());
        let (mut sender, connection) = http1::Builder::new()
            // Receivers on small boards compare names letter by letter, against the usual spelling.
            .title_case_headers(true)
            .max_buf_size(LARGEST_HEAD)
            .handshake(stream)
            .await
            .map_err(|error| failed(&error))?;
        let mut driver = Driver { connection: Box::pin(connection), ended: false };
        let answered = driver.while_waiting(sender.send_request(request));
        tokio::select! {
            biased;
            () = flooded.notified() => Err(explain::head_too_large(place)),
            answer = answered => match answer {
                Ok(answer) => {
                    let (head, body) = answer.into_parts();
                    Ok(Self { head, body, driver })
                }
                Err(error) => Err(failed(&error)),
            },
        }
    }
}

/// The connection itself.
pub(crate) struct Driver {
    connection: Pin<Box<http1::Connection<TokioIo<Watched>, Full<Bytes>>>>,
    ended: bool,
}

impl Driver {
    /// Keeps the connection going until something that depends on it is ready.
    pub(crate) async fn while_waiting<T>(&mut self, work: impl Future<Output = T>) -> T {
        tokio::pin!(work);
        loop {
            tokio::select! {
                biased;
                output = &mut work => return output,
                // How the connection ended is told to the work, too.
                _ = &mut self.connection, if !self.ended => self.ended = true,
            }
        }
    }
}

/// A proxy that forwards gets the whole URL and its credentials; a server gets the path.
fn compose(hop: &Hop, forwarding_proxy: Option<&Proxy>) -> Result<http::Request<Full<Bytes>>, Failure> {
    let url = &hop.url;
    let start = if forwarding_proxy.is_some() { Position::BeforeScheme } else { Position::BeforePath };
    let mut headers = HeaderMap::new();
    let host = HeaderValue::from_str(&url[Position::BeforeHost..Position::AfterPort])
        .map_err(|_| explain::not_a_web_address())?;
    headers.insert(HOST, host);
    headers.extend(hop.headers.clone());
    if let Some(authorization) = forwarding_proxy.and_then(|proxy| proxy.authorization.clone()) {
        headers.insert(PROXY_AUTHORIZATION, authorization);
    }
    if hop.body.is_empty() && hop.method != Method::GET && hop.method != Method::HEAD {
        // hyper leaves this out for an empty body, and some servers insist on it.
        headers.insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
    }
    let mut request = http::Request::builder()
        .method(hop.method.clone())
        .uri(&url[start..Position::AfterQuery])
        .body(Full::new(hop.body.clone()))
        .map_err(|_| explain::address_cannot_be_sent())?;
    *request.headers_mut() = headers;
    Ok(request)
}

/// Notifies when there are too many interim answers.
fn stop_at_flood(request: &mut http::Request<Full<Bytes>>) -> Arc<Notify> {
    let flooded = Arc::new(Notify::new());
    let (notify, seen) = (Arc::clone(&flooded), AtomicUsize::new(0));
    hyper::ext::on_informational(request, move |_| {
        if seen.fetch_add(1, Ordering::Relaxed) == MOST_INTERIM_ANSWERS {
            notify.notify_one();
        }
    });
    flooded
}

/// Remembers the first byte of the answer: it tells apart a server that said nothing, one that speaks TLS, and one that
/// speaks something else. And it does not listen before it has spoken, because hyper takes an answer that comes before the
/// request for a fault of its own, while for us it is an answer, or the banner of something that is not HTTP.
struct Watched {
    stream: Box<dyn Stream>,
    first_byte: Arc<OnceLock<u8>>,
    spoken: bool,
    listener: Option<Waker>,
}

impl Watched {
    fn new(stream: Box<dyn Stream>, first_byte: &Arc<OnceLock<u8>>) -> Self {
        Self { stream, first_byte: Arc::clone(first_byte), spoken: false, listener: None }
    }

    /// Passes on how writing went; from the first byte on there is listening.
    fn speaking(&mut self, written: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        if written.is_ready() {
            self.spoken = true;
            if let Some(listener) = self.listener.take() {
                listener.wake();
            }
        }
        written
    }

    /// Writing failed, because the other side has hung up: what it said before, if that was a reason in TLS. A server that
    /// does not like our certificate says so and hangs up, while a large body is still being written.
    fn explained<T>(&mut self, context: &mut Context<'_>, written: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        const HUNG_UP: [io::ErrorKind; 3] =
            [io::ErrorKind::ConnectionReset, io::ErrorKind::ConnectionAborted, io::ErrorKind::BrokenPipe];
        let Poll::Ready(Err(error)) = written else { return written };
        if !HUNG_UP.contains(&error.kind()) {
            return Poll::Ready(Err(error));
        }
        let mut space = [0; 1024];
        let said = Pin::new(&mut self.stream).poll_read(context, &mut ReadBuf::new(&mut space));
        let in_tls =
            |said: &io::Error| said.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()).is_some();
        match said {
            Poll::Ready(Err(said)) if in_tls(&said) => Poll::Ready(Err(said)),
            Poll::Ready(_) => Poll::Ready(Err(error)),
            // The end has not come through to the reading side yet; it will, and writing fails again then.
            Poll::Pending => Poll::Pending,
        }
    }
}

impl AsyncRead for Watched {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if !self.spoken {
            self.listener = Some(context.waker().clone());
            return Poll::Pending;
        }
        let before = buffer.filled().len();
        let polled = Pin::new(&mut self.stream).poll_read(context, buffer);
        if let Some(byte) = buffer.filled().get(before) {
            self.first_byte.get_or_init(|| *byte);
        }
        polled
    }
}

impl AsyncWrite for Watched {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        let written = self.explained(context, written);
        self.speaking(written)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.stream).poll_flush(context);
        self.explained(context, flushed)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffers: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, buffers);
        let written = self.explained(context, written);
        self.speaking(written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}
