use std::sync::Arc;

use octohooks_core::event::{Context, Event, Printer};
use octohooks_core::hook::ready::Subscription;
use octohooks_core::ids::{DeliveryId, EventId, HookId, JobId};
use octohooks_core::time::UnixMillis;
use octohooks_core::topic::{Class, Topic};
use serde_json::{Value, json};

use super::{FORM, PLAIN, StoredEvent, Unreadable, class_number, class_of};
use crate::event::{NewDelivery, NewEvent, Row, Stamp, Standing};
use crate::packed::{pack, unpack};

fn new(topic: Option<Topic>) -> NewEvent {
    let at = UnixMillis(1_790_000_000_000);
    let printer = Printer {
        id: "octoprint".to_owned(),
        name: "Ämter \u{1f600}".to_owned(),
        appearance: json!({"color": "red"}),
        ..Printer::default()
    };
    let event = Event {
        id: EventId::new(at, &[1; 10]),
        at,
        printer: Arc::new(printer),
        name: "plugin_other_happened".to_owned(),
        topic,
        payload: json!({"z": 1, "a": [null, 1.5e300, -0.0, "\u{0}"], "m": {"x": true}}),
        context: Arc::new(Context(json!({"currentZ": 0.2, "utcOffset": 3600}).as_object().cloned().unwrap())),
        job: Some(JobId::new(at, &[2; 10])),
    };
    let delivery = NewDelivery {
        id: DeliveryId::new(at, &[3; 10]),
        hook: HookId::new(at, &[4; 10]),
        subscription: topic.map_or(Subscription::CustomEvent, Subscription::Topic),
        milestone: 40,
        standing: Standing {
            attempts: 2,
            retry_at: Some(at),
            repeats: 9,
            error: Some("No.".to_owned()),
            ..Standing::default()
        },
    };
    NewEvent { event: Arc::new(event), stamp: Stamp::default(), expires: at, deliveries: vec![delivery] }
}

#[test]
fn what_is_stored_is_what_is_read() {
    for topic in Topic::ALL.map(Some).into_iter().chain([None]) {
        let new = new(topic);
        let pending = StoredEvent::new(Row(3), &new).pending().unwrap();
        assert_eq!(*pending.event, *new.event);
        let [delivery] = pending.deliveries.as_slice() else { panic!("one delivery") };
        assert_eq!(delivery.subscription, new.deliveries[0].subscription);
        assert_eq!((delivery.milestone, &delivery.standing), (40, &new.deliveries[0].standing));
        assert_eq!(pending.class, new.event.class());
    }
}

#[test]
fn what_all_events_have_in_common_is_in_none_of_them() {
    let mut new = new(None);
    let Value::Object(host) = json!({"name": "octopi", "octoprint": "1.11.8"}) else { unreachable!() };
    let printer = Printer { profile: host.clone(), host, ..new.event.printer.as_ref().clone() };
    new.event = Arc::new(Event { printer: Arc::new(printer), ..new.event.as_ref().clone() });
    let stored = StoredEvent::new(Row(7), &new);
    assert!(!String::from_utf8_lossy(&stored.body).contains("octopi"));
    assert_eq!(*stored.pending().unwrap().event.printer, new.event.printer.without_description());
}

#[test]
fn a_body_with_more_or_less_in_it_is_read() {
    let mut stored = StoredEvent::new(Row(3), &new(Some(Topic::PrintDone))).packed();
    let mut body: Value = serde_json::from_slice(&unpack(&stored.body).unwrap()).unwrap();
    body["of_tomorrow"] = json!({"x": 1});
    body["topic"] = json!("topic_of_tomorrow");
    body.as_object_mut().unwrap().remove("job");
    for (form, written) in [(FORM, pack(body.to_string().as_bytes())), (PLAIN, body.to_string().into_bytes())] {
        (stored.form, stored.body) = (form, written);
        let pending = stored.pending().unwrap();
        assert_eq!((pending.event.topic, pending.event.job), (None, None));
    }
}

#[test]
fn a_form_that_is_not_known_is_not_guessed_at() {
    let mut stored = StoredEvent::new(Row(3), &new(None));
    stored.form = 3;
    assert_eq!(stored.pending().map(drop), Err(Unreadable::Form(3)));
    (stored.form, stored.body) = (FORM, vec![0xff; 40]);
    assert!(matches!(stored.pending(), Err(Unreadable::Nonsense(_))));
}

#[test]
fn what_matters_more_has_a_greater_number() {
    for class in [Class::Progress, Class::Lifecycle, Class::Critical] {
        assert_eq!(class_of(class_number(class)), class);
    }
    assert!(class_number(Class::Critical) > class_number(Class::Lifecycle));
    assert_eq!(class_of(99), Class::Critical);
}
