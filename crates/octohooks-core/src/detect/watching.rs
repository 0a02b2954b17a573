//! What the detector makes of what it is asked to watch: progress and layers, temperatures, lines, a printer that waits.
//!
//! It must never decide who wants an event: rules and patterns of all hooks are watched together, and each event says which one
//! it comes from.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use super::Detector;
use super::attention::{Call, News};
use crate::event::{Context, Event};
use crate::heat::Rule;
use crate::ids::Randomness;
use crate::layers::{self, Layers, Place};
use crate::remaining;
use crate::terminal::Patterns;
use crate::time::UnixMillis;
use crate::topic::Topic;

/// A pattern is told no more often than this.
const BETWEEN_LINES: Duration = Duration::from_secs(1);

/// The same line again within this time is the same news.
const SAME_LINE: Duration = Duration::from_secs(10);

/// The layers of a file, and which file that is.
#[derive(Debug)]
pub(super) struct FileLayers {
    origin: String,
    path: String,
    layers: Layers,
}

/// The layer that the printer says itself.
#[derive(Debug, Clone, Copy)]
pub(super) struct SaidLayer {
    number: u32,
    total: Option<u32>,
    /// Whether it counts from 0.
    is_from_zero: bool,
}

/// Whether a file is printed that does not lie where OctoPrint can read it.
fn prints_from_card(context: &Context) -> bool {
    context.has_job() && context.job_file().is_some_and(|(origin, _)| origin != "local")
}

/// When each pattern was told last, and what.
#[derive(Debug, Default)]
pub(super) struct Lines(HashMap<String, (UnixMillis, String)>);

impl Lines {
    /// The moments that are remembered.
    pub(super) fn moments(&mut self) -> impl Iterator<Item = &mut UnixMillis> {
        self.0.values_mut().map(|(at, _)| at)
    }
}

impl Detector {
    /// Watches for these from now on: the rules and patterns of all hooks.
    pub fn watch(&mut self, rules: Vec<Rule>, patterns: Arc<Patterns>) {
        self.heaters.watch(rules);
        self.patterns = patterns;
        self.lines = Lines::default();
    }

    /// The layers of a file have been found out.
    pub fn know_layers(&mut self, origin: String, path: String, layers: Layers) {
        self.layers = Some(FileLayers { origin, path, layers });
    }

    /// Whether the layers of the printed file are still to be found out: yes once per print, since the file may have changed.
    pub fn asks_for_layers(&mut self) -> bool {
        let job = self.running.as_ref().map(|note| note.job);
        let asks = job.is_some() && job != self.layers_asked_for;
        if asks {
            self.layers_asked_for = job;
        }
        asks
    }

    /// Says in the context which layer is printed, where that is known.
    pub(super) fn put_layer(&self, context: &mut Context) {
        if let Some(layer) = self.layer_of_file(context).or_else(|| self.layer_said(context)) {
            context.0.insert("layer".to_owned(), layer);
        }
    }

    fn layer_of_file(&self, context: &Context) -> Option<Value> {
        let known = self.layers.as_ref()?;
        if context.job_file() != Some((known.origin.as_str(), known.path.as_str())) {
            return None;
        }
        let place = context.get("progress")?.get("filepos")?.as_u64()?;
        known.layers.at(place).map(Place::as_json)
    }

    fn layer_said(&self, context: &Context) -> Option<Value> {
        let said = self.said_layer.filter(|_| prints_from_card(context))?;
        Some(json!({"number": said.number, "total": said.total, "height": null}))
    }

    /// Says in the context how long a print from the card still takes, where the printer says so: OctoPrint can only guess.
    pub(super) fn put_time_left(&self, context: &mut Context) {
        let Some(left) = self.said_left.filter(|_| prints_from_card(context)) else { return };
        // With the last line read, the printer still has some to do; when all is done, OctoPrint says 0.
        let is_all_read = context.completion().is_some_and(|percent| percent >= 100);
        let is_done = |progress: &Value| is_all_read && progress["printTimeLeft"] == 0;
        if let Some(Value::Object(progress)) = context.0.get_mut("progress").filter(|progress| !is_done(progress)) {
            progress.insert("printTimeLeft".to_owned(), left.as_secs().into());
            progress.insert("printTimeLeftOrigin".to_owned(), "printer".into());
        }
    }

    /// A print from the printer's card runs past OctoPrint: at which layer it is, and how long it still takes, is what the
    /// printer says, if it does. Whether this line says so.
    pub(super) fn hear_place(&mut self, line: &str, context: &Context) -> bool {
        if !prints_from_card(context) {
            return false;
        }
        let left = remaining::time_left(line);
        self.said_left = left.or(self.said_left);
        self.hear_layer(line) || left.is_some()
    }

