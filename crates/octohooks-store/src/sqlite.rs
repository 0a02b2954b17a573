//! A store in one `SQLite` file: what is committed here survives a crash, a kill, and a power cut, provided that the storage
//! honours flushes.
//!
//! Comes in: lists of changes, each one transaction. Goes out: what they did, and events to read. This file never decides
//! when to write: see `writer`. It never opens the file twice, and nothing else may open it.
//!
//! ```text
//! outbox.db        pages of 1024 bytes, STRICT tables, see migrations/outbox_*.sql
//!   outbox           one row per event while anything of it is undelivered: an append is one leaf page at the right end
//!     todo             its deliveries, JSON; completing one shortens it, completing the last deletes the row
//!     body             the event, JSON, packed, with a form of its own
//!   outbox_retry     an index over rows that wait for a time: fresh ones never touch it
//!   enrichment       metadata and picture, apart: written only for what was not delivered at once
//! outbox.db-wal    commits since the last checkpoint; gone after a clean stop, so that its being there says "unclean"
//!
//! write    BEGIN IMMEDIATE, every change of the batch, COMMIT: frames of changed pages go to the end of the WAL and one
//!          fdatasync makes them durable. Several changes of one page in a batch cost one frame.
//! read     at start, when a lane overflowed, for late retries. By row, by hook, or by the index of what is due.
//! delete   a row goes with its last delivery; its pages go to the free list and are used again. The file itself never
//!          shrinks while it is used; a large empty one is rebuilt when it is opened, which costs nothing.
//! ack      a caller is told after COMMIT returned, never before.
//! mark     that deliveries have ended or wait, and nothing else, is committed without a flush of its own, unless the commit
//!          before went without as well: it is durable with the next commit, or when the system writes it, which on
//!          Linux it is asked to do at once.
//! ```
//!
//! Small pages, since a packed event with its deliveries is about that large, and since the log, which is what is mostly
//! written, is written by the page.
//!
//! Settings, where they differ from the usual ones: `locking_mode=EXCLUSIVE` before `journal_mode=WAL`, so that there is no
//! shared memory and no other process that opens it (within this process no lock helps: the file has to be left to this crate); `synchronous=FULL`, one flush per commit (`EXTRA` adds nothing in WAL mode), but `NORMAL` for marks;
//! `auto_vacuum=NONE`, because its pointer maps cost another page per page that is taken or freed, and here every event does
//! both; `wal_autocheckpoint=0`, because the owner checkpoints after callers have their answers; `mmap_size=0`, because an I/O
//! error under a mapping is a signal that would end the host.

mod files;
mod log;
mod migrate;
mod open;
mod salvage;

use files::write_soon;
pub use files::{Files, Leftover};
pub use migrate::migrate;
pub(crate) use open::connect;
pub use open::{Found, Opening, SMALLEST_SQLITE};
pub use salvage::Salvage;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use bytes::Bytes;
use octohooks_core::ids::DeliveryId;
use octohooks_core::parcel::Findings;
use octohooks_core::time::UnixMillis;
use rusqlite::{Connection, OptionalExtension, Row as SqlRow, params};

use crate::error::StoreError;
use crate::event::{Row, Stamp, Standing, Token};
use crate::store::{Change, Done, Most, Node, Page, Select, Store, Unwanted};
use crate::stored::{StoredEvent, Todo, class_number, class_of, waits_until};

/// What stands in place of a picture that was given up.
pub(crate) const PICTURE_GIVEN_UP: &str = "The picture was given up, because there was no space left for it.";

/// How a commit is made durable: at once, or with the next one. Without its flush the log is still read up to its last whole
/// commit, and copying it back flushes it first.
const FLUSHED: &str = "pragma synchronous = full";
const LEFT_TO_THE_NEXT: &str = "pragma synchronous = normal";

/// Every column of an event, in the order of [`event_of`].
const EVENT: &str = "select o.id, o.class, o.wall_ms, o.boot, o.monotonic_ms, o.expires_ms, o.form, o.body, o.todo, \
                     e.metadata, e.picture_missing, length(e.picture) from outbox o left join enrichment e on e.id = o.id";

