//! Conditions by example: what holds, and what is said where it does not.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{Asked, Condition, ConditionConfig};
use crate::event::{Context, Event, Printer};
use crate::hook::HookConfig;
use crate::hook::check::check;
use crate::hook::ready::{Hook, Subscription};
use crate::ids::{EventId, HookId};
use crate::matching::{Decision, Memory, decide};
use crate::time::UnixMillis;
use crate::topic::Topic;

/// Tuesday, 2026-11-24, 13:00 UTC, 14:00 at the printer.
const AT: UnixMillis = UnixMillis(1_795_525_200_123);

fn event(payload: Value) -> Arc<Event> {
    let Value::Object(context) = json!({
        "state": {"text": "Printing", "flags": {"printing": true, "paused": false}},
        "job": {"file": {"name": "Boat.gcode", "path": "boats/small/Boat.gcode", "origin": "local"}, "user": "anna",
            "estimatedPrintTime": 5400},
        "progress": {"completion": 42.5, "printTime": 1800, "printTimeLeft": 3600},
        "temperatures": {"tool0": {"actual": 214.8, "target": 215}, "bed": {"actual": null}},
        "utcOffset": 3600,
    }) else {
        unreachable!()
    };
    Arc::new(Event {
        id: EventId::new(AT, &[2; 10]),
        at: AT,
        printer: Arc::new(Printer {
            id: "octoprint".into(),
            name: "Left".into(),
            appearance: Value::Null,
            ..Printer::default()
        }),
        name: "PrintDone".into(),
        topic: Some(Topic::PrintDone),
        payload,
        context: Arc::new(Context(context)),
        job: None,
    })
}

fn decided(config: Value, event: &Event) -> Result<(), String> {
    let config: ConditionConfig = serde_json::from_value(config).unwrap();
    let condition = Condition::new("condition", &config).unwrap();
    let asked = Asked { subscription: Subscription::Topic(Topic::PrintDone), milestone: 40, device_identifier: "left" };
    condition.holds(event, &asked)
}

#[track_caller]
#[expect(clippy::needless_pass_by_value, reason = "so that a rule is written where it is asked")]
fn holds(rule: Value) {
    assert_eq!(decided(json!({"rules": [rule]}), &event(Value::Null)), Ok(()), "{rule}");
}

#[track_caller]
#[expect(clippy::needless_pass_by_value, reason = "so that a rule is written where it is asked")]
fn fails(rule: Value, because: &str) {
    assert_eq!(decided(json!({"rules": [rule]}), &event(Value::Null)), Err(because.to_owned()), "{rule}");
}

#[test]
fn files_and_folders() {
    for name in ["boat.gcode", "*.gcode", "boats/", "boats/small/", "b?ats/*", "*/BOAT.*", "/boats/small/boat.gcode"] {
        holds(json!({"about": "file", "names": ["nothing", name]}));
    }
    for name in ["small/", "boat", "oat.gcode", "boats", "boats/small", "?.gcode", "boats/*/x"] {
        holds(json!({"about": "file", "names": [name], "not": true}));
    }
    fails(
        json!({"about": "file", "names": ["*.stl", "calibration/"]}),
        r#"the file was "boats/small/Boat.gcode", and the condition wants "*.stl" or "calibration/""#,
    );
    fails(
        json!({"about": "file", "names": ["boats/"], "not": true}),
        r#"the file was "boats/small/Boat.gcode", and the condition wants none of "boats/""#,
    );
    let upload = event(json!({"path": "other.stl"}));
    assert_eq!(decided(json!({"rules": [{"about": "file", "names": ["*.stl"]}]}), &upload), Ok(()));
    let slow = json!({"about": "file", "names": [format!("{}x", "*a".repeat(200))]});
    assert!(decided(json!({"rules": [slow]}), &event(json!({"path": "a".repeat(2000)}))).is_err());
}

