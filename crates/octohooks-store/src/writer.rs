//! The writer thread: takes what has arrived, commits it at once, answers, and sleeps.
//!
//! Self-clocking: while one commit is flushed the next batch gathers, so that a slow disk makes larger batches and no timer
//! is needed. A fault in here costs durability, which is told, and nothing else.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use octohooks_core::ids::DeliveryId;
use octohooks_core::parcel::Findings;

use crate::error::StoreError;
use crate::event::Row;
use crate::inbox::{Inbox, Late, Loaded, Told, Urgent};
use crate::memory::Memory;
use crate::outbox::{Committed, OpenError, Opened, Options, Reason};
use crate::reply::{Asker, answer};
use crate::report::Report;
use crate::sqlite::Opening;
use crate::store::{Change, Done, Select, Store};
use crate::tiers::Tiers;

/// With nothing else to do, a log of at least a quarter of the usual length is copied back after this long.
const IDLE: Duration = Duration::from_secs(30);

/// Pictures that wait to be written take up this much at most.
const MOST_HELD_BACK: usize = 8 << 20;

/// Rows that are given out while it is not known which the disk has.
const ROWS_IN_MEMORY: i64 = 1 << 40;

/// How the outbox stands, for metrics and for whoever asks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Figures {
    /// Commits since the start.
    pub commits: u64,
    /// Events that were committed to disk.
    pub durable: u64,
    /// Events that could only be kept in memory.
    pub memory_only: u64,
    /// Whether the disk does not work.
    pub failing: bool,
    /// Events in memory now, because the disk does not work.
    pub in_memory_events: u64,
    /// As many bytes are that.
    pub in_memory_bytes: usize,
    /// Bytes of the file that hold something.
    pub used_bytes: u64,
    /// The most there ever were since the start.
    pub used_bytes_highest: u64,
    /// Bytes of the file.
    pub file_bytes: u64,
    /// Pages in the write-ahead log.
    pub wal_pages: u32,
    /// How often it was copied back.
    pub checkpoints: u64,
    /// How long the last commit took.
    pub last_commit: Duration,
    /// How long the longest took.
    pub longest_commit: Duration,
}

/// What a writer starts with.
pub(crate) struct Start {
    pub(crate) store: Tiers,
    pub(crate) next_row: Row,
    pub(crate) opened: Opened,
}

/// Opens the disk, or goes without.
pub(crate) fn start(opening: Opening, options: &Options) -> Result<Start, OpenError> {
    let mut reports = Vec::new();
    let (mut store, next_row) = match opening.open_or_replace((options.clock)()) {
        Err(StoreError::InUse) => return Err(OpenError::InUse),
        Err(StoreError::LaterVersion { .. }) => return Err(OpenError::LaterVersion),
        Err(because) => {
            reports.push(Report::Failing { because: opening.explain(because) });
            let salvage = opening.peek();
            let mut memory = Memory::default();
            // Memory takes everything.
            drop(memory.commit(&salvage.changes));
            let last = memory.last_row();
            let peeked = memory.tokens();
            let next_row = Row(last.0.saturating_add(ROWS_IN_MEMORY));
            (Tiers::in_memory(Some(opening), memory, peeked, options.clone()), next_row)
        }
        Ok(mut found) => {
            match found.leftover {
                Some(leftover) => reports.push(Report::Replaced {
                    moved_to: leftover.moved_to,
                    salvaged: leftover.salvaged,
                    because: leftover.because,
                }),
                None if found.unclean => {
                    reports.push(Report::Unclean { events: found.sqlite.held().unwrap_or(0) });
                }
                None => {}
            }
            let next_row = found.sqlite.last_row().map_or(ROWS_IN_MEMORY, |row| row.0.saturating_add(1));
            (Tiers::on_disk(opening, found.sqlite, options.clone()), Row(next_row))
        }
    };
    let newest = store.load(Select::Newest { before: None }, options.load_at_start, &[]);
    // What cannot be read now is asked for later.
    let newest = newest.unwrap_or_else(|_| Loaded { more: true, ..Loaded::default() });
    let waiting = store.held();
    Ok(Start { store, next_row, opened: Opened { newest, waiting, reports } })
}