/// The outbox's file, open.
#[derive(Debug)]
pub struct Sqlite {
    connection: Connection,
    wal_pages: Arc<AtomicU32>,
    picture_budget: u64,
    /// Whether a commit is flushed, as it is set now.
    flushes: bool,
    /// Whether the latest commit was not: then the next one is. More at a time could not be told from damage, see `log`.
    owes_flush: bool,
    /// The write-ahead log.
    log: PathBuf,
    /// Held as long as the connection is open: it stands behind it, and goes after it.
    lock: Option<std::fs::File>,
}

/// How much there is of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Size {
    /// Bytes that hold something.
    pub used: u64,
    /// Bytes of the file.
    pub file: u64,
}

impl Sqlite {
    /// How much space it takes up: two looks at the file's header, which is in memory.
    pub fn size(&self) -> Result<Size, StoreError> {
        let read = |pragma| self.connection.query_row(pragma, [], |row| row.get::<_, i64>(0));
        let (pages, free) = (read("pragma page_count")?, read("pragma freelist_count")?);
        let page = read("pragma page_size")?;
        let bytes = |pages: i64| u64::try_from(pages * page).unwrap_or(0);
        Ok(Size { used: bytes(pages - free), file: bytes(pages) })
    }

    /// The greatest row there is; 0 when there is none.
    pub fn last_row(&self) -> Result<Row, StoreError> {
        Ok(Row(self.connection.query_row("select coalesce(max(id), 0) from outbox", [], |row| row.get(0))?))
    }

    /// As many pages are in the write-ahead log and not in the file.
    pub fn wal_pages(&self) -> u32 {
        self.wal_pages.load(Ordering::Relaxed)
    }

    /// Copies the write-ahead log into the file, as far as that needs no waiting.
    pub fn checkpoint(&mut self) -> Result<(), StoreError> {
        self.connection.query_row("pragma wal_checkpoint(passive)", [], |_| Ok(()))?;
        self.wal_pages.store(0, Ordering::Relaxed);
        self.owes_flush = false;
        Ok(())
    }

    /// Closes it so that the next start knows that all was well.
    pub fn close(self) -> Result<(), StoreError> {
        // Emptied first, because closing itself swallows errors. With the log gone, closing has nothing left to do.
        self.connection.query_row("pragma wal_checkpoint(truncate)", [], |_| Ok(()))?;
        self.connection.close().map_err(|(_, error)| error.into())
    }

    fn make(&mut self, changes: &[Change], flushed: bool) -> Result<Vec<Done>, StoreError> {
        self.transaction(flushed, |connection, budget| {
            changes.iter().map(|change| make(connection, change, budget)).collect()
        })
    }

    /// A transaction, flushed or left to the flush of the next one: what is in the log before a flush is flushed along.
    fn transaction<T>(
        &mut self,
        flushed: bool,
        inside: impl FnOnce(&Connection, u64) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        if flushed != self.flushes {
            self.connection.execute_batch(if flushed { FLUSHED } else { LEFT_TO_THE_NEXT })?;
            self.flushes = flushed;
        }
        let before = self.wal_pages();
        self.connection.execute_batch("begin immediate")?;
        let result = inside(&self.connection, self.picture_budget).and_then(|done| {
            self.connection.execute_batch("commit")?;
            Ok(done)
        });
        // What changes nothing writes nothing, and then nothing is flushed either.
        if self.wal_pages() != before {
            self.owes_flush = !flushed;
        }
        if result.is_err() && !self.connection.is_autocommit() {
            // What failed is told; a rollback that fails as well changes nothing about it, and the owner opens anew.
            drop(self.connection.execute_batch("rollback"));
        }
        result
    }
}

impl Store for Sqlite {
    fn commit(&mut self, changes: &[Change]) -> Result<Vec<Done>, StoreError> {
        self.make(changes, true)
    }

    fn commit_late(&mut self, changes: &[Change]) -> Result<Vec<Done>, StoreError> {
        let before = self.wal_pages();
        let done = self.make(changes, self.owes_flush)?;
        if self.owes_flush {
            write_soon(&self.log, log::length(before));
        }
        Ok(done)
    }

