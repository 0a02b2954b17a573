//! How a print ended, as what it was, once: OctoPrint says it with up to four events in any order, or with none.
//!
//! Payloads of those events go in; the payload of one [`crate::topic::Topic::PrintEnded`] comes out once it is clear, or once
//! nothing more is waited for. It must never look at anything but what it was given.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value, json};

use super::job::Note;
use crate::event::Context;
use crate::time::UnixMillis;

/// What may still explain an end comes within this time.
pub const SETTLING: Duration = Duration::from_secs(3);

/// An error explains an end that comes this soon after it.
const ERROR_EXPLAINS: Duration = Duration::from_secs(15);

/// Errors of OctoPrint's that mean that nobody is there at the other end.
const NOBODY_THERE: [&str; 3] = ["connection", "timeout", "autodetect"];

/// How a print ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    Done,
    Cancelled,
    Failed,
    ConnectionLost,
    FirmwareShutdown,
    PowerLost,
    ServerStopped,
}

impl Outcome {
    /// The value of `@extra.outcome`.
    const fn key(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Cancelled => "cancelled",
            Self::Failed => "failed",
            Self::ConnectionLost => "connection_lost",
            Self::FirmwareShutdown => "firmware_shutdown",
            Self::PowerLost => "power_lost",
            Self::ServerStopped => "server_stopped",
        }
    }
}

/// What was seen before an end that may explain it.
#[derive(Debug, Default)]
pub(super) struct Omens {
    error: Option<(UnixMillis, Value)>,
    cancelling: Option<Value>,
}

/// What was seen of an end that is not clear yet.
#[derive(Debug)]
pub(super) struct Ending {
    since: UnixMillis,
    context: Arc<Context>,
    done: Option<Value>,
    cancelled: Option<Value>,
    failed: Option<Value>,
    disconnected: Option<Closing>,
}

/// Why a connection closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Closing {
    /// Somebody asked for it.
    AskedFor,
    /// Nobody did.
    ByItself,
}

impl Omens {
    /// The moments that are remembered.
    pub(super) fn moments(&mut self) -> impl Iterator<Item = &mut UnixMillis> {
        self.error.iter_mut().map(|(at, _)| at)
    }

    /// Remembers what may explain an end.
    pub(super) fn see(&mut self, at: UnixMillis, name: &str, payload: &Value) {
        match name {
            "PrintStarted" => *self = Self::default(),
            "Error" => self.error = Some((at, payload.clone())),
            "PrintCancelling" => self.cancelling = Some(payload.clone()),
            _ => {}
        }
    }

    fn error(&self, at: UnixMillis) -> Option<&Value> {
        let (seen, error) = self.error.as_ref()?;
        (at.since(*seen) < ERROR_EXPLAINS).then_some(error)
    }

    /// The firmware's words, where OctoPrint cancelled the print because of them.
    fn firmware_error(&self) -> Option<&str> {
        self.cancelling.as_ref()?.get("firmwareError")?.as_str().filter(|text| !text.is_empty())
    }
}

impl Ending {
    /// When the first of it was seen.
    pub(super) const fn since(&mut self) -> &mut UnixMillis {
        &mut self.since
    }

    pub(super) fn new(since: UnixMillis, context: Arc<Context>) -> Self {
        Self { since, context, done: None, cancelled: None, failed: None, disconnected: None }
    }

    /// Takes one more sight of the end.
    pub(super) fn see(&mut self, name: &str, payload: &Value, closing: Option<Closing>) {
        match name {
            "PrintDone" => self.done = Some(payload.clone()),
            "PrintCancelled" => self.cancelled = Some(payload.clone()),
            "PrintFailed" => self.failed = Some(payload.clone()),
            "Disconnected" => self.disconnected = closing,
            _ => {}
        }
    }

    /// Whether it was told as a failure.
    pub(super) const fn has_failed(&self) -> bool {
        self.failed.is_some()
    }

    /// Whether nothing that may still come can change what it was.
    pub(super) fn is_clear(&self, at: UnixMillis, omens: &Omens) -> bool {
        let failed = self.failed.as_ref().is_some_and(|payload| !is_cancelled(payload));
        self.done.is_some()
            || self.cancelled.is_some()
            || (failed && (self.disconnected.is_some() || omens.error(at).is_some()))
    }

    /// Whether nothing more is waited for.
    pub(super) fn is_overdue(&self, at: UnixMillis) -> bool {
        at.0 < self.since.0 || at.since(self.since) >= SETTLING
    }

