//! The built-in variables: their names, what they mean, their types, when they are there, an example. One row each; the
//! documentation is made from here.

mod document;

use serde::Serialize;

pub use document::{PATHS, Part, document};

/// One built-in variable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Variable {
    /// The root, without `@`.
    pub name: &'static str,
    /// What it is, a sentence.
    pub description: &'static str,
    /// What it may look like, as JSON.
    pub example: &'static str,
    /// Its type in JSON.
    pub kind: &'static str,
    /// When it is there.
    pub when: &'static str,
}

macro_rules! variables {
    ($($name:literal: $description:literal, $example:literal, $kind:literal, $when:literal;)*) => {
        /// All of them, in the order of the documentation.
        pub const ALL: &[Variable] = &[$(Variable {
            name: $name, description: $description, example: $example, kind: $kind, when: $when
        }),*];

        /// Whether a root is one of them.
        pub fn is_built_in(root: &str) -> bool {
            matches!(root, $($name)|*)
        }
    };
}

variables! {
    "topic": "What happened, in the words of the page.", r#""Print Done""#, "text", "always";
    "message": "The message that the hook has for this event.", r#""Your print is done.""#, "text", "always; not within a message";
    "event": "OctoPrint's name of the event.", r#""PrintDone""#, "text", "always";
    "extra": "The data that OctoPrint sent with the event; differs by event.", r#"{"name": "benchy.gcode", "time": 4211.5}"#, "object", "always; its keys differ by event";
    "deviceIdentifier": "The hook's device identifier.", r#""left printer""#, "text", "always";
    "apiSecret": "The hook's API secret.", r#""…""#, "text", "always";
    "printerName": "The name of this OctoPrint, from its appearance settings.", r#""Prusa left""#, "text", "always";
    "appearance": "OctoPrint's appearance settings.", r#"{"name": "Prusa left", "color": "default"}"#, "object", "always";
    "printerInfo": "The printer: its name and what its profile in OctoPrint says: id, profile (the profile's name), model, width, depth, height in mm.", r#"{"name": "Prusa left", "model": "MK3S", "height": 210}"#, "object", "always; profile and sizes where OctoPrint has them";
    "hostInfo": "The machine that OctoPrint runs on: name, uptime in seconds, and the versions of octoprint, plugin, and python; url where OctoPrint is told its public address.", r#"{"name": "octopi", "octoprint": "1.11.8", "uptime": 86400}"#, "object", "always";
    "state": "The printer's state: text and flags.", r#"{"text": "Printing", "flags": {"printing": true}}"#, "object", "always";
    "job": "The print job: file, estimate, filament, user.", r#"{"file": {"name": "benchy.gcode"}, "user": "anna"}"#, "object", "always; its parts are null while no file is chosen";
    "file": "The file that the event names, or else that of the print: name, base (without its ending), path, folder, origin (local, sdcard), size in bytes.", r#"{"name": "benchy.gcode", "base": "benchy", "folder": "boats"}"#, "object", "while a file is chosen, and with events about a file";
    "userName": "Who did it, or else who started the print.", r#""anna""#, "text", "where OctoPrint knows it";
    "filament": "The filament of the print over all tools: length in m, volume in cm³, weight in g; the same in used for what is printed by now, as the progress tells.", r#"{"length": 4.121, "volume": 9.91, "used": {"length": 1.648}}"#, "object", "once the file is analysed; volume where it says how thick its filament is, weight where OctoPrint has it";
    "progress": "The job's progress: completion in percent, times in seconds.", r#"{"completion": 42.1, "printTimeLeft": 2440}"#, "object", "always; its parts are null outside of a print";
    "percentCompleteMilestone": "The last progress milestone of this print that this hook passed; 0 before the first.", "40", "whole number", "always";
    "eta": "When the print should end, local time of the machine; nothing while unknown.", r#""2026-11-24T17:05:00+01:00""#, "text", "during a print, once the time left is known";
    "layer": "The layer being printed: number (from 1), total, height in mm; nothing where the file's layers are not known. Of a print from the printer's card, number and total as the printer says them.", r#"{"number": 12, "total": 240, "height": 2.4}"#, "object", "during a print from OctoPrint, where the file's layers are known; from the printer's card, where the printer says its layer";
    "currentZ": "Height of the print head in mm.", "5.6", "number, mm", "during a print from OctoPrint, once a height was sent; else null";
    "temperatures": "Actual and target temperatures in °C, by heater.", r#"{"tool0": {"actual": 214.8, "target": 215.0}}"#, "object, °C", "while the printer is connected";
    "offsets": "Temperature offsets, by heater.", r#"{"tool0": 5}"#, "object, °C", "always; empty where there are none";
    "meta": "What OctoPrint knows of the file: analysis, statistics, history.", r#"{"analysis": {"estimatedPrintTime": 4300}}"#, "object", "where OctoPrint knows the file; not in conditions";
    "snapshot": "The picture: of a webcam, or the thumbnail of the file. Only on the first level of the data, as the whole value; makes the request multipart.", "(a JPEG or PNG)", "picture", "where there is a picture";
    "snapshotBase64": "The same picture as base64, anywhere in JSON data; without a picture its key is left out.", r#""/9j/4AAQ…""#, "text", "where there is a picture";
    "pictureSource": "What the picture is: camera, thumbnail, or timelapse; empty where there is none.", r#""camera""#, "text", "always; empty where there is no picture";
    "pictureType": "The media type of the picture, for a data URL: data:@pictureType;base64,@snapshotBase64.", r#""image/jpeg""#, "text", "always; empty where there is no picture";
    "pictures": "The pictures that go along, a list: id (from 0) and filename of each; for a receiver that wants them named once more, as Discord does when a message changes.", r#"[{"id": 0, "filename": "snapshot.jpg"}]"#, "list", "always; empty where there is no picture, and within a message";
    "pictureNumber": "Which of several pictures it is, from 1: for the names of their files.", "2", "whole number", "always; 1 elsewhere than in the name of a picture's file";
    "currentTime": "When it happened, in whole seconds since 1970-01-01 UTC.", "1795525200", "whole number, s", "always";
    "late": "How late the message is, when it comes late; else nothing.", r#""12 min late""#, "text", "always; empty where it is not late";
    "repeats": "How many more times the same happened while the message waited; 0 as a rule.", "0", "whole number", "always";
    "silent": "Whether the message should make no noise: true in quiet hours that are told silently.", "false", "true or false", "always";
    "digest": "What was held in quiet hours and is told with this event: how many (count), and the newest of them (lines), with time and message. Where it stands in a webhook, the message does not begin with them.", r#"{"count": 2, "lines": ["23:14 Your print is done."]}"#, "object", "always; count is 0 but when quiet hours are over";
    "eventId": "Names the event, the same for every hook.", r#""019ab6f0-7c1e-7000-8000-000000000001""#, "text", "always";
    "deliveryId": "Names this delivery, the same for every attempt: use it to drop repeats.", r#""019ab6f0-7c1e-7000-8000-000000000002""#, "text", "always";
    "messageId": "The name that the receiver gave the first message about this print; for what changes that message, or goes on in its thread.", r#""1187654321098765432""#, "text or number, as the receiver has it", "in what follows a first message; else null";
    "jobId": "Names the print, the same for all of its events; nothing outside of a print.", r#""019ab6f0-7c1e-7000-8000-000000000003""#, "text", "from the start of a print to its end";
}

/// The name among `names` that differs from a word in case or in one or two letters only.
pub fn alike<'name>(word: &str, names: impl Iterator<Item = &'name str>) -> Option<&'name str> {
    let word = word.to_lowercase();
    names
        .map(|known| (distance(&known.to_lowercase(), &word), known))
        .filter(|(distance, known)| *distance <= if known.len() > 6 { 2 } else { 1 })
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, known)| known)
}

/// Levenshtein's distance.
fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (index, from) in left.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = index + 1;
        for (column, to) in right.iter().enumerate() {
            let substituted = diagonal + usize::from(from != *to);
            diagonal = row[column + 1];
            row[column + 1] = substituted.min(row[column] + 1).min(diagonal + 1);
        }
    }
    row[right.len()]
}
