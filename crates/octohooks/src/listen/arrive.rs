//! One connection: HTTP in, a [`Webhook`] to the desk, an answer out.
//!
//! What is kept of a request is bounded, in bytes and in time, and a request beyond that is still shown, without its
//! body and with the reason.

use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, header};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::{Body, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use jiff::ZonedDateTime;
use tokio::net::TcpStream;
use tokio::sync::{mpsc, oneshot, watch};

use super::Options;

/// The largest body that is taken, 25 MiB: more than any picture, and enough of them fit into memory.
const MAX_BODY: usize = 25 * 1024 * 1024;

/// How long a connection may be silent before its next request is complete up to the body.
const HEAD_TIMEOUT: Duration = Duration::from_mins(1);

/// How long a body may take.
const BODY_TIMEOUT: Duration = Duration::from_mins(1);

/// A request as it came.
#[derive(Debug)]
pub(super) struct Webhook {
    pub(super) at: ZonedDateTime,
    pub(super) from: SocketAddr,
    pub(super) method: Method,
    /// Path and query as they were written.
    pub(super) target: String,
    pub(super) headers: HeaderMap,
    /// The body, or why there is none.
    pub(super) body: Result<Bytes, Refused>,
    /// What it is answered with once it is shown, if its body was taken.
    pub(super) status: StatusCode,
}

/// Why a body was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Refused {
    #[error("the body is larger than 25 MiB")]
    TooLarge,
    #[error("the body did not arrive within a minute")]
    TooSlow,
    #[error("the body ends too early")]
    BrokenOff,
}

/// What a connection tells the desk.
#[derive(Debug)]
pub(super) enum Arrival {
    /// A webhook; it is answered when the sender is used, and refused when it is dropped.
    Webhook(Box<Webhook>, oneshot::Sender<()>),
    /// Somebody sent what is not HTTP.
    NotHttp(SocketAddr),
}

/// What every connection knows: what to answer, and the way to the desk.
#[derive(Debug)]
pub(super) struct Door {
    pub(super) options: Arc<Options>,
    pub(super) arrivals: mpsc::Sender<Arrival>,
}

/// Serves one connection until it ends, or until `closed` turns true and its request has been answered.
pub(super) async fn serve(stream: TcpStream, from: SocketAddr, door: Arc<Door>, mut closed: watch::Receiver<bool>) {
    let answering = Arc::clone(&door);
    let service = service_fn(move |request| {
        let door = Arc::clone(&answering);
        async move { Ok::<_, std::convert::Infallible>(answer(request, from, &door).await) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .serve_connection(TokioIo::new(stream), service);
    let mut connection = pin!(connection);
    let outcome = tokio::select! {
        outcome = connection.as_mut() => outcome,
        () = async { drop(closed.wait_for(|closed| *closed).await) } => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if outcome.is_err_and(|error| error.is_parse()) {
        // If the desk is gone, so is the wish to know.
        door.arrivals.send(Arrival::NotHttp(from)).await.unwrap_or_default();
    }
}

async fn answer(request: Request<Incoming>, from: SocketAddr, door: &Door) -> Response<Full<Bytes>> {
    let at = ZonedDateTime::now();
    let status = door.options.status_of(request.uri().path());
    let (head, body) = request.into_parts();
    let body = taken(body).await;
    let refused = body.as_ref().err().copied();
    let target = head.uri.to_string();
    let webhook = Webhook { at, from, method: head.method, target, headers: head.headers, body, status };
    let (shown, is_shown) = oneshot::channel();
    let arrival = Arrival::Webhook(Box::new(webhook), shown);
    if door.arrivals.send(arrival).await.is_err() || is_shown.await.is_err() {
        return response(StatusCode::SERVICE_UNAVAILABLE, "octohooks listen is ending.\n");
    }
    match refused {
        None => response(status, "Received by octohooks listen.\n"),
        Some(refused) => {
            let mut response = response(refused.status(), "Not received by octohooks listen.\n");
            // What is left of the body is not read, so nothing can follow it.
            response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
            response
        }
    }
}

async fn taken(body: Incoming) -> Result<Bytes, Refused> {
    if usize::try_from(body.size_hint().lower()).map_or(true, |announced| announced > MAX_BODY) {
        return Err(Refused::TooLarge);
    }
    match tokio::time::timeout(BODY_TIMEOUT, Limited::new(body, MAX_BODY).collect()).await {
        Ok(Ok(collected)) => Ok(collected.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(Refused::TooLarge),
        Ok(Err(_)) => Err(Refused::BrokenOff),
        Err(_) => Err(Refused::TooSlow),
    }
}

fn response(status: StatusCode, text: &'static str) -> Response<Full<Bytes>> {
    let has_body = !matches!(status, StatusCode::NO_CONTENT | StatusCode::RESET_CONTENT | StatusCode::NOT_MODIFIED);
    let mut response =
        Response::new(Full::new(if has_body { Bytes::from_static(text.as_bytes()) } else { Bytes::new() }));
    *response.status_mut() = status;
    if has_body {
        let plain_text = HeaderValue::from_static("text/plain; charset=utf-8");
        response.headers_mut().insert(header::CONTENT_TYPE, plain_text);
    }
    response
}

impl Refused {
    fn status(self) -> StatusCode {
        match self {
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::BrokenOff => StatusCode::BAD_REQUEST,
        }
    }
}

impl Webhook {
    /// Path and query apart.
    pub(super) fn path_and_query(&self) -> (&str, &str) {
        self.target.split_once('?').unwrap_or((&self.target, ""))
    }

    /// The headers in the order of arrival of their names, their values as text.
    pub(super) fn header_texts(&self) -> impl Iterator<Item = (&str, String)> {
        self.headers.iter().map(|(name, value)| (name.as_str(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
    }

    /// The content type, empty when there is none.
    pub(super) fn content_type(&self) -> String {
        self.headers
            .get(header::CONTENT_TYPE)
            .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
            .unwrap_or_default()
    }
}