    fn claim(
        &mut self,
        _node: Node,
        now: UnixMillis,
        limit: usize,
        lease: Duration,
    ) -> Result<Vec<StoredEvent>, StoreError> {
        self.transaction(true, |connection, _| {
            let mut statement = connection.prepare_cached("select id, todo from outbox order by id")?;
            let mut whole = connection.prepare_cached(&format!("{EVENT} where o.id = ?1"))?;
            let mut rows = statement.query([])?;
            let mut claimed = Vec::new();
            let mut after = Vec::new();
            let mut left = limit;
            while left > 0
                && let Some(row) = rows.next()?
            {
                let todo: String = row.get(1)?;
                if !parse_todo(&todo)?.iter().any(|todo| todo.is_due(now)) {
                    continue;
                }
                let mut found = whole.query([row.get::<_, i64>(0)?])?;
                let Some(row) = found.next()? else { continue };
                let mut event = event_of(row)?;
                if let Some(own) = event.lease(now, left, lease) {
                    left -= own.todo.len();
                    claimed.push(own);
                    after.push(event);
                }
            }
            drop(rows);
            for event in &after {
                write_todo(connection, event.row, &event.todo)?;
            }
            Ok(claimed)
        })
    }

    fn renew(&mut self, token: Token, now: UnixMillis, lease: Duration) -> Result<bool, StoreError> {
        let until = now.plus(lease).0;
        self.transaction(true, |connection, _| {
            let mut renewed = false;
            change_todo(connection, token, |todo| renewed = todo.renew(until))?;
            Ok(renewed)
        })
    }

    fn load(&mut self, select: Select, most: Most) -> Result<Page, StoreError> {
        let (filter, first, second): (_, i64, Option<String>) = match select {
            Select::Oldest { after } => ("where o.id > ?1 order by o.id", after.map_or(i64::MIN, |row| row.0), None),
            Select::Newest { before } => {
                ("where o.id < ?1 order by o.id desc", before.map_or(i64::MAX, |row| row.0), None)
            }
            Select::OfHook { hook, after } => (
                "where o.id > ?1 and instr(o.todo, ?2) > 0 order by o.id",
                after.map_or(i64::MIN, |row| row.0),
                Some(format!("\"hook\":\"{hook}\"")),
            ),
            Select::Due { by } => {
                ("where o.retry_at is not null and o.retry_at <= ?1 order by o.retry_at, o.id", by.0, None)
            }
        };
        let mut statement = self.connection.prepare_cached(&format!("{EVENT} {filter}"))?;
        let mut rows = match second {
            Some(second) => statement.query(params![first, second])?,
            None => statement.query(params![first])?,
        };
        let mut page = Page::default();
        let mut bytes = 0;
        while let Some(row) = rows.next()? {
            if page.events.len() >= most.events {
                page.more = true;
                break;
            }
            let event = event_of(row)?;
            bytes += event.bytes();
            if !page.events.is_empty() && bytes > most.bytes {
                page.more = true;
                break;
            }
            page.events.push(event);
        }
        Ok(page)
    }

    fn picture(&mut self, row: Row) -> Result<Option<Bytes>, StoreError> {
        let mut statement = self.connection.prepare_cached("select picture from enrichment where id = ?1")?;
        let picture: Option<Option<Vec<u8>>> = statement.query_row([row.0], |row| row.get(0)).optional()?;
        Ok(picture.flatten().map(Bytes::from))
    }

    fn held(&mut self) -> Result<u64, StoreError> {
        let count: i64 = self.connection.query_row("select count(*) from outbox", [], |row| row.get(0))?;
        Ok(u64::try_from(count).unwrap_or(0))
    }

    fn shed(&mut self, bytes: u64) -> Result<Vec<StoredEvent>, StoreError> {
        self.transaction(true, |connection, _| {
            let mut statement = connection.prepare_cached(&format!("{EVENT} where o.class = ?1 order by o.id"))?;
            let mut shed = Vec::new();
            let mut freed = 0_u64;
            for class in 0..=2_i64 {
                let mut rows = statement.query([class])?;
                while freed < bytes
                    && let Some(row) = rows.next()?
                {
                    let event = event_of(row)?;
                    freed += (event.bytes() + event.picture_bytes.unwrap_or(0)) as u64;
                    shed.push(event);
                }
            }
            for event in &shed {
                delete(connection, event.row)?;
            }
            Ok(shed)
        })
    }
}

