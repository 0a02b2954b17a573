//! What an attempt means for its delivery: done, again later, or given up; each with the reason in words.

use std::time::Duration;

use crate::attempt::{Answer, Attempt, FailureKind};
use crate::topic::Class;

/// What happens next with a delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// The receiver has it.
    Delivered {
        /// Something worth a look all the same: a redirect that was not followed.
        warning: Option<String>,
    },
    /// It is tried again.
    Retry {
        /// After this long.
        after: Duration,
        /// Why, a sentence.
        because: String,
    },
    /// It is not tried again.
    GivenUp {
        /// Why, a sentence.
        because: String,
    },
}

/// The waits between attempts; the last one repeats until the delivery expires.
const WAITS: [Duration; 6] = [
    Duration::from_secs(2),
    Duration::from_secs(10),
    Duration::from_secs(30),
    Duration::from_mins(2),
    Duration::from_mins(10),
    Duration::from_mins(30),
];

/// Statuses that say "later": RFC 9110 (408, 503, …), RFC 8470 (425), RFC 6585 (429).
const LATER: [u16; 3] = [408, 425, 429];

/// How long a delivery is worth sending.
pub const fn expiry(class: Class) -> Duration {
    match class {
        Class::Critical => Duration::from_hours(24),
        Class::Lifecycle => Duration::from_hours(6),
        Class::Progress => Duration::from_mins(5),
    }
}

/// Judges an attempt. `attempts` counts this one; `age` is the time since the event; `jitter` is a random number from 0 to
/// 1 that spreads the retries of many printers.
pub fn judge(attempt: &Attempt, attempts: u32, class: Class, age: Duration, jitter: f64) -> Verdict {
    let (because, wait) = match &attempt.outcome {
        Ok(answer) => match judge_answer(answer) {
            Ok(delivered) => return delivered,
            Err((because, Some(wait))) => (because, wait),
            Err((because, None)) => return Verdict::GivenUp { because },
        },
        Err(failure) if is_worth_another_try(failure.kind) => (failure.message.clone(), Duration::ZERO),
        Err(failure) => return Verdict::GivenUp { because: failure.message.clone() },
    };
    let step = WAITS[(attempts.saturating_sub(1) as usize).min(WAITS.len() - 1)];
    let after = step.mul_f64(0.8 + 0.4 * jitter.clamp(0.0, 1.0)).max(wait);
    if age + after >= expiry(class) {
        let because = format!("{because} Given up: it is too late for it to matter.");
        return Verdict::GivenUp { because };
    }
    Verdict::Retry { after, because }
}

/// `Ok` when it counts as delivered; otherwise why not, and the least time to wait where another try makes sense.
fn judge_answer(answer: &Answer) -> Result<Verdict, (String, Option<Duration>)> {
    let status = answer.status;
    match status {
        200..=399 => Ok(Verdict::Delivered { warning: answer.redirect_refused.clone() }),
        401 | 403 => Err((format!("The receiver refused it: {}. Check the credentials.", name_of(status)), None)),
        404 | 410 => Err((format!("Nothing is there any more: {}. Check the URL.", name_of(status)), None)),
        400..=499 if !LATER.contains(&status) => {
            Err((format!("The receiver did not accept it: {}. Check the data.", name_of(status)), None))
        }
        429 => Err((format!("The receiver asks to slow down: {}.", name_of(status)), Some(retry_after(answer)))),
        _ => Err((format!("The receiver has a problem: {}.", name_of(status)), Some(retry_after(answer)))),
    }
}

/// `Retry-After` in seconds (RFC 9110, 10.2.3); zero when there is none, or a date.
fn retry_after(answer: &Answer) -> Duration {
    let value = answer.headers.get(http::header::RETRY_AFTER).and_then(|value| value.to_str().ok());
    Duration::from_secs(value.and_then(|value| value.trim().parse().ok()).unwrap_or(0))
}

/// A status with its name: `404 Not Found`.
pub fn name_of(status: u16) -> String {
    match http::StatusCode::from_u16(status).ok().and_then(|code| code.canonical_reason()) {
        Some(reason) => format!("{status} {reason}"),
        None => status.to_string(),
    }
}

/// Whether the same request may get through later.
const fn is_worth_another_try(kind: FailureKind) -> bool {
    match kind {
        FailureKind::NameNotFound
        | FailureKind::NameLookupFailed
        | FailureKind::ConnectionRefused
        | FailureKind::Unreachable
        | FailureKind::ConnectionReset
        | FailureKind::TimedOut
        | FailureKind::TlsFailed
        | FailureKind::CertificateExpired
        | FailureKind::NotHttp
        | FailureKind::ProxyFailed
        | FailureKind::OauthUnavailable
        | FailureKind::Internal => true,
        FailureKind::CertificateUnknown
        | FailureKind::AnswerTooLarge
        | FailureKind::TooManyRedirects
        | FailureKind::AddressRefused
        | FailureKind::CannotCompose
        | FailureKind::OauthRefused
        | FailureKind::Stopped => false,
    }
}
