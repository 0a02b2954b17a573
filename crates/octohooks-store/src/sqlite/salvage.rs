//! What can still be read of a damaged outbox.
//!
//! Rows are read from the front until a page stops it, from the back until a page stops it, and one by one in between. A
//! row whose text cannot be read is lost; a picture that cannot be read is lost without its text.

use std::path::Path;

use octohooks_core::parcel::Findings;
use rusqlite::{Connection, OpenFlags};

use crate::error::StoreError;
use crate::event::Row;
use crate::store::Change;
use crate::stored::{StoredEvent, Unreadable};

use super::event_of;
use super::open::connect;

/// Not more than this many rows are tried one by one.
const MOST_PROBES: i64 = 200_000;

/// An event without what was found out about it: that may be where the damage is.
const EVENT: &str =
    "select id, class, wall_ms, boot, monotonic_ms, expires_ms, form, body, todo, null, null, null from outbox";

/// What could be read.
#[derive(Debug, Default)]
pub struct Salvage {
    /// The changes that put it into another store.
    pub changes: Vec<Change>,
    /// How many events that are.
    pub events: usize,
}

/// Reads a file that was put aside.
pub(super) fn salvage(database: &Path, vfs: Option<&str>) -> Salvage {
    let open = || -> Result<Connection, StoreError> {
        let connection = connect(database, vfs)?;
        connection
            .execute_batch("pragma locking_mode = exclusive; pragma mmap_size = 0; pragma cell_size_check = on")?;
        Ok(connection)
    };
    open().map_or_else(|_| Salvage::default(), |connection| read(&connection))
}

/// Reads a file on a disk that takes no writes, with what its log holds. Locks need a file that can be written, so there are
/// none: the caller is the only one who has the file. An exclusive mode needs no shared memory beside it.
pub(super) fn peek(database: &Path, log: &Path, vfs: Option<&str>) -> Salvage {
    let open = || -> Result<Connection, StoreError> {
        let path = database.to_string_lossy().replace('%', "%25").replace('?', "%3f").replace('#', "%23");
        // Without a log there is nothing but the file; a log would have to be made otherwise.
        let how = match vfs {
            _ if !log.exists() => "immutable=1",
            None if cfg!(unix) => "mode=ro&vfs=unix-none",
            _ => "mode=ro",
        };
        let uri = format!("file:{path}?{how}");
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_URI;
        let connection = match vfs {
            Some(vfs) => Connection::open_with_flags_and_vfs(uri, flags, vfs)?,
            None => Connection::open_with_flags(uri, flags)?,
        };
        connection
            .execute_batch("pragma locking_mode = exclusive; pragma mmap_size = 0; pragma cell_size_check = on")?;
        Ok(connection)
    };
    open().map_or_else(|_| Salvage::default(), |connection| read(&connection))
}

fn read(connection: &Connection) -> Salvage {
    let (mut events, whole) = walk(connection, "order by id");
    if !whole {
        let (mut back, _) = walk(connection, "order by id desc");
        let front = events.last().map_or(0, |event| event.row.0);
        back.retain(|event| event.row.0 > front);
        let until = back.iter().map(|event| event.row.0).min().unwrap_or(front.saturating_add(1024));
        let between = (front.saturating_add(1)..until).take(usize::try_from(MOST_PROBES).unwrap_or(0));
        events.extend(between.filter_map(|row| one(connection, row)));
        events.extend(back);
        events.sort_by_key(|event| event.row);
    }
    // Garbage may have the shape of a row.
    events.retain(|event| !matches!(event.pending(), Err(Unreadable::Nonsense(_))));
    let count = events.len();
    let enrichments: Vec<Change> = events.iter().filter_map(|event| enrichment(connection, event.row)).collect();
    Salvage { changes: events.into_iter().map(Change::Append).chain(enrichments).collect(), events: count }
}

/// Reads in an order until the end or the first thing that cannot be read; whether that was the end.
fn walk(connection: &Connection, order: &str) -> (Vec<StoredEvent>, bool) {
    let mut events = Vec::new();
    let result = connection.prepare(&format!("{EVENT} {order}")).and_then(|mut statement| {
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            match event_of(row) {
                Ok(event) => events.push(event),
                Err(_) => return Ok(false),
            }
        }
        Ok(true)
    });
    (events, result.unwrap_or(false))
}

fn one(connection: &Connection, row: i64) -> Option<StoredEvent> {
    let mut statement = connection.prepare_cached(&format!("{EVENT} where id = ?1")).ok()?;
    let mut rows = statement.query([row]).ok()?;
    rows.next().ok()?.and_then(|row| event_of(row).ok())
}

fn enrichment(connection: &Connection, row: Row) -> Option<Change> {
    let read = |column: &str| {
        let sql = format!("select {column} from enrichment where id = ?1");
        connection
            .prepare_cached(&sql)
            .ok()
            .map(|mut statement| statement.query_row([row.0], |row| row.get::<_, Option<Vec<u8>>>(0)).ok().flatten())?
    };
    let text = |column: &str| read(&format!("cast({column} as blob)")).and_then(|bytes| String::from_utf8(bytes).ok());
    let enrichment = Findings {
        metadata: text("metadata").and_then(|text| serde_json::from_str(&text).ok()),
        picture_missing: text("picture_missing"),
        picture: read("picture").map(bytes::Bytes::from),
    };
    let is_something =
        enrichment.metadata.is_some() || enrichment.picture_missing.is_some() || enrichment.picture.is_some();
    is_something.then_some(Change::Enrich(row, enrichment))
}