fn make(connection: &Connection, change: &Change, picture_budget: u64) -> Result<Done, StoreError> {
    match change {
        Change::Append(event) => append(connection, event),
        Change::Complete(token) => complete(connection, *token),
        Change::Postpone(token, standing) => postpone(connection, *token, standing),
        Change::Enrich(row, enrichment) => enrich(connection, *row, enrichment, picture_budget),
        Change::Forget(unwanted) => forget(connection, *unwanted).map(Done::Forgotten),
        Change::Shift { boot, by } => shift(connection, *boot, *by),
    }
}

fn append(connection: &Connection, event: &StoredEvent) -> Result<Done, StoreError> {
    if event.todo.is_empty() {
        return Ok(Done::Nothing);
    }
    let mut statement = connection.prepare_cached(
        "insert into outbox (id, class, wall_ms, boot, monotonic_ms, expires_ms, retry_at, todo, form, body) \
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) on conflict (id) do nothing",
    )?;
    for row in [Some(event.row.0), None] {
        let inserted = statement.execute(params![
            row,
            class_number(event.class),
            event.stamp.wall.0,
            event.stamp.boot,
            event.stamp.monotonic,
            event.expires.0,
            event.waits_until(),
            todo_text(&event.todo)?,
            event.form,
            event.body,
        ])?;
        if inserted > 0 {
            break;
        }
    }
    Ok(Done::Made)
}

fn complete(connection: &Connection, token: Token) -> Result<Done, StoreError> {
    let Some(mut todo) = read_todo(connection, token.row)? else { return Ok(Done::Nothing) };
    let before = todo.len();
    todo.retain(|todo| !todo.is_held_by(token));
    if todo.len() == before {
        return Ok(Done::Nothing);
    }
    if todo.is_empty() {
        delete(connection, token.row)?;
        return Ok(Done::Ended);
    }
    write_todo(connection, token.row, &todo)?;
    Ok(Done::Made)
}

fn postpone(connection: &Connection, token: Token, standing: &Standing) -> Result<Done, StoreError> {
    change_todo(connection, token, |todo| todo.stand(standing))
}

fn enrich(connection: &Connection, row: Row, enrichment: &Findings, budget: u64) -> Result<Done, StoreError> {
    let mut there = connection.prepare_cached("select 1 from outbox where id = ?1")?;
    if !there.exists([row.0])? {
        return Ok(Done::Nothing);
    }
    let size = enrichment.picture.as_ref().map_or(0, Bytes::len) as u64;
    let too_large = size > budget;
    if size > 0 && !too_large {
        free_pictures(connection, row, budget - size)?;
    }
    let missing = if too_large { Some(PICTURE_GIVEN_UP) } else { enrichment.picture_missing.as_deref() };
    let mut statement = connection.prepare_cached(
        "insert or replace into enrichment (id, metadata, picture_missing, picture) values (?1, ?2, ?3, ?4)",
    )?;
    statement.execute(params![
        row.0,
        enrichment.metadata.as_ref().map(ToString::to_string),
        missing,
        enrichment.picture.as_deref().filter(|_| !too_large),
    ])?;
    Ok(Done::Made)
}

