//! Made-up events for previews and tests: a name in, an event out that looks like one of OctoPrint's.
//!
//! Payload and context have the shape in which OctoPrint fires and tells them, so that a template that works here works
//! on the real thing. Every number and name is invented; the moment and the randomness of ids are arguments.

#[cfg(test)]
mod tests;

mod payload;
mod scene;

use std::sync::Arc;

use serde_json::{Value, json};

use self::scene::Scene;
use crate::event::{Context, Event, Printer};
use crate::ids::{EventId, JobId, Randomness};
use crate::time::UnixMillis;
use crate::topic::Topic;

/// The events of OctoPrint's bus that are worth a webhook, for a list to choose from. Any other name works too.
pub const KNOWN_EVENTS: &[&str] = &[
    "PrintStarted",
    "PrintDone",
    "PrintFailed",
    "PrintCancelling",
    "PrintCancelled",
    "PrintPaused",
    "PrintResumed",
    "Error",
    "Connecting",
    "Connected",
    "Disconnecting",
    "Disconnected",
    "PrinterStateChanged",
    "PrinterReset",
    "FirmwareData",
    "Startup",
    "Shutdown",
    "ConnectivityChanged",
    "ClientOpened",
    "ClientClosed",
    "UserLoggedIn",
    "UserLoggedOut",
    "Upload",
    "FileAdded",
    "FileRemoved",
    "FileMoved",
    "FolderAdded",
    "FolderRemoved",
    "FolderMoved",
    "FileSelected",
    "FileDeselected",
    "TransferStarted",
    "TransferDone",
    "TransferFailed",
    "MetadataAnalysisStarted",
    "MetadataAnalysisFinished",
    "ZChange",
    "ToolChange",
    "FilamentChange",
    "Alert",
    "Waiting",
    "Cooling",
    "Home",
    "EStop",
    "PowerOn",
    "PowerOff",
    "CaptureStart",
    "CaptureDone",
    "CaptureFailed",
    "PostRollStart",
    "PostRollEnd",
    "MovieRendering",
    "MovieDone",
    "MovieFailed",
    "SlicingStarted",
    "SlicingDone",
    "SlicingFailed",
    "SlicingCancelled",
    "SettingsUpdated",
    "plugin_backup_backup_created",
    "plugin_pluginmanager_install_plugin",
    "plugin_pluginmanager_uninstall_plugin",
    "plugin_softwareupdate_update_succeeded",
    "plugin_softwareupdate_update_failed",
];

/// An event as it could have happened: `name` is the key of a happening (`print_done`), the name of an event in upper
/// or lower case alike (`PrintDone`, `moviedone`), or anything else, which is then a custom event without a payload.
pub fn event(name: &str, printer: Arc<Printer>, at: UnixMillis, randomness: &mut dyn FnMut() -> Randomness) -> Event {
    let name = name.trim();
    let topic = Topic::ALL
        .into_iter()
        .find(|topic| topic.key().eq_ignore_ascii_case(name) || topic.event_name().eq_ignore_ascii_case(name));
    let name = topic.map(Topic::event_name).or_else(|| known(name)).unwrap_or(name);
    let scene = Scene::of(name);
    let context = scene.context(at);
    let payload = payload::of(name, &context);
    let id = EventId::new(at, &randomness());
    let job = scene.is_within_print.then(|| JobId::new(at, &randomness()));
    Event { id, at, printer, name: name.to_owned(), topic, payload, context: Arc::new(Context(context)), job }
}

/// What OctoPrint could know of the file being printed: the value of `@meta`.
pub fn metadata() -> Value {
    json!({
        "hash": "2fd4e1c67a2d28fced849ee1bb76e7391b93eb12",
        "analysis": {
            "estimatedPrintTime": 4310.6,
            "printingArea": {"minX": 94.8, "minY": 89.5, "minZ": 0.2, "maxX": 155.2, "maxY": 120.5, "maxZ": 48.0},
            "dimensions": {"width": 60.4, "depth": 31.0, "height": 48.0},
            "travelArea": {"minX": 0.0, "minY": -3.0, "minZ": 0.2, "maxX": 155.2, "maxY": 200.0, "maxZ": 68.0},
            "travelDimensions": {"width": 155.2, "depth": 203.0, "height": 67.8},
            "filament": {"tool0": {"length": 4120.7, "volume": 9.91}}
        },
        "statistics": {
            "averagePrintTime": {"_default": 4248.9},
            "lastPrintTime": {"_default": 4211.5}
        },
        "history": [
            {"timestamp": 1_795_352_400.25, "printTime": 4286.3, "success": true, "printerProfile": "_default"},
            {"timestamp": 1_795_438_800.5, "printTime": 4211.5, "success": true, "printerProfile": "_default"}
        ]
    })
}

/// OctoPrint's own spelling of a name.
fn known(name: &str) -> Option<&'static str> {
    KNOWN_EVENTS.iter().copied().find(|known| known.eq_ignore_ascii_case(name))
}
