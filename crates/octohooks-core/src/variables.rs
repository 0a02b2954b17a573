//! The built-in variables: their names, what they mean, an example. One row each; the documentation is made from here.

use serde::Serialize;

/// One built-in variable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Variable {
    /// The root, without `@`.
    pub name: &'static str,
    /// What it is, a sentence.
    pub description: &'static str,
    /// What it may look like, as JSON.
    pub example: &'static str,
}

macro_rules! variables {
    ($($name:literal: $description:literal, $example:literal;)*) => {
        /// All of them, in the order of the documentation.
        pub const ALL: &[Variable] = &[$(Variable { name: $name, description: $description, example: $example }),*];

        /// Whether a root is one of them.
        pub fn is_built_in(root: &str) -> bool {
            matches!(root, $($name)|*)
        }
    };
}

variables! {
    "topic": "What happened, in the words of the page.", r#""Print Done""#;
    "message": "The message that the hook has for this event.", r#""Your print is done.""#;
    "event": "OctoPrint's name of the event.", r#""PrintDone""#;
    "extra": "The data that OctoPrint sent with the event; differs by event.", r#"{"name": "benchy.gcode", "time": 4211.5}"#;
    "deviceIdentifier": "The hook's device identifier.", r#""left printer""#;
    "apiSecret": "The hook's API secret.", r#""…""#;
    "printerName": "The name of this OctoPrint, from its appearance settings.", r#""Prusa left""#;
    "appearance": "OctoPrint's appearance settings.", r#"{"name": "Prusa left", "color": "default"}"#;
    "state": "The printer's state: text and flags.", r#"{"text": "Printing", "flags": {"printing": true}}"#;
    "job": "The print job: file, estimate, filament, user.", r#"{"file": {"name": "benchy.gcode"}, "user": "anna"}"#;
    "progress": "The job's progress: completion in percent, times in seconds.", r#"{"completion": 42.1, "printTimeLeft": 2440}"#;
    "percentCompleteMilestone": "The last progress milestone of this print that this hook passed; 0 before the first.", "40";
    "eta": "When the print should end, local time of the machine; nothing while unknown.", r#""2026-11-24T17:05:00+01:00""#;
    "layer": "The layer being printed: number (from 1), total, height in mm; nothing where the file's layers are not known.", r#"{"number": 12, "total": 240, "height": 2.4}"#;
    "currentZ": "Height of the print head in mm.", "5.6";
    "temperatures": "Actual and target temperatures in °C, by heater.", r#"{"tool0": {"actual": 214.8, "target": 215.0}}"#;
    "offsets": "Temperature offsets, by heater.", r#"{"tool0": 5}"#;
    "meta": "What OctoPrint knows of the file: analysis, statistics, history.", r#"{"analysis": {"estimatedPrintTime": 4300}}"#;
    "snapshot": "A picture of the webcam. Only on the first level of the data, as the whole value; makes the request multipart.", "(a JPEG)";
    "snapshotBase64": "The same picture as base64, anywhere in JSON data; without a picture its key is left out.", r#""/9j/4AAQ…""#;
    "currentTime": "When it happened, in whole seconds since 1970-01-01 UTC.", "1795525200";
    "late": "How late the message is, when it comes late; else nothing.", r#""12 min late""#;
    "repeats": "How many more times the same happened while the message waited; 0 as a rule.", "0";
    "eventId": "Names the event, the same for every hook.", r#""019ab6f0-7c1e-7000-8000-000000000001""#;
    "deliveryId": "Names this delivery, the same for every attempt: use it to drop repeats.", r#""019ab6f0-7c1e-7000-8000-000000000002""#;
    "jobId": "Names the print, the same for all of its events; nothing outside of a print.", r#""019ab6f0-7c1e-7000-8000-000000000003""#;
}
