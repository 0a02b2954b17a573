//! How long an endpoint asks to be left alone, by whichever of the many ways it says so.
//!
//! Comes in: an answer. Goes out: one [`Pause`], of the most exact source that speaks: `Retry-After` where the answer is
//! no success, then the rate headers, then the body of services that put it there. A rate header without a word that
//! nothing remains asks for nothing. Dates are taken relative to the answer's own `Date`, so that the clock of this
//! machine does not matter where that is given.

use std::fmt;
use std::time::Duration;

use http::HeaderMap;
use serde_json::Value;

use super::Wait;
use super::date::parse_http_date;
use crate::attempt::Answer;
use crate::moment::InWords;
use crate::time::UnixMillis;

/// A wish of an endpoint to be left alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pause {
    /// How long.
    pub wait: Wait,
    /// By which way it was said.
    pub source: Source,
}

/// The ways to say it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// `Retry-After`.
    RetryAfter,
    /// `RateLimit` with `RateLimit-Policy`, or `RateLimit-Remaining` with `RateLimit-Reset`.
    RateLimit,
    /// `X-RateLimit-Remaining` with `X-RateLimit-Reset-After` or `X-RateLimit-Reset`, and how others spell it.
    XRateLimit,
    /// `retry_after` or `retry_after_ms` in the answer's body.
    Body,
}

impl fmt::Display for Source {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::RetryAfter => "Retry-After",
            Self::RateLimit => "RateLimit",
            Self::XRateLimit => "X-RateLimit-Reset",
            Self::Body => "retry_after",
        })
    }
}

impl fmt::Display for Pause {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.wait {
            Wait::For(span) => write!(formatter, "{} {}", self.source, InWords(span)),
            Wait::Until(moment) => write!(formatter, "{} {}", self.source, moment.rfc3339()),
        }
    }
}

/// What an answer asks for.
pub(super) fn asked_by(answer: &Answer) -> Option<Pause> {
    let headers = Headers::of(&answer.headers);
    let limited = answer.status == 429;
    let retry_after = || headers.retry_after().map(|wait| Pause { wait, source: Source::RetryAfter });
    let body = || body(&answer.body).map(|span| Pause { wait: Wait::For(span), source: Source::Body });
    match answer.status {
        200..=399 => headers.rate(false),
        _ => retry_after().or_else(|| headers.rate(limited)).or_else(|| if limited { body() } else { None }),
    }
}

/// Whether a status that could mean anything means the rate: it says when to come again, or that nothing remains.
pub(super) fn is_about_rate(answer: &Answer) -> bool {
    let headers = Headers::of(&answer.headers);
    headers.retry_after().is_some() || headers.rate(false).is_some()
}

struct Headers<'a> {
    headers: &'a HeaderMap,
    date: Option<UnixMillis>,
}

impl<'a> Headers<'a> {
    fn of(headers: &'a HeaderMap) -> Self {
        let text = headers.get(http::header::DATE).and_then(|value| value.to_str().ok());
        // A `Date` in the form with two digits is of this century.
        let date = text.and_then(|text| parse_http_date(text, THIS_CENTURY));
        Self { headers, date }
    }

