//! Disks that are full, take no writes, fail, or hold damage: it goes on, says so once, and comes back.

use std::fs;
use std::io::{Seek, SeekFrom, Write};
use std::time::{Duration, Instant};

use octohooks_core::topic::Topic;
use octohooks_store::Outbox;
use octohooks_store::error::StoreError;
use octohooks_store::event::{PendingEvent, Standing};
use octohooks_store::outbox::{Committed, Opened, Options, Reason};
use octohooks_store::report::Report;
use octohooks_store::store::{Most, Select};
use rusqlite::ffi;

use crate::disk::Disk;
use crate::support::{Ears, close, event, event_for, everything, hook, open};

const SOON: Duration = Duration::from_millis(1);

/// A name, and what makes a disk fail or work again.
type Failure = (&'static str, fn(&Disk, bool));

fn options(ears: &Ears, disk: &Disk) -> Options {
    let mut options = ears.options();
    options.vfs = disk.name();
    options.retry_disk_after = SOON;
    options
}

fn numbers(events: &[PendingEvent]) -> Vec<u64> {
    events.iter().map(|event| event.event.payload["number"].as_u64().unwrap()).collect()
}

/// Speaks to the outbox until it has tried the disk again with success.
/// The disk is tried once more, and fails once more.
fn wait_until_tried_again(outbox: &Outbox, disk: &Disk) {
    let refused = disk.counts().refused_flushes;
    let until = Instant::now() + Duration::from_secs(20);
    while disk.counts().refused_flushes == refused {
        assert!(Instant::now() < until, "the disk was not tried again");
        outbox.flush().wait().unwrap();
        std::thread::yield_now();
    }
}

fn wait_until_recovered(outbox: &Outbox) {
    let until = Instant::now() + Duration::from_secs(20);
    while Instant::now() < until {
        outbox.flush().wait().unwrap();
        if !outbox.figures().failing {
            return;
        }
        std::thread::yield_now();
    }
    panic!("the disk works and was not tried again");
}

#[test]
fn a_disk_that_fails_costs_durability_and_nothing_else() {
    let failures: [Failure; 4] = [
        ("full", |disk, fails| disk.fail_writes(fails.then_some(ffi::SQLITE_FULL))),
        ("no writes", |disk, fails| {
            disk.fail_writes(fails.then_some(ffi::SQLITE_IOERR_WRITE));
            disk.be_read_only(fails);
        }),
        ("read-only", |disk, fails| {
            disk.fail_writes(fails.then_some(ffi::SQLITE_READONLY));
            disk.be_read_only(fails);
        }),
        ("no flushes", |disk, fails| disk.fail_flushes(fails.then_some(ffi::SQLITE_IOERR_FSYNC))),
    ];
    for (name, fail) in failures {
        let folder = tempfile::tempdir().unwrap();
        let (ears, disk) = (Ears::default(), Disk::new());
        let (outbox, _) = Outbox::open(folder.path(), options(&ears, disk)).unwrap();
        let first = outbox.append(&event(1));
        let second = outbox.append(&event(2));
        assert_eq!(first.ticket.wait(), Ok(Committed::Durable), "{name}");
        assert_eq!(second.ticket.wait(), Ok(Committed::Durable), "{name}");

        fail(disk, true);
        let third = outbox.append(&event(3));
        assert_eq!(third.ticket.wait(), Ok(Committed::MemoryOnly(Reason::Failing)), "{name}");
        let fourth = outbox.append(&event(4));
        assert_eq!(fourth.ticket.wait(), Ok(Committed::MemoryOnly(Reason::Failing)), "{name}");
        outbox.complete(first.tokens[0]);
        outbox.complete(third.tokens[0]);
        // A full disk can still be read. Of any other it is not known what lies there, and that is said.
        let waiting = outbox.load(Select::Oldest { after: None }, Most::default()).wait().unwrap();
        match waiting {
            Ok(page) => assert!(numbers(&page.events).ends_with(&[4]), "{name}"),
            Err(error) => assert!(matches!(error, StoreError::Disk(_)) && name != "full", "{name}: {error}"),
        }
        assert!(outbox.figures().failing, "{name}");

        fail(disk, false);
        wait_until_recovered(&outbox);
        assert_eq!(numbers(&everything(&outbox)), [2, 4], "{name}");
        assert_eq!(outbox.append(&event(5)).ticket.wait(), Ok(Committed::Durable), "{name}");
        close(outbox);
        let told = ears.heard();
        assert!(
            matches!(told.as_slice(), [Report::Failing { .. }, Report::Recovered { events: 1 }]),
            "{name}: {told:?}"
        );
        assert_eq!(numbers(&everything(&open(folder.path()).0)), [2, 4, 5], "{name}");
    }
}

/// A commit that fails at its very end may be there all the same. It must not be there twice.
#[test]
fn a_flush_that_fails_makes_no_twins() {
    let folder = tempfile::tempdir().unwrap();
    let (ears, disk) = (Ears::default(), Disk::new());
    let (outbox, _) = Outbox::open(folder.path(), options(&ears, disk)).unwrap();
    for number in 1..=10 {
        disk.fail_flushes(Some(ffi::SQLITE_IOERR_FSYNC));
        let appended = outbox.append(&event(number));
        assert_eq!(appended.ticket.wait(), Ok(Committed::MemoryOnly(Reason::Failing)));
        if number.is_multiple_of(2) {
            outbox.complete(appended.tokens[0]);
        }
        wait_until_tried_again(&outbox, disk);
        disk.fail_flushes(None);
        wait_until_recovered(&outbox);
    }
    assert_eq!(numbers(&everything(&outbox)), [1, 3, 5, 7, 9]);
    close(outbox);
    assert_eq!(numbers(&everything(&open(folder.path()).0)), [1, 3, 5, 7, 9]);
}

#[test]
fn nobody_waits_for_a_disk_that_stalls() {
    let folder = tempfile::tempdir().unwrap();
    let (ears, disk) = (Ears::default(), Disk::new());
    let (outbox, _) = Outbox::open(folder.path(), options(&ears, disk)).unwrap();
    disk.stall(true);
    let mut tickets = Vec::new();
    let mut refused = 0;
    // Each call returns although the first commit does not, and the inbox is bounded.
    for number in 1..=6000 {
        let topic = if number % 2 == 0 { Topic::PrintFailed } else { Topic::PrintDone };
        let appended = outbox.append(&event_for(number, topic, &[hook(1)]));
        outbox.postpone(appended.tokens[0], Standing { attempts: 1, ..Standing::default() });
        let mut ticket = appended.ticket;
        match ticket.try_now() {
            Some(committed) => {
                assert_eq!(committed, Committed::MemoryOnly(Reason::Behind));
                refused += 1;
            }
            None => tickets.push(ticket),
        }
    }
    assert!(refused > 0 && tickets.len() > 4000, "{refused} refused, {} waiting", tickets.len());
    disk.stall(false);
    for ticket in tickets {
        assert_eq!(ticket.wait(), Ok(Committed::Durable));
    }
    assert_eq!(ears.heard(), [Report::Behind], "it is told once");
    assert!(outbox.figures().commits < 100, "what gathered was committed together: {:?}", outbox.figures());
}

#[test]
fn a_full_disk_can_still_be_read() {
    let folder = tempfile::tempdir().unwrap();
    let (ears, disk) = (Ears::default(), Disk::new());
    let (outbox, _) = Outbox::open(folder.path(), options(&ears, disk)).unwrap();
    let first = outbox.append(&event(1));
    outbox.append(&event(2)).ticket.wait().unwrap();
    disk.fail_writes(Some(ffi::SQLITE_FULL));
    outbox.append(&event(3)).ticket.wait().unwrap();
    outbox.complete(first.tokens[0]);
    assert_eq!(numbers(&everything(&outbox)), [2, 3], "what ended meanwhile does not come back");
    let newest = outbox.load(Select::Newest { before: None }, Most::default()).wait().unwrap().unwrap();
    assert_eq!(numbers(&newest.events), [3, 2]);
}

#[test]
fn memory_that_is_full_gives_up_what_matters_least() {
    let folder = tempfile::tempdir().unwrap();
    let (ears, disk) = (Ears::default(), Disk::new());
    let mut options = options(&ears, disk);
    options.memory_budget = 12_000;
    options.retry_disk_after = Duration::from_hours(1);
    let (outbox, _) = Outbox::open(folder.path(), options).unwrap();
    disk.fail_writes(Some(ffi::SQLITE_FULL));
    for number in 1..=20 {
        let topic = if number % 4 == 0 { Topic::PrintFailed } else { Topic::PrintDone };
        outbox.append(&event_for(number, topic, &[hook(1)])).ticket.wait().unwrap();
    }
    let left = numbers(&everything(&outbox));
    assert!(left.ends_with(&[20]) && left.iter().filter(|number| *number % 4 == 0).count() == 5, "{left:?}");
    assert!(outbox.figures().in_memory_bytes <= 12_000);
    let shed: usize = ears
        .heard()
        .iter()
        .map(|report| if let Report::Shed { deliveries } = report { deliveries.len() } else { 0 })
        .sum();
    assert_eq!(shed + left.len(), 20, "each one that is gone was told");
    // Closing tries the disk once more.
    disk.fail_writes(None);
    close(outbox);
    assert_eq!(numbers(&everything(&open(folder.path()).0)), left);
}

#[test]
fn a_file_that_grows_too_large_gives_up_what_matters_least() {
    let folder = tempfile::tempdir().unwrap();
    let ears = Ears::default();
    let mut options = ears.options();
    options.disk_budget = 200_000;
    let (outbox, _) = Outbox::open(folder.path(), options).unwrap();
    for number in 1..=200 {
        let topic = if number % 10 == 0 { Topic::PrintFailed } else { Topic::PrintDone };
        outbox.append(&event_for(number, topic, &[hook(1)])).ticket.wait().unwrap();
    }
    let left = numbers(&everything(&outbox));
    assert_eq!(left.iter().filter(|number| *number % 10 == 0).count(), 20);
    let figures = outbox.figures();
    assert!(figures.used_bytes <= 200_000 && figures.used_bytes_highest < 220_000, "{figures:?}");
    let shed: usize = ears
        .heard()
        .iter()
        .map(|report| if let Report::Shed { deliveries } = report { deliveries.len() } else { 0 })
        .sum();
    assert_eq!(shed + left.len(), 200, "each one that is gone was told");
}

#[test]
fn a_disk_that_was_read_only_at_the_start_gives_what_it_has() {
    let folder = tempfile::tempdir().unwrap();
    let (outbox, _) = open(folder.path());
    let tickets: Vec<_> = (1..=3).map(|number| outbox.append(&event(number)).ticket).collect();
    for ticket in tickets {
        ticket.wait().unwrap();
    }
    close(outbox);

    let (ears, disk) = (Ears::default(), Disk::new());
    disk.be_read_only(true);
    let (outbox, opened) = Outbox::open(folder.path(), options(&ears, disk)).unwrap();
    assert!(matches!(opened.reports.as_slice(), [Report::Failing { because: StoreError::Disk(_) }]));
    assert_eq!(numbers(&opened.newest.events), [3, 2, 1]);
    outbox.complete(opened.newest.events[0].deliveries[0].token);
    let fourth = outbox.append(&event(4));
    assert_eq!(fourth.ticket.wait(), Ok(Committed::MemoryOnly(Reason::Failing)));
    disk.be_read_only(false);
    wait_until_recovered(&outbox);
    assert_eq!(numbers(&everything(&outbox)), [1, 2, 4]);
    close(outbox);
    assert_eq!(numbers(&everything(&open(folder.path()).0)), [1, 2, 4]);
}

/// A file with many events, and its pages.
fn filled(folder: &std::path::Path) {
    let (outbox, _) = open(folder);
    let tickets: Vec<_> = (1..=300).map(|number| outbox.append(&event(number)).ticket).collect();
    for ticket in tickets {
        ticket.wait().unwrap();
    }
    close(outbox);
}

/// Overwrites a part of the file and leaves a log behind, as an unclean stop does.
/// The size of a page of the outbox.
const PAGE: u64 = 1024;

fn damage(folder: &std::path::Path, at: u64, bytes: u64) {
    let mut file = fs::OpenOptions::new().write(true).open(folder.join("outbox.db")).unwrap();
    file.seek(SeekFrom::Start(at)).unwrap();
    file.write_all(&vec![0xa5; usize::try_from(bytes).unwrap()]).unwrap();
    fs::write(folder.join("outbox.db-wal"), b"torn").unwrap();
}

fn assert_replaced(folder: &std::path::Path, opened: &Opened, at_least: usize) {
    let [Report::Replaced { moved_to, salvaged, .. }] = opened.reports.as_slice() else {
        panic!("{:?}", opened.reports)
    };
    assert!(moved_to.starts_with(folder) && moved_to.exists());
    let name = moved_to.file_name().unwrap().to_string_lossy();
    assert!(name.starts_with("outbox.damaged-2026-09-21T14-13-20Z"), "{name}");
    assert!(*salvaged >= at_least, "{salvaged}");
    assert_eq!(opened.waiting, *salvaged as u64);
}

#[test]
fn a_damaged_file_is_put_aside_and_what_can_be_read_of_it_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    filled(folder.path());
    // A leaf in the middle of the table.
    damage(folder.path(), PAGE * 100, PAGE);
    let (outbox, opened) = open(folder.path());
    assert_replaced(folder.path(), &opened, 290);
    assert_eq!(outbox.append(&event(1000)).ticket.wait(), Ok(Committed::Durable));
    close(outbox);
    assert!(open(folder.path()).1.reports.is_empty());
}

