//! Samples look like OctoPrint's own events, whatever name they are asked for by.

use std::sync::Arc;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{KNOWN_EVENTS, event, metadata};
use crate::event::{Event, Printer};
use crate::time::UnixMillis;
use crate::topic::Topic;

fn sample(name: &str) -> Event {
    let printer = Arc::new(Printer {
        id: "octoprint".to_owned(),
        name: "Left".to_owned(),
        appearance: Value::Null,
        ..Printer::default()
    });
    let mut drawn = 0;
    event(name, printer, UnixMillis(1_795_525_200_000), &mut || {
        drawn += 1;
        [drawn; 10]
    })
}

#[test]
fn every_topic_has_a_sample_by_key_and_by_event_name() {
    for topic in Topic::ALL {
        let by_key = sample(topic.key());
        assert_eq!(by_key, sample(topic.event_name()));
        assert_eq!(by_key, sample(&topic.event_name().to_uppercase()));
        assert_eq!((by_key.topic, by_key.name.as_str()), (Some(topic), topic.event_name()));
        assert!(by_key.payload.is_object(), "{topic:?}");
    }
}

#[test]
fn known_events_are_found_in_any_case_and_have_what_octoprint_sends() {
    let movie = sample("moviedone");
    assert_eq!((movie.name.as_str(), movie.topic, movie.job), ("MovieDone", None, None));
    assert_eq!(movie.payload["movie_basename"], json!("benchy_20261124125417.mp4"));
    for name in KNOWN_EVENTS {
        let sample = sample(name);
        assert_eq!(&sample.name, name);
        let without = [
            "Startup",
            "Shutdown",
            "FileDeselected",
            "FilamentChange",
            "Alert",
            "Waiting",
            "Cooling",
            "Home",
            "EStop",
            "PowerOn",
            "PowerOff",
            "PostRollEnd",
        ];
        assert_eq!(sample.payload.is_null(), without.contains(name), "{name}");
    }
}

#[test]
fn any_other_name_is_a_custom_event() {
    let custom = sample(" plugin_anything_at_all ");
    assert_eq!((custom.name.as_str(), custom.topic), ("plugin_anything_at_all", None));
    assert_eq!(custom.payload, Value::Null);
}

#[test]
fn the_context_fits_the_event() {
    let progress = sample("print_progress");
    assert_eq!(progress.context.completion(), Some(40));
    assert!(progress.context.has_job());
    assert_eq!(&progress.payload, progress.context.get("progress").unwrap());
    assert_eq!(progress.context.job_file(), Some(("local", "boats/benchy.gcode")));
    assert_eq!(progress.context.get("utcOffset"), Some(&json!(0)));
    assert_eq!(sample("print_done").context.completion(), Some(100));
    assert_eq!(sample("print_started").context.completion(), Some(0));
    assert!(sample("print_paused").context.flag("pausing"));
    assert!(sample("connection_lost").context.flag("closedOrError"));
    assert!(!sample("print_failed").is_failure_by_cancelling());
}

#[test]
fn events_of_a_print_belong_to_a_job() {
    for name in ["print_started", "print_done", "print_failed", "print_cancelled", "user_action_needed"] {
        assert!(sample(name).job.is_some(), "{name}");
    }
    for name in ["Connected", "Upload", "connection_lost", "anything"] {
        assert!(sample(name).job.is_none(), "{name}");
    }
}

#[test]
fn metadata_has_what_the_documentation_promises() {
    let metadata = metadata();
    for key in ["analysis", "statistics", "history", "hash"] {
        assert!(metadata.get(key).is_some(), "{key}");
    }
}

proptest! {
    #[test]
    fn any_name_has_a_sample(name in "\\PC*") {
        let sample = sample(&name);
        prop_assert!(sample.name.eq_ignore_ascii_case(name.trim()) || sample.topic.is_some());
    }
}
