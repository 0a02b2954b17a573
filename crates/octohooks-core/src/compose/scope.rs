//! The values of the built-in variables for one delivery.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

use crate::event::Event;
use crate::hook::ready::{Recipe, Subscription};
use crate::parcel::{Enrichment, Parcel};
use crate::template::Scope;

/// What 4.4.0 and this program call an event that was asked for by its name.
const CUSTOM_EVENT: &str = "Custom Event";

/// The variables that come from the printer as they are.
const FROM_CONTEXT: [&str; 7] = ["state", "job", "progress", "layer", "currentZ", "offsets", "temperatures"];

/// What of a hook its variables tell.
pub(super) struct Own<'a> {
    pub(super) device_identifier: &'a str,
    pub(super) api_secret: &'a str,
}

/// All variables but the message and OAuth's. Only what stands in the hook is put together.
pub(super) fn of<'a>(recipe: &Recipe, parcel: &Parcel, enrichment: &Enrichment) -> Scope<'a> {
    let own = Own { device_identifier: &recipe.device_identifier, api_secret: recipe.api_secret.expose() };
    Scope::new(values(&|name| recipe.uses(name), &own, parcel, enrichment))
}

/// The variables that are wanted.
pub(super) fn values(
    is_wanted: &dyn Fn(&str) -> bool,
    own: &Own<'_>,
    parcel: &Parcel,
    enrichment: &Enrichment,
) -> Map<String, Value> {
    let event = &parcel.matched.event;
    let mut values = Map::new();
    let mut put = |name: &str, value: &dyn Fn() -> Option<Value>| {
        if is_wanted(name)
            && let Some(value) = value()
        {
            values.insert(name.to_owned(), value);
        }
    };
    let text = |text: &str| Some(Value::String(text.to_owned()));
    put("topic", &|| text(topic_title(parcel.matched.subscription)));
    put("event", &|| text(&event.name));
    put("extra", &|| Some(if event.payload.is_null() { Value::Object(Map::new()) } else { event.payload.clone() }));
    put("deviceIdentifier", &|| text(own.device_identifier));
    put("apiSecret", &|| text(own.api_secret));
    put("printerName", &|| text(&event.printer.name));
    put("appearance", &|| Some(event.printer.appearance.clone()));
    for name in FROM_CONTEXT {
        put(name, &|| event.context.get(name).cloned());
    }
    put("percentCompleteMilestone", &|| Some(parcel.matched.milestone.into()));
    put("eta", &|| eta(event).map(Value::String));
    put("meta", &|| enrichment.metadata.clone());
    put("snapshotBase64", &|| enrichment.picture.as_ref().map(|picture| Value::String(STANDARD.encode(picture))));
    put("currentTime", &|| Some(event.at.seconds().into()));
    put("late", &|| Some(Value::String(parcel.late.map(|late| late.to_string()).unwrap_or_default())));
    put("repeats", &|| Some(parcel.repeats.into()));
    put("eventId", &|| text(&event.id.to_string()));
    put("deliveryId", &|| text(&parcel.id.to_string()));
    put("jobId", &|| event.job.map(|job| Value::String(job.to_string())));
    values
}

/// The value of `@topic`.
pub(crate) fn topic_title(subscription: Subscription) -> &'static str {
    match subscription {
        Subscription::Topic(topic) => topic.title(),
        Subscription::CustomEvent => CUSTOM_EVENT,
    }
}

/// When the print should end, in the local time of the printer's machine.
fn eta(event: &Event) -> Option<String> {
    let left = event.context.get("progress")?.get("printTimeLeft")?.as_f64()?;
    let end = event.at.plus(Duration::try_from_secs_f64(left).ok()?);
    let offset = event.context.get("utcOffset").and_then(Value::as_i64).and_then(|offset| offset.try_into().ok());
    Some(end.rfc3339_at_offset(offset.unwrap_or(0))).filter(|text| !text.is_empty())
}
