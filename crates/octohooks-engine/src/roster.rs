//! The hooks as they are now, ready to match and to compose: made anew at every change, read without waiting.

use std::collections::HashMap;
use std::sync::Arc;

use octohooks_core::hook::HookConfig;
use octohooks_core::hook::ready::{Hook, event_key};
use octohooks_core::ids::HookId;
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
const FOLLOWED: [&str; 10] = [
    "PrintStarted",
    "PrintDone",
    "PrintFailed",
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
}

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
        if enabled()
            .any(|hook| hook.listens.to(Some(Topic::ConnectionLost), Topic::ConnectionLost.event_name()).is_some())
        {
            wants.insert(event_key("Disconnected"), Wants::WithContext);
        }
        let wants_progress = wants.get(&event_key(Topic::PrintProgress.event_name())) == Some(&Wants::WithContext);
        Self { revision, hooks, wants, wants_progress }
    }

    /// What has to come with an event of this name.
    pub fn wants(&self, name: &str) -> Wants {
        self.wants.get(&event_key(name)).copied().unwrap_or(Wants::Nothing)
    }

    /// Whether anybody listens to progress.
    pub const fn wants_progress(&self) -> bool {
        self.wants_progress
    }

    /// One hook, both forms.
    pub fn get(&self, id: HookId) -> Option<&(Arc<HookConfig>, Arc<Hook>)> {
        self.hooks.iter().find(|(config, _)| config.id == id)
    }
}
