//! What OctoPrint sends along with an event: a name in, a payload out.

use serde_json::{Map, Value, json};

use super::scene::FILE_SIZE;

/// The payload of an event by its name; nothing for an event that is not known, and for those that come without any.
pub(super) fn of(name: &str, context: &Map<String, Value>) -> Value {
    match name {
        "plugin_webhooks_progress" => context.get("progress").cloned().unwrap_or_default(),
        "plugin_webhooks_notify" => json!({
            "reason": "paused_for_user",
            "text": "echo:busy: paused for user",
            "line": "echo:busy: paused for user",
        }),
        "plugin_webhooks_notify_over" => json!({
            "reason": "paused_for_user",
            "seconds": 184,
            "text": "The printer does not wait for anybody any more.",
        }),
        "plugin_webhooks_first_layer_done" => context.get("layer").cloned().unwrap_or_else(|| json!({})),
        "plugin_webhooks_temperature" => json!({
            "rule": "bed below 40",
            "heater": "bed",
            "what": "below",
            "actual": 39.8,
            "target": 0.0,
            "limit": 40.0,
            "text": "bed has cooled below 40 °C.",
        }),
        "plugin_webhooks_terminal_line" => json!({
            "pattern": "^echo:Z offset (?<mm>\\S+)",
            "line": "echo:Z offset -0.12",
            "groups": {"mm": "-0.12"},
            "text": "echo:Z offset -0.12",
        }),
        "plugin_webhooks_connection_lost" => {
            json!({"state_id": "CLOSED_WITH_ERROR", "state_string": "Offline after error", "connector": "serial"})
        }
        "plugin_webhooks_display_message" => json!({"command": "M117", "text": "Layer 96 of 240"}),
        "plugin_webhooks_command" => json!({
            "name": "bed_empty",
            "text": "slot=3 note=\"take it out\"",
            "values": {"slot": 3, "note": "take it out"},
        }),
        "plugin_webhooks_print_ended" | "plugin_webhooks_print_interrupted" => of_end(name),
        "plugin_webhooks_trouble" => json!({
            "hook_id": "01a0c450-6c00-7000-8000-000000000000",
            "hook": "Discord",
            "state": "stopped",
            "message": "The webhook \"Discord\" is not sent any more: the receiver has not answered for 3 d. It is tried again \
                        once a day.",
        }),
        name if name.starts_with("Print") && !name.starts_with("Printer") || name == "FileSelected" => of_print(name),
        name if name.starts_with("plugin_") => of_plugin(name),
        name => of_printer(name).or_else(|| of_files(name)).or_else(|| of_server(name)).unwrap_or(Value::Null),
    }
}

/// How a print ended, told once.
fn of_end(name: &str) -> Value {
    let mut payload = of_print("PrintEnded");
    let more = if name == "plugin_webhooks_print_interrupted" {
        json!({"outcome": "power_lost", "progress": 43, "time": 1684.2, "paused": false,
            "text": "The power was lost: was printing benchy.gcode, lost at 43 %."})
    } else {
        json!({"outcome": "cancelled", "progress": 40, "time": 1684.2, "paused": false, "user": "anna",
            "text": "benchy.gcode was cancelled by anna at 40 %."})
    };
    if let (Value::Object(payload), Value::Object(more)) = (&mut payload, more) {
        for key in ["connector", "user"] {
            payload.shift_remove(key);
        }
        payload.extend(more);
    }
    payload
}

/// Events of a print share the data of its file.
fn of_print(name: &str) -> Value {
    let mut payload = json!({
        "connector": "serial",
        "name": "benchy.gcode",
        "path": "boats/benchy.gcode",
        "origin": "local",
        "size": FILE_SIZE,
        "owner": "anna",
    });
    let position = json!({"x": 104.2, "y": 98.6, "z": 19.2, "e": 1648.3, "t": 0, "f": 3000.0});
    let more = match name {
        "PrintDone" => json!({"time": 4211.5}),
        // A print that ends in an error tells its progress as a fraction, a cancelled one in percent.
        "PrintFailed" => {
            json!({"time": 1684.2, "reason": "error", "error": "Too many consecutive timeouts", "progress": 0.4})
        }
        "PrintCancelled" => {
            json!({"user": "anna", "time": 1684.2, "progress": 40, "position": position, "fileposition": 966_367})
        }
        "PrintPaused" => json!({"user": "anna", "progress": 40, "position": position, "fileposition": 966_367}),
        _ => json!({"user": "anna"}),
    };
    if let (Value::Object(payload), Value::Object(more)) = (&mut payload, more) {
        payload.extend(more);
    }
    payload
}

fn of_printer(name: &str) -> Option<Value> {
    Some(match name {
        "Error" => json!({
            "error": "Too many consecutive timeouts",
            "reason": "timeout",
            "consequence": "disconnect",
            "connector": "serial",
        }),
        "Connected" => json!({"connector": "serial", "port": "/dev/ttyACM0", "baudrate": 115_200}),
        "Connecting" | "Disconnecting" | "Disconnected" => json!({"connector": "serial"}),
        "PrinterStateChanged" => {
            json!({"state_id": "OPERATIONAL", "state_string": "Operational", "connector": "serial"})
        }
        "PrinterReset" => json!({"idle": true}),
        "FirmwareData" => json!({
            "name": "Marlin 2.1.2",
            "data": {"FIRMWARE_NAME": "Marlin 2.1.2", "PROTOCOL_VERSION": "1.0", "MACHINE_TYPE": "3D Printer"},
        }),
        "ZChange" => json!({"new": 19.2, "old": 19.0}),
        "ToolChange" => json!({"old": 0, "new": 1}),
        _ => return None,
    })
}

