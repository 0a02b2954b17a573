//! The journal's file: one row per delivery, found by a key that is made from its id.
//!
//! Pages of 1024 bytes: a change of the journal is a few small rows, and the log, which is what is mostly written, then grows
//! by a quarter. `synchronous=NORMAL`: a power cut costs the latest entries, and no flush is spent on them.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use octohooks_core::event::Event;
use octohooks_core::ids::{DeliveryId, EventId, HookId};
use octohooks_core::time::UnixMillis;
use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, Row, params, params_from_iter};

use crate::error::StoreError;
use crate::packed::{pack, unpack};
use crate::report::Report;
use crate::sqlite::{Files, connect, migrate};
use crate::stored::{FORM, body_of, event_of};

use super::record::{AttemptRecord, Entry, State};
use super::thread::Change;
use super::{JournalOptions, Whole};

/// The steps of `journal.db`.
const MIGRATIONS: &[&str] = &[
    include_str!("../../migrations/journal_0001_deliveries.sql"),
    include_str!("../../migrations/journal_0002_events.sql"),
];

/// As many attempts of one delivery are kept, the latest.
const MOST_ATTEMPTS: usize = 20;

/// A delivery is born this soon after its event.
const BORN_WITHIN_MS: i64 = 60_000;

/// Two ids of one millisecond may have the same key; then the next free one is taken.
const MOST_NEIGHBOURS: i64 = 64;

/// As many rows are looked at for one page: a search for what is rare gives its place back in time, to go on from there.
const MOST_LOOKED_AT: usize = 10_000;

const COLUMNS: &str = "key, id, event_id, hook_id, hook_name, topic, event, at_ms, state, status, attempts, message, \
                       next_at_ms, answer";

/// What to list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Of this hook.
    pub hook: Option<HookId>,
    /// Of events of this name, OctoPrint's.
    pub event: Option<String>,
    /// That stand like this.
    pub state: Option<State>,
    /// Born then or later.
    pub since: Option<UnixMillis>,
    /// Born before.
    pub until: Option<UnixMillis>,
    /// With this text, in any case of its ASCII letters, in what a person sees of it.
    pub text: Option<String>,
    /// Or with one of these, which mean the same to whoever asks: what they read is not what is written here.
    pub meant: Vec<String>,
    /// Whether the texts are looked for in answers as well: only for those who may see them.
    pub in_answers: bool,
}

impl Filter {
    /// What no index is asked for.
    fn passes(&self, entry: &Entry, wanted: &[String]) -> bool {
        let holds = || {
            let answer = entry.answer.as_deref().filter(|_| self.in_answers).unwrap_or_default();
            let seen = [&entry.hook_name, &entry.topic, &entry.event, &entry.message].map(String::as_str);
            let seen = [seen.join("\n").as_str(), answer].join("\n").to_ascii_lowercase();
            wanted.iter().any(|text| seen.contains(text))
        };
        self.hook.is_none_or(|hook| hook == entry.hook_id)
            && self.event.as_ref().is_none_or(|event| *event == entry.event)
            && self.state.is_none_or(|state| state == entry.state)
            && (wanted.is_empty() || holds())
    }

    /// The texts to look for, in small letters; none where all will do.
    fn wanted(&self) -> Vec<String> {
        let Some(text) = &self.text else { return Vec::new() };
        std::iter::once(text).chain(&self.meant).map(|text| text.to_ascii_lowercase()).collect()
    }
}

/// A place in a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cursor(pub i64);

impl fmt::Display for Cursor {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

impl std::str::FromStr for Cursor {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self)
    }
}

/// A page of a list.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Listed {
    /// The newest first.
    pub entries: Vec<Entry>,
    /// Where the next page begins; none after the last one.
    pub next: Option<Cursor>,
}

/// The file, open.
#[derive(Debug)]
pub(crate) struct Rows {
    connection: Connection,
    count: u64,
    in_memory: bool,
}

impl Rows {
    /// Opens it, whatever it is like.
    pub(crate) fn open(folder: &Path, options: &JournalOptions) -> (Self, Option<Report>) {
        let files = Files::new(folder, "journal");
        let unclean = files.are_unclean();
        match Self::open_file(&files, unclean, options.vfs.as_deref()) {
            Ok(rows) => (rows, None),
            Err(StoreError::Damaged(because)) => {
                let opened = files.remove().map_err(StoreError::from);
                match opened.and_then(|()| Self::open_file(&files, false, options.vfs.as_deref())) {
                    Ok(rows) => (rows, Some(Report::JournalReplaced { because })),
                    Err(because) => (Self::in_memory(), Some(Report::JournalInMemory { because })),
                }
            }
            Err(because) => (Self::in_memory(), Some(Report::JournalInMemory { because })),
        }
    }

