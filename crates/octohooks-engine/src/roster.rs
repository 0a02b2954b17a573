//! The hooks as they are now, ready to match and to compose: made anew at every change, read without waiting.

use std::collections::HashMap;
use std::sync::Arc;

use octohooks_core::heat::Rule;
use octohooks_core::hook::HookConfig;
use octohooks_core::hook::ready::{Hook, event_key};
use octohooks_core::ids::HookId;
use octohooks_core::terminal::Patterns;
use octohooks_core::topic::Topic;

/// What has to come with an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Wants {
    /// Nobody wants it.
    Nothing,
    /// Its name and payload: to understand what comes later.
    Sight,
    /// All of it.
    WithContext,
}

/// Events by which the course of a print and of a connection is followed, whoever listens to what: a hook that is made in
/// the middle of a print has to know which print it is. They are few.
const FOLLOWED: [&str; 14] = [
    "FilamentChange",
    "Waiting",
    "Shutdown",
    "PrintStarted",
    "PrintDone",
    "PrintFailed",
    "PrintCancelling",
    "PrintCancelled",
    "PrintPaused",
    "PrintResumed",
    "Error",
    "Connected",
    "Disconnecting",
    "Disconnected",
];

/// One state of the hooks.
#[derive(Debug)]
pub struct Roster {
    /// Counts changes.
    pub revision: u64,
    /// In the user's order, the saved form and the ready one.
    pub hooks: Vec<(Arc<HookConfig>, Arc<Hook>)>,
    wants: HashMap<String, Wants>,
    wants_progress: bool,
    wants_note: bool,
    wants_layers: bool,
    rules: Vec<Rule>,
    patterns: Arc<Patterns>,
}

/// Events of OctoPrint's by which a printer wants somebody.
const WANT_SOMEBODY: [&str; 3] = ["FilamentChange", "Waiting", "CommandSuppressed"];

/// Events of OctoPrint's that may tell the end of a print.
const TELL_AN_END: [&str; 4] = ["PrintDone", "PrintFailed", "PrintCancelled", "Disconnected"];

impl Roster {
    /// Makes hooks ready.
    pub fn new(revision: u64, configs: &[HookConfig]) -> Self {
        let hooks: Vec<_> =
            configs.iter().map(|config| (Arc::new(config.clone()), Arc::new(Hook::new(config)))).collect();
        let mut wants = HashMap::new();
        let enabled = || hooks.iter().map(|(_, hook)| hook).filter(|hook| hook.enabled);
        wants.extend(FOLLOWED.map(|name| (event_key(name), Wants::Sight)));
        for key in enabled().flat_map(|hook| hook.listens.event_keys()) {
            wants.insert(key, Wants::WithContext);
        }
        let listens = |topic: Topic| enabled().any(|hook| hook.listens.to(Some(topic), topic.event_name()).is_some());
        if listens(Topic::ConnectionLost) {
            wants.insert(event_key("Disconnected"), Wants::WithContext);
        }
        if listens(Topic::PrintEnded) {
            wants.extend(TELL_AN_END.map(|name| (event_key(name), Wants::WithContext)));
        }
        if listens(Topic::UserActionNeeded) || listens(Topic::UserActionOver) {
            wants.extend(WANT_SOMEBODY.map(|name| (event_key(name), Wants::WithContext)));
        }
        let wants_layers = listens(Topic::FirstLayerDone) || enabled().any(|hook| hook.wants_layers());
        let mut rules: Vec<Rule> = Vec::new();
        let with = |topic: Topic| enabled().filter(move |hook| hook.listens.to_topic(topic));
        for rule in with(Topic::Temperature).flat_map(|hook| &hook.listens.temperature_rules) {
            if !rules.contains(rule) {
                rules.push(rule.clone());
            }
        }
        let patterns = with(Topic::TerminalLine).flat_map(|hook| hook.listens.terminal_patterns.iter().cloned());
        let patterns = Arc::new(Patterns::new(patterns));
        let wants_note = listens(Topic::PrintEnded) || listens(Topic::PrintInterrupted);
        let wants_progress =
            wants_note || wants_layers || listens(Topic::PrintProgress) || listens(Topic::UserActionOver);
        Self { revision, hooks, wants, wants_progress, wants_note, wants_layers, rules, patterns }
    }

    /// Whether anybody wants to know of a print that a power cut has ended.
    pub const fn wants_note(&self) -> bool {
        self.wants_note
    }

    /// What has to come with an event of this name.
    pub fn wants(&self, name: &str) -> Wants {
        self.wants.get(&event_key(name)).copied().unwrap_or(Wants::Nothing)
    }

    /// Whether anybody listens to progress.
    pub const fn wants_progress(&self) -> bool {
        self.wants_progress
    }

    /// Whether the layers of the printed file have to be known.
    pub const fn wants_layers(&self) -> bool {
        self.wants_layers
    }

    /// What is to be told of temperatures, the rules of all hooks.
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// Which lines of the terminal are to be told, the patterns of all hooks.
    pub const fn patterns(&self) -> &Arc<Patterns> {
        &self.patterns
    }

    /// One hook, both forms.
    pub fn get(&self, id: HookId) -> Option<&(Arc<HookConfig>, Arc<Hook>)> {
        self.hooks.iter().find(|(config, _)| config.id == id)
    }
}
