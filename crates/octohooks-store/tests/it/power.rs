//! The power goes in the middle of writing, two hundred times over.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use octohooks_core::ids::DeliveryId;
use octohooks_core::parcel::Findings;
use octohooks_store::Outbox;
use octohooks_store::event::{NewEvent, Standing, Token};
use octohooks_store::outbox::Committed;
use octohooks_store::report::Report;

use crate::disk::{Disk, Image};
use crate::support::{Dice, Ears, event_for, everything, hook, open, soak};

/// Works until so many power cuts were seen.
fn work(disk: &'static Disk, cuts: usize, seed: u64) -> (Vec<Image>, BTreeMap<DeliveryId, NewEvent>) {
    let folder = tempfile::tempdir().unwrap();
    let mut dice = Dice::new(seed);
    let mut options = Ears::default().options();
    options.vfs = disk.name();
    options.checkpoint_pages = 30;
    options.late_items = 4;
    options.late_after = Duration::from_millis(2);
    options.enrichment_after = Duration::from_millis(2);
    let (outbox, _) = Outbox::open(folder.path(), options).unwrap();
    let mut known = BTreeMap::new();
    let mut waiting: VecDeque<Token> = VecDeque::new();
    let mut number = 0;
    disk.cut_power_in(dice.roll(60));
    let mut cut = 0;
    while cut < cuts {
        let group: Vec<_> = (0..=dice.roll(5))
            .map(|_| {
                number += 1;
                let hooks: Vec<_> = (0..=dice.roll(3)).map(hook).collect();
                let new = event_for(number, octohooks_core::topic::Topic::PrintFailed, &hooks);
                for delivery in &new.deliveries {
                    known.insert(delivery.id, new.clone());
                }
                outbox.append(&new)
            })
            .collect();
        for appended in group {
            assert_eq!(appended.ticket.wait(), Ok(Committed::Durable));
            for token in &appended.tokens {
                disk.acknowledge(token.delivery);
            }
            if dice.roll(4) == 0 {
                let picture = vec![7; usize::try_from(dice.roll(30_000)).unwrap()];
                outbox.enrich(appended.row, Findings { picture: Some(picture.into()), ..Findings::default() });
            }
            waiting.extend(appended.tokens);
        }
        while waiting.len() > 40 || (!waiting.is_empty() && dice.roll(3) > 0) {
            let token = waiting.remove(usize::try_from(dice.roll(waiting.len() as u64)).unwrap()).unwrap();
            if dice.roll(4) == 0 {
                outbox.postpone(token, Standing { attempts: 1, ..Standing::default() });
                waiting.push_back(token);
            } else {
                disk.end(token.delivery);
                outbox.complete(token);
            }
        }
        if disk.has_images() > cut {
            cut = disk.has_images();
            disk.cut_power_in(dice.roll(60));
        }
    }
    outbox.close(Duration::from_secs(10));
    (disk.images(), known)
}

/// As many acknowledged deliveries are missing after a power cut, or are not what they were.
fn lost(image: &Image, known: &BTreeMap<DeliveryId, NewEvent>, dice: &mut Dice) -> usize {
    let folder = tempfile::tempdir().unwrap();
    image.lay_out(folder.path(), dice);
    let (outbox, opened) = open(folder.path());
    // A file that a power cut damaged would be wrong even if all could be salvaged.
    let damaged = opened.reports.iter().any(|report| matches!(report, Report::Replaced { .. }));
    let mut found = BTreeSet::new();
    let mut wrong = usize::from(damaged);
    for pending in everything(&outbox) {
        for delivery in &pending.deliveries {
            // Nothing comes that never happened, nothing comes twice, and all is what was stored, with its first id.
            let new = known.get(&delivery.token.delivery);
            let is_right = new.is_some_and(|new| *pending.event == *new.event) && found.insert(delivery.token.delivery);
            wrong += usize::from(!is_right);
        }
    }
    let missing = image.acknowledged.iter().filter(|id| !image.ended.contains(id) && !found.contains(id)).count();
    missing + wrong
}

#[test]
fn a_power_cut_loses_nothing_that_was_acknowledged() {
    let cuts = soak(80, 200);
    let (images, known) = work(Disk::new(), cuts, 1);
    assert!(images.len() >= cuts);
    assert!(images.iter().any(|image| image.acknowledged.len() > 20));
    let mut dice = Dice::new(2);
    for (number, image) in images.iter().enumerate() {
        // Each cut leaves the disk in one of many ways.
        for way in 0..3 {
            assert_eq!(lost(image, &known, &mut dice), 0, "power cut {number}, way {way}");
        }
    }
}

/// A mark is left to the flush of the next commit: until that has come, parts of either may be on the disk, in any order.
#[test]
fn a_mark_and_the_event_behind_it_are_torn_together_and_nothing_is_taken_for_damage() {
    let mut dice = Dice::new(5);
    for operations in 0..12 {
        let (folder, disk) = (tempfile::tempdir().unwrap(), Disk::new());
        let mut options = Ears::default().options();
        options.vfs = disk.name();
        let (outbox, _) = Outbox::open(folder.path(), options).unwrap();
        let mut known = BTreeMap::new();
        let mut append = |number| {
            let new = event_for(number, octohooks_core::topic::Topic::PrintFailed, &[hook(1)]);
            known.insert(new.deliveries[0].id, new.clone());
            let appended = outbox.append(&new);
            assert_eq!(appended.ticket.wait(), Ok(Committed::Durable));
            appended.tokens[0]
        };
        for number in 1..4 {
            disk.acknowledge(append(number).delivery);
        }
        let ended = append(4);
        disk.end(ended.delivery);
        outbox.complete(ended);
        outbox.flush().wait().unwrap();
        disk.cut_power_in(operations);
        append(5);
        for image in disk.images() {
            for _way in 0..100 {
                assert_eq!(lost(&image, &known, &mut dice), 0, "after {operations} operations");
            }
        }
    }
}

/// The tests above would see a loss if there were one.
#[test]
fn a_disk_that_only_pretends_to_flush_loses_something() {
    let disk = Disk::new();
    disk.lie();
    let (images, known) = work(disk, 10, 3);
    let mut dice = Dice::new(4);
    assert!(images.iter().map(|image| lost(image, &known, &mut dice)).sum::<usize>() > 0);
}
