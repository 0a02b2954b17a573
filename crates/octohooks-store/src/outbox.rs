//! The handle by which the engine speaks to the outbox. Cheap to clone; no call waits for the disk.
//!
//! Comes in: events to be kept, and what became of their deliveries. Goes out: tickets that complete once an event is on
//! disk, or could only be kept in memory. Opening reads what a former run left.

use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use bytes::Bytes;
use octohooks_core::ids::{DeliveryId, HookId};
use octohooks_core::parcel::Findings;
use octohooks_core::time::UnixMillis;
use octohooks_core::topic::Class;

use crate::error::StoreError;
use crate::event::{NewEvent, Row, Standing, Token};
pub use crate::inbox::Loaded;
use crate::inbox::{Inbox, Late, Lateness, Refused, Urgent};
use crate::reply::{Reply, answer, reply};
use crate::report::{Report, Tell};
use crate::sqlite::Opening;
use crate::store::{Most, Select, Unwanted};
use crate::stored::StoredEvent;
use crate::writer::{Figures, Start, Writer, start};

/// How the outbox is kept.
#[derive(Clone)]
pub struct Options {
    /// Reads the wall clock.
    pub clock: Arc<dyn Fn() -> UnixMillis + Send + Sync>,
    /// Who is told what a person has to know.
    pub tell: Tell,
    /// Pictures on disk take up this much at most; over it the oldest go. Their events stay.
    pub picture_budget: u64,
    /// Events on disk take up this much at most; over it what matters least goes first, and is told.
    pub disk_budget: u64,
    /// Events in memory take up this much at most while the disk does not work.
    pub memory_budget: usize,
    /// What may be written late is written after this long, or when there are [`Options::late_items`].
    pub late_after: Duration,
    /// See [`Options::late_after`].
    pub late_items: usize,
    /// Metadata and pictures are written when a delivery has to wait, or after this long: most are delivered before.
    pub enrichment_after: Duration,
    /// The write-ahead log is copied back when it has this many pages.
    pub checkpoint_pages: u32,
    /// After the disk failed it is tried again after this long, then ever more seldom.
    pub retry_disk_after: Duration,
    /// As many events are read when it is opened, the newest.
    pub load_at_start: Most,
    /// Another file system of `SQLite`'s than the usual one; tests have some that fail.
    pub vfs: Option<String>,
}

impl Options {
    /// What suits a small computer.
    pub fn new(clock: Arc<dyn Fn() -> UnixMillis + Send + Sync>, tell: Tell) -> Self {
        Self {
            clock,
            tell,
            picture_budget: 16 << 20,
            disk_budget: 256 << 20,
            memory_budget: 4 << 20,
            late_after: Duration::from_secs(1),
            late_items: 32,
            enrichment_after: Duration::from_secs(5),
            checkpoint_pages: 1000,
            retry_disk_after: Duration::from_secs(5),
            load_at_start: Most { events: 1000, bytes: 4 << 20 },
            vfs: None,
        }
    }
}

/// Why there is no outbox. With everything else that can happen to a disk it opens all the same, in memory, and says so.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// Another process has it.
    #[error(
        "The file with the events that wait to be sent is in use by another program. Is another OctoPrint running with the \
         same folder?"
    )]
    InUse,
    /// It is of a later version.
    #[error(
        "The events that wait to be sent were saved by a later version of this plugin, so this version does not touch them. \
         Update the plugin."
    )]
    LaterVersion,
    /// The system gives no thread.
    #[error("The outbox could not be started: {0}.")]
    Thread(#[from] std::io::Error),
}

/// What was there.
#[derive(Debug, Default)]
pub struct Opened {
    /// The newest events that wait, the newest first, as many as [`Options::load_at_start`] lets in.
    pub newest: Loaded,
    /// How many events wait in all.
    pub waiting: u64,
    /// What the user has to know. Was not told otherwise.
    pub reports: Vec<Report>,
}

/// What became of an event that was to be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Committed {
    /// It is on storage that says it has flushed it.
    Durable,
    /// It is in memory only: send it, but a restart would lose it.
    MemoryOnly(Reason),
}

/// Why an event is in memory only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// Progress is not worth a write.
    Progress,
    /// The disk does not work.
    Failing,
    /// The disk does not keep up. The outbox does not hold the event at all.
    Behind,
    /// The outbox is closed. It does not hold the event at all.
    Closed,
}

/// An event on its way to the disk.
#[derive(Debug)]
pub struct Appended {
    /// Where it lies.
    pub row: Row,
    /// The right to finish each of its deliveries, in the order in which they were given.
    pub tokens: Vec<Token>,
    /// Comes when it is on disk, or it is clear that it will not be. An error means [`Reason::Closed`].
    pub ticket: Reply<Committed>,
}

/// The handle.
#[derive(Debug, Clone)]
pub struct Outbox(Arc<Handle>);

#[derive(Debug)]
struct Handle {
    inbox: Arc<Inbox>,
    next_row: AtomicI64,
    figures: Arc<Mutex<Figures>>,
    behind: AtomicBool,
    tell: TellHandle,
    ended: Mutex<Receiver<()>>,
}

struct TellHandle(Tell);

impl std::fmt::Debug for TellHandle {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Tell")
    }
}

impl Outbox {
    /// Opens `outbox.db` in a folder, makes it where there is none, and starts the writer thread.
    ///
    /// # Errors
    /// See [`OpenError`].
    pub fn open(folder: &Path, options: Options) -> Result<(Self, Opened), OpenError> {
        let opening = Opening::new(folder, options.picture_budget).by_vfs(options.vfs.clone());
        let start = start(opening, &options)?;
        Self::run(start, options)
    }

