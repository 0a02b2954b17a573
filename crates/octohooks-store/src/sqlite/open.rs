//! Opening the outbox's file whatever it is like: new, clean, left in the middle, of an earlier form, damaged.
//!
//! A damaged file is put aside and what can be read of it goes into a new one. A file of a later version, or one that
//! somebody else has, is not touched.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use octohooks_core::time::UnixMillis;
use rusqlite::{Connection, OpenFlags};

use crate::error::StoreError;
use crate::store::Store;

use super::files::{Files, Leftover};
use super::salvage::{Salvage, peek, salvage};
use super::{Sqlite, log, migrate};

/// `SQLite` before 3.51.3 can lose commits when a checkpoint races with them.
pub const SMALLEST_SQLITE: i32 = 3_051_003;

/// The steps of `outbox.db`.
const MIGRATIONS: &[&str] = &[include_str!("../../migrations/outbox_0001_events.sql")];

/// An empty file larger than this is rebuilt when it is opened.
const LARGE: u64 = 4 << 20;

/// A former process may still be closing it, for as long.
const CLOSING: Duration = Duration::from_secs(2);
/// No lock tells when it is free.
const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// Why a file was replaced, when the process that found out was stopped before it could say so.
const STOPPED_WHILE_REPLACED: &str = "a former start had begun to replace it";

/// How to open it.
#[derive(Debug, Clone)]
pub struct Opening {
    folder: PathBuf,
    picture_budget: u64,
    vfs: Option<String>,
}

/// What was opened.
#[derive(Debug)]
pub struct Found {
    /// The store.
    pub sqlite: Sqlite,
    /// Whether the last one to use it was stopped in the middle.
    pub unclean: bool,
    /// What is left of a damaged file, if there was one.
    pub leftover: Option<Leftover>,
}

impl Opening {
    /// `outbox.db` in a folder.
    pub fn new(folder: &Path, picture_budget: u64) -> Self {
        Self { folder: folder.to_owned(), picture_budget, vfs: None }
    }

    /// By way of another file system of `SQLite`'s than the usual one: tests have some that fail.
    #[must_use]
    pub fn by_vfs(mut self, name: Option<String>) -> Self {
        self.vfs = name;
        self
    }

    /// Opens it; a damaged one is replaced by what can be read of it.
    ///
    /// # Errors
    /// When the disk does not let it, somebody else has it, or it is of a later version.
    pub fn open_or_replace(&self, now: UnixMillis) -> Result<Found, StoreError> {
        // A log that somebody is writing looks broken at times.
        let lock = self.lock()?;
        if let Some(moved_to) = self.finish_replacing(now)? {
            let mut sqlite = self.open(false)?;
            let salvaged = usize::try_from(sqlite.held()?).unwrap_or(usize::MAX);
            sqlite.lock = lock;
            let leftover = Leftover { moved_to, because: STOPPED_WHILE_REPLACED.to_owned(), salvaged };
            return Ok(Found { sqlite, unclean: true, leftover: Some(leftover) });
        }
        let unclean = self.files().are_unclean();
        let opened = if unclean && log::is_damaged(&self.files().log()) {
            Err(StoreError::Damaged("the log of its latest changes is broken".to_owned()))
        } else {
            self.open(unclean)
        };
        let (mut sqlite, leftover) = match opened {
            Err(StoreError::Damaged(because)) => {
                let (sqlite, leftover) = self.replace_locked(now, because)?;
                (sqlite, Some(leftover))
            }
            opened => (opened?, None),
        };
        sqlite.lock = lock;
        Ok(Found { sqlite, unclean, leftover })
    }

    /// Puts the file aside and takes what can be read of it into a new one.
    ///
    /// # Errors
    /// As with [`Self::open_or_replace`]; the next try finds the file where it was, or goes on from there.
    pub fn replace(&self, now: UnixMillis, because: String) -> Result<(Sqlite, Leftover), StoreError> {
        let lock = self.lock()?;
        let (mut sqlite, leftover) = self.replace_locked(now, because)?;
        sqlite.lock = lock;
        Ok((sqlite, leftover))
    }

    fn replace_locked(&self, now: UnixMillis, because: String) -> Result<(Sqlite, Leftover), StoreError> {
        let Salvage { changes, events } = salvage(&self.files().database(), self.vfs.as_deref());
        let filling = self.filling();
        filling.remove()?;
        let filled = self.open_files(&filling, false).and_then(|mut sqlite| {
            sqlite.commit(&changes)?;
            sqlite.close()
        });
        if let Err(error) = filled {
            // No room for another one, perhaps: the next try finds the damaged one where it was.
            filling.remove()?;
            return Err(error);
        }
        filling.rename(&self.filled())?;
        let moved_to = self.finish_replacing(now)?.ok_or_else(|| StoreError::Disk("a new file is gone".to_owned()))?;
        Ok((self.open(false)?, Leftover { moved_to, because, salvaged: events }))
    }

