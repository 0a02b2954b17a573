//! Observations in, events out: what a sight means. Pure and stateful; one detector per printer.
//!
//! It keeps one id through all events of a print, tells a waiting printer once and not once per line, a lost connection
//! apart from an asked-for one, and folds what OctoPrint says twice. It must never decide who wants an event.

mod attention;
mod course;
mod ending;
mod errors;
mod gcode;
mod heaters;
mod job;
#[cfg(test)]
mod tests;
mod watching;

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use self::attention::Attention;
pub use self::ending::SETTLING;
use self::ending::{Closing, Ending, Omens};
use self::errors::Errors;
use self::heaters::Heaters;
pub use self::job::Note;
use self::watching::{FileLayers, Lines, SaidLayer};
use crate::event::{Context, Event, Printer};
use crate::ids::{EventId, JobId, Randomness};
use crate::observation::{Observation, Sight};
use crate::terminal::Patterns;
use crate::time::UnixMillis;
use crate::topic::Topic;

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
    attention: Attention,
    heaters: Heaters,
    patterns: Arc<Patterns>,
    lines: Lines,
    layers: Option<FileLayers>,
    layers_asked_for: Option<JobId>,
    /// The layer that was seen last of this print.
    layer: Option<u32>,
    /// The layer that the printer says itself.
    said_layer: Option<SaidLayer>,
    /// How long the print still takes, as the printer says it.
    said_left: Option<Duration>,
    errors: Errors,
    connected: bool,
    disconnecting_since: Option<UnixMillis>,
    last_told: Option<(UnixMillis, String, Value)>,
    echoes: VecDeque<EventId>,
    /// The print under way, until its end is told.
    running: Option<Note>,
    /// The latest that was known of it.
    last_context: Option<Arc<Context>>,
    omens: Omens,
    ending: Option<Ending>,
    /// A print that was cancelled, while its `PrintFailed` is still to come.
    owed_failure: Option<(UnixMillis, Option<JobId>)>,
}

