//! The handle: what a ticket promises, what is there after a restart, what is late, and who is kept out.

use std::time::Duration;

use bytes::Bytes;
use octohooks_core::ids::DeliveryId;
use octohooks_core::parcel::Findings;
use octohooks_core::topic::Topic;
use octohooks_store::Outbox;
use octohooks_store::event::Standing;
use octohooks_store::outbox::{Committed, OpenError, Reason};
use octohooks_store::report::Report;
use octohooks_store::store::{Most, Select, Unwanted};
use serde_json::json;

use crate::support::{Ears, NOW, close, event, event_for, everything, hook, open};

#[test]
fn what_was_appended_is_there_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let (outbox, opened) = open(folder.path());
    assert_eq!((opened.waiting, opened.reports.as_slice()), (0, &[][..]));
    let new = event_for(1, Topic::PrintFailed, &[hook(1), hook(2)]);
    let appended = outbox.append(&new);
    assert_eq!(appended.ticket.wait(), Ok(Committed::Durable));
    close(outbox);

    let (outbox, opened) = open(folder.path());
    assert_eq!((opened.waiting, opened.reports.as_slice()), (1, &[][..]));
    let [pending] = opened.newest.events.as_slice() else { panic!("one event") };
    assert_eq!(*pending.event, *new.event);
    assert_eq!((pending.stamp, pending.expires), (new.stamp, new.expires));
    let ids: Vec<DeliveryId> = pending.deliveries.iter().map(|delivery| delivery.token.delivery).collect();
    assert_eq!(ids, [new.deliveries[0].id, new.deliveries[1].id]);
    assert_eq!(pending.deliveries[1].hook, hook(2));
    assert_eq!(pending.deliveries[1].subscription, new.deliveries[1].subscription);
    close(outbox);
}

#[test]
fn a_completed_delivery_does_not_come_back() {
    let folder = tempfile::tempdir().unwrap();
    let (outbox, _) = open(folder.path());
    let appended = outbox.append(&event_for(1, Topic::PrintDone, &[hook(1), hook(2)]));
    outbox.complete(appended.tokens[0]);
    assert_eq!(everything(&outbox)[0].deliveries.len(), 1);
    outbox.complete(appended.tokens[1]);
    close(outbox);
    assert_eq!(open(folder.path()).1.waiting, 0);
}

#[test]
fn how_a_delivery_stands_survives() {
    let folder = tempfile::tempdir().unwrap();
    let (outbox, _) = open(folder.path());
    let appended = outbox.append(&event(1));
    let later = NOW.plus(Duration::from_mins(5));
    let standing = Standing {
        attempts: 4,
        retry_at: Some(later),
        repeats: 17,
        error: Some("Nobody listens there.".to_owned()),
        ..Standing::default()
    };
    outbox.postpone(appended.tokens[0], standing.clone());
    close(outbox);
    let (outbox, opened) = open(folder.path());
    assert_eq!(opened.newest.events[0].deliveries[0].standing, standing);
    let due = |by| outbox.load(Select::Due { by }, Most::default()).wait().unwrap().unwrap().events.len();
    assert_eq!((due(NOW), due(later)), (0, 1));
}

#[test]
fn a_picture_and_metadata_wait_with_their_event() {
    let folder = tempfile::tempdir().unwrap();
    let (outbox, _) = open(folder.path());
    let appended = outbox.append(&event(1));
    let picture = Bytes::from(vec![3; 100_000]);
    let enrichment = Findings {
        metadata: Some(json!({"analysis": {"printTime": 12}})),
        picture: Some(picture.clone()),
        picture_missing: None,
    };
    outbox.enrich(appended.row, enrichment.clone());
    close(outbox);
    let (outbox, opened) = open(folder.path());
    let pending = &opened.newest.events[0];
    assert_eq!(pending.picture_bytes, Some(100_000));
    let read = outbox.picture(pending.row).wait().unwrap().unwrap();
    assert_eq!(read, Some(picture));
    assert_eq!(pending.findings(read).metadata, enrichment.metadata);
}