    /// Puts a file that was filled in the place of the damaged one, also when a former process was stopped before it came to
    /// that. Where the damaged one lies; `None` when there is nothing to put there.
    fn finish_replacing(&self, now: UnixMillis) -> Result<Option<PathBuf>, StoreError> {
        let (filling, filled) = (self.filling(), self.filled());
        if filling.database().exists() {
            filling.remove()?;
        }
        if !filled.database().exists() {
            return Ok(None);
        }
        let moved_to = self.files().put_aside(now)?;
        filled.rename(&self.files())?;
        Ok(Some(moved_to))
    }

    /// A new file while it is filled: it counts for nothing.
    fn filling(&self) -> Files {
        Files::new(&self.folder, "outbox.filling")
    }

    /// A new file that has all that could be read of the damaged one.
    fn filled(&self) -> Files {
        Files::new(&self.folder, "outbox.filled")
    }

    /// What can be read of a file on a disk that takes no writes.
    pub fn peek(&self) -> Salvage {
        let files = self.files();
        peek(&files.database(), &files.log(), self.vfs.as_deref())
    }

    /// `SQLite` tells of a disk only that it failed. Asked for a new name, the system says more.
    pub(crate) fn explain(&self, because: StoreError) -> StoreError {
        match (&because, self.files().try_name()) {
            (StoreError::Disk(_), Err(error)) => error.into(),
            _ => because,
        }
    }

    fn files(&self) -> Files {
        Files::new(&self.folder, "outbox")
    }

    /// Sees to it that nobody else has the files. `None` where the disk gives no locks, or takes no file for one:
    /// `SQLite`'s own lock holds all the same, but only once the file was looked at.
    fn lock(&self) -> Result<Option<File>, StoreError> {
        let deadline = Instant::now() + CLOSING;
        let Ok(file) = self.files().lock_file() else { return Ok(None) };
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Some(file)),
                Err(TryLockError::Error(_)) => return Ok(None),
                Err(TryLockError::WouldBlock) if Instant::now() >= deadline => return Err(StoreError::InUse),
                Err(TryLockError::WouldBlock) => std::thread::sleep(LOOK_AGAIN),
            }
        }
    }

    fn open(&self, check: bool) -> Result<Sqlite, StoreError> {
        self.open_files(&self.files(), check)
    }

    fn open_files(&self, files: &Files, check: bool) -> Result<Sqlite, StoreError> {
        let found = rusqlite::version_number();
        if found < SMALLEST_SQLITE {
            return Err(StoreError::Fault(format!("SQLite {found} is too old, it can lose what was committed")));
        }
        files.create()?;
        let connection = connect(&files.database(), self.vfs.as_deref())?;
        connection.execute_batch(
            "pragma busy_timeout = 2000;
             pragma locking_mode = exclusive;
             pragma page_size = 1024;
             pragma synchronous = full;
             pragma wal_autocheckpoint = 0;
             pragma temp_store = memory;
             pragma cache_size = -512;
             pragma mmap_size = 0;
             pragma trusted_schema = off;
             pragma cell_size_check = on;",
        )?;
        let mode: String = connection.query_row("pragma journal_mode = wal", [], |row| row.get(0))?;
        if mode != "wal" {
            return Err(StoreError::Disk(format!("the file system gives no write-ahead log but {mode}")));
        }
        connection.execute_batch("pragma journal_size_limit = 4194304")?;
        migrate(&connection, MIGRATIONS)?;
        if check {
            check_pages(&connection)?;
        }
        // The log may have been made just now.
        files.sync_folder()?;
        watch(connection, files.log(), self.picture_budget)
    }
}

fn watch(mut connection: Connection, log: PathBuf, picture_budget: u64) -> Result<Sqlite, StoreError> {
    let wal_pages = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&wal_pages);
    connection.wal_hook(Some(move |_: &mut rusqlite::hooks::Wal, pages| {
        counted.store(u32::try_from(pages).unwrap_or(0), Ordering::Relaxed);
        Ok(())
    }))?;
    let mut sqlite =
        Sqlite { connection, wal_pages, picture_budget, flushes: true, owes_flush: false, log, lock: None };
    let is_empty = sqlite.last_row()?.0 == 0 && sqlite.held()? == 0;
    if is_empty && sqlite.size()?.file > LARGE {
        sqlite.connection.execute_batch("vacuum")?;
        sqlite.checkpoint()?;
    }
    Ok(sqlite)
}

/// Opens a file that is there. Never by a URI, so that no name is read as anything else.
pub(crate) fn connect(database: &Path, vfs: Option<&str>) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    Ok(match vfs {
        Some(vfs) => Connection::open_with_flags_and_vfs(database, flags, vfs)?,
        None => Connection::open_with_flags(database, flags)?,
    })
}

fn check_pages(connection: &Connection) -> Result<(), StoreError> {
    let verdict: String = connection.query_row("pragma quick_check(1)", [], |row| row.get(0))?;
    if verdict == "ok" { Ok(()) } else { Err(StoreError::Damaged("some of its pages hold something else".to_owned())) }
}
