//! How little is written: bytes and flushes per event, and nothing at all when nothing happens.

use std::time::Duration;

use bytes::Bytes;
use octohooks_core::ids::DeliveryId;
use octohooks_core::parcel::Findings;
use octohooks_store::Outbox;
use octohooks_store::event::{Row, Standing, Token};
use octohooks_store::outbox::Committed;
use octohooks_store::sqlite::Opening;
use octohooks_store::store::{Change, Store};
use octohooks_store::stored::StoredEvent;

use crate::disk::Disk;
use crate::support::{Ears, NOW, event};

/// Bytes and flushes per event, when one comes after the other and each is completed before the next.
fn cost(events: u64) -> (u64, f64) {
    let folder = tempfile::tempdir().unwrap();
    let disk = Disk::new();
    let mut options = Ears::default().options();
    options.vfs = disk.name();
    options.late_after = Duration::from_hours(1);
    options.late_items = 1000;
    let (outbox, _) = Outbox::open(folder.path(), options).unwrap();
    let before = disk.counts();
    for number in 0..events {
        let appended = outbox.append(&event(number));
        assert_eq!(appended.ticket.wait(), Ok(Committed::Durable));
        outbox.complete(appended.tokens[0]);
    }
    outbox.flush().wait().unwrap();
    let after = disk.counts();
    #[expect(clippy::cast_precision_loss, reason = "small numbers")]
    let flushes = (after.flushes - before.flushes) as f64 / events as f64;
    ((after.bytes - before.bytes) / events, flushes)
}

#[test]
fn an_event_costs_less_than_8_kilobytes_and_about_one_flush() {
    let (bytes, flushes) = cost(400);
    println!("one at a time: {bytes} bytes and {flushes} flushes per event");
    assert!(bytes < 8000 && flushes < 1.05, "{bytes} bytes, {flushes} flushes");
}

#[test]
fn events_that_come_together_share_a_flush() {
    let folder = tempfile::tempdir().unwrap();
    let disk = Disk::new();
    let mut store = Opening::new(folder.path(), 0).by_vfs(disk.name()).open_or_replace(NOW).unwrap().sqlite;
    for group in [8_u64, 32] {
        let before = disk.counts();
        let mut changes = Vec::new();
        for round in 0..20 {
            let events = (0..group).map(|index| {
                let number = round * group + index + 1;
                (StoredEvent::new(Row(i64::try_from(number).unwrap()), &event(number)), event(number).deliveries[0].id)
            });
            let (appends, ids): (Vec<StoredEvent>, Vec<DeliveryId>) = events.unzip();
            let tokens = appends.iter().zip(ids).map(|(event, delivery)| Token { row: event.row, delivery, fence: 0 });
            let completes: Vec<Change> = tokens.map(Change::Complete).collect();
            // The marks of this round go with the next one.
            changes.extend(appends.into_iter().map(Change::Append));
            store.commit(&changes).unwrap();
            changes = completes;
        }
        store.commit(&changes).unwrap();
        let after = disk.counts();
        let bytes = (after.bytes - before.bytes) / (20 * group);
        println!("{group} at a time: {bytes} bytes and 1/{group} flushes per event");
        assert!(bytes < 4500, "{bytes} bytes");
        assert_eq!(after.flushes - before.flushes, 21);
    }
}

#[test]
fn nothing_is_written_when_nothing_happens() {
    let folder = tempfile::tempdir().unwrap();
    let disk = Disk::new();
    let mut options = Ears::default().options();
    options.vfs = disk.name();
    let (outbox, _) = Outbox::open(folder.path(), options).unwrap();
    let at_start = disk.counts();
    outbox.flush().wait().unwrap();
    let appended = outbox.append(&event(1));
    appended.ticket.wait().unwrap();
    outbox.complete(appended.tokens[0]);
    outbox.flush().wait().unwrap();
    let busy = disk.counts();
    assert_ne!(busy, at_start);
    for _ in 0..100 {
        outbox.flush().wait().unwrap();
    }
    assert_eq!(disk.counts(), busy);
}

/// A printer's events are minutes apart: each mark is written long before the next event.
#[test]
fn a_mark_that_finds_no_company_costs_no_flush() {
    let folder = tempfile::tempdir().unwrap();
    let disk = Disk::new();
    let mut options = Ears::default().options();
    options.vfs = disk.name();
    let (outbox, _) = Outbox::open(folder.path(), options).unwrap();
    // Of two in a row the second is flushed, so that never more than two commits hang on one flush.
    for (tries, flushes) in [(0, 1), (1, 2), (2, 2), (5, 4)] {
        let before = disk.counts();
        for number in 1..=10 {
            let appended = outbox.append(&event(number));
            assert_eq!(appended.ticket.wait(), Ok(Committed::Durable));
            for attempts in 1..=tries {
                outbox.postpone(appended.tokens[0], Standing { attempts, ..Standing::default() });
                outbox.flush().wait().unwrap();
            }
            outbox.complete(appended.tokens[0]);
            outbox.flush().wait().unwrap();
        }
        assert_eq!(disk.counts().flushes - before.flushes, 10 * flushes, "{tries} tries");
    }
    outbox.close(Duration::from_secs(10));
    assert!(crate::support::everything(&crate::support::open(folder.path()).0).is_empty());
}

