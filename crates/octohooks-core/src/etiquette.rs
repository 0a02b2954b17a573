//! What an answer asks for: whether the delivery arrived, whether to come again, and how long to stay away.
//!
//! Comes in: an attempt and what the receiver could not know. Goes out: a [`Reading`] with a sentence for the user. It
//! decides nothing about time: what a receiver asks for is passed on as it was asked, and what follows for the endpoint
//! and the hook is decided in [`crate::endpoint`] and [`crate::standing`]. No sentence holds a header or body of an answer.

mod date;
mod pause;
mod success;

use std::time::Duration;

use http::HeaderMap;

use crate::attempt::{Answer, Attempt, Failure, FailureKind};
use crate::hook::ready::SuccessSign;
use crate::status::name_of;
use crate::time::UnixMillis;

pub use date::parse_http_date;
pub use pause::{Pause, Source};
pub use success::words_of;

/// How long a receiver asks to be left alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wait {
    /// This long from the answer on.
    For(Duration),
    /// Until this moment by the wall clock: it gave a date, and did not say what time it takes it to be now.
    Until(UnixMillis),
}

/// What has to be known beside the answer to understand it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Circumstances<'a> {
    /// The request carried an OAuth token that was not fetched for it just now: a 401 may be about the token alone.
    pub token_may_be_stale: bool,
    /// The request was signed while nothing vouched for the clock: a refusal may be about the time alone.
    pub clock_was_doubtful: bool,
    /// What an answer has to hold to be a success, where the status alone does not tell.
    pub success: Option<&'a SuccessSign>,
    /// The request was to change a message, and the receiver refuses that since it says the same already.
    pub is_unchanged: bool,
}

/// An attempt, understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// What became of the delivery.
    pub meaning: Meaning,
    /// Until when the whole endpoint asks to be left alone. May come with a success: the last one that was allowed.
    pub pause: Option<Pause>,
    /// The receiver wants nothing from this hook any more.
    pub stop: Option<StopAsked>,
}

/// What became of a delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Meaning {
    /// The receiver has it.
    Delivered {
        /// Something worth a look all the same: a redirect that was not followed.
        warning: Option<String>,
    },
    /// Nobody could take it just now. Counts against the endpoint; uses up nothing of the delivery.
    NotNow {
        /// What kind of trouble.
        trouble: Trouble,
        /// Whether the receiver may have it all the same: the request was on its way when the answer failed to come.
        unsure: bool,
        /// Why, a sentence.
        because: String,
    },
    /// The endpoint has had too many requests. Says nothing against the delivery, the hook or the endpoint.
    TooMany {
        /// Why, a sentence.
        because: String,
    },
    /// The receiver does not want it as it is. Counts towards a hook that has to be mended.
    Refused {
        /// The status.
        status: u16,
        /// Why, a sentence.
        because: String,
    },
    /// The OAuth token was not accepted: fetch another, and try once more at once.
    TokenRefused {
        /// Why, a sentence.
        because: String,
    },
    /// It was refused while the clock may have been wrong: again once the clock is right. Counts against nobody.
    ClockDoubtful {
        /// Why, a sentence.
        because: String,
    },
    /// The receiver has said that it must not be tried again.
    Abandoned {
        /// Why, a sentence.
        because: String,
    },
    /// It never left, or came back in a form that will not change by itself: the hook has to be mended.
    Unsendable {
        /// Why, a sentence.
        because: String,
    },
    /// The engine was stopped, or has a fault of its own. Counts against nobody; again.
    Interrupted {
        /// Whether it is a fault that should be reported.
        fault: bool,
        /// Why, a sentence.
        because: String,
    },
}

impl Meaning {
    /// Why it did not arrive, a sentence; nothing when it did.
    pub fn because(&self) -> &str {
        match self {
            Self::Delivered { .. } => "",
            Self::NotNow { because, .. }
            | Self::TooMany { because }
            | Self::Refused { because, .. }
            | Self::TokenRefused { because }
            | Self::ClockDoubtful { because }
            | Self::Abandoned { because }
            | Self::Unsendable { because }
            | Self::Interrupted { because, .. } => because,
        }
    }
}

/// Trouble that passes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// There was no answer.
    NoAnswer(FailureKind),
    /// There was one, and it says that the receiver has a problem.
    Answered(u16),
}

/// How a receiver asked that a hook be stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StopAsked {
    /// 410 Gone.
    Gone,
    /// The header `webhook-delivery: disable`.
    Disable,
}

/// Statuses that say "later": RFC 9110 (408), RFC 8470 (425).
const LATER: [u16; 2] = [408, 425];

/// Understands an attempt.
pub fn read(attempt: &Attempt, circumstances: Circumstances<'_>) -> Reading {
    match &attempt.outcome {
        Ok(answer) => read_answer(answer, circumstances),
        Err(failure) => Reading { meaning: read_failure(attempt, failure), pause: None, stop: None },
    }
}

/// Statuses by which services say that they do not take a picture, or not this one: ntfy, Telegram, and Pushover by 400, the
/// rest as RFC 9110 has it. Each may mean something else as well.
const MAY_MEAN_THE_PICTURE: [u16; 4] = [400, 413, 415, 422];

/// Whether a request with a picture may have been refused for the picture alone: then it is worth sending once more without.
/// A receiver that says when to come again, or not to come again, gets nothing more just now.
pub fn may_be_about_picture(answer: &Answer) -> bool {
    let control = Control::of(&answer.headers);
    MAY_MEAN_THE_PICTURE.contains(&answer.status) && !pause::is_about_rate(answer) && !control.abort && !control.disable
}