    fn open_file(files: &Files, check: bool, vfs: Option<&str>) -> Result<Self, StoreError> {
        files.create()?;
        let connection = connect(&files.database(), vfs)?;
        connection.execute_batch(
            "pragma locking_mode = exclusive;
             pragma page_size = 1024;
             pragma synchronous = normal;
             pragma temp_store = memory;
             pragma cache_size = -256;
             pragma mmap_size = 0;
             pragma trusted_schema = off;
             pragma cell_size_check = on;",
        )?;
        connection.query_row("pragma journal_mode = wal", [], |_| Ok(()))?;
        connection.execute_batch("pragma wal_autocheckpoint = 1000; pragma journal_size_limit = 1048576")?;
        migrate(&connection, MIGRATIONS)?;
        if check {
            let verdict: String = connection.query_row("pragma quick_check(1)", [], |row| row.get(0))?;
            if verdict != "ok" {
                return Err(StoreError::Damaged(verdict));
            }
        }
        Self::counted(connection)
    }

    /// A journal that is gone with the process.
    pub(crate) fn in_memory() -> Self {
        let open = || {
            let connection = Connection::open_in_memory()?;
            migrate(&connection, MIGRATIONS)?;
            Ok::<_, StoreError>(Self { in_memory: true, ..Self::counted(connection)? })
        };
        open().expect("SQLite always gives a database in memory, and the steps are tested")
    }

    fn counted(connection: Connection) -> Result<Self, StoreError> {
        let count: i64 = connection.query_row("select count(*) from delivery", [], |row| row.get(0))?;
        Ok(Self { connection, count: u64::try_from(count).unwrap_or(0), in_memory: false })
    }

    /// Whether it is gone with the process.
    pub(crate) const fn are_in_memory(&self) -> bool {
        self.in_memory
    }

    /// Takes in all that others hold; what both know, the others know better.
    pub(crate) fn take_over(&mut self, others: &Self) -> Result<(), StoreError> {
        let copied = self.connection.unchecked_transaction()?;
        for table in ["event", "delivery"] {
            let mut read = others.connection.prepare(&format!("select * from {table}"))?;
            let columns = read.column_names().collect::<Vec<_>>().join(", ");
            let places = vec!["?"; read.column_count()].join(", ");
            let mut write = copied.prepare(&format!("insert or replace into {table} ({columns}) values ({places})"))?;
            let count = read.column_count();
            let mut rows = read.query([])?;
            while let Some(row) = rows.next()? {
                let values = (0..count).map(|column| row.get::<_, Value>(column)).collect::<Result<Vec<_>, _>>()?;
                write.execute(params_from_iter(values))?;
            }
        }
        copied.commit()?;
        let count: i64 = self.connection.query_row("select count(*) from delivery", [], |row| row.get(0))?;
        self.count = u64::try_from(count).unwrap_or(0);
        Ok(())
    }

    /// Writes events and changes, all or none; then the oldest rows go if there are too many.
    pub(crate) fn write(
        &mut self,
        events: &[Arc<Event>],
        changes: &[Change],
        options: &JournalOptions,
    ) -> Result<(), StoreError> {
        self.connection.execute_batch("begin immediate")?;
        let written = self.write_all(events, changes).and_then(|added| self.prune(added, options)).and_then(|count| {
            self.connection.execute_batch("commit")?;
            Ok(count)
        });
        if written.is_err() && !self.connection.is_autocommit() {
            // What failed is told; the owner opens anew.
            drop(self.connection.execute_batch("rollback"));
        }
        self.count = written?;
        Ok(())
    }

    /// How many rows of deliveries were added.
    fn write_all(&self, events: &[Arc<Event>], changes: &[Change]) -> Result<u64, StoreError> {
        let mut insert =
            self.connection.prepare_cached("insert or ignore into event (id, form, body) values (?1, ?2, ?3)")?;
        for event in events {
            insert.execute(params![bytes_of(&event.id), FORM, body_of(event)])?;
        }
        let mut added = 0;
        for (id, entry, attempts) in changes {
            added += u64::from(write_one(&self.connection, *id, entry.as_ref(), attempts)?);
        }
        Ok(added)
    }

