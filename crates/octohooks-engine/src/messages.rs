//! Which message tells of which print ([`octohooks_core::messages`]), kept over restarts in a small file.
//!
//! Held behind one lock that nobody holds for longer than a look. Written whenever a receiver has named a message, which is once
//! per print and hook. Losing the file costs a second message per print and nothing else, so a damaged one is an empty one.

use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

use octohooks_core::messages::Messages;

/// All of them, and where they lie.
pub(crate) struct MessageBook {
    path: PathBuf,
    state: Mutex<State>,
    saving: Mutex<()>,
}

struct State {
    messages: Messages,
    is_changed: bool,
}

impl MessageBook {
    /// Reads the file, if there is a good one.
    pub(crate) fn open(path: PathBuf) -> Self {
        let messages =
            std::fs::read(&path).ok().and_then(|text| serde_json::from_slice(&text).ok()).unwrap_or_default();
        Self { path, state: Mutex::new(State { messages, is_changed: false }), saving: Mutex::default() }
    }

    /// Looks something up.
    pub(crate) fn look<T>(&self, look: impl FnOnce(&Messages) -> T) -> T {
        look(&self.lock().messages)
    }

    /// Changes something; `change` says whether it did.
    pub(crate) fn change(&self, change: impl FnOnce(&mut Messages) -> bool) {
        let mut state = self.lock();
        let is_changed = change(&mut state.messages);
        state.is_changed |= is_changed;
    }

    /// Whether there is something to write.
    pub(crate) fn is_changed(&self) -> bool {
        self.lock().is_changed
    }

    /// Writes the file where something has changed. What cannot be written is tried again the next time.
    pub(crate) fn save(&self) {
        let Ok(_saving) = self.saving.try_lock() else { return };
        // Whoever was turned away meanwhile has it saved by this one.
        while let Some(text) = self.changed() {
            if crate::hook_store::write_atomically(&self.path, &text).is_err() {
                self.lock().is_changed = true;
                return;
            }
        }
    }

    fn changed(&self) -> Option<Vec<u8>> {
        let mut state = self.lock();
        let is_changed = std::mem::take(&mut state.is_changed);
        is_changed.then(|| serde_json::to_vec(&state.messages).unwrap_or_default())
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
