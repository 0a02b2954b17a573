//! The journal's thread and what it is told. What several changes say of one delivery becomes one before it is written.

use std::collections::{HashMap, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
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
    rows: Rows,
    inbox: Arc<Inbox>,
    options: JournalOptions,
}

impl Recorder {
    pub(crate) fn new(rows: Rows, inbox: Arc<Inbox>, options: JournalOptions) -> Self {
        Self { rows, inbox, options }
    }

    pub(crate) fn run(mut self) {
        loop {
            let (gathered, questions) = self.inbox.take(self.options.gather);
            let closes = questions.iter().any(|question| matches!(question, Question::Close));
            let done = catch_unwind(AssertUnwindSafe(|| {
                self.write(&gathered);
                for question in questions {
                    self.answer(question);
                }
            }));
            if done.is_err() {
                self.rows = Rows::in_memory();
                let because = StoreError::Fault("the journal met a fault of its own".to_owned());
                (self.options.tell)(Report::JournalInMemory { because });
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

    /// What cannot be written to disk is written to memory from now on; what lies on the disk is there at the next start.
    fn write(&mut self, gathered: &Gathered) {
        if gathered.is_empty() {
            return;
        }
        let (events, changes) = (&gathered.events, &gathered.changes);
        if let Err(because) = self.rows.write(events, changes, &self.options) {
            self.rows = Rows::in_memory();
            (self.options.tell)(Report::JournalInMemory { because });
            // Memory takes everything.
            drop(self.rows.write(events, changes, &self.options));
        }
    }
}