    /// How many rows are left. Events go with the deliveries that were born with them.
    fn prune(&self, added: u64, options: &JournalOptions) -> Result<u64, StoreError> {
        let mut count = self.count + added;
        let most = options.most_deliveries;
        let over_rows = if count > most { count - most / 20 * 19 } else { 0 };
        let used = self.used_bytes()?;
        // As many rows as make up what is too much, with some room.
        let most_bytes = if self.in_memory { options.most_bytes_in_memory } else { options.most_bytes };
        let room = most_bytes / 20 * 19;
        let over_bytes = if used > most_bytes { count * (used - room) / used + 1 } else { 0 };
        let over = over_rows.max(over_bytes);
        if over > 0 {
            let removed = self.connection.execute(
                "delete from delivery where key in (select key from delivery order by key limit ?1)",
                [i64::try_from(over).unwrap_or(i64::MAX)],
            )?;
            count = count.saturating_sub(removed as u64);
            let oldest: Option<i64> =
                self.connection.query_row("select min(key) from delivery", [], |row| row.get(0))?;
            let before = oldest.map_or(i64::MAX >> 16, |key| (key >> 15) - BORN_WITHIN_MS);
            let first = (u128::try_from(before).unwrap_or(0) << 80).to_be_bytes();
            self.connection.execute("delete from event where id < ?1", [first])?;
        }
        Ok(count)
    }

    /// Bytes that hold something.
    pub(crate) fn used_bytes(&self) -> Result<u64, StoreError> {
        let read = |pragma| self.connection.query_row(pragma, [], |row| row.get::<_, i64>(0));
        let pages = read("pragma page_count")? - read("pragma freelist_count")?;
        Ok(u64::try_from(pages * read("pragma page_size")?).unwrap_or(0))
    }

    pub(crate) fn list(&self, filter: &Filter, before: Option<Cursor>, limit: usize) -> Result<Listed, StoreError> {
        let (sql, values) = query(filter, before);
        let wanted = filter.wanted();
        let mut statement = self.connection.prepare_cached(&sql)?;
        let mut rows = statement.query(params_from_iter(values))?;
        let mut listed = Listed::default();
        let mut last = None;
        let mut looked_at = 0;
        while let Some(row) = rows.next()? {
            if listed.entries.len() == limit || looked_at == MOST_LOOKED_AT {
                listed.next = last;
                break;
            }
            let entry = entry_of(row)?;
            if filter.passes(&entry, &wanted) {
                listed.entries.push(entry);
            }
            looked_at += 1;
            last = Some(Cursor(row.get(0)?));
        }
        Ok(listed)
    }

    pub(crate) fn one(&self, delivery: DeliveryId) -> Result<Option<Whole>, StoreError> {
        let Some(key) = find(&self.connection, delivery)? else { return Ok(None) };
        let sql = format!("select {COLUMNS}, tried, request from delivery where key = ?1");
        let mut statement = self.connection.prepare_cached(&sql)?;
        let mut rows = statement.query([key])?;
        let Some(row) = rows.next()? else { return Ok(None) };
        let mut tried = attempts_of(&row.get::<_, String>(14)?)?;
        if let (Some(last), Some(request)) = (tried.last_mut(), row.get::<_, Option<Vec<u8>>>(15)?) {
            last.request = unpack(&request).and_then(|text| serde_json::from_slice(&text).ok());
        }
        Ok(Some(Whole { entry: entry_of(row)?, tried }))
    }

    pub(crate) fn event(&self, id: EventId) -> Result<Option<Event>, StoreError> {
        let mut statement = self.connection.prepare_cached("select form, body from event where id = ?1")?;
        let found =
            statement.query_row([bytes_of(&id)], |row| Ok((row.get(0)?, row.get::<_, Vec<u8>>(1)?))).optional()?;
        // One that another version wrote is as good as gone.
        Ok(found.and_then(|(form, body)| event_of(form, &body).ok()))
    }

    /// The newest first. Events of another version are left out.
    pub(crate) fn latest_events(&self, limit: usize) -> Result<Vec<Event>, StoreError> {
        let mut statement = self.connection.prepare_cached("select form, body from event order by id desc limit ?1")?;
        let mut rows = statement.query([i64::try_from(limit).unwrap_or(i64::MAX)])?;
        let mut events = Vec::new();
        while let Some(row) = rows.next()? {
            events.extend(event_of(row.get(0)?, &row.get::<_, Vec<u8>>(1)?).ok());
        }
        Ok(events)
    }

