//! What a printer would say of itself at the moment of an event: a name in, a context out.

use serde_json::{Map, Value, json};

use crate::time::UnixMillis;

/// How long the made-up print takes, in seconds.
pub(super) const PRINT_TIME: u32 = 4210;

/// How large the made-up file is, in bytes.
pub(super) const FILE_SIZE: u32 = 2_415_919;

/// All of the flags that OctoPrint's printer state has.
const FLAGS: [&str; 11] = [
    "operational",
    "printing",
    "cancelling",
    "pausing",
    "resuming",
    "finishing",
    "closedOrError",
    "error",
    "paused",
    "ready",
    "sdReady",
];

/// The printer at the moment of an event.
pub(super) struct Scene {
    /// Whether a print is under way or just ending.
    pub(super) is_within_print: bool,
    text: &'static str,
    flags: &'static [&'static str],
    /// The job's progress in percent.
    percent: u32,
}

impl Scene {
    /// The scene that fits an event. At the moment when OctoPrint fires it, most states are still on their way: a print
    /// that is done is "Finishing", one that pauses is "Pausing".
    pub(super) fn of(event: &str) -> Self {
        let print = |text, flags, percent| Self { is_within_print: true, text, flags, percent };
        let idle = |text, flags, percent| Self { is_within_print: false, text, flags, percent };
        match event {
            "PrintStarted" => print("Starting", &["operational", "printing"], 0),
            "PrintDone" => print("Finishing", &["operational", "printing", "finishing"], 100),
            "PrintPaused" => print("Pausing", &["operational", "printing", "pausing"], 40),
            "PrintResumed" => print("Resuming", &["operational", "printing", "resuming"], 40),
            "PrintCancelling" | "PrintCancelled" | "plugin_webhooks_print_ended" => {
                print("Cancelling", &["operational", "printing", "cancelling"], 40)
            }
            "PrintFailed" => print("Error", &["closedOrError", "error"], 40),
            "plugin_webhooks_first_layer_done" => print("Printing", &["operational", "printing"], 2),
            "plugin_webhooks_print_interrupted" => print("Offline", &["closedOrError"], 0),
            "Error" => idle("Error", &["closedOrError", "error"], 40),
            "plugin_webhooks_connection_lost" => idle("Offline after error", &["closedOrError", "error"], 40),
            "plugin_webhooks_progress"
            | "plugin_webhooks_notify"
            | "plugin_webhooks_notify_over"
            | "plugin_webhooks_terminal_line"
            | "ZChange"
            | "ToolChange"
            | "FilamentChange"
            | "CaptureStart"
            | "CaptureDone"
            | "CaptureFailed" => print("Printing", &["operational", "printing"], 40),
            "Disconnected" | "Startup" | "Shutdown" | "Connecting" => idle("Offline", &["closedOrError"], 0),
            _ => idle("Operational", &["operational", "ready"], 100),
        }
    }

    /// The printer's own data, as OctoPrint shapes it.
    pub(super) fn context(&self, at: UnixMillis) -> Map<String, Value> {
        let flags: Map<String, Value> =
            FLAGS.iter().map(|flag| ((*flag).to_owned(), Value::Bool(self.flags.contains(flag)))).collect();
        let error = if self.flags.contains(&"error") { "Too many consecutive timeouts" } else { "" };
        let print_time = PRINT_TIME * self.percent / 100;
        let is_hot = self.is_within_print;
        let (nozzle, bed) = if is_hot { ((214.8, 215.0), (59.9, 60.0)) } else { ((41.3, 0.0), (32.6, 0.0)) };
        let context = json!({
            "state": {"text": self.text, "flags": flags, "error": error},
            "job": {
                "file": {
                    "name": "benchy.gcode",
                    "path": "boats/benchy.gcode",
                    "display": "benchy.gcode",
                    "origin": "local",
                    "size": FILE_SIZE,
                    "date": at.seconds().saturating_sub(86_400),
                },
                "estimatedPrintTime": 4310.6,
                "averagePrintTime": 4248.9,
                "lastPrintTime": 4211.5,
                "filament": {"tool0": {"length": 4120.7, "volume": 9.91}},
                "user": "anna",
            },
            "progress": {
                "completion": f64::from(self.percent),
                "filepos": u64::from(FILE_SIZE) * u64::from(self.percent) / 100,
                "printTime": print_time,
                "printTimeLeft": PRINT_TIME - print_time,
                "printTimeLeftOrigin": "average",
            },
            "currentZ": 48.0 * f64::from(self.percent) / 100.0,
            "layer": {"number": (240 * self.percent / 100).max(1), "total": 240, "height": 48.0 * f64::from(self.percent) / 100.0},
            "offsets": {},
            "resends": {"count": 0, "transmitted": 1724, "ratio": 0},
            "temperatures": {
                "tool0": {"actual": nozzle.0, "target": nozzle.1, "offset": 0},
                "bed": {"actual": bed.0, "target": bed.1, "offset": 0},
            },
            "utcOffset": 0,
            "uptime": 86_400,
        });
        match context {
            Value::Object(context) => context,
            _ => Map::new(),
        }
    }
}