/// The writer sleeps without a timer: between two looks its thread was not woken once.
#[cfg(target_os = "linux")]
#[test]
fn nobody_wakes_up_when_nothing_happens() {
    fn switches() -> Vec<String> {
        let threads = std::fs::read_dir("/proc/self/task").unwrap().flatten();
        let status = threads.filter_map(|thread| std::fs::read_to_string(thread.path().join("status")).ok());
        let ours = status.filter(|status| status.contains("octohooks-idle") || status.contains("octohooks-store"));
        ours.map(|status| status.lines().filter(|line| line.contains("ctxt")).collect::<String>()).collect()
    }
    // Of the other tests' threads this process may have many; this one is told apart by being alone in a child.
    if std::env::var_os("OCTOHOOKS_STORE_IDLE").is_none() {
        let child = std::process::Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "thrift::nobody_wakes_up_when_nothing_happens", "--test-threads=1"])
            .env("OCTOHOOKS_STORE_IDLE", "1")
            .output()
            .unwrap();
        assert!(child.status.success(), "{}", String::from_utf8_lossy(&child.stdout));
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let (outbox, _) = crate::support::open(folder.path());
    let appended = outbox.append(&event(1));
    appended.ticket.wait().unwrap();
    outbox.complete(appended.tokens[0]);
    outbox.flush().wait().unwrap();
    // The thread is asleep when its counts stand still between two looks; a flush is answered a moment before it sleeps.
    let look = || {
        let before = switches();
        std::thread::sleep(Duration::from_millis(1500));
        (before, switches())
    };
    let asleep = (0..3).any(|_| {
        let (before, after) = look();
        !before.is_empty() && before == after
    });
    assert!(asleep, "the writer's thread wakes up although nothing happens");
}

#[test]
fn a_picture_of_an_event_that_is_delivered_soon_is_never_written() {
    let folder = tempfile::tempdir().unwrap();
    let disk = Disk::new();
    let mut options = Ears::default().options();
    options.vfs = disk.name();
    let (outbox, _) = Outbox::open(folder.path(), options).unwrap();
    let appended = outbox.append(&event(1));
    appended.ticket.wait().unwrap();
    let before = disk.counts();
    let picture = Some(Bytes::from(vec![5; 500_000]));
    outbox.enrich(appended.row, Findings { picture, ..Findings::default() });
    outbox.complete(appended.tokens[0]);
    outbox.flush().wait().unwrap();
    assert!(disk.counts().bytes - before.bytes < 20_000);
}

/// A backlog that nobody wants to see, and what it costs: `SOAK=1` makes it 100,000.
#[test]
fn a_backlog_makes_neither_the_start_nor_an_append_slow() {
    let folder = tempfile::tempdir().unwrap();
    let (outbox, _) = crate::support::open(folder.path());
    let events = crate::support::soak(3_000, 100_000) as u64;
    let began = std::time::Instant::now();
    let mut tickets = std::collections::VecDeque::new();
    for number in 0..events {
        tickets.push_back(outbox.append(&event(number)).ticket);
        if tickets.len() > 2000 {
            assert_eq!(tickets.pop_front().unwrap().wait(), Ok(Committed::Durable));
        }
    }
    outbox.flush().wait().unwrap();
    let filled = began.elapsed();
    // As a kill leaves it: the files as they are now.
    let killed = tempfile::tempdir().unwrap();
    for name in ["outbox.db", "outbox.db-wal"] {
        std::fs::copy(folder.path().join(name), killed.path().join(name)).unwrap();
    }
    crate::support::close(outbox);

    for (name, folder) in [("clean", folder.path()), ("unclean", killed.path())] {
        let began = std::time::Instant::now();
        let (outbox, opened) = crate::support::open(folder);
        let started = began.elapsed();
        assert_eq!(opened.waiting, events);
        let began = std::time::Instant::now();
        for number in 0..100 {
            assert_eq!(outbox.append(&event(events + number)).ticket.wait(), Ok(Committed::Durable));
        }
        let appended = began.elapsed() / 100;
        println!("{events} events: filled in {filled:?}, {name} start in {started:?}, an append in {appended:?}");
        assert!(started < Duration::from_secs(10) && appended < Duration::from_millis(500));
    }
}
