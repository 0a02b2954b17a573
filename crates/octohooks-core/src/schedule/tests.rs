//! How long things are worth sending, and when they are late.

use std::sync::Arc;

use serde_json::Value;

use super::{Class, Patience};
use crate::event::{Context, Event, Printer};
use crate::ids::EventId;
use crate::moment::Now;
use crate::moment::tests::{NOON, at, boot, seconds};
use crate::time::UnixMillis;
use crate::topic::Topic;

fn event(name: &str, topic: Option<Topic>) -> Event {
    Event {
        id: EventId::new(NOON, &[1; 10]),
        at: NOON,
        printer: Arc::new(Printer { id: "p".into(), name: "P".into(), appearance: Value::Null, ..Printer::default() }),
        name: name.to_owned(),
        topic,
        payload: Value::Null,
        context: Arc::new(Context::default()),
        job: None,
    }
}

#[test]
fn classes_of_events() {
    let rows = [
        ("PrintFailed", Some(Topic::PrintFailed), Class::Critical),
        ("PrintDone", Some(Topic::PrintDone), Class::Lifecycle),
        ("plugin_webhooks_progress", Some(Topic::PrintProgress), Class::Progress),
        ("MovieDone", None, Class::Lifecycle),
        ("ZChange", None, Class::Telemetry),
        ("positionupdate", None, Class::Telemetry),
    ];
    for (name, topic, class) in rows {
        assert_eq!(Class::of(&event(name, topic)), class, "{name}");
    }
}

#[test]
fn lifetimes() {
    let hours = |hours: u64| seconds(hours * 3600);
    let kept = Patience { keep_minutes: Some(30), ..Patience::default() };
    let default = Patience::default();
    let rows = [
        (&default, Class::Critical, Some(Topic::Error), None, hours(24)),
        (&default, Class::Lifecycle, Some(Topic::PrintStarted), None, hours(6)),
        (&default, Class::Lifecycle, Some(Topic::PrintDone), None, hours(24)),
        (&default, Class::Lifecycle, None, None, hours(6)),
        (&default, Class::Progress, None, None, seconds(300)),
        (&default, Class::Progress, None, Some(seconds(60)), seconds(120)),
        (&default, Class::Progress, None, Some(seconds(1)), seconds(10)),
        (&default, Class::Progress, None, Some(hours(2)), seconds(300)),
        (&default, Class::Telemetry, None, Some(hours(2)), seconds(60)),
        (&kept, Class::Critical, None, None, seconds(1800)),
        (&kept, Class::Lifecycle, Some(Topic::PrintDone), None, seconds(1800)),
        (&kept, Class::Progress, None, None, seconds(300)),
    ];
    for (index, (patience, class, topic, gap, lifetime)) in rows.into_iter().enumerate() {
        assert_eq!(patience.lifetime(class, topic, gap), lifetime, "row {index}");
    }
}

#[test]
fn late_ones_say_how_late() {
    let patience = Patience::default();
    assert_eq!(patience.lateness(seconds(119)), None);
    let late = patience.lateness(seconds(12 * 60)).unwrap();
    assert_eq!(late.to_string(), "12 min late");
    let never = Patience { late_after_seconds: 0, ..Patience::default() };
    assert_eq!(never.lateness(seconds(9000)), None);
}

#[test]
fn a_clock_that_is_set_makes_nothing_late() {
    let before = Now { wall: UnixMillis(0), boot: boot(1), uptime: seconds(10), synchronised: false };
    assert_eq!(Patience::default().lateness(before.stamp().elapsed(&at(seconds(50)))), None);
}

#[test]
fn knobs_have_defaults() {
    let patience: Patience = serde_json::from_str("{}").unwrap();
    assert_eq!(patience, Patience::default());
    assert_eq!(patience.folds_within(Class::Critical), Some(seconds(60)));
    assert_eq!(patience.folds_within(Class::Lifecycle), None);
    assert!(patience.repeats_when_unsure(Class::Critical) && !patience.repeats_when_unsure(Class::Progress));
    assert!(serde_json::from_str::<Patience>(r#"{"keep_seconds": 5}"#).is_err());
}
