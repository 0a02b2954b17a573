//! Whether a hook wants an event: subscription, milestone, condition, cooldown.
//!
//! Comes in: a hook, an event, and what this hook remembers. Goes out: a [`Match`], or the reason why not, or nothing
//! where the hook does not listen at all. Pure but for the memory, which belongs to the hook and outlives its edits.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use crate::daytime::Clock;
use crate::event::Event;
use crate::hook::ready::{Hook, Subscription, event_key};
use crate::ids::{DeliveryId, HookId};
use crate::milestones::Passed;
use crate::parcel::Parcel;
use crate::quiet::Verdict;
use crate::schedule::Class;
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
        Parcel {
            id,
            matched: self,
            attempts: 0,
            late: None,
            repeats: 0,
            silent: false,
            message: None,
            digest: Vec::new(),
        }
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
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Skip {
    /// The same event was sent a short while ago.
    Cooldown {
        /// How long it still lasts.
        remaining: Duration,
    },
    /// The print was cancelled; that is told as such to hooks that ask for it.
    CancelledIsNotFailed,
    /// The hook keeps still.
    QuietHours {
        /// Until then, by the clock at the printer.
        until: Clock,
    },
    /// A condition of the hook does not hold.
    Condition {
        /// What was compared, a part of a sentence.
        because: String,
    },
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
            Self::QuietHours { until } => write!(formatter, "Not sent: quiet hours until {until}."),
            Self::Condition { because } => write!(formatter, "Not sent: {because}."),
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
    if let Err(because) = listens.condition_holds(event, subscription, memory.passed.percent(event.job)) {
        return Decision::Skip(Skip::Condition { because });
    }
    if let Some(quiet) = &hook.quiet
        && quiet.verdict(Class::of(event), event.at, event.context.utc_offset()) == Verdict::Drop
    {
        return Decision::Skip(Skip::QuietHours { until: quiet.until() });
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

/// Whether a hook would send an event that it hears of, whatever it remembers of others: for trying conditions.
///
/// # Errors
/// Why not, a sentence.
pub fn would_send(hook: &Hook, event: &Event) -> Result<(), String> {
    let listens = &hook.listens;
    let found = listens.to(event.topic, &event.name).filter(|_| listens.to_printer(&event.printer.id));
    let Some(subscription) = found else { return Err("This webhook does not listen to it.".to_owned()) };
    let milestone = if event.topic == Some(Topic::PrintProgress) { event.context.completion().unwrap_or(0) } else { 0 };
    let because = listens.condition_holds(event, subscription, milestone).err();
    because.map_or(Ok(()), |because| Err(Skip::Condition { because }.to_string()))
}

impl Memory {
    /// The wall clock was set by so many milliseconds: a cooldown takes as long as it did before.
    pub fn clock_was_set(&mut self, by_millis: i64) {
        for sent in self.sent.values_mut() {
            *sent = sent.on_clock_set_by(by_millis);
        }
    }

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
