//! Observations in, events out: what a sight means. Pure and stateful; one detector per printer.
//!
//! It keeps one id through all events of a print, tells a waiting printer once and not once per line, a lost connection
//! apart from an asked-for one, and folds what OctoPrint says twice. It must never decide who wants an event.

mod gcode;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value};

use crate::event::{Context, Event, Printer};
use crate::ids::{EventId, JobId, Randomness};
use crate::observation::{Observation, Sight};
use crate::time::UnixMillis;
use crate::topic::Topic;

/// A printer that waits says so every few seconds; after this long without a word, the next word is a new occurrence.
const WAITING_QUIET: Duration = Duration::from_secs(30);

/// OctoPrint tells some things twice within this time; the second one is folded into the first.
const REPEAT_WINDOW: Duration = Duration::from_secs(1);

/// A connection that closes this soon after a reported error is that error, not a lost connection.
const ERROR_EXPLAINS_CLOSING: Duration = Duration::from_secs(10);

/// News of progress come by another way than events and may be late: for so long after the end of a print they are taken
/// as belonging to it.
const LATE_PROGRESS: Duration = Duration::from_secs(10);

/// Events that belong to a print under way, whether its start was seen or not.
const WITHIN_A_PRINT: [&str; 5] = ["PrintPaused", "PrintResumed", "PrintDone", "PrintCancelling", "PrintCancelled"];

/// Events that may tell the end of a print, in any order.
const TELL_AN_END: [&str; 4] = ["PrintDone", "PrintFailed", "PrintCancelled", "Error"];

/// A connection that somebody asked to close is closed by then.
const LONGEST_DISCONNECTING: Duration = Duration::from_mins(1);

/// Events that OctoPrint is known to tell twice.
const TOLD_TWICE: [&str; 2] = ["Error", "FileSelected"];

/// A hook may ask for one @-command alone, as a custom event: `@webhook NAME` is `webhook_NAME`.
const COMMAND_PREFIX: &str = "webhook_";

/// How many own events can be on their way over the bus before the oldest is forgotten.
const ECHOES: usize = 64;

/// The key that an own event carries on the bus, to be known again when it comes back.
pub const ECHO_KEY: &str = "eventId";

/// Keeps what has to be remembered of one printer between observations.
#[derive(Debug)]
pub struct Detector {
    printer: Arc<Printer>,
    job: Option<JobId>,
    job_ended: bool,
    ended_at: Option<UnixMillis>,
    waiting_since: Option<UnixMillis>,
    last_error: Option<UnixMillis>,
    connected: bool,
    disconnecting_since: Option<UnixMillis>,
    last_told: Option<(UnixMillis, String, Value)>,
    echoes: VecDeque<EventId>,
}

impl Detector {
    /// A detector for a printer that nothing is known of yet.
    pub fn new(printer: Arc<Printer>) -> Self {
        Self {
            printer,
            job: None,
            job_ended: true,
            ended_at: None,
            waiting_since: None,
            last_error: None,
            connected: true,
            disconnecting_since: None,
            last_told: None,
            echoes: VecDeque::new(),
        }
    }

    /// The printer has a new name or look.
    pub fn describe(&mut self, printer: Arc<Printer>) {
        self.printer = printer;
    }

    /// Remembers an own event that is about to be fired on the bus, so that its echo is not taken for another one.
    pub fn expect_echo(&mut self, id: EventId) {
        if self.echoes.len() == ECHOES {
            self.echoes.pop_front();
        }
        self.echoes.push_back(id);
    }

    /// An event that was not seen but made here, such as news of a webhook. It belongs to no print.
    pub fn own(
        &self,
        at: UnixMillis,
        topic: Topic,
        payload: Value,
        randomness: &mut dyn FnMut() -> Randomness,
    ) -> Event {
        Event { job: None, ..self.event(at, topic, payload, &Arc::default(), randomness) }
    }

