//! What became of deliveries: for the page, and for whoever asks why something was or was not sent.
//!
//! The latest are held in memory, for quick looks; all go to the store's journal with each of their attempts, where they can
//! be searched. Every change is also a notice for open pages.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use octohooks_core::ids::{DeliveryId, HookId};
use octohooks_store::journal::Record;
pub use octohooks_store::journal::{AttemptRecord, Cursor, Entry, Filter, Journal as History, State};
use serde_json::json;

use crate::notice::{Notice, Notices, Right};

/// As many deliveries are remembered.
const CAPACITY: usize = 500;

/// The entry as those may see it who do not manage hooks.
#[must_use]
pub fn without_answer(entry: Entry) -> Entry {
    Entry { answer: None, ..entry }
}

/// The latest deliveries.
#[derive(Debug)]
pub struct Journal {
    entries: Mutex<VecDeque<Entry>>,
    changed: Condvar,
    notices: Arc<Notices>,
    history: History,
}

impl Journal {
    /// A journal that tells open pages by `notices`, and writes to `history`.
    pub fn new(notices: Arc<Notices>, history: History) -> Self {
        Self { entries: Mutex::new(VecDeque::new()), changed: Condvar::new(), notices, history }
    }

    /// Everything that is kept, to be searched.
    pub const fn history(&self) -> &History {
        &self.history
    }

    /// Writes down an attempt of a delivery that is known.
    pub fn write_attempt(&self, delivery: DeliveryId, attempt: AttemptRecord) {
        self.history.write(Record::Attempt(delivery, Box::new(attempt)));
    }

    /// Writes down how a delivery stands now.
    pub fn write(&self, entry: Entry) {
        self.history.write(Record::State(Box::new(entry.clone())));
        let shown = without_answer(entry.clone());
        {
            let mut entries = self.lock();
            if let Some(known) = entries.iter_mut().rev().find(|known| known.id == entry.id) {
                *known = entry;
            } else {
                if entries.len() == CAPACITY {
                    entries.pop_front();
                }
                entries.push_back(entry);
            }
        }
        self.changed.notify_all();
        self.notices.push(Notice::Ui { right: Right::View, data: json!({"type": "delivery", "delivery": shown}) });
    }

    /// Whether a delivery is among the latest.
    pub fn knows(&self, delivery: DeliveryId) -> bool {
        self.lock().iter().any(|entry| entry.id == delivery)
    }

    /// The latest first, at most `limit`.
    pub fn latest(&self, limit: usize) -> Vec<Entry> {
        self.lock().iter().rev().take(limit).cloned().collect()
    }

    /// The latest delivery of a hook that was not skipped, and how many of its deliveries are on their way.
    pub fn of_hook(&self, hook: HookId) -> (Option<Entry>, usize) {
        let entries = self.lock();
        let own = || entries.iter().rev().filter(|entry| entry.hook_id == hook);
        let on_their_way =
            own().filter(|entry| matches!(entry.state, State::Waiting | State::Sending | State::Retrying)).count();
        let last = own().find(|entry| !matches!(entry.state, State::Skipped | State::Waiting)).cloned();
        (last, on_their_way)
    }

    /// How many deliveries are on their way.
    pub fn on_their_way(&self) -> usize {
        let on_their_way = |entry: &&Entry| matches!(entry.state, State::Waiting | State::Sending | State::Retrying);
        self.lock().iter().filter(on_their_way).count()
    }

    /// Waits until nothing is being sent or about to be; what waits for another try does not count.
    pub fn wait_until_idle(&self, timeout: Duration) {
        let busy = |entries: &mut VecDeque<Entry>| {
            entries.iter().any(|entry| matches!(entry.state, State::Waiting | State::Sending))
        };
        drop(self.changed.wait_timeout_while(self.lock(), timeout, busy));
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<Entry>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
