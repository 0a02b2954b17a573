//! One request over one connection, up to the head of its answer.
//!
//! Comes in: a stream that stands, and a hop. Goes out: an [`Exchange`], whose body has not been read yet, or a failure. The
//! head of an answer is at most 64 KiB and 100 headers; interim answers (1xx) are skipped, but not without end. The
//! connection is driven by whoever waits for something of it, so nothing goes on behind our back and dropping ends it.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Poll;

use bytes::Bytes;
use http::header::{CONTENT_LENGTH, HOST, PROXY_AUTHORIZATION};
use http::{HeaderMap, HeaderValue, Method, response};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use octohooks_core::attempt::Failure;
use tokio::sync::Notify;
use url::Position;

use crate::address::Side;
use crate::connect::{Target, Wire};
use crate::explain;
use crate::proxy::Proxy;
use crate::redirect::Hop;
use crate::watched::{Heard, Watched};

/// The largest head of an answer.
const LARGEST_HEAD: usize = 64 * 1024;

/// More interim answers than this are not waited through.
const MOST_INTERIM_ANSWERS: usize = 32;

/// An answer whose head is here and whose body may be on its way.
pub(crate) struct Exchange {
    pub(crate) head: response::Parts,
    pub(crate) body: Incoming,
    pub(crate) connection: Connection,
}

/// A connection that HTTP is spoken on, one exchange after the other.
pub(crate) struct Connection {
    /// Whom it leads to, and on which terms.
    pub(crate) target: Target,
    /// A proxy that reads the request itself.
    pub(crate) forwarding_proxy: Option<Proxy>,
    /// Where its other end is.
    pub(crate) side: Side,
    sender: http1::SendRequest<Full<Bytes>>,
    driver: Driver,
    heard: Arc<Heard>,
}

/// Why there is no answer.
pub(crate) enum Unanswered {
    /// The connection ended before the first byte of an answer came.
    Ended(Failure),
    /// Anything else.
    Failed(Failure),
}

impl From<Unanswered> for Failure {
    fn from(unanswered: Unanswered) -> Self {
        match unanswered {
            Unanswered::Ended(failure) | Unanswered::Failed(failure) => failure,
        }
    }
}

impl Connection {
    /// Nothing is sent yet.
    pub(crate) async fn over(wire: Wire, target: Target) -> Result<Self, Failure> {
        let heard = Arc::<Heard>::default();
        let stream = TokioIo::new(Watched::new(wire.stream, &heard));
        let (sender, connection) = http1::Builder::new()
            // Receivers on small boards compare names letter by letter, against the usual spelling.
            .title_case_headers(true)
            .max_buf_size(LARGEST_HEAD)
            .handshake(stream)
            .await
            .map_err(|error| explain::exchange(&error, &target.place, target.secure, heard.first_byte()))?;
        let driver = Driver { connection: Box::pin(connection), ended: false };
        Ok(Self { target, forwarding_proxy: wire.forwarding_proxy, side: wire.side, sender, driver, heard })
    }

    /// Whether one more request may be sent on it at once: the last one was heard to its end, and the server keeps the
    /// connection and says nothing that it was not asked.
    pub(crate) async fn stands(&mut self) -> bool {
        // What lies in the system's hands is heard of only when the runtime has asked for it.
        tokio::task::yield_now().await;
        poll_fn(|context| {
            // The first look ends the exchange before, the second one sees what has come in since.
            for _ in 0..3 {
                self.driver.look(context);
            }
            let ready = self.sender.poll_ready(context);
            Poll::Ready(matches!(ready, Poll::Ready(Ok(()))) && !self.driver.ended)
        })
        .await
    }

    /// Keeps it going until something that depends on it is ready.
    pub(crate) async fn while_waiting<T>(&mut self, work: impl Future<Output = T>) -> T {
        self.driver.while_waiting(work).await
    }

    /// Sends the request and waits for the head of the answer.
    pub(crate) async fn exchange(mut self, hop: &Hop) -> Result<Exchange, Unanswered> {
        let mut request = compose(hop, self.forwarding_proxy.as_ref()).map_err(Unanswered::Failed)?;
        let flooded = stop_at_flood(&mut request);
        self.heard.forget();
        let answered = self.driver.while_waiting(self.sender.send_request(request));
        let answer = tokio::select! {
            biased;
            () = flooded.notified() => return Err(Unanswered::Failed(explain::head_too_large(&hop.target.place))),
            answer = answered => answer,
        };
        match answer {
            Ok(answer) => {
                let (head, body) = answer.into_parts();
                Ok(Exchange { head, body, connection: self })
            }
            Err(error) => {
                let first_byte = self.heard.first_byte();
                let failure = explain::exchange(&error, &hop.target.place, hop.target.secure, first_byte);
                Err(if first_byte.is_none() { Unanswered::Ended(failure) } else { Unanswered::Failed(failure) })
            }
        }
    }
}

/// What moves the bytes.
struct Driver {
    connection: Pin<Box<http1::Connection<TokioIo<Watched>, Full<Bytes>>>>,
    ended: bool,
}

impl Driver {
    async fn while_waiting<T>(&mut self, work: impl Future<Output = T>) -> T {
        tokio::pin!(work);
        poll_fn(|context| {
            if let Poll::Ready(output) = work.as_mut().poll(context) {
                return Poll::Ready(output);
            }
            // How the connection ended is told to the work, too.
            if self.look(context) { work.as_mut().poll(context) } else { Poll::Pending }
        })
        .await
    }

    /// Moves what can be moved. Whether the connection has just ended.
    fn look(&mut self, context: &mut std::task::Context<'_>) -> bool {
        let ends = !self.ended && self.connection.as_mut().poll(context).is_ready();
        self.ended |= ends;
        ends
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
