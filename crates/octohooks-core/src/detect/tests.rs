//! Recorded streams of what a source saw, as files: `tests/cases/detect/*.jsonl` in, the events and what two hooks make of
//! them out. A line is `{"at": ms, "see": …, "payload", "line", "flags", …}`, where `see` is `progress`, `temperatures`, `line`, `gcode`,
//! or the name of an event. A second
//! `Startup` is another start of OctoPrint: another detector, which knows no more than the note of the one before.
//! `recorded_*` are made by `tests/record.py` from a real OctoPrint.
//!
//! `every` listens to everything, with progress every 10 %. `old` is a hook as 4.4.0 had it: no cancelled prints, those
//! count as failed, with progress every 25 % and a cooldown of 3 s.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::{Detector, SETTLING, is_waiting_for_user};
use crate::event::{Context, Event, Printer};
use crate::hook::ready::Hook;
use crate::hook::{CustomEvent, HookConfig};
use crate::ids::HookId;
use crate::matching::{Decision, Memory, decide};
use crate::observation::{Observation, Sight};
use crate::time::UnixMillis;
use crate::topic::Topic;

const BORN: i64 = 1_795_525_200_000;

/// So long is the machine off between two starts of a stream.
const BETWEEN_STARTS: i64 = 60_000;

#[test]
fn recorded_streams() {
    insta::glob!("../../tests/cases/detect", "*.jsonl", |path| {
        let text = std::fs::read_to_string(path).unwrap();
        let mut settings = insta::Settings::clone_current();
        settings.set_prepend_module_to_snapshot(false);
        settings.set_snapshot_path(path.parent().unwrap());
        settings.set_omit_expression(true);
        settings.bind(|| insta::assert_snapshot!(play(&text, NEVER)));
    });
}

#[test]
fn a_clock_that_is_set_amid_a_print_changes_no_span() {
    const YEAR: i64 = 365 * 24 * 3600 * 1000;
    insta::glob!("../../tests/cases/detect", "*.jsonl", |path| {
        let text = std::fs::read_to_string(path).unwrap();
        let steps = text.lines().count();
        for set in [Set { before: steps / 3, by: YEAR }, Set { before: steps / 2, by: -YEAR }] {
            assert_eq!(play(&text, set), play(&text, NEVER), "{set:?} in {}", path.display());
        }
    });
}

/// Somebody sets the clock.
#[derive(Debug, Clone, Copy)]
struct Set {
    /// Before this step of a stream.
    before: usize,
    /// In milliseconds.
    by: i64,
}

const NEVER: Set = Set { before: usize::MAX, by: 0 };

/// Plays a stream and writes down what comes of it.
fn play(stream: &str, set: Set) -> String {
    let printer = Arc::new(Printer { id: "p".into(), name: "P".into(), appearance: Value::Null, ..Printer::default() });
    let mut detector = Detector::new(printer);
    let mut dice = 0_u8;
    let mut roll = || {
        dice = dice.wrapping_add(1);
        [dice; 10]
    };
    let mut hooks = [(every(), Memory::default()), (old(), Memory::default())];
    detector.watch(hooks[0].0.listens.temperature_rules.clone(), Arc::default());
    let mut jobs = BTreeMap::new();
    let mut told = String::new();
    let (mut starts, mut last, mut started) = (0, 0, 0);
    let mut ahead = 0;
    for (index, line) in stream.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        if index == set.before {
            ahead = set.by;
            detector.clock_was_set(ahead);
            for (_, memory) in &mut hooks {
                memory.clock_was_set(ahead);
            }
        }
        let mut step: Value = serde_json::from_str(line).unwrap();
        let mut events = Vec::new();
        if step["see"] == "Startup" {
            starts += 1;
            if starts > 1 {
                started = last + BETWEEN_STARTS;
                events.extend(start_again(&mut detector, BORN + started + ahead, &mut roll));
            }
        }
        last = step["at"].as_i64().unwrap() + started;
        step["at"] = (last + ahead).into();
        events.extend(detector.observe(observation(&step), &mut roll));
        for event in events {
            let event = Arc::new(event);
            tell(&event, ahead, &mut jobs, &mut hooks, &mut told);
            if step["see"] != event.name.as_str() {
                echo(&mut detector, &event, &mut roll);
            }
        }
    }
    for event in detector.settle(UnixMillis(BORN + last + ahead).plus(SETTLING), &mut roll) {
        tell(&Arc::new(event), ahead, &mut jobs, &mut hooks, &mut told);
    }
    told
}

/// The machine was switched off in between.
fn start_again(detector: &mut Detector, at: i64, roll: &mut dyn FnMut() -> [u8; 10]) -> Vec<Event> {
    let note = detector.note().map(|note| serde_json::to_string(note).unwrap());
    *detector = Detector::new(Arc::clone(&detector.printer));
    let note = note.map(|note| serde_json::from_str(&note).unwrap());
    note.map_or_else(Vec::new, |note| detector.recall(UnixMillis(at), note, false, Context::default(), roll))
}

