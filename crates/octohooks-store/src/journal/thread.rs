//! The journal's thread and what it is told. What several changes say of one delivery becomes one before it is written.

use std::collections::{HashMap, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use octohooks_core::event::Event;
use octohooks_core::ids::{DeliveryId, EventId};

use crate::error::StoreError;
use crate::reply::{Asker, answer};
use crate::report::Report;

use super::record::{AttemptRecord, Entry};
use super::rows::{Cursor, Filter, Listed, Rows};
use super::{JournalOptions, Record, Whole};

/// With as many changed deliveries it is written before its time: a burst is not to be held in memory with all that was sent.
const BATCH: usize = 32;

/// More changed deliveries than this are not held for a disk that does not keep up; what is lost is a line in a log.
const MOST_GATHERED: usize = 4096;

/// Something that is answered at once. Everything recorded before is seen by it.
#[derive(Debug)]
pub(crate) enum Question {
    List(Filter, Option<Cursor>, usize, Asker<Result<Listed, StoreError>>),
    One(DeliveryId, Asker<Result<Option<Whole>, StoreError>>),
    Event(EventId, Asker<Result<Option<Event>, StoreError>>),
    LatestEvents(usize, Asker<Result<Vec<Event>, StoreError>>),
    Flush(Asker<()>),
    Close,
}

#[derive(Debug, Default)]
pub(crate) struct Inbox {
    queue: Mutex<Queue>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct Queue {
    gathered: Gathered,
    since: Option<Instant>,
    questions: VecDeque<Question>,
    closed: bool,
}

/// How a delivery stands, if that is new, and its latest attempts.
pub(crate) type Change = (DeliveryId, Option<Entry>, Vec<AttemptRecord>);

/// Changes by delivery, in the order of their first; and events.
#[derive(Debug, Default)]
struct Gathered {
    places: HashMap<DeliveryId, usize>,
    changes: Vec<Change>,
    events: Vec<Arc<Event>>,
}

impl Gathered {
    fn is_empty(&self) -> bool {
        self.changes.is_empty() && self.events.is_empty()
    }

    fn add(&mut self, record: Record) {
        let id = match &record {
            Record::State(entry) => entry.id,
            Record::Attempt(id, _) => *id,
            Record::Event(event) => {
                if self.events.len() < MOST_GATHERED {
                    self.events.push(Arc::clone(event));
                }
                return;
            }
        };
        if !self.places.contains_key(&id) && self.changes.len() >= MOST_GATHERED {
            return;
        }
        let place = *self.places.entry(id).or_insert(self.changes.len());
        if place == self.changes.len() {
            self.changes.push((id, None, Vec::new()));
        }
        let (_, state, attempts) = &mut self.changes[place];
        match record {
            Record::State(entry) => *state = Some(*entry),
            Record::Attempt(_, attempt) => attempts.push(*attempt),
            Record::Event(_) => {}
        }
    }
}

impl Inbox {
    pub(crate) fn record(&self, record: Record) {
        let mut queue = self.lock();
        if queue.closed {
            return;
        }
        queue.gathered.add(record);
        let is_first = queue.since.is_none();
        queue.since.get_or_insert_with(Instant::now);
        let wake = is_first || queue.gathered.changes.len() >= BATCH;
        drop(queue);
        if wake {
            self.changed.notify_one();
        }
    }

    pub(crate) fn ask(&self, question: Question) {
        let mut queue = self.lock();
        if queue.closed {
            return;
        }
        queue.closed = matches!(question, Question::Close);
        queue.questions.push_back(question);
        drop(queue);
        self.changed.notify_one();
    }

    /// Waits until something has to be written or answered.
    fn take(&self, gather: Duration) -> (Gathered, VecDeque<Question>) {
        let mut queue = self.lock();
        loop {
            let now = Instant::now();
            let due_at = queue.since.map(|since| since + gather);
            let due = due_at.is_some_and(|at| at <= now) || queue.gathered.changes.len() >= BATCH;
            if due || !queue.questions.is_empty() {
                queue.since = None;
                return (std::mem::take(&mut queue.gathered), std::mem::take(&mut queue.questions));
            }
            queue = match due_at {
                None => self.changed.wait(queue).unwrap_or_else(PoisonError::into_inner),
                Some(at) => self.changed.wait_timeout(queue, at - now).unwrap_or_else(PoisonError::into_inner).0,
            };
        }
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The thread.
pub(crate) struct Recorder {
    folder: PathBuf,
    rows: Rows,
    /// While it is in memory: when the disk is tried again.
    disk_at: Option<Instant>,
    inbox: Arc<Inbox>,
    options: JournalOptions,
}

impl Recorder {
    pub(crate) fn new(folder: &Path, rows: Rows, inbox: Arc<Inbox>, options: JournalOptions) -> Self {
        let disk_at = rows.are_in_memory().then(|| Instant::now() + options.retry_disk_after);
        Self { folder: folder.to_owned(), rows, disk_at, inbox, options }
    }

    pub(crate) fn run(mut self) {
        loop {
            let (gathered, questions) = self.inbox.take(self.options.gather);
            let closes = questions.iter().any(|question| matches!(question, Question::Close));
            let done = catch_unwind(AssertUnwindSafe(|| {
                self.write(&gathered);
                if closes {
                    self.disk_at = self.disk_at.map(|_| Instant::now());
                    self.try_disk();
                }
                for question in questions {
                    self.answer(question);
                }
            }));
            if done.is_err() {
                self.go_to_memory(StoreError::Fault("the journal met a fault of its own".to_owned()));
            }
            if closes {
                // What could not be written at the very end is a line in a log.
                drop(self.rows.close());
                return;
            }
        }
    }

    fn answer(&self, question: Question) {
        match question {
            Question::List(filter, before, limit, asker) => answer(asker, self.rows.list(&filter, before, limit)),
            Question::One(delivery, asker) => answer(asker, self.rows.one(delivery)),
            Question::Event(event, asker) => answer(asker, self.rows.event(event)),
            Question::LatestEvents(limit, asker) => answer(asker, self.rows.latest_events(limit)),
            Question::Flush(asker) => answer(asker, ()),
            Question::Close => {}
        }
    }

    /// What cannot be written to disk is written to memory, until the disk takes it.
    fn write(&mut self, gathered: &Gathered) {
        if gathered.is_empty() {
            return;
        }
        self.try_disk();
        let (events, changes) = (&gathered.events, &gathered.changes);
        if let Err(because) = self.rows.write(events, changes, &self.options) {
            self.go_to_memory(because);
            // Memory takes everything.
            drop(self.rows.write(events, changes, &self.options));
        }
    }

    fn go_to_memory(&mut self, because: StoreError) {
        self.rows = Rows::in_memory();
        self.disk_at = Some(Instant::now() + self.options.retry_disk_after);
        (self.options.tell)(Report::JournalInMemory { because });
    }

    /// Takes what is in memory to the disk, when it is time to look whether it works again.
    fn try_disk(&mut self) {
        if self.disk_at.is_none_or(|at| at > Instant::now()) {
            return;
        }
        let (mut on_disk, replaced) = Rows::open(&self.folder, &self.options);
        if on_disk.are_in_memory() || on_disk.take_over(&self.rows).is_err() {
            self.disk_at = Some(Instant::now() + self.options.retry_disk_after);
            return;
        }
        self.rows = on_disk;
        self.disk_at = None;
        for report in replaced.into_iter().chain([Report::JournalRecovered]) {
            (self.options.tell)(report);
        }
    }
}