    /// What a sight means: none, one or several events, in order.
    pub fn observe(&mut self, seen: Observation, randomness: &mut dyn FnMut() -> Randomness) -> Vec<Event> {
        let Observation { at, sight, context } = seen;
        let context = Arc::new(context);
        match sight {
            Sight::BusEvent { name, payload } => self.bus_event(at, &name, payload, &context, randomness),
            Sight::Progress => {
                if !context.has_job() || self.is_just_over(at) {
                    return Vec::new();
                }
                self.ensure_job(at, &context, randomness);
                let payload = context.get("progress").cloned().unwrap_or(Value::Null);
                vec![self.event(at, Topic::PrintProgress, payload, &context, randomness)]
            }
            Sight::SerialLine(line) => self.serial_line(at, &line, &context, randomness),
            Sight::GcodeLine(line) => self.gcode_line(at, &line, &context, randomness).into_iter().collect(),
        }
    }

    fn bus_event(
        &mut self,
        at: UnixMillis,
        name: &str,
        payload: Value,
        context: &Arc<Context>,
        randomness: &mut dyn FnMut() -> Randomness,
    ) -> Vec<Event> {
        if self.is_echo(&payload) || self.is_repeat(at, name, &payload) {
            return Vec::new();
        }
        self.before(at, name, context, randomness);
        let lost = self.lost_connection(at, name);
        let topic = Topic::ALL.into_iter().find(|topic| topic.event_name() == name);
        let mut events = vec![Event {
            id: EventId::new(at, &randomness()),
            at,
            printer: Arc::clone(&self.printer),
            name: name.to_owned(),
            topic,
            payload: payload.clone(),
            context: Arc::clone(context),
            job: self.job_of(at, name),
        }];
        if lost {
            events.push(self.event(at, Topic::ConnectionLost, payload, context, randomness));
            self.end_job(at);
        }
        self.after(at, name);
        events
    }

    /// State that has to be right before the event is made.
    fn before(&mut self, at: UnixMillis, name: &str, context: &Context, randomness: &mut dyn FnMut() -> Randomness) {
        match name {
            "PrintStarted" => {
                self.job = Some(JobId::new(at, &randomness()));
                self.job_ended = false;
                self.waiting_since = None;
            }
            "PrintResumed" => self.waiting_since = None,
            "Error" => self.last_error = Some(at),
            _ => {}
        }
        if WITHIN_A_PRINT.contains(&name) && !self.is_just_over(at) {
            self.ensure_job(at, context, randomness);
        }
    }

    /// State that the event itself still belongs to.
    fn after(&mut self, at: UnixMillis, name: &str) {
        if matches!(name, "PrintDone" | "PrintFailed" | "PrintCancelled") {
            self.end_job(at);
        }
    }

    fn end_job(&mut self, at: UnixMillis) {
        self.job_ended = true;
        self.ended_at = Some(at);
        self.waiting_since = None;
    }

    /// A print that was under way before this detector was made gets its id with the first word of it.
    fn ensure_job(&mut self, at: UnixMillis, context: &Context, randomness: &mut dyn FnMut() -> Randomness) {
        if self.job_ended && context.has_job() {
            self.job = Some(JobId::new(at, &randomness()));
            self.job_ended = false;
        }
    }

    /// Whether a print ended so shortly ago that something late may still be said of it.
    fn is_just_over(&self, at: UnixMillis) -> bool {
        self.job_ended && self.ended_at.is_some_and(|ended| at.0 >= ended.0 && at.since(ended) < LATE_PROGRESS)
    }

    /// The print that an event belongs to. Its end is told by up to four events, of which only one is the first.
    fn job_of(&self, at: UnixMillis, name: &str) -> Option<JobId> {
        let tells_an_end = || TELL_AN_END.contains(&name) || name == Topic::ConnectionLost.event_name();
        self.job.filter(|_| !self.job_ended || (self.is_just_over(at) && tells_an_end()))
    }