    pub(crate) fn close(self) -> Result<(), StoreError> {
        self.connection.query_row("pragma wal_checkpoint(truncate)", [], |_| Ok(()))?;
        self.connection.close().map_err(|(_, error)| error.into())
    }

    /// How `SQLite` would go about a list, one step a line.
    #[cfg(test)]
    pub(crate) fn plan(&self, filter: &Filter, before: Option<Cursor>) -> Vec<String> {
        let (sql, values) = query(filter, before);
        let mut statement = self.connection.prepare(&format!("explain query plan {sql}")).unwrap();
        let steps = statement.query_map(params_from_iter(values), |row| row.get(3)).unwrap();
        steps.map(Result::unwrap).collect()
    }
}

/// Whatever is to be found, rows are read in the order of an index, and as few as it takes: what else has to hold is looked at
/// row by row.
fn query(filter: &Filter, before: Option<Cursor>) -> (String, Vec<Value>) {
    let mut conditions = Vec::new();
    let mut values: Vec<Value> = Vec::new();
    let mut when = |condition: &str, value: Value| {
        values.push(value);
        conditions.push(format!("{condition} ?{}", values.len()));
    };
    if let Some(state) = filter.state.filter(|state| state.is_unusual()) {
        when("unusual =", state.number().into());
    } else if let Some(hook) = filter.hook {
        when("hook_id =", bytes_of(&hook).into());
    } else if let Some(event) = &filter.event {
        when("event =", event.clone().into());
    }
    if let Some(since) = filter.since {
        when("key >=", key_at(since).into());
    }
    let until = filter.until.map(key_at).into_iter().chain(before.map(|cursor| cursor.0)).min();
    if let Some(until) = until {
        when("key <", until.into());
    }
    let conditions = if conditions.is_empty() { String::new() } else { format!("where {}", conditions.join(" and ")) };
    (format!("select {COLUMNS} from delivery {conditions} order by key desc"), values)
}

/// Whether it is new. Attempts of a delivery that is not known, because it was pruned, are left out.
fn write_one(
    connection: &Connection,
    id: DeliveryId,
    entry: Option<&Entry>,
    attempts: &[AttemptRecord],
) -> Result<bool, StoreError> {
    let found = find(connection, id)?;
    let mut tried = match found {
        Some(key) => {
            let mut statement = connection.prepare_cached("select tried from delivery where key = ?1")?;
            attempts_of(&statement.query_row([key], |row| row.get::<_, String>(0))?)?
        }
        None => Vec::new(),
    };
    let request = attempts.last().map(|attempt| {
        let request = attempt.request.as_ref().and_then(|request| serde_json::to_vec(request).ok());
        request.map(|request| pack(&request))
    });
    tried.extend(attempts.iter().map(|attempt| AttemptRecord { request: None, ..attempt.clone() }));
    tried.drain(..tried.len().saturating_sub(MOST_ATTEMPTS));
    let tried = serde_json::to_string(&tried).map_err(|error| StoreError::Fault(error.to_string()))?;
    let Some(entry) = entry else {
        if let Some(key) = found {
            connection.prepare_cached("update delivery set tried = ?2 where key = ?1")?.execute(params![key, tried])?;
        }
        if let (Some(key), Some(request)) = (found, request) {
            write_request(connection, key, request.as_deref())?;
        }
        return Ok(false);
    };
    let Some(key) = found.map_or_else(|| free(connection, id), |key| Ok(Some(key)))? else { return Ok(false) };
    let mut statement = connection.prepare_cached(
        "insert into delivery (key, id, event_id, hook_id, hook_name, topic, event, at_ms, state, unusual, status, attempts, \
         message, next_at_ms, answer, tried) \
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16) \
         on conflict (key) do update set state = excluded.state, unusual = excluded.unusual, status = excluded.status, \
         attempts = excluded.attempts, message = excluded.message, next_at_ms = excluded.next_at_ms, \
         answer = excluded.answer, tried = excluded.tried",
    )?;
    statement.execute(params![
        key,
        bytes_of(&id),
        bytes_of(&entry.event_id),
        bytes_of(&entry.hook_id),
        entry.hook_name,
        entry.topic,
        entry.event,
        entry.at.0,
        entry.state.number(),
        Some(entry.state.number()).filter(|_| entry.state.is_unusual()),
        entry.status,
        entry.attempts,
        entry.message,
        entry.next_at.map(|at| at.0),
        entry.answer,
        tried,
    ])?;
    if let Some(request) = request {
        write_request(connection, key, request.as_deref())?;
    }
    Ok(found.is_none())
}

