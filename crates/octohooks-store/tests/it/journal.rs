//! The journal: what is found in it, how it is bounded, and that it may be damaged or lost.

use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use octohooks_core::event::Event;
use octohooks_core::ids::EventId;
use octohooks_core::time::UnixMillis;
use octohooks_core::topic::Topic;
use octohooks_store::journal::{
    AttemptRecord, Cursor, Entry, Filter, Journal, JournalOptions, Listed, PhaseMillis, Record, State,
};
use octohooks_store::report::Report;
use rusqlite::ffi;

use crate::disk::Disk;
use crate::support::{NOW, event_for, hook, randomness};

fn options() -> JournalOptions {
    JournalOptions::new(Arc::new(|_| {}))
}

pub(crate) fn open(folder: &Path) -> Journal {
    let (journal, reports) = Journal::open(folder, options()).unwrap();
    assert_eq!(reports, []);
    journal
}

/// The delivery of a number: one a second, of three hooks in turn, every tenth given up.
pub(crate) fn entry(number: u64) -> Entry {
    let at = NOW.plus(Duration::from_secs(number));
    Entry {
        id: octohooks_core::ids::DeliveryId::new(at, &randomness(number)),
        event_id: EventId::new(at, &randomness(number)),
        hook_id: hook(number % 3),
        hook_name: format!("Hook {}", number % 3),
        topic: "Print Done".to_owned(),
        event: if number.is_multiple_of(5) { "PrintFailed".to_owned() } else { "PrintDone".to_owned() },
        at,
        state: if number.is_multiple_of(10) { State::GivenUp } else { State::Delivered },
        status: Some(204),
        attempts: 1,
        message: format!("Delivered: 204 No Content in {number} ms."),
        next_at: None,
        answer: None,
    }
}

pub(crate) fn attempt(number: u32) -> AttemptRecord {
    AttemptRecord {
        number,
        started: NOW,
        phases: PhaseMillis { queue: Some(1), dns: Some(2), total: 132, ..PhaseMillis::default() },
        status: Some(503),
        failure: None,
        answer: Some("busy".to_owned()),
        message: "The receiver has a problem: 503 Service Unavailable. Next try in 2 s.".to_owned(),
        request: None,
    }
}

/// The event of an entry.
pub(crate) fn event_of(number: u64) -> Arc<Event> {
    let event = (*event_for(number, Topic::PrintDone, &[hook(1)]).event).clone();
    Arc::new(Event { id: entry(number).event_id, ..event })
}

pub(crate) fn fill(journal: &Journal, numbers: std::ops::RangeInclusive<u64>) {
    for number in numbers {
        journal.write(Record::State(Box::new(entry(number))));
        if number.is_multiple_of(200) {
            journal.flush().wait().unwrap();
        }
    }
    journal.flush().wait().unwrap();
}

fn list(journal: &Journal, filter: Filter, before: Option<Cursor>, limit: usize) -> Listed {
    journal.list(filter, before, limit).wait().unwrap().unwrap()
}

fn numbers(listed: &Listed) -> Vec<i64> {
    listed.entries.iter().map(|entry| (entry.at.0 - NOW.0) / 1000).collect()
}

#[test]
fn a_delivery_is_one_entry_however_often_it_changes() {
    let folder = tempfile::tempdir().unwrap();
    let journal = open(folder.path());
    let mut changing = entry(7);
    for (state, attempts) in [(State::Waiting, 0), (State::Sending, 1), (State::Retrying, 1), (State::Delivered, 2)] {
        changing.state = state;
        changing.attempts = attempts;
        journal.write(Record::State(Box::new(changing.clone())));
        if attempts > 0 {
            journal.write(Record::Attempt(changing.id, Box::new(attempt(attempts))));
        }
        if state == State::Retrying {
            journal.flush().wait().unwrap();
        }
    }
    let whole = journal.one(changing.id).wait().unwrap().unwrap().unwrap();
    assert_eq!(whole.entry, changing);
    assert_eq!(whole.tried, [attempt(1), attempt(1), attempt(2)]);
    assert_eq!(list(&journal, Filter::default(), None, 10).entries, [changing]);
    assert_eq!(journal.one(entry(8).id).wait().unwrap().unwrap(), None);
}

#[test]
fn it_survives_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let journal = open(folder.path());
    fill(&journal, 1..=5);
    // Not even written when it is closed.
    journal.write(Record::State(Box::new(entry(6))));
    assert!(journal.close(Duration::from_secs(10)));
    assert_eq!(numbers(&list(&open(folder.path()), Filter::default(), None, 3)), [6, 5, 4]);
}