    /// The moment of the end, what was known then, and what came of it.
    pub(super) fn tell(self, note: &Note, omens: &Omens) -> (Arc<Context>, Value) {
        let Self { since, context, done, cancelled, failed, disconnected } = self;
        let error = omens.error(since);
        let text_of = |payload: Option<&Value>, key: &str| {
            let text = payload.and_then(|payload| payload.get(key)?.as_str());
            // OctoPrint's word for an error without words.
            let text = text.map(|text| text.trim_end_matches([' ', ':']));
            text.filter(|text| !text.is_empty() && *text != "unknown").map(str::to_owned)
        };
        let failure = failed.as_ref().filter(|payload| !is_cancelled(payload));
        let words = || text_of(error, "error").or_else(|| text_of(failure, "error"));
        let mut end = if done.is_some() {
            End::new(Outcome::Done)
        } else if let Some(words) = omens.firmware_error() {
            End { reason: Some("firmware".into()), error: Some(words.to_owned()), ..End::new(Outcome::Failed) }
        } else if cancelled.is_some() || (failed.is_some() && failure.is_none()) {
            let user = text_of(cancelled.as_ref(), "user").or_else(|| text_of(omens.cancelling.as_ref(), "user"));
            End { user, ..End::new(Outcome::Cancelled) }
        } else if let Some(payload) = error {
            let reason = text_of(Some(payload), "reason");
            let outcome = match reason.as_deref() {
                Some("firmware") if text_of(error, "consequence").as_deref() != Some("cancel") => {
                    Outcome::FirmwareShutdown
                }
                Some(reason) if NOBODY_THERE.contains(&reason) => Outcome::ConnectionLost,
                _ => Outcome::Failed,
            };
            End { reason, error: words(), ..End::new(outcome) }
        } else {
            match disconnected {
                Some(Closing::ByItself) => End { error: words(), ..End::new(Outcome::ConnectionLost) },
                Some(Closing::AskedFor) => End { reason: Some("disconnected".into()), ..End::new(Outcome::Failed) },
                None => End { reason: text_of(failure, "reason"), error: words(), ..End::new(Outcome::Failed) },
            }
        };
        let told = [(&cancelled, 1.0), (&failure.cloned(), 100.0)];
        let told = told.iter().find_map(|(payload, unit)| Some(payload.as_ref()?.get("progress")?.as_f64()? * unit));
        end.progress = match told {
            _ if end.outcome == Outcome::Done => 100,
            Some(told) => whole_percent(told).max(note.progress),
            None => note.progress,
        };
        let told = [&done, &cancelled, &failed].into_iter().flatten().find_map(|payload| payload.get("time")?.as_f64());
        end.time = told.unwrap_or_else(|| since.since(note.started).as_secs_f64());
        (context, end.payload(note))
    }
}

/// A print that was begun anew before it had ended.
pub(super) fn restarted(at: UnixMillis, note: &Note) -> Value {
    let mut end = End { reason: Some("restarted".into()), ..End::new(Outcome::Cancelled) };
    (end.progress, end.time) = (note.progress, at.since(note.started).as_secs_f64());
    end.payload(note)
}

/// A print that was under way when the machine or OctoPrint stopped; told after the next start.
pub(super) fn interrupted(note: &Note, same_boot: bool) -> Value {
    let outcome = if same_boot || note.shut_down { Outcome::ServerStopped } else { Outcome::PowerLost };
    let mut end = End::new(outcome);
    if outcome == Outcome::ServerStopped {
        end.reason = Some(if note.shut_down { "shutdown" } else { "crash" }.into());
    }
    (end.progress, end.time) = (note.progress, note.seen.since(note.started).as_secs_f64());
    end.payload(note)
}

/// A cancelled print tells its progress in percent, one that ended in an error as a fraction.
fn whole_percent(percent: f64) -> u8 {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to 0..=100 just before")]
    let whole = percent.clamp(0.0, 100.0) as u8;
    whole
}

fn is_cancelled(payload: &Value) -> bool {
    payload.get("reason").and_then(Value::as_str) == Some("cancelled")
}

/// An end as it is told.
struct End {
    outcome: Outcome,
    user: Option<String>,
    reason: Option<String>,
    error: Option<String>,
    progress: u8,
    time: f64,
}

impl End {
    const fn new(outcome: Outcome) -> Self {
        Self { outcome, user: None, reason: None, error: None, progress: 0, time: 0.0 }
    }

    fn payload(&self, note: &Note) -> Value {
        let mut payload: Map<String, Value> = note.file.clone();
        payload.insert("outcome".into(), self.outcome.key().into());
        payload.insert("progress".into(), self.progress.into());
        payload.insert("time".into(), json!((self.time * 10.0).round() / 10.0));
        payload.insert("paused".into(), (note.paused && self.outcome != Outcome::Done).into());
        for (key, value) in [("user", &self.user), ("reason", &self.reason), ("error", &self.error)] {
            if let Some(value) = value {
                payload.insert(key.into(), value.as_str().into());
            }
        }
        payload.insert("text".into(), self.sentence(note).into());
        Value::Object(payload)
    }

    /// For a person.
    fn sentence(&self, note: &Note) -> String {
        let (name, percent) = (note.name(), self.progress);
        let why = self.error.as_ref().map(|error| format!(": {error}")).unwrap_or_default();
        let paused = if note.paused { ", while it was paused" } else { "" };
        match self.outcome {
            Outcome::Done => format!("{name} is done."),
            Outcome::Cancelled => match (&self.user, self.reason.as_deref()) {
                (Some(user), _) => format!("{name} was cancelled by {user} at {percent} %."),
                (None, Some("restarted")) => format!("{name} was begun anew at {percent} %."),
                (None, _) => format!("{name} was cancelled at {percent} %."),
            },
            Outcome::Failed if self.reason.as_deref() == Some("disconnected") => {
                format!("{name} ended at {percent} %: the printer was disconnected.")
            }
            Outcome::Failed => ended_with_stop(format!("{name} failed at {percent} %{why}")),
            Outcome::ConnectionLost => {
                ended_with_stop(format!("{name}: the connection to the printer was lost at {percent} %{paused}{why}"))
            }
            Outcome::FirmwareShutdown => {
                ended_with_stop(format!("{name}: the printer's firmware stopped at {percent} %{why}"))
            }
            Outcome::PowerLost => format!("The power was lost: was printing {name}, lost at {percent} %{paused}."),
            Outcome::ServerStopped => {
                format!("OctoPrint was stopped: was printing {name}, lost at {percent} %{paused}.")
            }
        }
    }
}

fn ended_with_stop(mut text: String) -> String {
    if !text.ends_with(['.', '!', '?']) {
        text.push('.');
    }
    text
}
