//! The old list of custom events in, custom events out. One that is odd is kept and noted, never dropped.

use serde_json::Value;

use super::values::{OldValues, kind_of};
use super::{CUSTOM_EVENT_MESSAGE, CUSTOM_EVENT_NAME, CUSTOM_EVENTS};
use crate::hook::CustomEvent;
use crate::problem::Problem;

/// The custom events of a hook, as many as there were.
pub(super) fn custom_events_of(old: &mut OldValues<'_>) -> Vec<CustomEvent> {
    match old.get(CUSTOM_EVENTS) {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Array(entries)) => {
            entries.iter().enumerate().map(|(index, entry)| custom_event_of(old, index, entry)).collect()
        }
        Some(only) => {
            let what = kind_of(only);
            old.note(Problem::warning(
                "custom_events",
                format!(
                    "The old settings held {what} in place of a list of custom events; \
                     it was taken for one custom event."
                ),
            ));
            vec![custom_event_of(old, 0, only)]
        }
    }
}

/// One custom event. One that is odd is kept too: the user sees where there was one.
fn custom_event_of(old: &mut OldValues<'_>, index: usize, entry: &Value) -> CustomEvent {
    let field = format!("custom_events.{index}");
    let event = match entry {
        Value::Object(keys) => {
            let mut inner = OldValues::new(keys);
            let event = CustomEvent::new(
                &inner.text(CUSTOM_EVENT_NAME, &format!("{field}.event"), ""),
                &inner.text(CUSTOM_EVENT_MESSAGE, &format!("{field}.message"), ""),
            );
            for note in inner.into_notes() {
                old.note(note);
            }
            if keys.keys().any(|key| ![CUSTOM_EVENT_NAME, CUSTOM_EVENT_MESSAGE].contains(&key.as_str())) {
                old.note(Problem::note(&field, "There was more than a name and a message; the rest was left out."));
            }
            event
        }
        other => {
            let name = other.as_str().unwrap_or_default().to_owned();
            let what = kind_of(other);
            let taken = if name.is_empty() { "" } else { " It was taken for the name of the event." };
            old.note(Problem::warning(
                &field,
                format!("The old settings held {what} in place of a name and a message.{taken}"),
            ));
            CustomEvent::new(&name, "")
        }
    };
    if event.event.trim().is_empty() {
        old.note(Problem::warning(
            format!("{field}.event"),
            "This custom event has no name, so nothing is sent for it. Write the name of an event or remove the entry.",
        ));
    }
    event
}