#[test]
fn every_filter_narrows_the_list() {
    let folder = tempfile::tempdir().unwrap();
    let journal = open(folder.path());
    fill(&journal, 1..=60);
    let found = |filter| numbers(&list(&journal, filter, None, 4));
    assert_eq!(found(Filter { hook: Some(hook(1)), ..Filter::default() }), [58, 55, 52, 49]);
    assert_eq!(found(Filter { event: Some("PrintFailed".to_owned()), ..Filter::default() }), [60, 55, 50, 45]);
    assert_eq!(found(Filter { state: Some(State::GivenUp), ..Filter::default() }), [60, 50, 40, 30]);
    assert_eq!(found(Filter { state: Some(State::Delivered), ..Filter::default() }), [59, 58, 57, 56]);
    let at = |number: i64| Some(UnixMillis(NOW.0 + number * 1000));
    assert_eq!(found(Filter { since: at(59), ..Filter::default() }), [60, 59]);
    assert_eq!(found(Filter { until: at(3), ..Filter::default() }), [2, 1]);
    assert_eq!(found(Filter { text: Some("in 17 MS".to_owned()), ..Filter::default() }), [17]);
    assert_eq!(found(Filter { text: Some("%".to_owned()), ..Filter::default() }), [] as [i64; 0]);
    let meant = vec!["IN 17 ms".to_owned(), "in 18 ms".to_owned()];
    assert_eq!(found(Filter { text: Some("%".to_owned()), meant, ..Filter::default() }), [18, 17]);
    let all = Filter {
        hook: Some(hook(2)),
        event: Some("PrintFailed".to_owned()),
        state: Some(State::GivenUp),
        since: at(1),
        until: at(30),
        text: Some("hook 2".to_owned()),
        meant: Vec::new(),
        in_answers: true,
    };
    assert_eq!(found(all), [20]);
}

#[test]
fn pages_follow_each_other_without_gap_or_repeat() {
    let folder = tempfile::tempdir().unwrap();
    let journal = open(folder.path());
    fill(&journal, 1..=25);
    let mut seen = Vec::new();
    let mut before = None;
    loop {
        let page = list(&journal, Filter::default(), before, 10);
        seen.extend(numbers(&page));
        // What comes in meanwhile is newer and disturbs nothing.
        journal.write(Record::State(Box::new(entry(100 + seen.len() as u64))));
        before = page.next;
        if before.is_none() {
            break;
        }
    }
    assert_eq!(seen, (1..=25).rev().collect::<Vec<_>>());
}

#[test]
fn what_happened_is_kept_as_long_as_its_deliveries() {
    let folder = tempfile::tempdir().unwrap();
    let (journal, _) = Journal::open(folder.path(), JournalOptions { most_deliveries: 1000, ..options() }).unwrap();
    let spread = |number: u64| {
        let at = NOW.plus(Duration::from_mins(2 * number));
        let id = octohooks_core::ids::DeliveryId::new(at, &randomness(number));
        let event = Event { id: EventId::new(at, &randomness(number)), ..(*event_of(number)).clone() };
        (Entry { id, event_id: event.id, at, ..entry(number) }, Arc::new(event))
    };
    for number in 1..=1001 {
        let (entry, event) = spread(number);
        journal.write(Record::Event(event));
        journal.write(Record::State(Box::new(entry)));
    }
    let kept = |number| journal.event(spread(number).1.id).wait().unwrap().unwrap();
    assert_eq!(kept(1001).as_ref(), Some(&*spread(1001).1));
    assert_eq!(kept(1), None, "it went with its delivery");
    assert_eq!(
        journal.latest_events(2).wait().unwrap().unwrap(),
        [(*spread(1001).1).clone(), (*spread(1000).1).clone()]
    );
    assert!(journal.close(Duration::from_secs(10)));
    let journal = open(folder.path());
    assert_eq!(journal.event(spread(1000).1.id).wait().unwrap().unwrap(), Some((*spread(1000).1).clone()));
    let oldest = numbers(&list(&journal, Filter::default(), None, 1000)).last().copied().unwrap() / 120;
    let oldest = u64::try_from(oldest).unwrap();
    assert!(journal.event(spread(oldest).1.id).wait().unwrap().unwrap().is_some());
    assert!(journal.event(spread(oldest - 1).1.id).wait().unwrap().unwrap().is_none());
}

#[test]
fn the_request_is_kept_of_the_latest_attempt() {
    let folder = tempfile::tempdir().unwrap();
    let journal = open(folder.path());
    let with = |number: u32| AttemptRecord { request: Some(serde_json::json!({"method": number})), ..attempt(number) };
    journal.write(Record::State(Box::new(entry(1))));
    for number in 1..=3 {
        journal.write(Record::Attempt(entry(1).id, Box::new(with(number))));
        journal.flush().wait().unwrap();
    }
    let whole = journal.one(entry(1).id).wait().unwrap().unwrap().unwrap();
    assert_eq!(whole.tried, [attempt(1), attempt(2), with(3)]);
}

#[test]
fn many_deliveries_of_one_millisecond_are_all_found() {
    let folder = tempfile::tempdir().unwrap();
    let journal = open(folder.path());
    let twins: Vec<Entry> = (0..40_u8)
        .map(|last| {
            // The same bits of chance at the front: the same key.
            let mut randomness = [9; 10];
            randomness[9] = last;
            Entry { id: octohooks_core::ids::DeliveryId::new(NOW, &randomness), ..entry(1) }
        })
        .collect();
    for twin in &twins {
        journal.write(Record::State(Box::new(twin.clone())));
    }
    for twin in &twins {
        assert_eq!(journal.one(twin.id).wait().unwrap().unwrap().unwrap().entry, *twin);
    }
}