/// Whether a change of a message may have been refused because that message is gone, or cannot be changed any more: then a new
/// one is worth sending. Credentials and rates are about new ones as well.
pub fn may_be_about_message(answer: &Answer, success: Option<&SuccessSign>) -> bool {
    let control = Control::of(&answer.headers);
    let is_refused = match answer.status {
        200..=399 => success.is_some_and(|sign| matches!(success::look(answer, sign), success::Sight::Missing(_))),
        401 | 407 | 408 | 425 | 429 => false,
        status => (400..500).contains(&status),
    };
    let is_about_rate = matches!(answer.status, 403 | 413) && pause::is_about_rate(answer);
    is_refused && !is_about_rate && !control.abort && !control.disable
}

fn read_answer(answer: &Answer, circumstances: Circumstances<'_>) -> Reading {
    let mut meaning = by_status(answer, circumstances);
    let control = Control::of(&answer.headers);
    let mut stop = (answer.status == 410).then_some(StopAsked::Gone);
    if control.disable {
        stop = Some(StopAsked::Disable);
    }
    let delivered = matches!(meaning, Meaning::Delivered { .. });
    if (control.abort || control.disable) && !delivered {
        let named = if control.disable { "disable" } else { "abort-message" };
        let because = format!(
            "The receiver asked not to be sent this again ({}, webhook-delivery: {named}).",
            name_of(answer.status)
        );
        meaning = Meaning::Abandoned { because };
    }
    Reading { meaning, pause: pause::asked_by(answer), stop }
}

fn by_status(answer: &Answer, circumstances: Circumstances<'_>) -> Meaning {
    let status = answer.status;
    let name = name_of(status);
    match status {
        200..=399 => match circumstances.success.map(|sign| success::look(answer, sign)) {
            None | Some(success::Sight::Seen) => Meaning::Delivered { warning: answer.redirect_refused.clone() },
            Some(success::Sight::CutOff) => {
                Meaning::Delivered { warning: Some("Its answer is too long to see whether it says so.".to_owned()) }
            }
            Some(success::Sight::Missing(because)) => Meaning::Refused { status, because },
        },
        400..=499 if circumstances.is_unchanged => {
            Meaning::Delivered { warning: Some("The message said so already.".to_owned()) }
        }
        429 => Meaning::TooMany { because: format!("The receiver asks to slow down: {name}.") },
        403 | 413 if pause::is_about_rate(answer) => {
            Meaning::TooMany { because: format!("The receiver asks to come later: {name}.") }
        }
        410 => Meaning::Abandoned { because: format!("The receiver says that this address is gone for good: {name}.") },
        401 if circumstances.token_may_be_stale => {
            Meaning::TokenRefused { because: format!("The receiver did not accept the OAuth token: {name}.") }
        }
        400 | 401 | 403 if circumstances.clock_was_doubtful => Meaning::ClockDoubtful {
            because: format!("The receiver refused it ({name}), perhaps because the clock of this machine was wrong."),
        },
        400..=499 if !LATER.contains(&status) => Meaning::Refused { status, because: refusal(status, &name) },
        _ => {
            let because = match status {
                408 | 425 => format!("The receiver asks for it again: {name}."),
                511 => format!("The network wants somebody to log in first: {name}."),
                500..=599 => format!("The receiver has a problem: {name}."),
                _ => format!("The receiver answered with something that is no answer: {name}."),
            };
            Meaning::NotNow { trouble: Trouble::Answered(status), unsure: false, because }
        }
    }
}

fn refusal(status: u16, name: &str) -> String {
    match status {
        401 | 403 => format!("The receiver refused it: {name}. Check the credentials."),
        404 => format!("Nothing is there: {name}. Check the URL."),
        405 => format!("The receiver does not take this method: {name}. Check the method and the URL."),
        413 => format!("It is too large for the receiver: {name}. Send a smaller picture or none."),
        415 => format!("The receiver does not take this kind of data: {name}. Check the content type."),
        _ => format!("The receiver did not accept it: {name}. Check the data."),
    }
}

fn read_failure(attempt: &Attempt, failure: &Failure) -> Meaning {
    let because = failure.message.clone();
    match failure.kind {
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
        | FailureKind::OauthUnavailable => Meaning::NotNow {
            trouble: Trouble::NoAnswer(failure.kind),
            unsure: may_have_arrived(attempt, failure.kind),
            because,
        },
        FailureKind::CertificateUnknown
        | FailureKind::AnswerTooLarge
        | FailureKind::TooManyRedirects
        | FailureKind::AddressRefused
        | FailureKind::CannotCompose
        | FailureKind::OauthRefused => Meaning::Unsendable { because },
        FailureKind::Stopped => Meaning::Interrupted { fault: false, because },
        FailureKind::Internal => Meaning::Interrupted { fault: true, because },
    }
}

/// A connection that stood and then broke or fell silent may have carried the request before.
fn may_have_arrived(attempt: &Attempt, kind: FailureKind) -> bool {
    attempt.phases.connect.is_some()
        && matches!(kind, FailureKind::ConnectionReset | FailureKind::TimedOut | FailureKind::NotHttp)
}

/// The header `webhook-delivery`, with which a receiver controls what comes after.
struct Control {
    abort: bool,
    disable: bool,
}

impl Control {
    fn of(headers: &HeaderMap) -> Self {
        let has = |wanted: &str| {
            let mut values = headers.get_all("webhook-delivery").iter().filter_map(|value| value.to_str().ok());
            values.any(|value| value.split(',').any(|part| part.trim().eq_ignore_ascii_case(wanted)))
        };
        Self { abort: has("abort-message"), disable: has("disable") }
    }
}

#[cfg(test)]
mod tests;
