//! Whether a hook wants an event: subscription, milestone, cooldown.
//!
//! Comes in: a hook, an event, and what this hook remembers. Goes out: a [`Match`], or the reason why not, or nothing
//! where the hook does not listen at all. Pure but for the memory, which belongs to the hook and outlives its edits.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use crate::event::Event;
use crate::hook::ready::{Hook, Subscription, event_key};
use crate::ids::{DeliveryId, HookId};
use crate::milestones::Passed;
use crate::parcel::Parcel;
use crate::time::UnixMillis;
use crate::topic::Topic;

/// A hook wants an event.
#[derive(Debug, Clone)]
pub struct Match {
    /// The hook.
    pub hook: HookId,
    /// The event.
    pub event: Arc<Event>,
    /// By which of its subscriptions.
    pub subscription: Subscription,
    /// The last progress milestone that this hook passed in this print; 0 before the first.
    pub milestone: u8,
}

impl Match {
    /// Makes it something to deliver.
    pub fn into_parcel(self, id: DeliveryId) -> Parcel {
        Parcel { id, matched: self, attempts: 0, late: None, repeats: 0 }
    }
}

/// What became of an event at one hook.
#[derive(Debug, Clone)]
pub enum Decision {
    /// The hook does not listen to it.
    NotSubscribed,
    /// It listens, but this one is not sent.
    Skip(Skip),
    /// It is sent.
    Send(Match),
}

/// Why an event that a hook listens to is not sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Skip {
    /// The same event was sent a short while ago.
    Cooldown {
        /// How long it still lasts.
        remaining: Duration,
    },
    /// The print was cancelled; that is told as such to hooks that ask for it.
    CancelledIsNotFailed,
}

impl std::fmt::Display for Skip {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Cooldown { remaining } => write!(
                formatter,
                "Not sent: the same event was sent a short while ago, and this hook's cooldown lasts another {} s.",
                remaining.as_secs_f64().ceil()
            ),
            Self::CancelledIsNotFailed => formatter
                .write_str("Not sent: the print was cancelled, not failed. Tick Print Cancelled to be told of that."),
        }
    }
}

/// What a hook remembers from one event to the next.
#[derive(Debug, Clone, Default)]
pub struct Memory {
    sent: HashMap<String, UnixMillis>,
    passed: Passed,
}

/// Decides on one event for one hook and remembers what has to be.
pub fn decide(hook: &Hook, event: &Arc<Event>, memory: &mut Memory) -> Decision {
    let listens = &hook.listens;
    if !hook.enabled || !listens.to_printer(&event.printer.id) {
        return Decision::NotSubscribed;
    }
    let Some(subscription) = listens.to(event.topic, &event.name) else { return Decision::NotSubscribed };
    if event.topic == Some(Topic::PrintProgress)
        && !listens.milestones.passes(&mut memory.passed, event.job, &event.context)
    {
        return Decision::NotSubscribed;
    }
    if !listens.to_payload(event.topic, &event.payload) && subscription != Subscription::CustomEvent {
        return Decision::NotSubscribed;
    }
    let told_as_failure = subscription == Subscription::Topic(Topic::PrintFailed) && event.is_failure_by_cancelling();
    let counts_as_failed = listens.cancelled_counts_as_failed && !listens.to_topic(Topic::PrintCancelled);
    if told_as_failure && !counts_as_failed {
        return Decision::Skip(Skip::CancelledIsNotFailed);
    }
    if let Some(remaining) = memory.cooldown_left(listens.cooldown, event) {
        return Decision::Skip(Skip::Cooldown { remaining });
    }
    Decision::Send(Match {
        hook: hook.id,
        event: Arc::clone(event),
        subscription,
        milestone: memory.passed.percent(event.job),
    })
}

impl Memory {
    /// What is left of the cooldown, counted from the last one that was sent. A clock that was set back ends it.
    fn cooldown_left(&mut self, cooldown: Duration, event: &Event) -> Option<Duration> {
        if cooldown.is_zero() {
            return None;
        }
        let key = event_key(&event.name);
        let since = self.sent.get(&key).filter(|sent| event.at >= **sent).map(|sent| event.at.since(*sent));
        if let Some(remaining) = since.and_then(|since| cooldown.checked_sub(since)).filter(|left| !left.is_zero()) {
            return Some(remaining);
        }
        self.sent.insert(key, event.at);
        None
    }
}