    fn text(&self, name: &str) -> Option<&'a str> {
        self.headers.get(name)?.to_str().ok().map(str::trim)
    }

    fn retry_after(&self) -> Option<Wait> {
        let text = self.text("retry-after")?;
        if let Some(span) = seconds(text) {
            return Some(Wait::For(span));
        }
        Some(self.at(parse_http_date(text, self.date.unwrap_or(THIS_CENTURY))?))
    }

    /// A moment of the receiver's clock: a span where it says what time it has.
    fn at(&self, moment: UnixMillis) -> Wait {
        self.date.map_or(Wait::Until(moment), |date| Wait::For(moment.since(date)))
    }

    /// What the rate headers ask for: nothing, while something remains; `limited` is an answer that says that nothing does.
    fn rate(&self, limited: bool) -> Option<Pause> {
        let structured = || self.structured(limited).map(|span| (Wait::For(span), Source::RateLimit));
        let families = || {
            [
                ("ratelimit", Source::RateLimit),
                ("x-ratelimit", Source::XRateLimit),
                ("x-rate-limit", Source::XRateLimit),
            ]
            .into_iter()
            .find_map(|(prefix, source)| Some((self.family(prefix, limited)?, source)))
        };
        structured().or_else(families).map(|(wait, source)| Pause { wait, source })
    }

    /// `…-Remaining`, with `…-Reset-After` in seconds or `…-Reset`, which some give in seconds and some as a moment.
    fn family(&self, prefix: &str, limited: bool) -> Option<Wait> {
        let remaining: Option<f64> = self.text(&format!("{prefix}-remaining")).and_then(|text| text.parse().ok());
        if !limited && remaining.is_none_or(|remaining| remaining > 0.0) {
            return None;
        }
        if let Some(span) = self.text(&format!("{prefix}-reset-after")).and_then(seconds) {
            return Some(Wait::For(span));
        }
        let text = self.text(&format!("{prefix}-reset"))?;
        let Some(span) = seconds(text) else {
            return parse_http_date(text, THIS_CENTURY).map(|moment| self.at(moment));
        };
        let millis = i64::try_from(span.as_millis()).unwrap_or(i64::MAX);
        Some(match millis {
            ..A_MOMENT_IN_SECONDS => Wait::For(span),
            A_MOMENT_IN_SECONDS..A_MOMENT_IN_MILLISECONDS => self.at(UnixMillis(millis)),
            _ => self.at(UnixMillis(millis / 1000)),
        })
    }

    /// `RateLimit: "a";r=0;t=30, "b";r=5;t=9`, its elder `limit=10, remaining=0, reset=5`, and for a missing `t` the window of
    /// the policy with the same name. Of several that are used up the longest counts.
    fn structured(&self, limited: bool) -> Option<Duration> {
        let lines: Vec<&str> = self.headers.get_all("ratelimit").iter().filter_map(|line| line.to_str().ok()).collect();
        let line = lines.join(",");
        let members = split_outside_quotes(&line, ',');
        if let Some(span) = elder_form(&members, limited) {
            return Some(span);
        }
        let resets = members.iter().filter_map(|member| {
            let parts = split_outside_quotes(member, ';');
            let remaining: f64 = parameter(&parts, "r")?.parse().ok()?;
            let window = || self.window_of(parts.first()?);
            let reset = parameter(&parts, "t").and_then(seconds).or_else(window)?;
            Some((remaining, reset))
        });
        let resets: Vec<_> = resets.collect();
        let used_up = resets.iter().filter(|(remaining, _)| *remaining <= 0.0).map(|(_, reset)| *reset).max();
        let scarcest = || resets.iter().min_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, reset)| *reset).filter(|_| limited);
        used_up.or_else(scarcest)
    }

    fn window_of(&self, name: &str) -> Option<Duration> {
        let line = self.text("ratelimit-policy")?;
        split_outside_quotes(line, ',').iter().find_map(|member| {
            let parts = split_outside_quotes(member, ';');
            (*parts.first()? == name).then(|| parameter(&parts, "w").and_then(seconds)).flatten()
        })
    }
}

/// 2026: settles the century where nothing else does.
const THIS_CENTURY: UnixMillis = UnixMillis(1_767_225_600_000);
/// No window is thirty years long: a number from here on is a moment in seconds, read as if it were a span.
const A_MOMENT_IN_SECONDS: i64 = 1_000_000_000_000;
/// And from here on it is one in milliseconds.
const A_MOMENT_IN_MILLISECONDS: i64 = 100_000_000_000_000;

fn elder_form(members: &[&str], limited: bool) -> Option<Duration> {
    let remaining: f64 = parameter(members, "remaining")?.parse().ok()?;
    (limited || remaining <= 0.0).then(|| parameter(members, "reset").and_then(seconds)).flatten()
}

fn parameter<'a>(parts: &[&'a str], name: &str) -> Option<&'a str> {
    parts.iter().find_map(|part| {
        let (key, value) = part.split_once('=')?;
        key.trim().eq_ignore_ascii_case(name).then(|| value.trim())
    })
}

fn split_outside_quotes(text: &str, separator: char) -> Vec<&str> {
    let mut quoted = false;
    let parts = text.split(|character| {
        quoted ^= character == '"';
        character == separator && !quoted
    });
    parts.map(str::trim).filter(|part| !part.is_empty()).collect()
}

/// Discord `retry_after` (seconds), Telegram `parameters.retry_after` (seconds), Matrix `retry_after_ms`.
fn body(body: &[u8]) -> Option<Duration> {
    let value: Value = serde_json::from_slice(body).ok()?;
    let in_seconds = value.get("retry_after").or_else(|| value.get("parameters")?.get("retry_after"));
    let as_seconds = |value: &Value| value.as_f64().or_else(|| value.as_str()?.parse().ok());
    in_seconds
        .and_then(as_seconds)
        .or_else(|| value.get("retry_after_ms").and_then(as_seconds).map(|millis| millis / 1000.0))
        .and_then(span_of)
}

/// A number of seconds, with or without a fraction; `None` when it is something else.
fn seconds(text: &str) -> Option<Duration> {
    let plain = text.trim().bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    plain.then(|| text.trim().parse().ok().and_then(span_of))?
}

/// Rounded up to the millisecond, so that nobody comes a moment too early.
fn span_of(seconds: f64) -> Option<Duration> {
    const MOST: f64 = 1e15;
    if !seconds.is_finite() || seconds < 0.0 {
        return None;
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "within 0..=1e18 just before")]
    let millis = (seconds.min(MOST) * 1000.0).ceil() as u64;
    Some(Duration::from_millis(millis))
}
