//! How the engine and its hooks do, for people and for those that watch over it. Reads only.

use std::sync::atomic::Ordering;

use octohooks_core::hook::ready::Hook;
use octohooks_core::ids::HookId;
use octohooks_store::Figures;

use super::Engine;
use crate::metrics::HookNow;

impl Engine {
    /// What keeps hooks from being sent, or events from being safe: sentences, for as long as that lasts.
    pub fn troubles(&self) -> Vec<String> {
        let roster = self.roster();
        let of_hook =
            |hook: &Hook| self.surroundings.standings.of(hook.id, |standing| standing.health().trouble(&hook.name));
        let enabled = roster.hooks.iter().map(|(_, hook)| hook).filter(|hook| hook.enabled);
        let mut troubles: Vec<String> = enabled.filter_map(|hook| of_hook(hook)).collect();
        troubles.extend(self.shelf.message());
        if let Some(why) = &self.without_outbox {
            troubles.push(why.clone());
        } else if self.outbox.figures().failing {
            troubles.push(
                "Events cannot be saved, so a restart would lose those that wait. Make space or check the SD card."
                    .to_owned(),
            );
        }
        troubles
    }

    /// How a hook does: whether it is paused, and why it does not send, if it does not.
    pub fn standing(&self, hook: HookId) -> (bool, Option<String>) {
        let now = self.clock.moment();
        let offset = self.surroundings.utc_offset();
        self.surroundings.standings.of(hook, |standing| (standing.is_paused(), standing.explain(&now, offset)))
    }

    /// What is counted, as text for Prometheus.
    pub fn metrics(&self) -> String {
        let roster = self.roster();
        let hooks: Vec<HookNow> = roster.hooks.iter().map(|(_, hook)| self.hook_now(hook)).collect();
        self.journal.metrics().render(&hooks, self.outbox.figures(), self.lost.load(Ordering::Relaxed))
    }

    fn hook_now(&self, hook: &Hook) -> HookNow {
        let state = self.surroundings.standings.of(hook.id, |standing| match standing.is_paused() {
            _ if !hook.enabled => "off",
            true => "paused",
            false => standing.health().word(),
        });
        HookNow { id: hook.id, name: hook.name.clone(), state, waiting: self.journal.of_hook(hook.id).on_their_way }
    }

    /// What the outbox says of itself.
    pub fn outbox_figures(&self) -> Figures {
        self.outbox.figures()
    }
}
