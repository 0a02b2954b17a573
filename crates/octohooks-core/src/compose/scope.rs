//! The values of the built-in variables for one delivery.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use super::{MOST_DIGEST_LINES, derived};
use crate::event::Event;
use crate::hook::ready::{Recipe, Subscription};
use crate::parcel::{Enrichment, Parcel};
use crate::template::Scope;
use crate::variables;

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
    let utc_offset = parcel.matched.event.context.utc_offset();
    Scope::new(values(&|name| recipe.uses(name), &own, parcel, enrichment)).with_utc_offset(utc_offset)
}

/// The variables that are wanted.
pub(super) fn values(
    is_wanted: &dyn Fn(&str) -> bool,
    own: &Own<'_>,
    parcel: &Parcel,
    enrichment: &Enrichment,
) -> Map<String, Value> {
    let event = &parcel.matched.event;
    let picture = enrichment.pictures.first();
    let value_of = |name: &str| match name {
        "deviceIdentifier" => text(own.device_identifier),
        "apiSecret" => text(own.api_secret),
        "meta" => enrichment.metadata.clone(),
        "snapshotBase64" => picture.map(|picture| Value::String(STANDARD.encode(&picture.bytes))),
        "pictureSource" => text(picture.map(|picture| picture.shows.name()).unwrap_or_default()),
        "pictureType" => text(picture.map(|picture| picture.format.media_type()).unwrap_or_default()),
        "pictureNumber" => Some(1.into()),
        "late" => Some(Value::String(parcel.late.map(|late| late.to_string()).unwrap_or_default())),
        "repeats" => Some(parcel.repeats.into()),
        "digest" => Some(digest(&parcel.digest)),
        "silent" => Some(parcel.silent.into()),
        "messageId" => Some(parcel.message.clone().unwrap_or_default()),
        "deliveryId" => text(&parcel.id.to_string()),
        name => of_event(name, event, parcel.matched.subscription, parcel.matched.milestone),
    };
    let wanted = variables::ALL.iter().map(|variable| variable.name).filter(|name| is_wanted(name));
    wanted.filter_map(|name| value_of(name).map(|value| (name.to_owned(), value))).collect()
}

/// The value of a variable that is known as soon as its event is.
pub(crate) fn of_event(name: &str, event: &Event, subscription: Subscription, milestone: u8) -> Option<Value> {
    match name {
        "topic" => text(subscription.title()),
        "event" => text(&event.name),
        "extra" => Some(if event.payload.is_null() { Value::Object(Map::new()) } else { event.payload.clone() }),
        "printerName" => text(&event.printer.name),
        "appearance" => Some(event.printer.appearance.clone()),
        "percentCompleteMilestone" => Some(milestone.into()),
        "eta" => derived::eta(event),
        "hostInfo" => Some(derived::host(event)),
        "printerInfo" => Some(derived::printer(event)),
        "file" => derived::file(event),
        "userName" => derived::user(event),
        "filament" => derived::filament(event),
        "currentTime" => Some(event.at.seconds().into()),
        "eventId" => text(&event.id.to_string()),
        "jobId" => event.job.map(|job| Value::String(job.to_string())),
        name if FROM_CONTEXT.contains(&name) => event.context.get(name).cloned(),
        _ => None,
    }
}

/// What was held and is told with this: how many, and the newest of them.
fn digest(lines: &[String]) -> Value {
    let newest = &lines[lines.len().saturating_sub(MOST_DIGEST_LINES)..];
    json!({"count": lines.len(), "lines": newest})
}

#[expect(clippy::unnecessary_wraps, reason = "an arm of a match whose others may have nothing")]
fn text(text: &str) -> Option<Value> {
    Some(Value::String(text.to_owned()))
}