#[test]
fn progress_is_never_written() {
    let folder = tempfile::tempdir().unwrap();
    let (outbox, _) = open(folder.path());
    let appended = outbox.append(&event_for(1, Topic::PrintProgress, &[hook(1)]));
    assert_eq!(appended.ticket.wait(), Ok(Committed::MemoryOnly(Reason::Progress)));
    assert!(everything(&outbox).is_empty());
    assert_eq!(outbox.figures().commits, 0);
}

#[test]
fn a_deleted_hook_takes_its_deliveries_along() {
    let folder = tempfile::tempdir().unwrap();
    let (outbox, _) = open(folder.path());
    let new = event_for(1, Topic::PrintDone, &[hook(1), hook(2)]);
    let kept = outbox.append(&new);
    let forgotten = outbox.forget(Unwanted::OfHook(hook(2))).wait().unwrap().unwrap();
    assert_eq!(forgotten, [kept.tokens[1].delivery]);
    assert_eq!(everything(&outbox)[0].deliveries[0].hook, hook(1));
}

#[test]
fn what_the_clock_wrote_moves_when_it_is_put_right() {
    let folder = tempfile::tempdir().unwrap();
    let (outbox, _) = open(folder.path());
    let new = event(1);
    let appended = outbox.append(&new);
    outbox.postpone(appended.tokens[0], Standing { retry_at: Some(NOW), ..Standing::default() });
    outbox.shift(2, 1000);
    outbox.shift(new.stamp.boot, 5000);
    let pending = everything(&outbox).remove(0);
    assert_eq!(pending.stamp.wall.0, NOW.0 + 5000);
    assert_eq!(pending.expires.0, new.expires.0 + 5000);
    assert_eq!(pending.deliveries[0].standing.retry_at.unwrap().0, NOW.0 + 5000);
}

#[test]
fn a_backlog_is_read_from_the_newest_back_and_page_by_page() {
    let folder = tempfile::tempdir().unwrap();
    let (outbox, _) = open(folder.path());
    let tickets: Vec<_> = (1..=50).map(|number| outbox.append(&event(number)).ticket).collect();
    for ticket in tickets {
        assert_eq!(ticket.wait(), Ok(Committed::Durable));
    }
    close(outbox);
    let mut options = Ears::default().options();
    options.load_at_start.events = 3;
    let (outbox, opened) = Outbox::open(folder.path(), options).unwrap();
    assert_eq!((opened.waiting, opened.newest.more), (50, true));
    let numbers: Vec<_> = opened.newest.events.iter().map(|event| event.event.payload["number"].clone()).collect();
    assert_eq!(numbers, [50, 49, 48]);
    let before = opened.newest.events.last().map(|event| event.row);
    let most = Most { events: 2, ..Most::default() };
    let next = outbox.load(Select::Newest { before }, most).wait().unwrap().unwrap();
    assert_eq!(next.events[0].event.payload["number"], 47);
    let after = Some(next.events[1].row);
    let of_hook = outbox.load(Select::OfHook { hook: hook(1), after }, most).wait().unwrap().unwrap();
    assert_eq!(of_hook.events[0].event.payload["number"], 47);
    assert!(of_hook.more);
}

#[test]
fn a_file_that_somebody_else_has_is_not_put_aside_however_it_looks() {
    let folder = tempfile::tempdir().unwrap();
    let (outbox, _) = open(folder.path());
    outbox.append(&event(1)).ticket.wait().unwrap();
    let log = folder.path().join("outbox.db-wal");
    let whole = std::fs::read(&log).unwrap();
    std::fs::write(&log, [b"broken", &whole[6..]].concat()).unwrap();
    assert!(matches!(Outbox::open(folder.path(), Ears::default().options()), Err(OpenError::InUse)));
    assert!(log.exists() && folder.path().join("outbox.db").exists());
    // And when it is free, the same file is.
    std::fs::write(&log, whole).unwrap();
    close(outbox);
    let opened = open(folder.path()).1;
    assert_eq!((opened.waiting, opened.reports), (1, vec![]));
}

