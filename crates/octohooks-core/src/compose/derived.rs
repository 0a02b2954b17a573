//! Variables that are put together from several parts of an event, so that a text need not.

use std::time::Duration;

use serde_json::{Map, Value, json};

use crate::event::Event;

/// When the print should end, in the local time of the printer's machine.
pub(super) fn eta(event: &Event) -> Option<Value> {
    let left = event.context.get("progress")?.get("printTimeLeft")?.as_f64()?;
    let end = event.at.plus(Duration::try_from_secs_f64(left).ok()?);
    Some(end.rfc3339_at_offset(event.context.utc_offset())).filter(|text| !text.is_empty()).map(Value::String)
}

/// The machine, what runs on it, and for how long it has been up.
pub(super) fn host(event: &Event) -> Value {
    let mut host = event.printer.host.clone();
    if let Some(uptime) = event.context.get("uptime") {
        host.insert("uptime".to_owned(), uptime.clone());
    }
    Value::Object(host)
}

/// The printer: its name, and what its profile says.
pub(super) fn printer(event: &Event) -> Value {
    let mut printer = event.printer.profile.clone();
    printer.insert("name".to_owned(), event.printer.name.clone().into());
    Value::Object(printer)
}

/// The file that the event names, or else that of the print.
pub(super) fn file(event: &Event) -> Option<Value> {
    let of_job = event.context.get("job").and_then(|job| job.get("file")).filter(|file| file["path"].is_string());
    let names_a_file = event.payload["path"].is_string() && !event.name.starts_with("Folder");
    let found = if names_a_file { &event.payload } else { of_job? };
    let path = found["path"].as_str()?;
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    let base = name.rsplit_once('.').map_or(name, |(base, _)| if base.is_empty() { name } else { base });
    let origin = ["origin", "storage", "target"].into_iter().find_map(|key| found[key].as_str());
    let same = of_job.filter(|file| file["path"] == found["path"] && file["origin"].as_str() == origin);
    let size = found.get("size").or_else(|| same?.get("size"));
    Some(json!({"name": name, "base": base, "path": path, "folder": folder, "origin": origin, "size": size}))
}

/// Who did it, or else who started the print.
pub(super) fn user(event: &Event) -> Option<Value> {
    let said = |key: &str| event.payload.get(key);
    let of_job = event.context.get("job").and_then(|job| job.get("user"));
    [said("user"), said("username"), of_job, said("owner")]
        .into_iter()
        .flatten()
        .find(|user| user.as_str().is_some_and(|user| !user.is_empty()))
        .cloned()
}

/// The filament of the print over all tools: length in m, volume in cm³, weight in g; and how much of it is used by now, as far as
/// the progress tells.
pub(super) fn filament(event: &Event) -> Option<Value> {
    let tools = event.context.get("job")?.get("filament")?.as_object()?;
    // What is not known is 0: the volume, where the file does not say how thick its filament is.
    let amount = |tool: &Value, key: &str| tool[key].as_f64().filter(|amount| *amount > 0.0);
    let tools: Vec<&Value> = tools.values().filter(|tool| amount(tool, "length").is_some()).collect();
    if tools.is_empty() {
        return None;
    }
    let total = |key: &str| tools.iter().map(|tool| amount(tool, key)).sum::<Option<f64>>();
    let whole = [
        ("length", total("length").map(|millimetres| millimetres / 1000.0)),
        ("volume", total("volume")),
        ("weight", total("weight")),
    ];
    let part = |share: f64| -> Map<String, Value> {
        let known = whole.iter().filter_map(|(key, amount)| Some((*key, (*amount)? * share)));
        // To the millimetre, the cubic millimetre, the milligram.
        known.map(|(key, amount)| (key.to_owned(), ((amount * 1000.0).round() / 1000.0).into())).collect()
    };
    let mut filament = part(1.0);
    if let Some(percent) = event.context.get("progress").and_then(|progress| progress.get("completion")?.as_f64()) {
        filament.insert("used".to_owned(), Value::Object(part(percent.clamp(0.0, 100.0) / 100.0)));
    }
    Some(Value::Object(filament))
}