/// Writes down one event, at the time of a clock that was never set.
fn tell(
    event: &Arc<Event>,
    ahead: i64,
    jobs: &mut BTreeMap<String, usize>,
    hooks: &mut [(Hook, Memory); 2],
    told: &mut String,
) {
    let known = jobs.len() + 1;
    let job = event.job.map_or("-".to_owned(), |job| format!("job {}", jobs.entry(job.to_string()).or_insert(known)));
    let mut line = format!("{:>7} {} ({job})", event.at.0 - BORN - ahead, event.name);
    let is_ours = event.payload["consequence"] == "ignored";
    if is_ours || matches!(event.topic, Some(Topic::PrintEnded | Topic::PrintInterrupted | Topic::FirstLayerDone)) {
        write!(line, " {}", event.payload).unwrap();
    }
    let progress = &event.context.get("progress").cloned().unwrap_or_default();
    if progress["printTimeLeftOrigin"] == "printer" {
        write!(line, " {} s left", progress["printTimeLeft"]).unwrap();
    }
    let mut anybody = event.topic != Some(Topic::PrintProgress);
    for (hook, memory) in hooks {
        match decide(hook, event, memory) {
            Decision::NotSubscribed => {}
            Decision::Skip(skip) => {
                anybody = true;
                write!(line, " | {}: {skip}", hook.name).unwrap();
            }
            Decision::Send(matched) => {
                anybody = true;
                write!(line, " | {}: {:?}, at {} %", hook.name, matched.subscription, matched.milestone).unwrap();
            }
        }
    }
    if anybody {
        writeln!(told, "{line}").unwrap();
    }
}

/// What is fired on the bus comes back from it, and must not be taken for another event.
fn echo(detector: &mut Detector, event: &Event, roll: &mut dyn FnMut() -> [u8; 10]) {
    detector.expect_echo(event.id);
    let payload = json!({super::ECHO_KEY: event.id.to_string()});
    let sight = Sight::BusEvent { name: event.name.clone(), payload };
    let back = Observation { at: event.at, sight, context: Context::default() };
    assert_eq!(detector.observe(back, roll), []);
}

fn observation(step: &Value) -> Observation {
    let see = step["see"].as_str().unwrap();
    let sight = match see {
        "progress" => Sight::Progress,
        "temperatures" => Sight::Temperatures,
        "gcode" => Sight::GcodeLine(step["line"].as_str().unwrap().to_owned()),
        "line" => Sight::SerialLine(step["line"].as_str().unwrap().to_owned()),
        name => Sight::BusEvent { name: name.to_owned(), payload: step["payload"].clone() },
    };
    let flags =
        step["flags"].as_array().into_iter().flatten().map(|flag| (flag.as_str().unwrap().to_owned(), true.into()));
    let mut context = Map::new();
    context.insert("state".into(), json!({"flags": flags.collect::<Map<_, _>>()}));
    let mut progress = json!({"completion": step["completion"]});
    for key in ["filepos", "printTime", "printTimeLeft"] {
        progress[key] = step[key].clone();
    }
    context.insert("progress".into(), progress);
    context.insert("currentZ".into(), step["currentZ"].clone());
    context.insert("temperatures".into(), step["temperatures"].clone());
    context.insert("job".into(), json!({"file": step["file"]}));
    Observation { at: UnixMillis(BORN + step["at"].as_i64().unwrap()), sight, context: Context(context) }
}

fn every() -> Hook {
    let mut config = HookConfig::new(HookId::new(UnixMillis(1), &[1; 10]));
    config.name = "every".to_owned();
    config.events.values_mut().for_each(|event| event.enabled = true);
    config.progress_interval_percent = 10;
    config.custom_events.push(CustomEvent::new("movieDONE", ""));
    Hook::new(&config)
}

fn old() -> Hook {
    let mut config = HookConfig::new(HookId::new(UnixMillis(1), &[2; 10]));
    config.name = "old".to_owned();
    for topic in
        [Topic::PrintCancelled, Topic::PrintResumed, Topic::ConnectionLost, Topic::PrintEnded, Topic::PrintInterrupted]
    {
        config.events.remove(&topic);
    }
    config.events.get_mut(&Topic::PrintProgress).unwrap().enabled = true;
    config.progress_interval_percent = 25;
    config.cooldown_seconds = 3;
    config.cancelled_counts_as_failed = true;
    config.custom_events.push(CustomEvent::new("PrintCancelled", ""));
    Hook::new(&config)
}

#[test]
fn what_says_that_a_printer_waits() {
    for line in [
        "echo:busy: paused for user",
        "echo:busy paused for user",
        "  ECHO:Busy: Paused for User \r",
        "busy: paused for user",
        "echo: busy: paused for user",
    ] {
        assert!(is_waiting_for_user(line), "{line}");
    }
    for line in ["echo:busy: processing", "echo:paused for user", "ok T:20 paused for user", ""] {
        assert!(!is_waiting_for_user(line), "{line}");
    }
}
