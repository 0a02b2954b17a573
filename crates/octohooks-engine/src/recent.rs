//! The latest events, as they were detected: what a condition can be tried on. In memory, and few.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use octohooks_core::event::Event;
use octohooks_core::hook::HookConfig;
use octohooks_core::hook::ready::{Hook, Subscription};
use octohooks_core::matching;
use octohooks_core::schedule::Class;
use octohooks_core::time::UnixMillis;
use serde::Serialize;

/// As many are kept; of those whose newest alone is worth anything, one of each name.
const KEPT: usize = 25;

/// The latest events.
#[derive(Debug, Default)]
pub(crate) struct Recent(Mutex<VecDeque<Arc<Event>>>);

/// What became of an event at a hook that is being edited.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Tried {
    /// OctoPrint's name of the event.
    pub event: String,
    /// What the page calls it.
    pub topic: String,
    /// When it happened.
    pub at: UnixMillis,
    /// Whether it never happened, and is an example.
    pub is_sample: bool,
    /// Whether it would be sent.
    pub sent: bool,
    /// Why not, a sentence; empty where it would be.
    pub why_not: String,
}

impl Recent {
    /// Keeps an event. One of which nothing was known says nothing about conditions.
    pub(crate) fn keep(&self, event: &Arc<Event>) {
        let class = Class::of(event);
        if class == Class::Telemetry || event.context.0.is_empty() {
            return;
        }
        let mut events = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if class.is_latest_wins() {
            events.retain(|known| known.name != event.name);
        }
        if events.len() == KEPT {
            events.pop_front();
        }
        events.push_back(Arc::clone(event));
    }

    /// The newest first.
    pub(crate) fn all(&self) -> Vec<Arc<Event>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).iter().rev().cloned().collect()
    }
}

/// Asks a hook about events, real ones and examples.
pub(crate) fn try_on(config: &HookConfig, real: &[Arc<Event>], samples: &[Arc<Event>]) -> Vec<Tried> {
    let hook = Hook::new(config);
    let ask = |event: &Arc<Event>, is_sample: bool| {
        let answer = matching::would_send(&hook, event);
        let topic = event.topic.map_or(Subscription::CustomEvent, Subscription::Topic).title();
        Tried {
            event: event.name.clone(),
            topic: topic.to_owned(),
            at: event.at,
            is_sample,
            sent: answer.is_ok(),
            why_not: answer.err().unwrap_or_default(),
        }
    };
    real.iter().map(|event| ask(event, false)).chain(samples.iter().map(|event| ask(event, true))).collect()
}