#[test]
fn users() {
    holds(json!({"about": "user", "names": ["ben", "Anna"]}));
    holds(json!({"about": "user", "names": ["ben"], "not": true}));
    fails(json!({"about": "user", "names": ["ben"]}), r#"the user was "anna", and the condition wants "ben""#);
    let ben = event(json!({"user": "ben"}));
    assert_eq!(decided(json!({"rules": [{"about": "user", "names": ["ben"]}]}), &ben), Ok(()));
    let nobody = Event { context: Arc::default(), ..(*event(Value::Null)).clone() };
    assert_eq!(
        decided(json!({"rules": [{"about": "user", "names": ["ben"]}]}), &nobody).unwrap_err(),
        r#"the user was not known, and the condition wants "ben""#
    );
    assert_eq!(decided(json!({"rules": [{"about": "user", "names": ["ben"], "not": true}]}), &nobody), Ok(()));
}

#[test]
fn states_durations_temperatures_and_times() {
    holds(json!({"about": "state", "states": ["paused", "Printing"]}));
    fails(
        json!({"about": "state", "states": ["paused"]}),
        r#"the printer's state was "Printing", and the condition wants paused"#,
    );
    holds(json!({"about": "duration", "longer_than_minutes": 89}));
    fails(
        json!({"about": "duration", "longer_than_minutes": 120}),
        "the print's duration was 90.0 min, and the condition wants more than 120 min",
    );
    let took = event(json!({"time": 7300.0}));
    assert_eq!(decided(json!({"rules": [{"about": "duration", "longer_than_minutes": 120}]}), &took), Ok(()));
    holds(json!({"about": "temperature", "heater": "tool0", "above": 200, "below": 220}));
    fails(
        json!({"about": "temperature", "heater": "tool0", "below": 50}),
        "the temperature of tool0 was 214.8 °C, and the condition wants less than 50 °C",
    );
    fails(
        json!({"about": "temperature", "heater": "bed", "above": 50}),
        "the temperature of bed was not known, and the condition wants more than 50 °C",
    );
    holds(json!({"about": "time", "span": {"from": "13:30", "until": "14:30"}}));
    holds(json!({"about": "time", "span": {"from": "14:30", "until": "13:30"}, "not": true}));
    fails(
        json!({"about": "time", "span": {"from": "08:00", "until": "14:00", "days": ["tuesday"]}}),
        "it was Tuesday, 14:00, and the condition wants a time within 08:00 to 14:00",
    );
}

#[test]
fn all_rules_or_any() {
    let anna = json!({"about": "user", "names": ["anna"]});
    let ben = json!({"about": "user", "names": ["ben"]});
    let paused = json!({"about": "state", "states": ["paused"]});
    let event = event(Value::Null);
    assert!(decided(json!({"rules": [anna, ben]}), &event).is_err());
    assert_eq!(decided(json!({"any": true, "rules": [ben, anna, paused]}), &event), Ok(()));
    let reason = decided(json!({"any": true, "rules": [ben, paused]}), &event).unwrap_err();
    assert!(reason.contains("anna") && reason.contains("; the printer's state"), "{reason}");
    assert!(decided(json!({"any": true, "rules": [anna], "expression": "false"}), &event).is_err());
}

#[track_caller]
fn expression(source: &str) -> Result<(), String> {
    decided(json!({"expression": source}), &event(json!({"time": 12.5, "bad": "{{ topic }}"})))
}

#[test]
fn expressions_over_the_event_and_what_was_known() {
    for source in [
        "progress.completion > 40 and job.user == 'anna'",
        "topic == 'Print Done' and event in ['PrintDone', 'x']",
        "extra.time | round == 13",
        "job.file.path is startingwith 'boats/'",
        "currentTime | time == '14:00'",
        "not job.nothing and deviceIdentifier == 'left' and percentCompleteMilestone == 40",
        "extra",
        "'topic' in extra.bad",
    ] {
        assert_eq!(expression(source), Ok(()), "{source}");
    }
    assert_eq!(
        expression("progress.completion > 50 and job.user == 'ben'").unwrap_err(),
        r#"the condition's expression does not hold: job.user was "anna", progress.completion was 42.5"#
    );
    assert_eq!(expression("job.nope").unwrap_err(), "the condition's expression does not hold: job.nope was not known");
}

#[test]
fn what_cannot_be_decided_is_not_sent_and_says_so() {
    let reason = expression("job.nope / 2 > 1").unwrap_err();
    assert!(reason.starts_with("the condition cannot be decided: "), "{reason}");
    let reason = expression("range(100000) | map('string') | join | length > 'x' * 99999999").unwrap_err();
    assert!(reason.contains("too much work"), "{reason}");
}

#[test]
fn what_is_wrong_is_refused_with_its_place() {
    let mut config = HookConfig::new(HookId::new(AT, &[1; 10]));
    config.url = "https://example.com/".to_owned();
    config.condition.expression = "job.user ==".to_owned();
    let done = config.events.get_mut(&Topic::PrintDone).unwrap();
    done.condition.expression = "  meta.x".to_owned();
    done.condition.rules = serde_json::from_value(json!([
        {"about": "user", "names": [" "]}, {"about": "time", "span": {"from": "25:00", "until": "1:00"}},
        {"about": "state", "states": ["flying"]}, {"about": "temperature", "heater": "tool0"}, {"about": "duration"},
    ]))
    .unwrap();
    let problems = check(&config);
    let place = |field: &str| {
        let problem = problems.iter().find(|problem| problem.field == field).unwrap_or_else(|| panic!("{field}"));
        (problem.line, problem.column)
    };
    assert_eq!(place("condition.expression").0, Some(1));
    assert_eq!(place("events.print_done.condition.expression"), (Some(1), Some(3)));
    for index in 0..5 {
        place(&format!("events.print_done.condition.rules.{index}"));
    }
    assert!(Hook::new(&config).recipe.is_err());
    for (wrong, column) in [("{{ topic }}", 1), ("topic }} {{ topic", 1), ("topi == 1", 1), ("1 == topic | nope", 14)] {
        let condition = ConditionConfig { expression: wrong.to_owned(), ..ConditionConfig::default() };
        let problem = &Condition::new("condition", &condition).unwrap_err()[0];
        assert_eq!((problem.line, problem.column), (Some(1), Some(column)), "{wrong}: {}", problem.message);
    }
}

#[test]
fn a_hook_skips_with_the_reason_and_its_events_have_conditions_of_their_own() {
    let mut config = HookConfig::new(HookId::new(AT, &[1; 10]));
    config.url = "https://example.com/".to_owned();
    config.condition.expression = "job.user == 'anna'".to_owned();
    config.events.get_mut(&Topic::PrintDone).unwrap().condition.expression = "progress.completion > 99".to_owned();
    let event = event(Value::Null);
    let decision =
        |config: &HookConfig, event: &Arc<Event>| match decide(&Hook::new(config), event, &mut Memory::default()) {
            Decision::Send(_) => "sent".to_owned(),
            Decision::Skip(skip) => skip.to_string(),
            Decision::NotSubscribed => "not subscribed".to_owned(),
        };
    assert_eq!(
        decision(&config, &event),
        "Not sent: the condition's expression does not hold: progress.completion was 42.5."
    );
    let started = Arc::new(Event { topic: Some(Topic::PrintStarted), name: "PrintStarted".into(), ..(*event).clone() });
    assert_eq!(decision(&config, &started), "sent");
    config.condition.expression = "job.user == 'ben'".to_owned();
    assert_eq!(
        decision(&config, &started),
        "Not sent: the condition's expression does not hold: job.user was \"anna\"."
    );
}
