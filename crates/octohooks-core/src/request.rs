//! One HTTP request, ready to go: nothing in it is a template any more.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Method};
use url::Url;

use crate::trust::Trust;

/// What the network room sends. Made by [`crate::compose`]; every part of it may hold secrets, so `Debug` shows only
/// method, origin and sizes.
#[derive(Clone)]
pub struct Request {
    /// The method, as configured.
    pub method: Method,
    /// Where to, query included. User name and password have already become an `Authorization` header.
    pub url: Url,
    /// Every header but `Host` and `Content-Length`, which belong to the transport.
    pub headers: HeaderMap,
    /// The body; empty for GET.
    pub body: Bytes,
    /// How to send it.
    pub transport: Transport,
}

/// How a request is carried, apart from what it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transport {
    /// Whether the server has to prove who it is.
    pub verify_tls: bool,
    /// Whom to trust beside the system's authorities, and what to show of ourselves.
    pub trust: Arc<Trust>,
    /// From the first look-up of the name to the last byte of the answer, redirects included.
    pub deadline: Duration,
    /// How much of the answer's body is kept; the rest is not read.
    pub answer_limit: usize,
}

impl Transport {
    /// The deadline of a request when nothing else is configured.
    pub const DEADLINE: Duration = Duration::from_secs(30);
    /// What is kept of an answer when nothing else is configured: 16 KiB.
    pub const ANSWER_LIMIT: usize = 16 * 1024;
}

impl Default for Transport {
    fn default() -> Self {
        Self { verify_tls: true, trust: Arc::default(), deadline: Self::DEADLINE, answer_limit: Self::ANSWER_LIMIT }
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Request")
            .field("method", &self.method)
            .field("origin", &crate::secret::safe_origin(self.url.as_str()))
            .field("headers", &self.headers.len())
            .field("body_bytes", &self.body.len())
            .field("transport", &self.transport)
            .finish()
    }
}
