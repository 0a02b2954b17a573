//! Errors of the printer: which were told, and what its firmware says that nobody has told yet.
//!
//! OctoPrint tells most of them itself. Where it is set to ignore them, and where it cancels nothing because nothing is printed,
//! it keeps them to itself: then the line that the firmware said is all there is. It must never decide who wants an event.

use std::sync::Arc;

use serde_json::{Value, json};

use super::ending::SETTLING;
use super::{Detector, ERROR_EXPLAINS_CLOSING};
use crate::event::{Context, Event};
use crate::ids::Randomness;
use crate::time::UnixMillis;
use crate::topic::Topic;

/// More of a line is no message for a person.
const LONGEST: usize = 500;

/// Lines that OctoPrint takes for no error either: the line is sent again, the card has its own answers, a word was unknown.
const NO_ERRORS: [&str; 13] = [
    "line number",
    "linenumber",
    "checksum",
    "format error",
    "expected line",
    "volume.init",
    "openroot",
    "workdir",
    "error writing to file",
    "cannot open",
    "open failed",
    "cannot enter",
    "unknown command",
];

/// The words of an error that a line of the printer's says; `None` for all others.
pub(super) fn read(line: &str) -> Option<String> {
    let line = line.trim();
    let lower = line.to_ascii_lowercase();
    let start = if lower.starts_with("error:") { 6 } else { lower.starts_with("!!").then_some(2)? };
    let words: String = line[start..].trim().chars().take(LONGEST).collect();
    (!words.is_empty() && !NO_ERRORS.iter().any(|no| lower.contains(no))).then_some(words)
}

/// What was told of errors, and what was not yet.
#[derive(Debug, Default)]
pub(super) struct Errors {
    /// When the latest was told.
    told: Option<UnixMillis>,
    /// What was made here of something else than an event `Error`.
    made: Option<(UnixMillis, String)>,
    /// What the firmware said; OctoPrint may still tell it.
    said: Option<Said>,
}

#[derive(Debug)]
struct Said {
    at: UnixMillis,
    words: String,
    context: Arc<Context>,
}

impl Errors {
    /// The moments that are remembered.
    pub(super) fn moments(&mut self) -> impl Iterator<Item = &mut UnixMillis> {
        let made = self.made.iter_mut().map(|(at, _)| at);
        self.told.iter_mut().chain(made).chain(self.said.iter_mut().map(|said| &mut said.at))
    }

    /// Whether one was told so shortly ago that what happens now comes of it.
    pub(super) fn were_just_told(&self, at: UnixMillis) -> bool {
        self.told.is_some_and(|told| is_recent(told, at))
    }

    /// One is told: it is what the firmware has just said as well.
    pub(super) fn tell(&mut self, at: UnixMillis) {
        self.told = Some(at);
        self.said = None;
    }

    /// What went wrong before explains nothing of a new connection.
    pub(super) fn forget(&mut self) {
        self.told = None;
    }

    /// One is made here, of words that OctoPrint may still tell as an event.
    fn make(&mut self, at: UnixMillis, words: &str) {
        self.tell(at);
        self.made = Some((at, words.to_owned()));
    }

    /// Whether an event `Error` says once more what was made here.
    pub(super) fn take_made(&mut self, at: UnixMillis, payload: &Value) -> bool {
        self.made.take().is_some_and(|(made, words)| is_recent(made, at) && payload["error"] == words.as_str())
    }

    /// The firmware says one. The same again is no news, nor is what was just told.
    fn hear(&mut self, at: UnixMillis, words: String, context: &Arc<Context>) {
        let is_old = self.made.as_mut().is_some_and(|(last, known)| {
            let repeats = *known == words && is_recent(*last, at);
            if repeats {
                *last = at;
            }
            repeats
        });
        if !is_old && !self.were_just_told(at) && self.said.is_none() {
            self.said = Some(Said { at, words, context: Arc::clone(context) });
        }
    }

    /// Whether OctoPrint may still tell what the firmware said.
    pub(super) const fn are_awaited(&self) -> bool {
        self.said.is_some()
    }

    /// Whether it has not done so in time.
    pub(super) fn are_overdue(&self, at: UnixMillis) -> bool {
        self.said.as_ref().is_some_and(|said| at.0 < said.at.0 || at.since(said.at) >= SETTLING)
    }
}

fn is_recent(moment: UnixMillis, at: UnixMillis) -> bool {
    at.0 >= moment.0 && at.since(moment) < ERROR_EXPLAINS_CLOSING
}

impl Detector {
    /// The firmware says an error.
    pub(super) fn hear_error(&mut self, at: UnixMillis, words: String, context: &Arc<Context>) {
        self.errors.hear(at, words, context);
    }

    /// Nothing more is waited for: tells what the firmware said, if OctoPrint did not.
    pub(super) fn settle_error(&mut self, at: UnixMillis, randomness: &mut dyn FnMut() -> Randomness) -> Option<Event> {
        let Said { words, context, .. } = self.errors.said.take()?;
        let payload = json!({"error": words, "reason": "firmware", "consequence": "ignored"});
        Some(self.make_error(at, &words, payload, &context, randomness))
    }

    /// Where OctoPrint cancels a print because of what the firmware said, some versions of it keep the error to themselves.
    pub(super) fn error_behind(
        &mut self,
        at: UnixMillis,
        name: &str,
        payload: &Value,
        context: &Arc<Context>,
        randomness: &mut dyn FnMut() -> Randomness,
    ) -> Option<Event> {
        let words = payload.get("firmwareError")?.as_str().filter(|_| name == "PrintCancelling")?;
        if self.errors.were_just_told(at) {
            return None;
        }
        let payload = json!({"error": words, "reason": "firmware", "consequence": "cancel"});
        Some(self.make_error(at, words, payload, context, randomness))
    }

    fn make_error(
        &mut self,
        at: UnixMillis,
        words: &str,
        payload: Value,
        context: &Arc<Context>,
        randomness: &mut dyn FnMut() -> Randomness,
    ) -> Event {
        self.errors.make(at, words);
        self.omens.see(at, "Error", &payload);
        self.event(at, Topic::Error, payload, context, randomness)
    }
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn what_is_an_error_and_what_is_none() {
        for (line, words) in [
            ("Error:Heating failed, system stopped! Heater_ID: 0\r", "Heating failed, system stopped! Heater_ID: 0"),
            ("error: Probing failed ", "Probing failed"),
            ("!! Move out of range", "Move out of range"),
            ("Error:fatal: é", "fatal: é"),
        ] {
            assert_eq!(read(line).as_deref(), Some(words), "{line}");
        }
        for line in [
            "Error:Line Number is not Last Line Number+1, Last Line: 4",
            "Error:checksum mismatch, Last Line: 4",
            "Error:volume.init failed",
            "echo:Unknown command: \"M999\"",
            "Error:Unknown command: \"M999\"",
            "Error:",
            "!!",
            "errors: 3",
            "é",
            "ok T:20",
        ] {
            assert_eq!(read(line), None, "{line}");
        }
    }
}
