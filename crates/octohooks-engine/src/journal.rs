//! What became of deliveries: for the page, and for whoever asks why something was or was not sent.
//!
//! The latest are held in memory, for quick looks; all go to the store's journal with each of their attempts, where they can
//! be searched. Every change is also a notice for open pages.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use octohooks_core::compose::VERSION;
use octohooks_core::event::Event;
use octohooks_core::ids::{DeliveryId, HookId};
use octohooks_store::journal::Record;
pub use octohooks_store::journal::{AttemptRecord, Cursor, Entry, Filter, Journal as History, PhaseMillis, State};
use serde_json::json;

use crate::backlog::Amount;
use crate::metrics::Metrics;
use crate::notice::{Notice, Notices, Right};

/// As many deliveries are held in memory.
const CAPACITY: usize = 100;

/// What a delivery says that nothing holds up.
pub(crate) const WAITS_FOR_ITS_TURN: &str = "It waits for its turn.";

/// The entry as those may see it who do not manage hooks.
#[must_use]
pub fn without_answer(entry: Entry) -> Entry {
    Entry { answer: None, ..entry }
}

/// What is in memory.
#[derive(Debug, Default)]
struct Latest {
    entries: VecDeque<Entry>,
    /// The latest of each hook that was sent, or was to be.
    last: HashMap<HookId, Entry>,
    /// All that have not ended, however many.
    live: HashMap<DeliveryId, Live>,
    /// What came in and lies in the outbox, behind older ones.
    unread: HashSet<DeliveryId>,
    /// Hooks that have more in the outbox, behind what is in memory.
    behind: HashSet<HookId>,
    /// Every delivery of this run, until what earlier ones left is closed.
    of_this_run: Option<HashSet<DeliveryId>>,
}

#[derive(Debug, Clone, Copy)]
struct Live {
    hook: HookId,
    pace: Pace,
    /// About as many as it takes in memory; 0 where nobody said.
    bytes: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pace {
    /// It is being sent.
    Flying,
    /// Its turn comes when those before it are gone.
    Queued,
    /// It waits for time to pass, or for a person.
    Held,
}

/// How the deliveries of one hook stand.
#[derive(Debug)]
pub struct HookDeliveries {
    /// The latest that was not skipped.
    pub last: Option<Entry>,
    /// So many are on their way.
    pub on_their_way: usize,
    /// More lie in the outbox; how many is not known.
    pub more: bool,
}

/// The latest deliveries.
#[derive(Debug)]
pub struct Journal {
    state: Mutex<Latest>,
    changed: Condvar,
    notices: Arc<Notices>,
    history: History,
    metrics: Metrics,
}

impl Journal {
    /// A journal that tells open pages by `notices`, and writes to `history`.
    pub fn new(notices: Arc<Notices>, history: History) -> Self {
        let metrics = Metrics::new(VERSION);
        let latest = Latest { of_this_run: Some(HashSet::new()), ..Latest::default() };
        Self { state: Mutex::new(latest), changed: Condvar::new(), notices, history, metrics }
    }

