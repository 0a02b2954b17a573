//! The print under way as it is remembered: in memory, and as a small note that survives a power cut.
//!
//! What was seen of a print goes in; a [`Note`] comes out that is written rarely: when a print starts, is paused, or has come a
//! few percent further. It must never decide how a print ended.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::event::Context;
use crate::ids::JobId;
use crate::time::UnixMillis;

/// A note is written again when the print has come so many percent further.
const PERCENT_BETWEEN_NOTES: u8 = 5;

/// The keys of OctoPrint's payloads that say which file is printed, and for whom.
const OF_THE_FILE: [&str; 5] = ["name", "path", "origin", "size", "owner"];

/// A print under way.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Note {
    /// Names it.
    pub job: JobId,
    /// When it began, or was first seen.
    pub started: UnixMillis,
    /// Which file: `name`, `path`, `origin`, `size`, `owner`, as OctoPrint tells them.
    pub file: Map<String, Value>,
    /// How far it is, in whole percent.
    #[serde(default)]
    pub progress: u8,
    /// When it was last seen under way.
    pub seen: UnixMillis,
    /// Whether it was paused then.
    #[serde(default)]
    pub paused: bool,
    /// Whether OctoPrint had said that it ends.
    #[serde(default)]
    pub shut_down: bool,
    /// Whether its `PrintStarted` was seen.
    #[serde(default)]
    pub from_start: bool,
}

impl Note {
    /// A print that has just begun or is seen for the first time; `payload` is what came with that event.
    pub(super) fn new(job: JobId, at: UnixMillis, payload: &Value, context: &Context) -> Self {
        let mut note = Self {
            job,
            started: at,
            file: Map::new(),
            progress: 0,
            seen: at,
            paused: false,
            shut_down: false,
            from_start: false,
        };
        let of_context = context.get("job").and_then(|job| job.get("file"));
        for key in OF_THE_FILE {
            let known = |source: &Value| source.get(key).filter(|value| !value.is_null()).cloned();
            if let Some(value) = known(payload).or_else(|| of_context.and_then(known)) {
                note.file.insert(key.to_owned(), value);
            }
        }
        note
    }

    /// It is still under way.
    pub(super) fn see(&mut self, at: UnixMillis, name: Option<&str>, context: &Context) {
        self.seen = at;
        match name {
            Some("PrintPaused") => self.paused = true,
            Some("PrintResumed") => self.paused = false,
            Some("Shutdown") => self.shut_down = true,
            _ => {}
        }
        // A file that is selected anew, or a job that is just over, says nothing of this one.
        if context.has_job()
            && let Some(progress) = context.completion()
        {
            // Of a print that is begun anew, progress is seen before its start is.
            self.progress = self.progress.max(progress);
        }
    }

    /// What the user calls the file.
    pub(super) fn name(&self) -> &str {
        self.file.get("name").or_else(|| self.file.get("path")).and_then(Value::as_str).unwrap_or("A print")
    }

    /// Whether this says enough more than what was written last to be written again.
    pub fn is_worth_writing(&self, written: Option<&Self>) -> bool {
        let Some(written) = written else { return true };
        self.job != written.job
            || self.paused != written.paused
            || self.shut_down != written.shut_down
            || self.progress.abs_diff(written.progress) >= PERCENT_BETWEEN_NOTES
    }

    /// Whether an event's payload is of the same file.
    pub(super) fn is_of(&self, payload: &Value) -> bool {
        ["path", "origin"].iter().all(|key| payload.get(key) == self.file.get(*key))
    }

    /// Whether a printer that says this of itself still prints it.
    pub(super) fn goes_on(&self, context: &Context) -> bool {
        let file = |key: &str| self.file.get(key).and_then(Value::as_str);
        context.has_job()
            && context.job_file().is_some_and(|(origin, path)| {
                file("path").is_none_or(|own| own == path) && file("origin").is_none_or(|own| own == origin)
            })
    }
}
