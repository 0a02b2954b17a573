//! One HTTP exchange as it went: what came back, or why nothing did, and how long each phase took.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use http::HeaderMap;
use serde::Serialize;

use crate::time::UnixMillis;

/// What became of one request.
#[derive(Debug, Clone)]
pub struct Attempt {
    /// When it began.
    pub started: UnixMillis,
    /// How long each phase took, in the order they happen; `None` where it was not reached.
    pub phases: Phases,
    /// The end of it.
    pub outcome: Result<Answer, Failure>,
}

/// Durations of the phases of an exchange, summed over redirects.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Phases {
    /// Looking up the name.
    pub dns: Option<Duration>,
    /// Until the TCP connection stood.
    pub connect: Option<Duration>,
    /// Until TLS stood.
    pub tls: Option<Duration>,
    /// From there until the whole request was written and the answer's head had arrived.
    pub first_byte: Option<Duration>,
    /// Reading the body.
    pub body: Option<Duration>,
    /// All of it, from the first look-up to the end.
    pub total: Duration,
}

/// The answer of a server, whatever its status.
#[derive(Clone)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// The headers of the last answer, at most 64 KiB of them.
    pub headers: HeaderMap,
    /// The beginning of the body, at most [`crate::request::Transport::answer_limit`] bytes.
    pub body: Bytes,
    /// Whether there was more, or the body ended early.
    pub truncated: bool,
    /// How many redirects were followed.
    pub redirects_followed: u8,
    /// For a redirect that was not followed: why, and scheme and host of where it pointed.
    pub redirect_refused: Option<String>,
}

impl fmt::Debug for Answer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Answer")
            .field("status", &self.status)
            .field("body_bytes", &self.body.len())
            .field("truncated", &self.truncated)
            .finish_non_exhaustive()
    }
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The kind, for decisions.
    pub kind: FailureKind,
    /// The kind in plain words with what is known of this case: a sentence for the user, without URL path or secrets.
    pub message: String,
}

/// The kinds of failure that are told apart. Each has one remedy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum FailureKind {
    /// The name has no address.
    NameNotFound,
    /// The name could not be looked up just now.
    NameLookupFailed,
    /// Nobody listens there.
    ConnectionRefused,
    /// No route, network or host down.
    Unreachable,
    /// The connection was cut, before or within the answer.
    ConnectionReset,
    /// The deadline passed; the message names the phase.
    TimedOut,
    /// The certificate is not trusted, or is for another name.
    CertificateUnknown,
    /// The certificate is out of its time: perhaps the clock of this machine is wrong.
    CertificateExpired,
    /// TLS failed in another way: perhaps it is plain HTTP.
    TlsFailed,
    /// What came back is not HTTP.
    NotHttp,
    /// The answer's head is larger than is read.
    AnswerTooLarge,
    /// More redirects than are followed, or a loop.
    TooManyRedirects,
    /// The address is one where no webhook may go.
    AddressRefused,
    /// The proxy refused, or cannot be reached.
    ProxyFailed,
    /// The request could not be put together: the hook has to be mended.
    CannotCompose,
    /// The OAuth request was answered, but not with a token.
    OauthRefused,
    /// The OAuth server has a problem of its own for now.
    OauthUnavailable,
    /// The engine was stopped meanwhile.
    Stopped,
    /// A fault of this program.
    Internal,
}

/// As in the API: `timed_out`.
impl fmt::Display for FailureKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.serialize(formatter)
    }
}
