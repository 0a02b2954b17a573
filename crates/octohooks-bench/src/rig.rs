//! An engine with hooks, told of events as a printer would make them.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use octohooks_core::event::{Context, Printer};
use octohooks_core::hook::{CustomEvent, HookConfig};
use octohooks_core::observation::Sight;
use octohooks_core::sample;
use octohooks_engine::engine::VERSION;
use octohooks_engine::{Engine, Options};
use serde_json::{Value, json};

/// Nothing takes longer.
const PATIENCE: Duration = Duration::from_mins(2);

pub(crate) struct Rig {
    pub(crate) engine: Engine,
    context: Context,
}

/// A body of the size that the hooks here send.
pub(crate) fn body() -> Vec<u8> {
    let printer = Printer { id: String::new(), name: String::new(), appearance: Value::Null, ..Printer::default() };
    let at = octohooks_core::time::UnixMillis(1_790_000_000_000);
    let event = sample::event("print_done", printer.into(), at, &mut || [7; 10]);
    serde_json::to_vec(&json!({"topic": "Custom Event", "state": event.context.get("state"), "extra": event.payload}))
        .unwrap_or_default()
}

impl Rig {
    pub(crate) fn start(folder: &Path) -> anyhow::Result<Self> {
        let printer = Printer {
            id: "octoprint".to_owned(),
            name: "Printer".to_owned(),
            appearance: Value::Null,
            ..Printer::default()
        };
        let options = Options {
            data_folder: folder.to_owned(),
            version: VERSION.to_owned(),
            printer: printer.clone(),
            old_settings: None,
            own_ports: Vec::new(),
            context: octohooks_core::event::Context::default(),
        };
        let at = octohooks_core::time::UnixMillis(1_790_000_000_000);
        let context = sample::event("print_done", printer.into(), at, &mut || [7; 10]).context;
        Ok(Self { engine: Engine::start(options)?, context: (*context).clone() })
    }

    /// In memory only: the place of the outbox is taken by a file.
    pub(crate) fn start_in_memory(folder: &Path) -> anyhow::Result<Self> {
        std::fs::write(folder.join("state"), "")?;
        Self::start(folder)
    }

    /// A hook that wants the custom event of a name.
    pub(crate) fn hook(&self, url: &str, event: &str) -> anyhow::Result<HookConfig> {
        let mut config = HookConfig::new(self.engine.new_hook_id());
        url.clone_into(&mut config.url);
        let data = r#"{"topic": "@topic", "state": "@state", "extra": "@extra", "id": "@deliveryId"}"#;
        data.clone_into(&mut config.data);
        config.events.clear();
        config.custom_events = vec![CustomEvent::new(event, "")];
        self.engine.shelf().add(config.clone()).context("a hook")?;
        self.engine.hooks_changed();
        Ok(config)
    }

    pub(crate) fn observe(&self, event: &str, number: usize) {
        let payload = json!({"name": "benchy.gcode", "path": "boats/benchy.gcode", "origin": "local", "n": number});
        self.engine.observe(Sight::BusEvent { name: event.to_owned(), payload }, self.context.clone());
    }

    pub(crate) fn progress(&self) {
        self.engine.observe(Sight::Progress, self.context.clone());
    }

    pub(crate) fn waiting(&self) -> usize {
        self.engine.journal().on_their_way()
    }

    /// Waits until so few are on their way.
    pub(crate) fn until_waiting(&self, at_most: usize) -> anyhow::Result<()> {
        let deadline = Instant::now() + PATIENCE;
        while self.waiting() > at_most {
            ensure!(Instant::now() < deadline, "deliveries did not end");
            // Not in a circle: that would take one of two processors from what is measured.
            std::thread::sleep(Duration::from_micros(200));
        }
        Ok(())
    }
}
