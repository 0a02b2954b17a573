//! Something that happened, on which printer, and what was known at that moment.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::ids::{EventId, JobId};
use crate::time::UnixMillis;
use crate::topic::{Class, Topic};

/// Which printer, as a source introduces itself.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Printer {
    /// Names it within this installation; hooks may be limited to some.
    pub id: String,
    /// What the user calls it: `@printerName`.
    pub name: String,
    /// OctoPrint's appearance settings: `@appearance`.
    #[serde(default)]
    pub appearance: Value,
    /// The machine and what runs on it: `@hostInfo`, but for what changes all the time.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub host: Map<String, Value>,
    /// What OctoPrint's printer profile says: part of `@printerInfo`.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub profile: Map<String, Value>,
}

impl Printer {
    /// Without what is the same in every event, and would make each of them larger where it is stored.
    #[must_use]
    pub fn without_description(&self) -> Self {
        let Self { id, name, appearance, .. } = self.clone();
        Self { id, name, appearance, ..Self::default() }
    }
}

/// The printer's own data at one moment, as OctoPrint shapes it (`state`, `job`, `progress`, `currentZ`, `offsets`,
/// `temperatures`), `utcOffset` in seconds east of UTC, and `uptime` of the machine in seconds.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Context(pub Map<String, Value>);

impl Context {
    /// One of its values; `None` where it is missing.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.0.get(key)
    }

    /// The job's completion in whole percent, rounded down, if it is known.
    pub fn completion(&self) -> Option<u8> {
        let percent = self.get("progress")?.get("completion")?.as_f64()?;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to 0..=100 just before")]
        let whole = percent.clamp(0.0, 100.0) as u8;
        Some(whole)
    }

    /// The time zone of the machine that saw it, in seconds east of UTC; 0 where unknown.
    pub fn utc_offset(&self) -> i32 {
        self.get("utcOffset").and_then(Value::as_i64).and_then(|offset| offset.try_into().ok()).unwrap_or(0)
    }

    /// A flag of the printer's state (`printing`, `paused`); `false` where unknown.
    pub fn flag(&self, name: &str) -> bool {
        self.get("state").and_then(|state| state.get("flags")?.get(name)?.as_bool()).unwrap_or(false)
    }

    /// Whether a job is under way: OctoPrint 2 keeps `printing` set while paused, 1.x does not.
    pub fn has_job(&self) -> bool {
        ["printing", "paused", "pausing", "resuming", "cancelling", "finishing"].iter().any(|name| self.flag(name))
    }

    /// Where and which file is being printed (`origin`, `path`), if any.
    pub fn job_file(&self) -> Option<(&str, &str)> {
        let file = self.get("job")?.get("file")?;
        Some((file.get("origin")?.as_str()?, file.get("path")?.as_str()?))
    }
}

/// An event on the road: detected once, told to every hook that wants it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// Names it.
    pub id: EventId,
    /// When it was seen.
    pub at: UnixMillis,
    /// Where.
    pub printer: Arc<Printer>,
    /// OctoPrint's name of it: what custom events are matched by, and `@event`.
    pub name: String,
    /// Which happening of the page it is, if it is one.
    pub topic: Option<Topic>,
    /// What came with it: `@extra`.
    pub payload: Value,
    /// What was known at that moment.
    pub context: Arc<Context>,
    /// The print it belongs to.
    pub job: Option<JobId>,
}

impl Event {
    /// With the description of its printer, where it came out of a store without: the machine and the profile are as they
    /// are known now.
    #[must_use]
    pub fn described_by(self, known: &Printer) -> Self {
        if self.printer.id != known.id || !self.printer.host.is_empty() || !self.printer.profile.is_empty() {
            return self;
        }
        let (host, profile) = (known.host.clone(), known.profile.clone());
        let printer = Printer { host, profile, ..self.printer.as_ref().clone() };
        Self { printer: Arc::new(printer), ..self }
    }

    /// How much it matters; a custom event belongs to the course of things.
    pub fn class(&self) -> Class {
        self.topic.map_or(Class::Lifecycle, Topic::class)
    }

    /// Whether this is the end of a print that somebody cancelled, told as a failure.
    pub fn is_failure_by_cancelling(&self) -> bool {
        self.topic == Some(Topic::PrintFailed)
            && self.payload.get("reason").and_then(Value::as_str) == Some("cancelled")
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::sample;

    fn printer(id: &str, model: &str) -> Printer {
        let Value::Object(profile) = json!({"model": model}) else { unreachable!() };
        Printer { id: id.into(), name: "Left".into(), profile, ..Printer::default() }
    }

    #[test]
    fn what_was_stored_without_a_description_gets_the_one_of_now_and_nothing_else_does() {
        let event = |printer: Printer| sample::event("print_done", Arc::new(printer), UnixMillis(1), &mut || [7; 10]);
        let known = printer("octoprint", "MK4");
        let stored = event(printer("octoprint", "MK3").without_description());
        assert_eq!(stored.printer.profile, Map::new());
        let described = stored.clone().described_by(&known);
        assert_eq!((&described.printer.name[..], &described.printer.profile), ("Left", &known.profile));
        assert_eq!(event(printer("octoprint", "MK3")).described_by(&known).printer.profile["model"], "MK3");
        assert_eq!(stored.clone().described_by(&printer("another", "MK4")), stored);
    }
}