    /// A connection that closes without anybody having asked for it, and without an error that says why, is lost.
    fn lost_connection(&mut self, at: UnixMillis, name: &str) -> bool {
        match name {
            "Connected" => {
                self.connected = true;
                self.disconnecting_since = None;
                // What went wrong before explains nothing of this connection.
                self.last_error = None;
            }
            "Disconnecting" => self.disconnecting_since = Some(at),
            "Disconnected" => {
                let recently = |moment: Option<UnixMillis>, span| {
                    moment.is_some_and(|moment: UnixMillis| at.0 >= moment.0 && at.since(moment) < span)
                };
                let asked_for = recently(self.disconnecting_since, LONGEST_DISCONNECTING);
                let explained = recently(self.last_error, ERROR_EXPLAINS_CLOSING);
                let lost = self.connected && !asked_for && !explained;
                self.connected = false;
                self.disconnecting_since = None;
                return lost;
            }
            _ => {}
        }
        false
    }

    fn serial_line(
        &mut self,
        at: UnixMillis,
        line: &str,
        context: &Arc<Context>,
        randomness: &mut dyn FnMut() -> Randomness,
    ) -> Vec<Event> {
        if !is_waiting_for_user(line) {
            return Vec::new();
        }
        let told = self.waiting_since.is_some_and(|last| at.0 >= last.0 && at.since(last) < WAITING_QUIET);
        self.waiting_since = Some(at);
        if told {
            return Vec::new();
        }
        if !self.is_just_over(at) {
            self.ensure_job(at, context, randomness);
        }
        let mut payload = Map::new();
        payload.insert("line".to_owned(), Value::String(line.trim().chars().take(200).collect()));
        vec![self.event(at, Topic::UserActionNeeded, Value::Object(payload), context, randomness)]
    }

    fn gcode_line(
        &mut self,
        at: UnixMillis,
        line: &str,
        context: &Arc<Context>,
        randomness: &mut dyn FnMut() -> Randomness,
    ) -> Option<Event> {
        let said = gcode::read(line)?;
        if !self.is_just_over(at) {
            self.ensure_job(at, context, randomness);
        }
        Some(match said {
            gcode::Said::Message(payload) => self.event(at, Topic::DisplayMessage, payload, context, randomness),
            gcode::Said::Command { name, payload } => {
                let event = self.event(at, Topic::WebhookCommand, payload, context, randomness);
                Event { name: format!("{COMMAND_PREFIX}{name}"), ..event }
            }
        })
    }

    fn event(
        &self,
        at: UnixMillis,
        topic: Topic,
        payload: Value,
        context: &Arc<Context>,
        randomness: &mut dyn FnMut() -> Randomness,
    ) -> Event {
        Event {
            id: EventId::new(at, &randomness()),
            at,
            printer: Arc::clone(&self.printer),
            name: topic.event_name().to_owned(),
            topic: Some(topic),
            payload,
            context: Arc::clone(context),
            job: self.job_of(at, topic.event_name()),
        }
    }

    fn is_echo(&mut self, payload: &Value) -> bool {
        let Some(id) = payload.get(ECHO_KEY).and_then(Value::as_str).and_then(|text| EventId::parse(text).ok()) else {
            return false;
        };
        let found = self.echoes.iter().position(|echo| *echo == id);
        found.and_then(|index| self.echoes.remove(index)).is_some()
    }

    fn is_repeat(&mut self, at: UnixMillis, name: &str, payload: &Value) -> bool {
        if !TOLD_TWICE.contains(&name) {
            return false;
        }
        let repeated = self.last_told.as_ref().is_some_and(|(last, last_name, last_payload)| {
            at.0 >= last.0 && at.since(*last) < REPEAT_WINDOW && last_name == name && last_payload == payload
        });
        self.last_told = Some((at, name.to_owned(), payload.clone()));
        repeated
    }
}

/// Whether a line from the printer says that it waits for a person: Marlin's `echo:busy: paused for user` and what
/// other firmwares make of it (without the second colon, without `echo:`, in other case).
pub fn is_waiting_for_user(line: &str) -> bool {
    let line = line.trim().to_ascii_lowercase();
    let line = line.strip_prefix("echo:").unwrap_or(&line).trim_start();
    line.strip_prefix("busy").is_some_and(|rest| rest.trim_start_matches([':', ' ']).starts_with("paused for user"))
}