impl Detector {
    /// A detector for a printer that nothing is known of yet.
    pub fn new(printer: Arc<Printer>) -> Self {
        Self {
            printer,
            job: None,
            job_ended: true,
            ended_at: None,
            attention: Attention::default(),
            heaters: Heaters::default(),
            patterns: Arc::default(),
            lines: Lines::default(),
            layers: None,
            layers_asked_for: None,
            layer: None,
            said_layer: None,
            said_left: None,
            errors: Errors::default(),
            connected: true,
            disconnecting_since: None,
            last_told: None,
            echoes: VecDeque::new(),
            running: None,
            last_context: None,
            omens: Omens::default(),
            ending: None,
            owed_failure: None,
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

    /// The wall clock was set by so many milliseconds since the last sight: what is remembered moves along, so that a span
    /// stays as long as it was.
    pub fn clock_was_set(&mut self, by_millis: i64) {
        let running = self.running.iter_mut().flat_map(|note| [&mut note.started, &mut note.seen]);
        let moments = (self.attention.moments())
            .chain(self.heaters.moments())
            .chain(self.lines.moments())
            .chain(self.errors.moments())
            .chain(self.omens.moments())
            .chain(self.ending.iter_mut().map(Ending::since))
            .chain(self.ended_at.as_mut())
            .chain(self.disconnecting_since.as_mut())
            .chain(self.last_told.iter_mut().map(|(at, ..)| at))
            .chain(self.owed_failure.iter_mut().map(|(at, _)| at))
            .chain(running);
        for moment in moments {
            *moment = moment.on_clock_set_by(by_millis);
        }
    }

    /// What a sight means: none, one or several events, in order.
    pub fn observe(&mut self, seen: Observation, randomness: &mut dyn FnMut() -> Randomness) -> Vec<Event> {
        let Observation { at, sight, mut context } = seen;
        let says_place = matches!(&sight, Sight::SerialLine(line) if self.hear_place(line, &context));
        self.put_layer(&mut context);
        self.put_time_left(&mut context);
        let context = Arc::new(context);
        let mut events = Vec::new();
        if self.errors.are_overdue(at) {
            events.extend(self.settle_error(at, randomness));
        }
        if self.ending.as_ref().is_some_and(|ending| ending.is_overdue(at)) {
            events.extend(self.settle_end(at, randomness));
        }
        events.extend(match sight {
            Sight::BusEvent { name, payload } => self.bus_event(at, &name, &payload, &context, randomness),
            Sight::Progress => self.progress(at, &context, randomness),
            Sight::Temperatures => self.temperatures(at, &context, randomness),
            Sight::SerialLine(line) => self.serial_line(at, &line, says_place, &context, randomness),
            Sight::TerminalLine(line) => self.terminal_line(at, &line, &context, randomness),
            Sight::GcodeLine(line) => self.gcode_line(at, &line, &context, randomness).into_iter().collect(),
        });
        events
    }

    fn serial_line(
        &mut self,
        at: UnixMillis,
        line: &str,
        says_place: bool,
        context: &Arc<Context>,
        randomness: &mut dyn FnMut() -> Randomness,
    ) -> Vec<Event> {
        if let Some(words) = errors::read(line) {
            self.hear_error(at, words, context);
            return Vec::new();
        }
        let call = attention::read(line);
        let mut events = call.map_or_else(Vec::new, |call| self.hear(at, call, context, randomness));
        if says_place {
            events.extend(self.progress(at, context, randomness));
        }
        events
    }

    fn bus_event(
        &mut self,
        at: UnixMillis,
        name: &str,
        payload: &Value,
        context: &Arc<Context>,
        randomness: &mut dyn FnMut() -> Randomness,
    ) -> Vec<Event> {
        if self.is_echo(payload) || self.is_repeat(at, name, payload) {
            return Vec::new();
        }
        let late = self.late_failure(at, name, payload);
        let mut events = Vec::new();
        if name == "PrintStarted" {
            events.extend(self.nobody_wanted(at, context, randomness));
            events.extend(self.close(at, payload, context, randomness));
        }
        if late.is_none() {
            self.before(at, name, payload, context, randomness);
        }
        let closing = self.closing(at, name);
        let topic = Topic::ALL.into_iter().find(|topic| topic.event_name() == name);
        events.push(Event {
            id: EventId::new(at, &randomness()),
            at,
            printer: Arc::clone(&self.printer),
            name: name.to_owned(),
            topic,
            payload: payload.clone(),
            context: Arc::clone(context),
            job: late.as_ref().map_or_else(|| self.job_of(at, name), |late| late.job),
        });
        if late.is_some() {
            return events;
        }
        events.extend(self.error_behind(at, name, payload, context, randomness));
        if closing == Some(Closing::ByItself) {
            events.push(self.event(at, Topic::ConnectionLost, payload.clone(), context, randomness));
        }
        self.note_end(at, name, payload, closing, context);
        if let Some(call) = attention::of_event(name, payload, context) {
            events.extend(self.hear(at, call, context, randomness));
        }
        let was_running = !self.job_ended;
        self.after(at, name, closing);
        if was_running && self.job_ended {
            events.extend(self.nobody_wanted(at, context, randomness));
        }
        if self.ending.as_ref().is_some_and(|ending| ending.is_clear(at, &self.omens)) {
            events.extend(self.settle_end(at, randomness));
        }
        events
    }

    /// State that has to be right before the event is made.
    fn before(
        &mut self,
        at: UnixMillis,
        name: &str,
        payload: &Value,
        context: &Context,
        randomness: &mut dyn FnMut() -> Randomness,
    ) {
        match name {
            "PrintStarted" => {
                self.begin_job(at, payload, context, randomness);
                if let Some(running) = &mut self.running {
                    running.from_start = true;
                }
                self.layer = Some(0);
            }
            "Error" => self.errors.tell(at),
            _ => {}
        }
        if WITHIN_A_PRINT.contains(&name) && !self.is_just_over(at) {
            self.ensure_job(at, context, randomness);
        }
    }

    /// State that the event itself still belongs to.
    fn after(&mut self, at: UnixMillis, name: &str, closing: Option<Closing>) {
        if matches!(name, "PrintDone" | "PrintFailed" | "PrintCancelled") || closing == Some(Closing::ByItself) {
            self.end_job(at);
        }
    }

    /// Whether a connection closes with this, and why: one that closes without anybody having asked for it, and without an
    /// error that says why, is lost.
    fn closing(&mut self, at: UnixMillis, name: &str) -> Option<Closing> {
        match name {
            "Connected" => {
                self.connected = true;
                self.disconnecting_since = None;
                self.errors.forget();
            }
            "Disconnecting" => self.disconnecting_since = Some(at),
            "Disconnected" => {
                let is_recent = |moment: UnixMillis| at.0 >= moment.0 && at.since(moment) < LONGEST_DISCONNECTING;
                let asked_for = self.disconnecting_since.is_some_and(is_recent);
                let lost = self.connected && !asked_for && !self.errors.were_just_told(at);
                self.connected = false;
                self.disconnecting_since = None;
                return Some(if lost { Closing::ByItself } else { Closing::AskedFor });
            }
            _ => {}
        }
        None
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
        if name == "Error" && self.errors.take_made(at, payload) {
            return true;
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