/// Gives up the oldest pictures until the others fit into `left`.
fn free_pictures(connection: &Connection, but: Row, left: u64) -> Result<(), StoreError> {
    let mut statement = connection.prepare_cached(
        "select id, length(picture) from enrichment where picture is not null and id <> ?1 order by id desc",
    )?;
    let mut give_up =
        connection.prepare_cached("update enrichment set picture = null, picture_missing = ?2 where id = ?1")?;
    let pictures: Vec<(i64, i64)> =
        statement.query_map([but.0], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<_, _>>()?;
    let mut kept = 0;
    for (row, bytes) in pictures {
        kept += u64::try_from(bytes).unwrap_or(0);
        if kept > left {
            give_up.execute(params![row, PICTURE_GIVEN_UP])?;
        }
    }
    Ok(())
}

fn forget(connection: &Connection, unwanted: Unwanted) -> Result<Vec<DeliveryId>, StoreError> {
    let sign = match unwanted {
        Unwanted::OfHook(hook) => format!("\"hook\":\"{hook}\""),
        Unwanted::One(delivery) => format!("\"{delivery}\""),
    };
    let mut statement = connection.prepare_cached("select id, todo from outbox where instr(todo, ?1) > 0")?;
    let rows: Vec<(i64, String)> =
        statement.query_map([sign], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<_, _>>()?;
    let mut forgotten = Vec::new();
    for (row, text) in rows {
        let mut todo = parse_todo(&text)?;
        forgotten.extend(todo.extract_if(.., |todo| unwanted.has(todo)).map(|todo| todo.id));
        if todo.is_empty() {
            delete(connection, Row(row))?;
        } else {
            write_todo(connection, Row(row), &todo)?;
        }
    }
    Ok(forgotten)
}

fn shift(connection: &Connection, boot: i64, by: i64) -> Result<Done, StoreError> {
    let mut statement =
        connection.prepare_cached("select id, todo from outbox where boot = ?1 and retry_at is not null")?;
    let waiting: Vec<(i64, String)> =
        statement.query_map([boot], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<_, _>>()?;
    for (row, text) in waiting {
        let mut todo = parse_todo(&text)?;
        for one in &mut todo {
            one.shift(by);
        }
        write_todo(connection, Row(row), &todo)?;
    }
    connection
        .prepare_cached("update outbox set wall_ms = wall_ms + ?2, expires_ms = expires_ms + ?2 where boot = ?1")?
        .execute([boot, by])?;
    Ok(Done::Made)
}

fn change_todo(connection: &Connection, token: Token, change: impl FnOnce(&mut Todo)) -> Result<Done, StoreError> {
    let Some(mut todo) = read_todo(connection, token.row)? else { return Ok(Done::Nothing) };
    let Some(held) = todo.iter_mut().find(|todo| todo.is_held_by(token)) else { return Ok(Done::Nothing) };
    change(held);
    write_todo(connection, token.row, &todo)?;
    Ok(Done::Made)
}

fn read_todo(connection: &Connection, row: Row) -> Result<Option<Vec<Todo>>, StoreError> {
    let mut statement = connection.prepare_cached("select todo from outbox where id = ?1")?;
    let text: Option<String> = statement.query_row([row.0], |row| row.get(0)).optional()?;
    text.map(|text| parse_todo(&text)).transpose()
}

fn write_todo(connection: &Connection, row: Row, todo: &[Todo]) -> Result<(), StoreError> {
    let mut statement = connection.prepare_cached("update outbox set todo = ?2, retry_at = ?3 where id = ?1")?;
    statement.execute(params![row.0, todo_text(todo)?, waits_until(todo)])?;
    Ok(())
}

fn delete(connection: &Connection, row: Row) -> Result<(), StoreError> {
    connection.prepare_cached("delete from outbox where id = ?1")?.execute([row.0])?;
    connection.prepare_cached("delete from enrichment where id = ?1")?.execute([row.0])?;
    Ok(())
}

fn todo_text(todo: &[Todo]) -> Result<String, StoreError> {
    serde_json::to_string(todo).map_err(|error| StoreError::Fault(error.to_string()))
}

fn parse_todo(text: &str) -> Result<Vec<Todo>, StoreError> {
    serde_json::from_str(text).map_err(|error| StoreError::Damaged(error.to_string()))
}

/// Reads the columns of [`EVENT`].
fn event_of(row: &SqlRow<'_>) -> Result<StoredEvent, StoreError> {
    let todo: String = row.get(8)?;
    Ok(StoredEvent {
        row: Row(row.get(0)?),
        class: class_of(row.get(1)?),
        stamp: Stamp { wall: UnixMillis(row.get(2)?), boot: row.get(3)?, monotonic: row.get(4)? },
        expires: UnixMillis(row.get(5)?),
        form: row.get(6)?,
        body: row.get(7)?,
        todo: parse_todo(&todo)?,
        metadata: row.get(9)?,
        picture_missing: row.get(10)?,
        picture_bytes: row.get::<_, Option<i64>>(11)?.and_then(|bytes| usize::try_from(bytes).ok()),
    })
}