/// A process may be stopped between any two names that it gives.
#[test]
fn a_replacement_that_was_stopped_is_finished() {
    for damaged_is_there in [true, false] {
        let folder = tempfile::tempdir().unwrap();
        filled(folder.path());
        let (outbox, filled) = (folder.path().join("outbox.db"), folder.path().join("outbox.filled.db"));
        fs::rename(&outbox, &filled).unwrap();
        if damaged_is_there {
            fs::write(&outbox, vec![b'x'; 10_000]).unwrap();
        }
        fs::write(folder.path().join("outbox.filling.db"), "half of an older one").unwrap();
        let (outbox, opened) = open(folder.path());
        let [Report::Replaced { moved_to, salvaged, .. }] = opened.reports.as_slice() else {
            panic!("{:?}", opened.reports)
        };
        assert_eq!(moved_to.exists(), damaged_is_there);
        assert_eq!((*salvaged as u64, everything(&outbox).len()), (opened.waiting, *salvaged));
        assert!(*salvaged >= 290, "{salvaged}");
        assert_eq!(outbox.append(&event(1000)).ticket.wait(), Ok(Committed::Durable));
        close(outbox);
        assert!(open(folder.path()).1.reports.is_empty());
        let left: Vec<_> = fs::read_dir(folder.path()).unwrap().flatten().map(|entry| entry.file_name()).collect();
        assert!(!left.iter().any(|name| name.to_string_lossy().starts_with("outbox.fill")), "{left:?}");
    }
}