impl Start {
    pub(crate) fn in_memory(options: &Options) -> Self {
        let store = Tiers::in_memory(None, Memory::default(), Vec::new(), options.clone());
        Self { store, next_row: Row(1), opened: Opened::default() }
    }
}

/// Changes of one commit, and who waits for each.
#[derive(Default)]
struct Batch {
    changes: Vec<Change>,
    waits: Vec<Waits>,
}

impl Batch {
    fn add(&mut self, change: Change, waits: Waits) {
        self.changes.push(change);
        self.waits.push(waits);
    }
}

/// Who waits for a change.
enum Waits {
    Nobody,
    Ticket(Asker<Committed>),
    Forgotten(Asker<Result<Vec<DeliveryId>, StoreError>>),
    /// What is held back for this event goes with it.
    EndOf(Row),
}

impl Waits {
    fn end_of(&self) -> Option<Row> {
        if let Self::EndOf(row) = self { Some(*row) } else { None }
    }
}

/// The thread.
pub(crate) struct Writer {
    store: Tiers,
    inbox: Arc<Inbox>,
    figures: Arc<Mutex<Figures>>,
    options: Options,
    /// What was found out about events that are not delivered yet and may be at any moment.
    held_back: BTreeMap<Row, (Instant, Findings)>,
    last_commit_at: Instant,
}

impl Writer {
    pub(crate) fn new(store: Tiers, inbox: Arc<Inbox>, figures: Arc<Mutex<Figures>>, options: Options) -> Self {
        let mut writer =
            Self { store, inbox, figures, options, held_back: BTreeMap::new(), last_commit_at: Instant::now() };
        writer.tell_figures(|_| {});
        writer
    }

    /// Runs until it is closed.
    pub(crate) fn run(mut self) {
        loop {
            let told = self.inbox.take(self.wake_at());
            let closes = told.iter().any(|told| matches!(told, Told::Urgent(Urgent::Close)));
            let done = catch_unwind(AssertUnwindSafe(|| self.work(told)));
            if done.is_err() {
                self.store.fail(StoreError::Fault("the store met a fault of its own".to_owned()));
            }
            if closes {
                break;
            }
        }
        // Whatever goes wrong now was told, or can be told to nobody any more.
        drop(catch_unwind(AssertUnwindSafe(|| self.store.close())));
    }

    /// Until when there is nothing to do if nobody says anything.
    fn wake_at(&self) -> Option<Instant> {
        let held_back = self.held_back.values().map(|(since, _)| *since + self.options.enrichment_after).min();
        let checkpoint =
            (self.store.wal_pages() >= (self.options.checkpoint_pages / 4).max(1)).then(|| self.last_commit_at + IDLE);
        [held_back, checkpoint, self.store.next_try()].into_iter().flatten().min()
    }

    fn work(&mut self, told: Vec<Told>) {
        if self.store.is_failing() {
            self.store.try_disk();
            self.tell_figures(|_| {});
        }
        let mut batch = Batch::default();
        let mut questions: Vec<Urgent> = Vec::new();
        for told in told {
            match told {
                Told::Urgent(Urgent::Append(event, asker)) => {
                    batch.add(Change::Append(event.packed()), Waits::Ticket(asker));
                }
                Told::Urgent(Urgent::Forget(unwanted, asker)) => {
                    batch.add(Change::Forget(unwanted), Waits::Forgotten(asker));
                }
                Told::Urgent(Urgent::Shift { boot, by }) => batch.add(Change::Shift { boot, by }, Waits::Nobody),
                Told::Urgent(question) => questions.push(question),
                Told::Late(late) => self.take_late(late, &mut batch),
            }
        }
        // Whoever reads wants to see everything that was said before.
        self.release_held_back(!questions.is_empty(), &mut batch);
        self.commit(batch);
        if !questions.is_empty() {
            // What was not known to be needed before.
            let mut rest = Batch::default();
            self.release_held_back(true, &mut rest);
            self.commit(rest);
        }
        for question in questions {
            self.answer(question);
        }
        self.tidy();
    }