/// That of the latest attempt, in place of an earlier one.
fn write_request(connection: &Connection, key: i64, request: Option<&[u8]>) -> Result<(), StoreError> {
    let mut statement = connection.prepare_cached("update delivery set request = ?2 where key = ?1")?;
    statement.execute(params![key, request])?;
    Ok(())
}

/// Where a delivery is.
fn find(connection: &Connection, id: DeliveryId) -> Result<Option<i64>, StoreError> {
    let key = key_of(id);
    let sql = "select key from delivery where key >= ?1 and key < ?2 and id = ?3";
    let mut statement = connection.prepare_cached(sql)?;
    Ok(statement.query_row(params![key, key + MOST_NEIGHBOURS, bytes_of(&id)], |row| row.get(0)).optional()?)
}

/// Where a delivery may go; nowhere when the whole neighbourhood is taken, which chance does not bring about.
fn free(connection: &Connection, id: DeliveryId) -> Result<Option<i64>, StoreError> {
    let mut taken = connection.prepare_cached("select 1 from delivery where key = ?1")?;
    for key in (0..MOST_NEIGHBOURS).map(|step| key_of(id) + step) {
        if !taken.exists([key])? {
            return Ok(Some(key));
        }
    }
    Ok(None)
}

/// The 48 bits of time and the 15 bits of chance that follow them in an id (RFC 9562, 5.7), the version between left out.
fn key_of(id: DeliveryId) -> i64 {
    let number = number_of(&id);
    let time = number >> 80;
    let chance = ((number >> 64) & 0xfff) << 3 | ((number >> 59) & 0b111);
    i64::try_from(time << 15 | chance).unwrap_or(i64::MAX - MOST_NEIGHBOURS)
}

/// The least key of a moment.
fn key_at(at: UnixMillis) -> i64 {
    at.0.clamp(0, (1 << 48) - 1) << 15
}

fn number_of(id: &impl fmt::Display) -> u128 {
    u128::from_str_radix(&id.to_string().replace('-', ""), 16).expect("an id is 32 hexadecimal digits and hyphens")
}

fn bytes_of(id: &impl fmt::Display) -> Vec<u8> {
    number_of(id).to_be_bytes().to_vec()
}

fn text_of(bytes: &[u8]) -> Result<String, StoreError> {
    let number = <[u8; 16]>::try_from(bytes).map_err(|_| StoreError::Damaged("an id of a wrong length".to_owned()))?;
    Ok(format!("{:032x}", u128::from_be_bytes(number)))
}

fn attempts_of(text: &str) -> Result<Vec<AttemptRecord>, StoreError> {
    serde_json::from_str(text).map_err(|error| StoreError::Damaged(error.to_string()))
}

/// Reads [`COLUMNS`].
fn entry_of(row: &Row<'_>) -> Result<Entry, StoreError> {
    let damaged = |what: &str| StoreError::Damaged(format!("{what} makes no sense"));
    let id = |column: usize| -> Result<String, StoreError> { text_of(&row.get::<_, Vec<u8>>(column)?) };
    Ok(Entry {
        id: DeliveryId::parse(&id(1)?).map_err(|_| damaged("an id"))?,
        event_id: EventId::parse(&id(2)?).map_err(|_| damaged("an id"))?,
        hook_id: HookId::parse(&id(3)?).map_err(|_| damaged("an id"))?,
        hook_name: row.get(4)?,
        topic: row.get(5)?,
        event: row.get(6)?,
        at: UnixMillis(row.get(7)?),
        state: State::of(row.get(8)?).ok_or_else(|| damaged("a state"))?,
        status: row.get(9)?,
        attempts: row.get(10)?,
        message: row.get(11)?,
        next_at: row.get::<_, Option<i64>>(12)?.map(UnixMillis),
        answer: row.get(13)?,
    })
}

#[cfg(test)]
#[path = "rows_tests.rs"]
mod tests;