    /// What is counted of deliveries.
    pub(crate) const fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    /// Keeps what happened, so that it can be sent again.
    pub fn write_event(&self, event: &Arc<Event>) {
        self.history.write(Record::Event(Arc::clone(event)));
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
        self.metrics.stands(&entry);
        self.history.write(Record::State(Box::new(entry.clone())));
        let shown = without_answer(entry.clone());
        {
            let mut state = self.lock();
            state.note_live(&entry);
            state.note_last(&entry);
            state.unread.remove(&entry.id);
            if let Some(of_this_run) = &mut state.of_this_run {
                of_this_run.insert(entry.id);
            }
            let entries = &mut state.entries;
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

    /// Forgets the latest deliveries of hooks that are gone.
    pub(crate) fn retain(&self, hooks: &HashSet<HookId>) {
        self.lock().last.retain(|hook, _| hooks.contains(hook));
    }

    /// What an earlier engine wrote down of a delivery.
    pub(crate) fn recall(&self, entry: &Entry) {
        self.lock().note_last(entry);
    }

    /// Writes down a delivery that lies in the outbox and is not in memory yet.
    pub(crate) fn write_unread(&self, entry: Entry) {
        let id = entry.id;
        self.write(entry);
        let mut state = self.lock();
        state.live.remove(&id);
        state.unread.insert(id);
    }

    /// Whether a delivery of this run lies in the outbox and is not in memory yet.
    pub(crate) fn is_unread(&self, delivery: DeliveryId) -> bool {
        self.lock().unread.contains(&delivery)
    }

    /// How much a delivery takes that is on its way.
    pub(crate) fn weigh(&self, delivery: DeliveryId, bytes: usize) {
        if let Some(live) = self.lock().live.get_mut(&delivery) {
            live.bytes = bytes;
        }
    }

    /// How much of each hook is on its way.
    pub(crate) fn live_by_hook(&self) -> HashMap<HookId, Amount> {
        let mut amounts: HashMap<HookId, Amount> = HashMap::new();
        for live in self.lock().live.values() {
            let amount = amounts.entry(live.hook).or_default();
            amount.deliveries += 1;
            amount.bytes += live.bytes;
        }
        amounts
    }

    /// Whether a delivery has not ended.
    pub fn is_live(&self, delivery: DeliveryId) -> bool {
        self.lock().live.contains_key(&delivery)
    }

    /// Whether a delivery is under way just now.
    pub(crate) fn is_being_sent(&self, delivery: DeliveryId) -> bool {
        self.lock().live.get(&delivery).is_some_and(|live| live.pace == Pace::Flying)
    }

    /// Whether a delivery of which the log says that it waits can be dropped: it is on its way, or lies in the outbox.
    pub(crate) fn may_be_dropped(&self, delivery: DeliveryId) -> bool {
        let state = self.lock();
        let may_be_unread = state.of_this_run.as_ref().is_some_and(|of_this_run| !of_this_run.contains(&delivery));
        state.live.contains_key(&delivery) || state.unread.contains(&delivery) || may_be_unread
    }

    /// It is no leftover of an earlier engine: somebody sees to its end.
    pub(crate) fn take_up(&self, delivery: DeliveryId) {
        if let Some(of_this_run) = &mut self.lock().of_this_run {
            of_this_run.insert(delivery);
        }
    }

    /// Whether a delivery was taken up since the start, even if it has ended since. Until [`Self::history_is_closed`].
    pub fn is_of_this_run(&self, delivery: DeliveryId) -> bool {
        self.lock().of_this_run.as_ref().is_none_or(|of_this_run| of_this_run.contains(&delivery))
    }

    /// Nobody asks for [`Self::is_of_this_run`] any more.
    pub fn history_is_closed(&self) {
        self.lock().of_this_run = None;
    }

    /// The latest first, at most `limit`.
    pub fn latest(&self, limit: usize) -> Vec<Entry> {
        self.lock().entries.iter().rev().take(limit).cloned().collect()
    }

    /// The newest in memory that stands as asked for, as soon as there is one; `None` when there is none in time.
    pub fn wait_for(&self, timeout: Duration, is_it: impl Fn(&Entry) -> bool) -> Option<Entry> {
        let find = |state: &Latest| state.entries.iter().rev().find(|entry| is_it(entry)).cloned();
        let waited = self.changed.wait_timeout_while(self.lock(), timeout, |state| find(state).is_none());
        find(&waited.unwrap_or_else(PoisonError::into_inner).0)
    }

    /// How the deliveries of a hook stand.
    pub fn of_hook(&self, hook: HookId) -> HookDeliveries {
        let state = self.lock();
        HookDeliveries {
            last: state.last.get(&hook).cloned(),
            on_their_way: state.live.values().filter(|live| live.hook == hook).count(),
            more: state.behind.contains(&hook),
        }
    }

    /// Which hooks have more in the outbox than in memory.
    pub(crate) fn set_behind(&self, hooks: HashSet<HookId>) {
        self.lock().behind = hooks;
    }

    /// How many deliveries are on their way.
    pub fn on_their_way(&self) -> usize {
        self.lock().live.len()
    }

    /// Waits until nothing is being sent or about to be; what waits for another try, or is held up, does not count.
    pub fn wait_until_idle(&self, timeout: Duration) {
        drop(self.changed.wait_timeout_while(self.lock(), timeout, |state| state.is_busy()));
    }

    fn lock(&self) -> MutexGuard<'_, Latest> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Latest {
    /// Whether something is being sent, or comes as soon as what is before it: not behind one that is held.
    fn is_busy(&self) -> bool {
        let held = |hook| self.live.values().any(|live| live.hook == hook && live.pace == Pace::Held);
        self.live.values().any(|live| match live.pace {
            Pace::Flying => true,
            Pace::Queued => !held(live.hook),
            Pace::Held => false,
        })
    }

    fn note_last(&mut self, entry: &Entry) {
        let is_older = self.last.get(&entry.hook_id).is_some_and(|last| entry.id < last.id);
        if !is_older && !matches!(entry.state, State::Skipped | State::Waiting) {
            self.last.insert(entry.hook_id, entry.clone());
        }
    }

    fn note_live(&mut self, entry: &Entry) {
        let pace = match entry.state {
            State::Sending => Pace::Flying,
            State::Waiting if entry.message == WAITS_FOR_ITS_TURN => Pace::Queued,
            State::Waiting | State::Retrying => Pace::Held,
            State::Delivered | State::GivenUp | State::Skipped => {
                self.live.remove(&entry.id);
                return;
            }
        };
        let bytes = self.live.get(&entry.id).map_or(0, |live| live.bytes);
        self.live.insert(entry.id, Live { hook: entry.hook_id, pace, bytes });
    }
}