    /// An outbox that only has memory, for when [`Outbox::open`] gives an error: nothing in it survives a restart.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn in_memory(options: Options) -> Result<(Self, Opened), OpenError> {
        Self::run(Start::in_memory(&options), options)
    }

    fn run(start: Start, options: Options) -> Result<(Self, Opened), OpenError> {
        let Start { store, next_row, opened } = start;
        let inbox = Arc::new(Inbox::new(Lateness { patience: options.late_after, most: options.late_items }));
        let figures = Arc::new(Mutex::new(Figures::default()));
        let tell = TellHandle(Arc::clone(&options.tell));
        let (ending, ended) = sync_channel::<()>(1);
        let writer = Writer::new(store, Arc::clone(&inbox), Arc::clone(&figures), options);
        thread::Builder::new().name("octohooks-store".to_owned()).spawn(move || {
            writer.run();
            drop(ending);
        })?;
        let handle = Handle {
            inbox,
            next_row: AtomicI64::new(next_row.0),
            figures,
            behind: AtomicBool::new(false),
            tell,
            ended: Mutex::new(ended),
        };
        Ok((Self(Arc::new(handle)), opened))
    }

    /// Keeps an event until all of its deliveries have come to an end. Send nothing before the ticket has come.
    pub fn append(&self, new: &NewEvent) -> Appended {
        let handle = &self.0;
        let row = Row(handle.next_row.fetch_add(1, Ordering::Relaxed));
        let tokens = new.deliveries.iter().map(|delivery| Token { row, delivery: delivery.id, fence: 0 }).collect();
        let (asker, ticket) = reply();
        if new.event.class() == Class::Progress {
            answer(asker, Committed::MemoryOnly(Reason::Progress));
            return Appended { row, tokens, ticket };
        }
        match handle.inbox.append(StoredEvent::new(row, new), asker) {
            Ok(plenty) => {
                if plenty {
                    handle.behind.store(false, Ordering::Relaxed);
                }
            }
            Err((Refused::Closed, asker)) => answer(asker, Committed::MemoryOnly(Reason::Closed)),
            Err((Refused::Behind, asker)) => {
                answer(asker, Committed::MemoryOnly(Reason::Behind));
                if !handle.behind.swap(true, Ordering::Relaxed) {
                    (handle.tell.0)(Report::Behind);
                }
            }
        }
        Appended { row, tokens, ticket }
    }

    /// A delivery has come to its end, whichever. Written late: losing it costs a repeat.
    pub fn complete(&self, token: Token) {
        self.0.inbox.late(Late::Complete(token));
    }

    /// A delivery waits for another attempt, or was changed by an identical event. Written late.
    pub fn postpone(&self, token: Token, standing: Standing) {
        self.0.inbox.late(Late::Postpone(token, standing));
    }

    /// Something was found out about an event. Written only when the event is not delivered soon.
    pub fn enrich(&self, row: Row, enrichment: Findings) {
        self.0.inbox.late(Late::Enrich(row, enrichment));
    }

    /// Nobody wants these any more, whether they were read or not. Which deliveries that were.
    pub fn forget(&self, unwanted: Unwanted) -> Reply<Result<Vec<DeliveryId>, StoreError>> {
        let (asker, reply) = reply();
        self.0.inbox.urgent(Urgent::Forget(unwanted, asker));
        reply
    }

    /// The wall clock was put right by `by` milliseconds: what was written by it in this boot moves with it.
    pub fn shift(&self, boot: i64, by: i64) {
        self.0.inbox.urgent(Urgent::Shift { boot, by });
    }

    /// Reads events that wait.
    pub fn load(&self, select: Select, most: Most) -> Reply<Result<Loaded, StoreError>> {
        self.load_without(select, most, Vec::new())
    }

    /// Reads events that wait, and passes over those that nobody but these hooks waits for.
    pub fn load_without(&self, select: Select, most: Most, hooks: Vec<HookId>) -> Reply<Result<Loaded, StoreError>> {
        let (asker, reply) = reply();
        self.0.inbox.urgent(Urgent::Load(select, most, hooks, asker));
        reply
    }

    /// Reads the picture of an event.
    pub fn picture(&self, row: Row) -> Reply<Result<Option<Bytes>, StoreError>> {
        let (asker, reply) = reply();
        self.0.inbox.urgent(Urgent::Picture(row, asker));
        reply
    }

    /// Comes when everything said before is on disk, or in memory where the disk does not work.
    pub fn flush(&self) -> Reply<()> {
        let (asker, reply) = reply();
        self.0.inbox.urgent(Urgent::Flush(asker));
        reply
    }

    /// How it stands.
    pub fn figures(&self) -> Figures {
        *self.0.figures.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes what is left and closes the file, and waits for that. False when it did not end in time; it goes on all the same.
    pub fn close(&self, timeout: Duration) -> bool {
        self.0.inbox.urgent(Urgent::Close);
        let ended = self.0.ended.lock().unwrap_or_else(PoisonError::into_inner);
        // Nothing is ever sent: the other end goes with the writer.
        ended.recv_timeout(timeout) == Err(RecvTimeoutError::Disconnected)
    }
}

/// The last handle takes the writer with it.
impl Drop for Handle {
    fn drop(&mut self) {
        self.inbox.urgent(Urgent::Close);
    }
}
