//! The process is killed at random moments: it is this test binary itself, started again as its own child.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};
use std::time::Duration;

use octohooks_core::topic::Topic;
use octohooks_store::Outbox;
use octohooks_store::event::Standing;
use octohooks_store::outbox::Committed;
use octohooks_store::report::Report;

use crate::support::{Dice, Ears, event_for, everything, hook, open, soak};

const FOLDER: &str = "OCTOHOOKS_STORE_CHILD_FOLDER";
const SEED: &str = "OCTOHOOKS_STORE_CHILD_SEED";

/// Does nothing unless it was started by the test below; then it works until it is killed.
#[test]
fn the_child_that_is_killed() {
    let (Some(folder), Some(seed)) = (std::env::var_os(FOLDER), std::env::var(SEED).ok()) else { return };
    let seed: u64 = seed.parse().unwrap();
    let mut dice = Dice::new(seed);
    let mut options = Ears::default().options();
    options.checkpoint_pages = 40;
    options.late_after = Duration::from_millis(1);
    let (outbox, _) = Outbox::open(folder.as_ref(), options).unwrap();
    let mut say = std::io::stdout();
    for number in 1.. {
        let group: Vec<_> = (0..=dice.roll(4))
            .map(|index| {
                let hooks = [hook(1), hook(2)];
                let new = event_for(seed * 1_000_000 + number * 8 + index, Topic::PrintDone, &hooks);
                (new.event.id, outbox.append(&new))
            })
            .collect();
        for (event, appended) in group {
            assert_eq!(appended.ticket.wait(), Ok(Committed::Durable));
            for token in appended.tokens {
                writeln!(say, "kept {} {event}", token.delivery).unwrap();
                match dice.roll(8) {
                    0 => {}
                    1 => outbox.postpone(token, Standing { attempts: 1, ..Standing::default() }),
                    _ => {
                        writeln!(say, "ended {} {event}", token.delivery).unwrap();
                        outbox.complete(token);
                    }
                }
            }
        }
    }
}

#[test]
fn a_kill_loses_nothing_that_was_acknowledged() {
    let folder = tempfile::tempdir().unwrap();
    let mut dice = Dice::new(7);
    let mut kept: BTreeMap<String, String> = BTreeMap::new();
    let mut ended: BTreeSet<String> = BTreeSet::new();
    let mut repeats = 0;
    for seed in 1..=soak(20, 1000) {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "kill::the_child_that_is_killed", "--nocapture"])
            .env(FOLDER, folder.path())
            .env(SEED, seed.to_string())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .unwrap();
        let lines = 1 + dice.roll(150);
        let mut said = BufReader::new(child.stdout.take().unwrap());
        let mut heard = 0;
        let mut line = String::new();
        // A line that the kill cut in two was not said.
        while said.read_line(&mut line).unwrap() > 0 && line.ends_with('\n') {
            let words: Vec<&str> = line.split_whitespace().collect();
            match words.as_slice() {
                [.., "kept", delivery, event] => drop(kept.insert((*delivery).to_owned(), (*event).to_owned())),
                [.., "ended", delivery, _] => drop(ended.insert((*delivery).to_owned())),
                _ => {}
            }
            heard += 1;
            if heard == lines {
                child.kill().unwrap();
            }
            line.clear();
        }
        child.wait().unwrap();

        let (outbox, opened) = open(folder.path());
        assert!(
            !opened.reports.iter().any(|report| matches!(report, Report::Replaced { .. } | Report::Failing { .. }))
        );
        let mut found = BTreeSet::new();
        for pending in everything(&outbox) {
            for delivery in &pending.deliveries {
                let id = delivery.token.delivery.to_string();
                if let Some(event) = kept.get(&id) {
                    assert_eq!(*event, pending.event.id.to_string(), "a repeat has its first id");
                }
                repeats += usize::from(ended.contains(&id));
                // Now it is delivered, so that the next round starts with little.
                outbox.complete(delivery.token);
                assert!(found.insert(id), "nothing is there twice");
            }
        }
        let missing = kept.keys().filter(|id| !ended.contains(*id) && !found.contains(*id)).count();
        assert_eq!(missing, 0, "kill {seed}");
        kept.clear();
        ended.clear();
        outbox.close(Duration::from_secs(10));
    }
    println!("deliveries that would have been repeated: {repeats}");
}