#[test]
fn nobody_else_opens_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let (outbox, _) = open(folder.path());
    let second = Outbox::open(folder.path(), Ears::default().options());
    assert!(matches!(second, Err(OpenError::InUse)));
    if let Ok(python) = std::process::Command::new("python3")
        .args(["-c", "import sqlite3, sys; sqlite3.connect(sys.argv[1], timeout=0).execute('select * from outbox')"])
        .arg(folder.path().join("outbox.db"))
        .output()
    {
        let said = String::from_utf8_lossy(&python.stderr);
        assert!(said.contains("locked"), "{said}");
    }
    close(outbox);
    close(open(folder.path()).0);
}

#[test]
fn a_file_of_a_later_version_is_not_touched() {
    let folder = tempfile::tempdir().unwrap();
    close(open(folder.path()).0);
    let path = folder.path().join("outbox.db");
    rusqlite::Connection::open(&path).unwrap().execute_batch("pragma user_version = 99").unwrap();
    let before = std::fs::read(&path).unwrap();
    assert!(matches!(Outbox::open(folder.path(), Ears::default().options()), Err(OpenError::LaterVersion)));
    assert_eq!(std::fs::read(&path).unwrap(), before);
}

#[cfg(unix)]
#[test]
fn only_the_owner_reads_the_files() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let (outbox, _) = open(folder.path());
    outbox.append(&event(1)).ticket.wait().unwrap();
    for name in ["outbox.db", "outbox.db-wal"] {
        let mode = std::fs::metadata(folder.path().join(name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
    assert!(!folder.path().join("outbox.db-shm").exists());
}

#[test]
fn a_clean_stop_leaves_one_file_and_an_unclean_one_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let (outbox, _) = open(folder.path());
    outbox.append(&event(1)).ticket.wait().unwrap();
    // What a kill leaves: copies of the files as they are now.
    let killed = tempfile::tempdir().unwrap();
    for name in ["outbox.db", "outbox.db-wal"] {
        std::fs::copy(folder.path().join(name), killed.path().join(name)).unwrap();
    }
    close(outbox);
    let mut names: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["outbox.db", "outbox.lock"]);
    assert_eq!(open(killed.path()).1.reports, [Report::Unclean { events: 1 }]);
}

#[test]
fn after_it_was_closed_nothing_is_kept_and_that_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let (outbox, _) = open(folder.path());
    assert!(outbox.close(Duration::from_secs(10)));
    assert!(outbox.close(Duration::from_secs(10)));
    assert_eq!(outbox.append(&event(1)).ticket.wait(), Ok(Committed::MemoryOnly(Reason::Closed)));
    assert!(outbox.load(Select::Oldest { after: None }, Most::default()).wait().is_err());
    assert!(outbox.flush().wait().is_err());
}

#[test]
fn the_last_handle_closes_the_file() {
    let folder = tempfile::tempdir().unwrap();
    for number in 0..100 {
        let (outbox, opened) = open(folder.path());
        assert_eq!((opened.waiting, opened.reports.as_slice()), (number, &[][..]));
        let clone = outbox.clone();
        let ticket = outbox.append(&event(number)).ticket;
        close(outbox);
        drop(clone);
        assert_eq!(ticket.wait(), Ok(Committed::Durable));
    }
}

#[test]
fn an_outbox_in_memory_keeps_events_until_it_is_closed() {
    let (outbox, _) = Outbox::in_memory(Ears::default().options()).unwrap();
    let appended = outbox.append(&event(1));
    assert_eq!(appended.ticket.wait(), Ok(Committed::MemoryOnly(Reason::Failing)));
    assert_eq!(everything(&outbox).len(), 1);
    outbox.complete(appended.tokens[0]);
    assert!(everything(&outbox).is_empty());
}

#[test]
fn sqlite_is_new_enough() {
    assert!(rusqlite::version_number() >= octohooks_store::sqlite::SMALLEST_SQLITE);
}
