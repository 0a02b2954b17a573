//! `octohooks render`: what would be sent, without sending it.

use std::fs;
use std::process::{Command, Output};

use serde_json::{Value, json};

const DATA: &str =
    r#"{"topic": "@topic", "file": "@extra.name", "secret": "@apiSecret", "to": "@percentCompleteMilestone"}"#;

fn render(hook: &Value, event: &Value, arguments: &[&str]) -> Output {
    let folder = tempfile::tempdir().unwrap();
    let (hook_file, event_file) = (folder.path().join("hook.json"), folder.path().join("event.json"));
    fs::write(&hook_file, hook.to_string()).unwrap();
    fs::write(&event_file, event.to_string()).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_octohooks"));
    command.arg("render").args([&hook_file, &event_file]).args(arguments).output().unwrap()
}

fn exported(change: &Value) -> Value {
    let mut hook = json!({
        "name": "h",
        "url": "https://example.com/planted-path-1",
        "headers": "{}",
        "data": DATA,
        "api_secret": "planted",
        "events": {"print_done": {"message": ""}},
    });
    hook.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
    json!({"octoprint_webhooks_hook": 1, "hook": hook})
}

#[test]
fn it_shows_the_request_with_secrets_covered() {
    let output = render(&exported(&json!({})), &json!({"event": "print_done", "payload": {"name": "a.gcode"}}), &[]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(text.starts_with("POST https://example.com/••••\n") && text.contains("\"file\": \"a.gcode\""), "{text}");
    assert!(!text.contains("planted"), "{text}");
}

#[test]
fn it_shows_all_of_it_when_asked() {
    let output = render(&exported(&json!({})), &json!({"event": "print_done"}), &["--show-secrets", "--json"]);
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(told["request"]["url"], "https://example.com/planted-path-1");
    assert!(told["request"]["body"].as_str().unwrap().contains("planted"), "{told}");
}

#[test]
fn a_hook_that_cannot_be_sent_is_refused_with_the_place() {
    let output = render(&exported(&json!({"data": "{\n\"a\" 1}"})), &json!({"event": "print_done"}), &[]);
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(text.contains("data (line 2, column 5)"), "{text}");
    let output = render(&json!({"no": "hook"}), &json!({"event": "print_done"}), &[]);
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn an_event_that_the_hook_does_not_listen_to_is_said() {
    let output = render(&exported(&json!({})), &json!({"event": "MovieDone"}), &[]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success() && text.contains("does not listen to MovieDone"), "{text}");
}