fn of_files(name: &str) -> Option<Value> {
    let movie = json!({
        "gcode": "benchy.gcode",
        "movie": "/home/pi/.octoprint/timelapse/benchy_20261124125417.mp4",
        "movie_basename": "benchy_20261124125417.mp4",
        "movie_prefix": "benchy",
    });
    let slicing = json!({"slicer": "curalegacy", "stl": "benchy.stl", "stl_location": "local",
        "gcode": "benchy.gcode", "gcode_location": "local"});
    let with = |mut payload: Value, key: &str, value: Value| {
        payload[key] = value;
        payload
    };
    Some(match name {
        "Upload" => json!({"name": "benchy.gcode", "path": "boats/benchy.gcode", "target": "local", "select": false,
            "print": false, "effective_select": false, "effective_print": false}),
        "FileAdded" | "FileRemoved" => json!({"storage": "local", "path": "boats/benchy.gcode", "name": "benchy.gcode",
            "type": ["machinecode", "gcode"], "operation": if name == "FileAdded" { "add" } else { "remove" }}),
        "FileMoved" => json!({"storage": "local",
            "source_storage": "local", "source_path": "benchy.gcode", "source_name": "benchy.gcode",
            "source_type": ["machinecode", "gcode"], "destination_storage": "local",
            "destination_path": "boats/benchy.gcode", "destination_name": "benchy.gcode",
            "destination_type": ["machinecode", "gcode"]}),
        "FolderAdded" | "FolderRemoved" => json!({"storage": "local", "path": "boats", "name": "boats"}),
        "FolderMoved" => json!({"storage": "local", "source_path": "boats", "source_name": "boats",
            "destination_path": "ships", "destination_name": "ships"}),
        "TransferStarted" => json!({"local": "benchy.gcode", "remote": "BENCHY~1.GCO"}),
        "TransferDone" | "TransferFailed" => {
            json!({"local": "benchy.gcode", "remote": "BENCHY~1.GCO", "time": 93.4})
        }
        "MetadataAnalysisStarted" => {
            json!({"name": "benchy.gcode", "path": "boats/benchy.gcode", "origin": "local", "type": "gcode"})
        }
        "MetadataAnalysisFinished" => json!({"name": "benchy.gcode", "path": "boats/benchy.gcode", "origin": "local",
            "result": super::metadata()["analysis"]}),
        "CaptureStart" | "CaptureDone" => json!({"file": "/home/pi/.octoprint/timelapse/tmp/benchy-42.jpg"}),
        "CaptureFailed" => json!({"file": "/home/pi/.octoprint/timelapse/tmp/benchy-42.jpg",
            "error": "the webcam did not answer", "webcamDisplay": "Classic Webcam",
            "snapshotDisplay": "http://localhost:8080/?action=snapshot", "webcamProvider": "classicwebcam"}),
        "PostRollStart" => json!({"postroll_duration": 10, "postroll_length": 250, "postroll_fps": 25}),
        "MovieRendering" | "MovieDone" => movie,
        "MovieFailed" => {
            let failed = with(with(movie, "returncode", json!(255)), "reason", json!("returncode"));
            with(with(failed, "out", json!("")), "error", json!("no space left on device"))
        }
        "SlicingStarted" => with(slicing, "progressAvailable", json!(true)),
        "SlicingDone" => with(slicing, "time", json!(61.8)),
        "SlicingFailed" => with(slicing, "reason", json!("the slicer ended early")),
        "SlicingCancelled" => slicing,
        _ => return None,
    })
}

fn of_server(name: &str) -> Option<Value> {
    Some(match name {
        "ConnectivityChanged" => json!({"old": false, "new": true}),
        "ClientOpened" | "ClientClosed" => json!({"remoteAddress": "192.168.1.20"}),
        "UserLoggedIn" | "UserLoggedOut" => json!({"username": "anna"}),
        "SettingsUpdated" => json!({
            "config_hash": "9e107d9d372bb6826bd81d3542a419d6",
            "effective_hash": "e4d909c290d0fb1ca068ffaddf22cbd0",
        }),
        _ => return None,
    })
}

fn of_plugin(name: &str) -> Value {
    match name {
        "plugin_backup_backup_created" => json!({
            "name": "octoprint-backup-20261124-125417.zip",
            "path": "/home/pi/.octoprint/data/backup/octoprint-backup-20261124-125417.zip",
            "excludes": ["timelapse"],
        }),
        "plugin_pluginmanager_install_plugin" | "plugin_pluginmanager_uninstall_plugin" => json!({
            "id": "webhooks", "version": "5.0.0", "source": "https://example.com/plugin.zip",
            "source_type": "url", "from_repo": false,
        }),
        "plugin_softwareupdate_update_succeeded" | "plugin_softwareupdate_update_failed" => {
            json!({"target": "octoprint", "from_version": "1.11.7", "to_version": "1.11.8"})
        }
        _ => Value::Null,
    }
}