#[test]
fn a_file_that_is_no_database_is_put_aside() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("outbox.db"), vec![b'x'; 10_000]).unwrap();
    let (outbox, opened) = open(folder.path());
    assert_replaced(folder.path(), &opened, 0);
    close(outbox);
}

#[test]
fn damage_that_shows_while_it_is_used_is_handled_as_well() {
    let folder = tempfile::tempdir().unwrap();
    filled(folder.path());
    let mut file = fs::OpenOptions::new().write(true).open(folder.path().join("outbox.db")).unwrap();
    file.seek(SeekFrom::Start(PAGE * 100)).unwrap();
    file.write_all(&[0xa5; 1024]).unwrap();
    drop(file);
    let ears = Ears::default();
    let mut options = ears.options();
    options.load_at_start = Most { events: 1, bytes: 1 };
    // After a clean stop nothing is checked, so it opens.
    let (outbox, opened) = Outbox::open(folder.path(), options).unwrap();
    assert!(opened.reports.is_empty());
    let events = everything(&outbox);
    assert!(events.len() >= 290, "{}", events.len());
    assert!(matches!(ears.heard().as_slice(), [Report::Replaced { .. }]));
    assert_eq!(outbox.append(&event(1000)).ticket.wait(), Ok(Committed::Durable));
}

