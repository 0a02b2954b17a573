//! Files of every earlier form are read. For each form there is a file in `tests/stored`, written when it was the latest.

use std::path::Path;
use std::time::Duration;

use octohooks_core::parcel::Findings;
use octohooks_store::error::StoreError;
use octohooks_store::event::Standing;
use octohooks_store::journal::{Filter, Record};
use octohooks_store::sqlite::migrate;
use rusqlite::Connection;

use crate::support::{close, event_for, everything, hook, open};
use octohooks_core::topic::Topic;

fn made_from(script: &str, database: &Path) {
    Connection::open(database).unwrap().execute_batch(script).unwrap();
}

#[test]
fn an_outbox_of_form_1_is_read() {
    let folder = tempfile::tempdir().unwrap();
    made_from(include_str!("../stored/outbox_0001.sql"), &folder.path().join("outbox.db"));
    let (outbox, opened) = open(folder.path());
    assert!(opened.reports.is_empty(), "{:?}", opened.reports);
    let events = everything(&outbox);
    assert_eq!(events.len(), 2);
    let first = event_for(1, Topic::PrintFailed, &[hook(1), hook(2)]);
    assert_eq!(*events[0].event, *first.event);
    assert_eq!(events[0].deliveries.len(), 2);
    assert_eq!(events[0].deliveries[1].standing.attempts, 3);
    assert_eq!(events[0].deliveries[1].standing.error.as_deref(), Some("Nobody listens there."));
    assert_eq!(events[1].metadata.as_ref().unwrap()["hash"], "1234");
    assert_eq!(outbox.picture(events[1].row).wait().unwrap().unwrap().unwrap().as_ref(), b"\xff\xd8picture");
    close(outbox);
}

#[test]
fn fields_of_a_later_writer_are_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let script = include_str!("../stored/outbox_0001.sql").replace("\"milestone\"", "\"milestone_of_tomorrow\"");
    made_from(&script.replace("[{\"id\"", "[{\"tomorrow\":[1,{}],\"id\""), &folder.path().join("outbox.db"));
    let (outbox, _) = open(folder.path());
    assert_eq!(everything(&outbox).len(), 2);
}

#[test]
fn steps_are_made_once_and_in_order() {
    let connection = Connection::open_in_memory().unwrap();
    let steps = ["create table t (a)", "alter table t add column b; insert into t values (1, 2)"];
    migrate(&connection, &steps[..1]).unwrap();
    migrate(&connection, &steps).unwrap();
    migrate(&connection, &steps).unwrap();
    assert_eq!(connection.query_row("select count(*) from t", [], |row| row.get::<_, i64>(0)), Ok(1));
    assert_eq!(migrate(&connection, &steps[..1]), Err(StoreError::LaterVersion { found: 2, known: 1 }));
}

#[test]
fn a_step_that_fails_was_not_made() {
    let connection = Connection::open_in_memory().unwrap();
    let steps = ["create table t (a)", "insert into t values (1); insert into nowhere values (1)"];
    assert!(migrate(&connection, &steps).is_err());
    assert_eq!(connection.query_row("select count(*) from t", [], |row| row.get::<_, i64>(0)), Ok(0));
    assert_eq!(connection.query_row("pragma user_version", [], |row| row.get::<_, i64>(0)), Ok(1));
}

/// Writes the stored files anew, on purpose: `WRITE_STORED=1 cargo test -p octohooks-store --test it migrations`. Only for a
/// new form, beside the old ones.
#[test]
fn the_stored_files_can_be_written() {
    if std::env::var_os("WRITE_STORED").is_none() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let (outbox, _) = open(folder.path());
    let first = outbox.append(&event_for(1, Topic::PrintFailed, &[hook(1), hook(2)]));
    let error = Some("Nobody listens there.".to_owned());
    outbox.postpone(first.tokens[1], Standing { attempts: 3, error, ..Standing::default() });
    let second = outbox.append(&event_for(2, Topic::PrintDone, &[hook(1)]));
    let picture = Some(bytes::Bytes::from_static(b"\xff\xd8picture"));
    let metadata = Some(serde_json::json!({"hash": "1234"}));
    outbox.enrich(second.row, Findings { metadata, picture, picture_missing: None });
    close(outbox);
    let journal = crate::journal::open(folder.path());
    crate::journal::fill(&journal, 1..=20);
    journal.write(Record::Attempt(crate::journal::entry(20).id, Box::new(crate::journal::attempt(1))));
    journal.write(Record::Event(crate::journal::event_of(20)));
    assert!(journal.close(Duration::from_secs(10)));
    for (name, form) in [("outbox", 1), ("journal", 2)] {
        let database = folder.path().join(format!("{name}.db"));
        let dump = std::process::Command::new("sqlite3").arg(database).arg(".dump").output().unwrap();
        let script = format!("PRAGMA user_version={form};\n{}", String::from_utf8(dump.stdout).unwrap());
        let stored = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/stored/{name}_{form:04}.sql"));
        std::fs::write(stored, script).unwrap();
    }
}

#[test]
fn a_journal_of_form_1_is_read() {
    let folder = tempfile::tempdir().unwrap();
    made_from(include_str!("../stored/journal_0001.sql"), &folder.path().join("journal.db"));
    let journal = crate::journal::open(folder.path());
    let listed = journal.list(Filter::default(), None, 100).wait().unwrap().unwrap();
    assert_eq!(listed.entries, (1..=20).rev().map(crate::journal::entry).collect::<Vec<_>>());
    let whole = journal.one(crate::journal::entry(20).id).wait().unwrap().unwrap().unwrap();
    assert_eq!(whole.tried, [crate::journal::attempt(1)]);
}

#[test]
fn a_journal_of_form_2_is_read() {
    let folder = tempfile::tempdir().unwrap();
    made_from(include_str!("../stored/journal_0002.sql"), &folder.path().join("journal.db"));
    let journal = crate::journal::open(folder.path());
    let event = crate::journal::event_of(20);
    assert_eq!(journal.event(event.id).wait().unwrap().unwrap().as_ref(), Some(&*event));
    assert_eq!(journal.event(crate::journal::event_of(19).id).wait().unwrap().unwrap(), None);
}
