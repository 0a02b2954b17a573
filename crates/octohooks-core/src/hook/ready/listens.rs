//! What a hook listens to: which events it wants, by which subscription, and under which conditions.

use std::collections::HashMap;
use std::time::Duration;

use crate::condition::{Asked, Condition, ConditionConfig};
use crate::event::Event;
use crate::heat;
use crate::hook::HookConfig;
use crate::milestones::Milestones;
use crate::template::Template;
use crate::terminal;
use crate::topic::Topic;

/// Progress is told at multiples of this many percent at least; see [`HookConfig::progress_interval_percent`].
pub const PROGRESS_INTERVAL: std::ops::RangeInclusive<u8> = 1..=99;

/// What a hook listens to.
#[derive(Debug)]
pub struct Listens {
    printers: Vec<String>,
    topics: HashMap<Topic, Template>,
    custom_events: HashMap<String, Template>,
    /// Where progress is told; not by percent where the hook's own number makes no sense.
    pub milestones: Milestones,
    /// What is told of temperatures.
    pub temperature_rules: Vec<heat::Rule>,
    /// Which lines of the terminal are told.
    pub terminal_patterns: Vec<String>,
    device_identifier: String,
    condition: Option<Condition>,
    topic_conditions: HashMap<Topic, Condition>,
    custom_conditions: HashMap<String, Condition>,
    /// The same event is skipped for this long after it was sent.
    pub cooldown: Duration,
    /// Whether a cancelled print is told as failed where cancelled is not asked for.
    pub cancelled_counts_as_failed: bool,
}

/// By which of its subscriptions a hook wants an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Subscription {
    /// By a tick box of its own.
    Topic(Topic),
    /// By the event's name.
    CustomEvent,
}

impl Subscription {
    /// The value of `@topic`.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Topic(topic) => topic.title(),
            Self::CustomEvent => "Custom Event",
        }
    }
}

impl Listens {
    pub(super) fn new(config: &HookConfig) -> Self {
        let topics = config.events.iter().filter(|(_, subscription)| subscription.enabled);
        // One that is wrong is told as such where the recipe is made, and keeps the hook from sending.
        let message =
            |text: &str| Template::of_field("", text, config.grammar()).unwrap_or_else(|_| Template::parse(text));
        let condition =
            |config: &ConditionConfig| (!config.is_empty()).then(|| Condition::new("", config).ok()).flatten();
        Self {
            printers: config.printers.clone(),
            topics: topics.map(|(topic, found)| (*topic, message(&found.message))).collect(),
            custom_events: config
                .custom_events
                .iter()
                .rev()
                .map(|custom| (event_key(&custom.event), message(&custom.message)))
                .filter(|(name, _)| !name.is_empty())
                .collect(),
            milestones: Milestones::new(
                &config.milestones,
                Some(config.progress_interval_percent).filter(|interval| PROGRESS_INTERVAL.contains(interval)),
            ),
            temperature_rules: heat::read(&config.temperature_rules).0,
            terminal_patterns: terminal::read(&config.terminal_patterns).0,
            device_identifier: config.device_identifier.clone(),
            condition: condition(&config.condition),
            topic_conditions: config
                .events
                .iter()
                .filter_map(|(topic, found)| Some((*topic, condition(&found.condition)?)))
                .collect(),
            custom_conditions: config
                .custom_events
                .iter()
                .rev()
                .filter_map(|custom| Some((event_key(&custom.event), condition(&custom.condition)?)))
                .collect(),
            cooldown: Duration::from_secs(config.cooldown_seconds.into()),
            cancelled_counts_as_failed: config.cancelled_counts_as_failed,
        }
    }

    /// Whether it listens to this printer.
    pub fn to_printer(&self, id: &str) -> bool {
        self.printers.is_empty() || self.printers.iter().any(|printer| printer == id)
    }

    /// Whether a happening is ticked.
    pub fn to_topic(&self, topic: Topic) -> bool {
        self.topics.contains_key(&topic)
    }

    /// Whether one of its own rules or patterns is what an event tells: others have others.
    pub fn to_payload(&self, topic: Option<Topic>, payload: &serde_json::Value) -> bool {
        let text = |key: &str| payload.get(key).and_then(serde_json::Value::as_str).unwrap_or_default();
        match topic {
            Some(Topic::Temperature) => self.temperature_rules.iter().any(|rule| rule.to_string() == text("rule")),
            Some(Topic::TerminalLine) => self.terminal_patterns.iter().any(|pattern| pattern == text("pattern")),
            _ => true,
        }
    }

    /// By which subscription it listens to an event; a tick box goes before a name.
    pub fn to(&self, topic: Option<Topic>, name: &str) -> Option<Subscription> {
        match topic {
            Some(topic) if self.to_topic(topic) => Some(Subscription::Topic(topic)),
            _ => self.custom_events.contains_key(&event_key(name)).then_some(Subscription::CustomEvent),
        }
    }

    /// Whether its conditions hold for an event that it listens to by a subscription.
    ///
    /// # Errors
    /// Why not: a part of a sentence.
    pub fn condition_holds(&self, event: &Event, subscription: Subscription, milestone: u8) -> Result<(), String> {
        let asked = Asked { subscription, milestone, device_identifier: &self.device_identifier };
        let own = match subscription {
            Subscription::Topic(topic) => self.topic_conditions.get(&topic),
            Subscription::CustomEvent if self.custom_conditions.is_empty() => None,
            Subscription::CustomEvent => self.custom_conditions.get(&event_key(&event.name)),
        };
        self.condition.iter().chain(own).try_for_each(|condition| condition.holds(event, &asked))
    }

    /// The message that goes with a subscription; nothing when the hook no longer has it.
    pub fn message(&self, subscription: Subscription, name: &str) -> Option<&Template> {
        match subscription {
            Subscription::Topic(topic) => self.topics.get(&topic),
            Subscription::CustomEvent => self.custom_events.get(&event_key(name)),
        }
    }

    /// The names of events it listens to, in the form of [`event_key`].
    pub fn event_keys(&self) -> impl Iterator<Item = String> {
        self.topics.keys().map(|topic| event_key(topic.event_name())).chain(self.custom_events.keys().cloned())
    }
}

/// An event's name as it is compared: upper and lower case alike, no blanks around it.
pub fn event_key(name: &str) -> String {
    name.trim().to_lowercase()
}