#[test]
fn only_the_latest_damaged_files_are_kept() {
    let folder = tempfile::tempdir().unwrap();
    for _ in 0..5 {
        fs::write(folder.path().join("outbox.db"), vec![b'x'; 10_000]).unwrap();
        close(open(folder.path()).0);
    }
    let aside = fs::read_dir(folder.path()).unwrap().flatten();
    assert_eq!(aside.filter(|entry| entry.file_name().to_string_lossy().contains("damaged")).count(), 2);
}

#[test]
fn an_event_that_cannot_be_read_is_told_and_removed() {
    let folder = tempfile::tempdir().unwrap();
    let (outbox, _) = open(folder.path());
    outbox.append(&event(1)).ticket.wait().unwrap();
    outbox.append(&event(2)).ticket.wait().unwrap();
    close(outbox);
    let connection = rusqlite::Connection::open(folder.path().join("outbox.db")).unwrap();
    connection.execute("update outbox set body = x'7b' where id = 1", []).unwrap();
    drop(connection);
    let ears = Ears::default();
    let (outbox, opened) = Outbox::open(folder.path(), ears.options()).unwrap();
    assert_eq!(numbers(&opened.newest.events), [2]);
    assert_eq!(opened.waiting, 1);
    let told = ears.heard();
    let [Report::Unreadable { deliveries, .. }] = told.as_slice() else { panic!("{told:?}") };
    assert_eq!(deliveries[0].token.delivery, event(1).deliveries[0].id);
    close(outbox);
}
