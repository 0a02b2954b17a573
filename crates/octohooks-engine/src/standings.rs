//! What is known of every hook and every endpoint beyond single deliveries: kept over restarts in a small file.
//!
//! Held behind one lock that nobody holds for longer than a look. The file is written seldom: losing it costs a few probes
//! at the wrong time and nothing else, so a damaged one is an empty one.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use octohooks_core::endpoint::Endpoint;
use octohooks_core::ids::HookId;
use octohooks_core::moment::Now;
use octohooks_core::standing::{Gate, Standing};
use serde::{Deserialize, Serialize};

use crate::lane::EndpointKey;

/// Of all hooks and endpoints.
pub(crate) struct Standings {
    state: Mutex<State>,
    saving: Mutex<()>,
    path: PathBuf,
}

#[derive(Default)]
struct State {
    saved: Saved,
    changed: bool,
}

/// The file. Endpoints are named by a fingerprint, since their addresses may be secret.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct Saved {
    hooks: HashMap<String, Standing>,
    endpoints: HashMap<String, Endpoint>,
}

impl Standings {
    /// Reads the file, if there is a good one.
    pub(crate) fn open(path: PathBuf) -> Self {
        let saved = std::fs::read(&path).ok().and_then(|text| serde_json::from_slice(&text).ok()).unwrap_or_default();
        Self { state: Mutex::new(State { saved, changed: false }), saving: Mutex::default(), path }
    }

    /// Changes or asks the standing of a hook.
    pub(crate) fn of<T>(&self, hook: HookId, change: impl FnOnce(&mut Standing) -> T) -> T {
        let mut state = self.lock();
        let standing = state.saved.hooks.entry(hook.to_string()).or_default();
        let before = standing.clone();
        let result = change(standing);
        let changed = *standing != before;
        state.changed |= changed;
        result
    }

    /// Whether a hook's deliveries go now; as a probe, only while none of its others is under way.
    pub(crate) fn may_send(&self, hook: HookId, now: &Now, is_flying: impl FnOnce() -> bool) -> bool {
        let gate = {
            let state = self.lock();
            state.saved.hooks.get(&hook.to_string()).map_or(Gate::Go, |standing| standing.gate(now))
        };
        match gate {
            Gate::Go => true,
            Gate::Probe => !is_flying(),
            Gate::Wait(_) | Gate::Paused => false,
        }
    }

    /// When the next of the hooks that do not send is tried.
    pub(crate) fn next_probe(&self, now: &Now) -> Option<Duration> {
        let state = self.lock();
        let waits = state.saved.hooks.values().filter_map(|standing| match standing.gate(now) {
            Gate::Wait(span) => Some(span),
            Gate::Go | Gate::Probe | Gate::Paused => None,
        });
        waits.min()
    }

    /// What is known of an endpoint.
    pub(crate) fn endpoint(&self, key: &EndpointKey) -> Endpoint {
        self.lock().saved.endpoints.get(&key.fingerprint()).cloned().unwrap_or_default()
    }

    /// Remembers what is known of an endpoint.
    pub(crate) fn keep_endpoint(&self, key: &EndpointKey, endpoint: &Endpoint) {
        let mut state = self.lock();
        let fingerprint = key.fingerprint();
        if *endpoint == Endpoint::default() {
            state.changed |= state.saved.endpoints.remove(&fingerprint).is_some();
        } else if state.saved.endpoints.get(&fingerprint) != Some(endpoint) {
            state.saved.endpoints.insert(fingerprint, endpoint.clone());
            state.changed = true;
        }
    }

    /// Forgets hooks that are gone.
    pub(crate) fn retain(&self, is_there: impl Fn(&str) -> bool) {
        let mut state = self.lock();
        let before = state.saved.hooks.len();
        state.saved.hooks.retain(|hook, _| is_there(hook));
        state.changed |= state.saved.hooks.len() != before;
    }

    /// Puts remembered moments right once the clock is.
    pub(crate) fn settle(&self, now: &Now) {
        let mut state = self.lock();
        let mut changed = false;
        for standing in state.saved.hooks.values_mut() {
            changed |= standing.settle(now);
        }
        for endpoint in state.saved.endpoints.values_mut() {
            changed |= endpoint.settle(now);
        }
        state.changed |= changed;
    }

    /// Writes the file where something has changed. What cannot be written is tried again the next time.
    pub(crate) fn save(&self) {
        // One at a time: on a disk that hangs they would pile up, and take the threads that look up names.
        let Ok(_saving) = self.saving.try_lock() else { return };
        // Whoever was turned away meanwhile has it saved by this one.
        while let Some(text) = self.changed() {
            if crate::hook_store::write_atomically(&self.path, &text).is_err() {
                self.lock().changed = true;
                return;
            }
        }
    }

    fn changed(&self) -> Option<Vec<u8>> {
        let mut state = self.lock();
        let changed = std::mem::take(&mut state.changed);
        changed.then(|| serde_json::to_vec(&state.saved).unwrap_or_default())
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
