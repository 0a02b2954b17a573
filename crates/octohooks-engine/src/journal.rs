//! What became of the latest deliveries: for the page, and for whoever asks why something was or was not sent.
//!
//! Held in memory and bounded. Every change is also a notice for open pages.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use octohooks_core::ids::{DeliveryId, EventId, HookId};
use octohooks_core::time::UnixMillis;
use serde::Serialize;
use serde_json::json;

use crate::notice::{Notice, Notices, Right};

/// As many deliveries are remembered.
const CAPACITY: usize = 500;

/// One delivery as a person sees it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Entry {
    /// Names the delivery.
    #[serde(serialize_with = "as_text")]
    pub id: DeliveryId,
    /// Names the event.
    #[serde(serialize_with = "as_text")]
    pub event_id: EventId,
    /// Names the hook.
    #[serde(serialize_with = "as_text")]
    pub hook_id: HookId,
    /// What the hook was called then.
    pub hook_name: String,
    /// The value of `@topic`.
    pub topic: String,
    /// OctoPrint's name of the event.
    pub event: String,
    /// When it happened.
    pub at: UnixMillis,
    /// How it stands.
    pub state: State,
    /// The status of the last answer.
    pub status: Option<u16>,
    /// How many attempts were made.
    pub attempts: u32,
    /// What happened and why, a sentence without secrets.
    pub message: String,
    /// When it is tried again.
    pub next_at: Option<UnixMillis>,
    /// The beginning of the last answer: for those who manage hooks only.
    pub answer: Option<String>,
}

/// How a delivery stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// It waits for its turn.
    Waiting,
    /// It is being sent.
    Sending,
    /// The receiver has it.
    Delivered,
    /// It failed and will be tried again.
    Retrying,
    /// It failed and will not be tried again.
    GivenUp,
    /// It was not sent on purpose.
    Skipped,
}

fn as_text<T: std::fmt::Display, S: serde::Serializer>(id: &T, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(id)
}

impl Entry {
    /// The entry as those may see it who do not manage hooks.
    #[must_use]
    pub fn without_answer(mut self) -> Self {
        self.answer = None;
        self
    }
}

/// The latest deliveries.
#[derive(Debug)]
pub struct Journal {
    entries: Mutex<VecDeque<Entry>>,
    changed: Condvar,
    notices: Arc<Notices>,
}

impl Journal {
    /// An empty journal that tells open pages by `notices`.
    pub fn new(notices: Arc<Notices>) -> Self {
        Self { entries: Mutex::new(VecDeque::new()), changed: Condvar::new(), notices }
    }

    /// Writes down how a delivery stands now.
    pub fn write(&self, entry: Entry) {
        let shown = entry.clone().without_answer();
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