    fn hear_layer(&mut self, line: &str) -> bool {
        let of_m73 = || remaining::layer(line).map(|number| layers::Said { number, total: None });
        let Some(said) = layers::said(line).or_else(of_m73) else { return false };
        let is_from_zero = said.number == 0 || self.said_layer.is_some_and(|before| before.is_from_zero);
        let number = said.number + u32::from(is_from_zero);
        let number = said.total.map_or(number, |total| number.min(total.max(1)));
        self.said_layer = Some(SaidLayer { number, total: said.total, is_from_zero });
        true
    }

    pub(super) fn progress(
        &mut self,
        at: UnixMillis,
        context: &Arc<Context>,
        randomness: &mut dyn FnMut() -> Randomness,
    ) -> Vec<Event> {
        if !context.has_job() || self.is_just_over(at) {
            return Vec::new();
        }
        self.ensure_job(at, context, randomness);
        if let Some(running) = &mut self.running {
            running.see(at, None, context);
            self.last_context = Some(Arc::clone(context));
        }
        let mut events = Vec::new();
        if !context.flag("paused")
            && !context.flag("pausing")
            && let Some(News::Over(payload)) = self.attention.goes_on(at, context.completion())
        {
            events.push(self.event(at, Topic::UserActionOver, payload, context, randomness));
        }
        let layer = context.get("layer").and_then(|layer| layer.get("number")?.as_u64());
        if let Some(layer) = layer.map(|layer| u32::try_from(layer).unwrap_or(u32::MAX)) {
            // A print that was not seen from its start on may be anywhere.
            if layer > 1 && self.layer.is_some_and(|before| before <= 1) {
                let payload = context.get("layer").cloned().unwrap_or_default();
                events.push(self.event(at, Topic::FirstLayerDone, payload, context, randomness));
            }
            self.layer = Some(layer.max(self.layer.unwrap_or_default()));
        }
        let payload = context.get("progress").cloned().unwrap_or(Value::Null);
        events.push(self.event(at, Topic::PrintProgress, payload, context, randomness));
        events
    }

    pub(super) fn temperatures(
        &mut self,
        at: UnixMillis,
        context: &Arc<Context>,
        randomness: &mut dyn FnMut() -> Randomness,
    ) -> Vec<Event> {
        let told = self.heaters.read(at, context);
        told.into_iter().map(|payload| self.event(at, Topic::Temperature, payload, context, randomness)).collect()
    }

    pub(super) fn terminal_line(
        &mut self,
        at: UnixMillis,
        line: &str,
        context: &Arc<Context>,
        randomness: &mut dyn FnMut() -> Randomness,
    ) -> Vec<Event> {
        let found = self.patterns.find(line);
        let told = found.into_iter().filter(|found| {
            let before = self.lines.0.get(&found.pattern);
            let is_old = before.is_some_and(|(last, line)| {
                let since = at.since(*last);
                at.0 >= last.0 && since < if *line == found.line { SAME_LINE } else { BETWEEN_LINES }
            });
            if !is_old {
                self.lines.0.insert(found.pattern.clone(), (at, found.line.clone()));
            }
            !is_old
        });
        let payloads: Vec<Value> = told
            .map(|found| {
                json!({"pattern": found.pattern, "line": found.line, "groups": found.groups, "text": found.line})
            })
            .collect();
        payloads.into_iter().map(|payload| self.event(at, Topic::TerminalLine, payload, context, randomness)).collect()
    }

    /// With the print, what it wanted somebody for is over.
    pub(super) fn nobody_wanted(
        &mut self,
        at: UnixMillis,
        context: &Arc<Context>,
        randomness: &mut dyn FnMut() -> Randomness,
    ) -> Option<Event> {
        match self.attention.end(at) {
            Some(News::Over(payload)) => Some(self.event(at, Topic::UserActionOver, payload, context, randomness)),
            _ => None,
        }
    }

    /// Somebody is wanted, or is not any more.
    pub(super) fn hear(
        &mut self,
        at: UnixMillis,
        call: Call,
        context: &Arc<Context>,
        randomness: &mut dyn FnMut() -> Randomness,
    ) -> Vec<Event> {
        let progress = self.running.as_ref().map(|note| note.progress);
        let news = self.attention.hear(at, call, progress);
        if !news.is_empty() && !self.is_just_over(at) {
            self.ensure_job(at, context, randomness);
        }
        news.into_iter()
            .map(|news| {
                let (topic, payload) = match news {
                    News::Wanted(payload) => (Topic::UserActionNeeded, payload),
                    News::Over(payload) => (Topic::UserActionOver, payload),
                    News::Says(text) => (Topic::DisplayMessage, json!({"command": "notification", "text": text})),
                };
                self.event(at, topic, payload, context, randomness)
            })
            .collect()
    }
}