    fn take_late(&mut self, late: Late, batch: &mut Batch) {
        match late {
            Late::Complete(token) => batch.add(Change::Complete(token), Waits::EndOf(token.row)),
            Late::Postpone(token, standing) => {
                batch.add(Change::Postpone(token, standing), Waits::Nobody);
                if let Some((_, enrichment)) = self.held_back.remove(&token.row) {
                    batch.add(Change::Enrich(token.row, enrichment), Waits::Nobody);
                }
            }
            Late::Enrich(row, enrichment) => {
                self.held_back.insert(row, (Instant::now(), enrichment));
            }
        }
    }

    fn release_held_back(&mut self, all: bool, batch: &mut Batch) {
        let size = |enrichment: &Findings| enrichment.picture.as_ref().map_or(0, Bytes::len);
        let bytes: usize = self.held_back.values().map(|(_, enrichment)| size(enrichment)).sum();
        let all = all || bytes > MOST_HELD_BACK;
        let (now, patience) = (Instant::now(), self.options.enrichment_after);
        // What is completed in this batch may need it no more; the next round knows.
        let ending: Vec<Row> = batch.waits.iter().filter_map(Waits::end_of).collect();
        let is_due = |row: &Row, since: Instant| (all || since + patience <= now) && !ending.contains(row);
        for (row, (_, enrichment)) in self.held_back.extract_if(.., |row, (since, _)| is_due(row, *since)) {
            batch.add(Change::Enrich(row, enrichment), Waits::Nobody);
        }
    }

    fn commit(&mut self, batch: Batch) {
        if batch.changes.is_empty() {
            return;
        }
        let began = Instant::now();
        let (done, durable) = self.store.commit(batch.changes);
        let took = began.elapsed();
        let mut events = 0;
        for (waits, done) in batch.waits.into_iter().zip(done) {
            match (waits, done) {
                (Waits::Ticket(asker), _) => {
                    events += 1;
                    let failing = Committed::MemoryOnly(Reason::Failing);
                    answer(asker, if durable { Committed::Durable } else { failing });
                }
                (Waits::Forgotten(asker), Done::Forgotten(deliveries)) => answer(asker, Ok(deliveries)),
                (Waits::Forgotten(asker), _) => answer(asker, Ok(Vec::new())),
                (Waits::EndOf(row), Done::Ended) => drop(self.held_back.remove(&row)),
                (Waits::EndOf(_) | Waits::Nobody, _) => {}
            }
        }
        self.last_commit_at = Instant::now();
        self.store.keep_disk_small();
        self.tell_figures(|figures| {
            figures.commits += 1;
            *(if durable { &mut figures.durable } else { &mut figures.memory_only }) += events;
            figures.last_commit = took;
            figures.longest_commit = figures.longest_commit.max(took);
        });
    }

    fn answer(&mut self, question: Urgent) {
        match question {
            Urgent::Load(select, most, without, asker) => {
                let loaded: Result<Loaded, StoreError> = self.store.load(select, most, &without);
                answer(asker, loaded);
            }
            Urgent::Picture(row, asker) => answer(asker, self.store.picture(row)),
            Urgent::Flush(asker) => answer(asker, ()),
            // The first three are changes, and were made.
            Urgent::Append(..) | Urgent::Forget(..) | Urgent::Shift { .. } | Urgent::Close => {}
        }
    }

    fn tidy(&mut self) {
        let pages = self.store.wal_pages();
        let idle = self.last_commit_at.elapsed() >= IDLE && pages >= (self.options.checkpoint_pages / 4).max(1);
        if pages >= self.options.checkpoint_pages || idle {
            self.store.checkpoint();
            self.tell_figures(|figures| figures.checkpoints += 1);
        }
    }

    fn tell_figures(&mut self, change: impl FnOnce(&mut Figures)) {
        let size = self.store.size();
        let (in_memory_events, in_memory_bytes) = self.store.in_memory_now();
        let mut figures = self.figures.lock().unwrap_or_else(PoisonError::into_inner);
        change(&mut figures);
        figures.failing = self.store.is_failing();
        figures.in_memory_events = in_memory_events;
        figures.in_memory_bytes = in_memory_bytes;
        figures.used_bytes = size.used;
        figures.used_bytes_highest = figures.used_bytes_highest.max(size.used);
        figures.file_bytes = size.file;
        figures.wal_pages = self.store.wal_pages();
    }
}