#[test]
fn it_is_bounded_in_rows_and_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let limited = JournalOptions { most_deliveries: 100, ..options() };
    let (journal, _) = Journal::open(folder.path(), limited).unwrap();
    fill(&journal, 1..=1000);
    let left = numbers(&list(&journal, Filter::default(), None, 10_000));
    assert!(left.len() <= 100 && left.len() >= 90, "{}", left.len());
    assert_eq!(left[0], 1000);
    assert!(journal.close(Duration::from_secs(10)));

    let folder = tempfile::tempdir().unwrap();
    let limited = JournalOptions { most_bytes: 100_000, ..options() };
    let (journal, _) = Journal::open(folder.path(), limited).unwrap();
    fill(&journal, 1..=2000);
    assert!(list(&journal, Filter::default(), None, 10_000).entries.len() > 100);
    assert!(journal.close(Duration::from_secs(10)));
    let size = fs::metadata(folder.path().join("journal.db")).unwrap().len();
    assert!(size < 220_000, "{size}");
}

#[test]
fn a_damaged_one_is_replaced_by_an_empty_one() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("journal.db"), vec![b'x'; 5000]).unwrap();
    let (journal, reports) = Journal::open(folder.path(), options()).unwrap();
    assert!(matches!(reports.as_slice(), [Report::JournalReplaced { .. }]));
    fill(&journal, 1..=3);
    assert!(journal.close(Duration::from_secs(10)));
    assert_eq!(numbers(&list(&open(folder.path()), Filter::default(), None, 10)), [3, 2, 1]);
}

#[test]
fn while_the_disk_fails_it_is_in_memory_and_goes_back_with_all_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let disk = Disk::new();
    let told = Arc::new(Mutex::new(Vec::new()));
    let ears = Arc::clone(&told);
    let mut failing = JournalOptions::new(Arc::new(move |report| ears.lock().unwrap().push(report)));
    failing.vfs = disk.name();
    failing.retry_disk_after = Duration::ZERO;
    let (journal, _) = Journal::open(folder.path(), failing).unwrap();
    fill(&journal, 1..=3);
    disk.fail_writes(Some(ffi::SQLITE_FULL));
    fill(&journal, 4..=6);
    assert_eq!(numbers(&list(&journal, Filter::default(), None, 10)), [6, 5, 4]);
    assert!(matches!(told.lock().unwrap().as_slice(), [Report::JournalInMemory { .. }]));

    // It is looked at again no sooner than it is said, and still fails; then it works.
    fill(&journal, 7..=7);
    assert_eq!(numbers(&list(&journal, Filter::default(), None, 10)), [7, 6, 5, 4]);
    disk.fail_writes(None);
    let again = Record::Attempt(entry(5).id, Box::new(attempt(1)));
    journal.write(again);
    fill(&journal, 8..=8);
    assert_eq!(numbers(&list(&journal, Filter::default(), None, 10)), [8, 7, 6, 5, 4, 3, 2, 1]);
    assert_eq!(journal.one(entry(5).id).wait().unwrap().unwrap().unwrap().tried, [attempt(1)]);
    let told = told.lock().unwrap();
    assert!(matches!(told.as_slice(), [Report::JournalInMemory { .. }, Report::JournalRecovered]), "{told:?}");
    drop(told);
    assert!(journal.close(Duration::from_secs(10)));
    assert_eq!(numbers(&list(&open(folder.path()), Filter::default(), None, 10)), [8, 7, 6, 5, 4, 3, 2, 1]);
}

#[test]
fn a_journal_that_could_not_be_saved_to_the_end_tries_once_more() {
    let folder = tempfile::tempdir().unwrap();
    let disk = Disk::new();
    let (journal, _) = Journal::open(folder.path(), JournalOptions { vfs: disk.name(), ..options() }).unwrap();
    disk.fail_writes(Some(ffi::SQLITE_FULL));
    fill(&journal, 1..=2);
    disk.fail_writes(None);
    assert!(journal.close(Duration::from_secs(10)));
    assert_eq!(numbers(&list(&open(folder.path()), Filter::default(), None, 10)), [2, 1]);
}

#[test]
fn no_flush_is_spent_on_it_while_it_is_small() {
    let folder = tempfile::tempdir().unwrap();
    let disk = Disk::new();
    let (journal, _) = Journal::open(folder.path(), JournalOptions { vfs: disk.name(), ..options() }).unwrap();
    fill(&journal, 1..=1);
    let before = disk.counts();
    for number in 2..=101 {
        fill(&journal, number..=number);
    }
    let after = disk.counts();
    println!("journal, one at a time: {} bytes per delivery", (after.bytes - before.bytes) / 100);
    fill(&journal, 102..=2101);
    let batched = disk.counts();
    println!("journal, 200 at a time: {} bytes per delivery", (batched.bytes - after.bytes) / 2000);
    assert_eq!(after.flushes, before.flushes);
}
