//! What became of deliveries: looked up by people, never needed to deliver. It may be thrown away.
//!
//! Comes in: how a delivery stands, and each of its attempts. Goes out: lists by filter and page, and one delivery with all
//! that was tried. Writing never waits: changes gather in memory, several of one delivery become one, and go to
//! `journal.db` together. Events lie beside their deliveries, so that a person can have one sent again. Bounded in rows and
//! bytes; the oldest go.
//!
//! Apart from the outbox, with a thread of its own, so that a search keeps no event from being committed, and damage here
//! costs nothing there.

mod record;
mod rows;
mod thread;

use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use octohooks_core::event::Event;
use octohooks_core::ids::{DeliveryId, EventId};

pub use record::{AttemptRecord, Entry, PhaseMillis, State};
pub use rows::{Cursor, Filter, Listed};

use crate::error::StoreError;
use crate::reply::{Reply, reply};
use crate::report::{Report, Tell};
use rows::Rows;
use thread::{Inbox, Question, Recorder};

/// How the journal is kept.
#[derive(Clone)]
pub struct JournalOptions {
    /// Who is told what a person has to know.
    pub tell: Tell,
    /// As many deliveries are kept.
    pub most_deliveries: u64,
    /// As many bytes are kept.
    pub most_bytes: u64,
    /// While the disk does not work, as many bytes are kept in memory.
    pub most_bytes_in_memory: u64,
    /// Changes gather for this long.
    pub gather: Duration,
    /// After the disk failed it is tried again with the first change after this long.
    pub retry_disk_after: Duration,
    /// Another file system of `SQLite`'s than the usual one; tests have some that fail.
    pub vfs: Option<String>,
}

impl JournalOptions {
    /// What suits a small computer.
    pub fn new(tell: Tell) -> Self {
        Self {
            tell,
            most_deliveries: 100_000,
            most_bytes: 64 << 20,
            most_bytes_in_memory: 4 << 20,
            gather: Duration::from_secs(5),
            retry_disk_after: Duration::from_secs(30),
            vfs: None,
        }
    }
}

/// A change.
#[derive(Debug, Clone)]
pub enum Record {
    /// How a delivery stands now.
    State(Box<Entry>),
    /// Another attempt of a delivery that is known.
    Attempt(DeliveryId, Box<AttemptRecord>),
    /// What happened, so that it can be sent again.
    Event(Arc<Event>),
}

/// One delivery with what was tried.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Whole {
    /// How it stands.
    pub entry: Entry,
    /// The latest attempts, in order.
    pub tried: Vec<AttemptRecord>,
}

/// The handle. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Journal(Arc<Handle>);

#[derive(Debug)]
struct Handle {
    inbox: Arc<Inbox>,
    ended: Mutex<Receiver<()>>,
}

impl Journal {
    /// Opens `journal.db` in a folder. A damaged one is replaced by an empty one; while the disk does not let it, the journal
    /// is in memory. What a person has to know of it.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn open(folder: &Path, options: JournalOptions) -> std::io::Result<(Self, Vec<Report>)> {
        let (rows, report) = Rows::open(folder, &options);
        let inbox = Arc::new(Inbox::default());
        let (ending, ended) = sync_channel::<()>(1);
        let recorder = Recorder::new(folder, rows, Arc::clone(&inbox), options);
        std::thread::Builder::new().name("octohooks-journal".to_owned()).spawn(move || {
            recorder.run();
            drop(ending);
        })?;
        let handle = Handle { inbox, ended: Mutex::new(ended) };
        Ok((Self(Arc::new(handle)), report.into_iter().collect()))
    }

    /// Writes something down.
    pub fn write(&self, record: Record) {
        self.0.inbox.record(record);
    }

    /// The newest first: what passes the filter, before `before`, at most `limit`. Where what passes is rare, a page may hold
    /// fewer, or none, and there are more all the same: one look takes its bounded time, however long the journal is.
    pub fn list(&self, filter: Filter, before: Option<Cursor>, limit: usize) -> Reply<Result<Listed, StoreError>> {
        let (asker, reply) = reply();
        self.0.inbox.ask(Question::List(filter, before, limit, asker));
        reply
    }

    /// One delivery with its attempts.
    pub fn one(&self, delivery: DeliveryId) -> Reply<Result<Option<Whole>, StoreError>> {
        let (asker, reply) = reply();
        self.0.inbox.ask(Question::One(delivery, asker));
        reply
    }

    /// What happened; `None` when it is not kept, or not any more.
    pub fn event(&self, event: EventId) -> Reply<Result<Option<Event>, StoreError>> {
        let (asker, reply) = reply();
        self.0.inbox.ask(Question::Event(event, asker));
        reply
    }

    /// What happened last, the newest first, at most `limit`.
    pub fn latest_events(&self, limit: usize) -> Reply<Result<Vec<Event>, StoreError>> {
        let (asker, reply) = reply();
        self.0.inbox.ask(Question::LatestEvents(limit, asker));
        reply
    }

    /// Comes when everything said before is written.
    pub fn flush(&self) -> Reply<()> {
        let (asker, reply) = reply();
        self.0.inbox.ask(Question::Flush(asker));
        reply
    }

    /// Writes what is left and closes the file, and waits for that. False when it did not end in time; it goes on all the same.
    pub fn close(&self, timeout: Duration) -> bool {
        self.0.inbox.ask(Question::Close);
        let ended = self.0.ended.lock().unwrap_or_else(PoisonError::into_inner);
        // Nothing is ever sent: the other end goes with the thread.
        ended.recv_timeout(timeout) == Err(RecvTimeoutError::Disconnected)
    }
}

/// The last handle takes the thread with it.
impl Drop for Handle {
    fn drop(&mut self) {
        self.inbox.ask(Question::Close);
    }
}
