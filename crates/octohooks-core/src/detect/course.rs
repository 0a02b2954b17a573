//! The course of one print as the detector follows it: its id, its end, and what is late of it.
//!
//! It keeps one id through all events of a print, and makes one [`Topic::PrintEnded`] of the several events, or none, by which
//! OctoPrint tells an end. It must never decide who wants an event.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use super::ending::{self, Closing, Ending, Omens};
use super::job::Note;
use super::{Detector, LATE_PROGRESS, TELL_AN_END};
use crate::event::{Context, Event};
use crate::ids::{JobId, Randomness};
use crate::time::UnixMillis;
use crate::topic::Topic;

/// Progress of a print may be seen so long before its start is.
const EARLY_PROGRESS: Duration = Duration::from_secs(10);

/// Something late, and the print that it belongs to.
pub(super) struct Late {
    pub(super) job: Option<JobId>,
}

impl Detector {
    /// The print under way, to be noted down.
    pub const fn note(&self) -> Option<&Note> {
        self.running.as_ref()
    }

    /// A print was under way when the detector before this one ended. It goes on under its own id where the printer still
    /// prints that file; else it was interrupted: that is told.
    pub fn recall(
        &mut self,
        at: UnixMillis,
        note: Note,
        same_boot: bool,
        context: Context,
        randomness: &mut dyn FnMut() -> Randomness,
    ) -> Vec<Event> {
        if note.goes_on(&context) {
            (self.job, self.job_ended) = (Some(note.job), false);
            self.running = Some(note);
            return Vec::new();
        }
        let payload = ending::interrupted(&note, same_boot);
        let context = Arc::new(context);
        [Topic::PrintInterrupted, Topic::PrintEnded]
            .map(|topic| Event { job: Some(note.job), ..self.event(at, topic, payload.clone(), &context, randomness) })
            .into()
    }

    /// Whether a print has ended, or the firmware said an error, and it is waited for what else is told of it: at most for
    /// [`SETTLING`](super::SETTLING).
    pub const fn is_settling(&self) -> bool {
        self.ending.is_some() || self.errors.are_awaited()
    }

    /// Nothing more is waited for: tells what was not told yet.
    pub fn settle(&mut self, at: UnixMillis, randomness: &mut dyn FnMut() -> Randomness) -> Vec<Event> {
        let error = self.settle_error(at, randomness);
        error.into_iter().chain(self.settle_end(at, randomness)).collect()
    }

    /// Tells how the print ended, if one did.
    pub(super) fn settle_end(&mut self, at: UnixMillis, randomness: &mut dyn FnMut() -> Randomness) -> Option<Event> {
        let ending = self.ending.take()?;
        let note = self.running.take()?;
        let (context, payload) = ending.tell(&note, &self.omens);
        // With a connection that closes, OctoPrint forgets the job before it says how that ended.
        let context = match self.last_context.take() {
            Some(last) if context.job_file().is_none() => last,
            _ => context,
        };
        self.omens = Omens::default();
        if !self.job_ended {
            self.end_job(at);
        }
        Some(Event { job: Some(note.job), ..self.event(at, Topic::PrintEnded, payload, &context, randomness) })
    }

    /// A print that begins ends the one before it, whatever was seen of that.
    pub(super) fn close(
        &mut self,
        at: UnixMillis,
        payload: &Value,
        context: &Arc<Context>,
        randomness: &mut dyn FnMut() -> Randomness,
    ) -> Option<Event> {
        if let Some(event) = self.settle_end(at, randomness) {
            return Some(event);
        }
        // Its progress was seen before its start was.
        let is_the_same =
            |note: &Note| !note.from_start && note.is_of(payload) && at.since(note.started) < EARLY_PROGRESS;
        if self.running.as_ref().is_some_and(is_the_same) {
            return None;
        }
        let note = self.running.take()?;
        let payload = ending::restarted(at, &note);
        Some(Event { job: Some(note.job), ..self.event(at, Topic::PrintEnded, payload, context, randomness) })
    }

    /// OctoPrint tells a cancelled print as failed as well, from another thread: that may come when the next print has begun.
    /// Gives the print that it belongs to.
    pub(super) fn late_failure(&mut self, at: UnixMillis, name: &str, payload: &Value) -> Option<Late> {
        if name == "PrintCancelled" && !self.ending.as_ref().is_some_and(Ending::has_failed) {
            self.owed_failure = Some((at, self.job));
            return None;
        }
        let is_it = name == "PrintFailed" && payload.get("reason").and_then(Value::as_str) == Some("cancelled");
        let (since, job) = self.owed_failure.filter(|_| is_it)?;
        self.owed_failure = None;
        (at.0 >= since.0 && at.since(since) < LATE_PROGRESS && job != self.job).then_some(Late { job })
    }

    /// Remembers what tells, or may explain, how the print ends.
    pub(super) fn note_end(
        &mut self,
        at: UnixMillis,
        name: &str,
        payload: &Value,
        closing: Option<Closing>,
        context: &Arc<Context>,
    ) {
        self.omens.see(at, name, payload);
        let Some(running) = &mut self.running else { return };
        running.see(at, Some(name), context);
        if context.job_file().is_some() {
            self.last_context = Some(Arc::clone(context));
        }
        let ends = matches!(name, "PrintDone" | "PrintFailed" | "PrintCancelled") || closing.is_some();
        if ends {
            let ending = self.ending.get_or_insert_with(|| Ending::new(at, Arc::clone(context)));
            ending.see(name, payload, closing);
        }
    }

    pub(super) fn begin_job(
        &mut self,
        at: UnixMillis,
        payload: &Value,
        context: &Context,
        randomness: &mut dyn FnMut() -> Randomness,
    ) {
        // A print whose progress was seen before its start keeps its name, unless that was what was left of another one.
        let goes_on = |note: &Note| context.completion().is_none_or(|progress| progress >= note.progress);
        let earlier = self.running.take().filter(goes_on).map(|note| note.job);
        let job = earlier.unwrap_or_else(|| JobId::new(at, &randomness()));
        (self.job, self.job_ended) = (Some(job), false);
        (self.said_layer, self.said_left) = (None, None);
        self.running = Some(Note::new(job, at, payload, context));
    }

    /// A print that was under way before this detector was made gets its id with the first word of it.
    pub(super) fn ensure_job(&mut self, at: UnixMillis, context: &Context, randomness: &mut dyn FnMut() -> Randomness) {
        if self.job_ended && context.has_job() {
            // What the printer says of its place may be the first word of all.
            let said = (self.said_layer, self.said_left);
            self.begin_job(at, &Value::Null, context, randomness);
            (self.said_layer, self.said_left) = said;
        }
    }

    pub(super) fn end_job(&mut self, at: UnixMillis) {
        self.job_ended = true;
        self.ended_at = Some(at);
        self.layer = None;
        (self.said_layer, self.said_left) = (None, None);
    }

    /// Whether a print ended so shortly ago that something late may still be said of it.
    pub(super) fn is_just_over(&self, at: UnixMillis) -> bool {
        self.job_ended && self.ended_at.is_some_and(|ended| at.0 >= ended.0 && at.since(ended) < LATE_PROGRESS)
    }

    /// The print that an event belongs to. Its end is told by up to four events, of which only one is the first.
    pub(super) fn job_of(&self, at: UnixMillis, name: &str) -> Option<JobId> {
        let tells_an_end = || TELL_AN_END.contains(&name) || name == Topic::ConnectionLost.event_name();
        self.job.filter(|_| !self.job_ended || (self.is_just_over(at) && tells_an_end()))
    }
}
