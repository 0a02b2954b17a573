//! Many hooks in one file, and files under a passphrase: what comes back, what is refused, and how soon.

use serde_json::{Value, json};

use super::{hook, id};
use crate::hook::HookConfig;
use crate::hook::transfer::{LEAST_CHARACTERS, Opened, RANDOM_BYTES, export, export_all, export_sealed, open};
use crate::problem::Problem;
use crate::secret::Secret;

const PASSPHRASE: &str = "correct horse battery";

/// With a secret in every place that has one.
fn secretive(name: &str) -> HookConfig {
    let mut hook = HookConfig {
        name: name.to_owned(),
        url: "https://example.com/planted-path".to_owned(),
        headers: json!({"Authorization": "Bearer planted-header"}).to_string(),
        api_secret: Secret::new("planted-secret"),
        device_identifier: "planted-device".to_owned(),
        ..hook()
    };
    hook.signing.keys = vec![Secret::new("whsec_planted")];
    hook.signing.body_signature_secret = Secret::new("planted-body");
    hook.tls.client_key = Secret::new("planted-key");
    hook.oauth.data = json!({"client_secret": "planted-client"}).to_string();
    hook
}

fn sealed(hooks: &[HookConfig]) -> Value {
    export_sealed(hooks, &Secret::new(PASSPHRASE), &[3; RANDOM_BYTES]).unwrap()
}

fn opened(file: &Value, passphrase: &str) -> Result<Opened, Problem> {
    open(file, Some(&Secret::new(passphrase)), &mut id)
}

#[track_caller]
fn refused(file: &Value, passphrase: &str) -> String {
    opened(file, passphrase).unwrap_err().message
}

#[test]
fn without_a_passphrase_no_secret_leaves() {
    let file = export_all(&[secretive("one"), secretive("two")]);
    assert!(!file.to_string().contains("planted"), "{file}");
    let Opened::Hooks(hooks) = open(&file, None, &mut id).unwrap() else { panic!("it is not encrypted") };
    let names: Vec<_> = hooks.iter().map(|hook| (hook.name.as_str(), hook.url.as_str())).collect();
    assert_eq!(names, [("one", "https://example.com/"), ("two", "https://example.com/")]);
}

#[test]
fn under_a_passphrase_all_of_it_comes_back() {
    let hooks = [secretive("one"), secretive("two")];
    let file = sealed(&hooks);
    let text = file.to_string();
    assert!(!text.contains("planted") && !text.contains("example.com") && !text.contains("one"), "{text}");
    assert_eq!(open(&file, None, &mut id), Ok(Opened::Locked));
    assert_eq!(opened(&file, PASSPHRASE), Ok(Opened::Hooks(hooks.to_vec())));
}

#[test]
fn another_passphrase_opens_nothing() {
    let file = sealed(&[secretive("one")]);
    for wrong in ["correct horse batterz", "Correct horse battery", ""] {
        assert_eq!(refused(&file, wrong), "The passphrase is not right, or the file was changed. Try again.");
    }
}

#[test]
fn a_passphrase_that_is_guessed_too_soon_is_refused() {
    let short = "ä".repeat(LEAST_CHARACTERS - 1);
    let problem = export_sealed(&[hook()], &Secret::new(short), &[3; RANDOM_BYTES]).unwrap_err();
    assert_eq!((problem.field.as_str(), problem.message.contains("at least 10 characters")), ("passphrase", true));
}

#[test]
fn every_change_of_the_file_is_noticed() {
    let file = sealed(&[secretive("one")]);
    for (pointer, value) in [
        ("/key/memory_kib", json!(32 * 1024 + 8)),
        ("/key/passes", json!(2)),
        ("/key/salt", json!("BAMDAwMDAwMDAwMDAwMDAw==")),
        ("/nonce", json!("BAMDAwMDAwMDAwMDAwMDAwMDAwMDAwMD")),
        ("/sealed", json!("AAAA")),
    ] {
        let mut changed = file.clone();
        *changed.pointer_mut(pointer).unwrap() = value;
        assert_eq!(
            refused(&changed, PASSPHRASE),
            "The passphrase is not right, or the file was changed. Try again.",
            "{pointer}"
        );
    }
}

#[test]
fn what_is_damaged_or_not_known_is_named() {
    let file = sealed(&[secretive("one")]);
    for (pointer, value, message) in [
        (
            "/octoprint_webhooks_sealed",
            json!(2),
            "This file was written by a newer version of Webhooks (format 2). Update the plugin to import it.",
        ),
        ("/octoprint_webhooks_sealed", json!("1"), "This file is damaged. Export it again."),
        ("/cipher", json!("rot13"), "This file is encrypted in a way that is not known here. Update the plugin."),
        ("/key/from", json!("md5"), "This file is encrypted in a way that is not known here. Update the plugin."),
        ("/key/salt", json!("AAAA"), "This file is damaged. Export it again."),
        ("/key", json!({}), "This file is damaged. Export it again."),
        ("/nonce", json!("AAAA"), "This file is damaged. Export it again."),
        ("/sealed", json!("not base64!"), "This file is damaged. Export it again."),
        ("/sealed", Value::Null, "This file is damaged. Export it again."),
        ("/key/passes", json!(0), "This file is damaged. Export it again."),
    ] {
        let mut changed = file.clone();
        *changed.pointer_mut(pointer).unwrap() = value;
        assert_eq!(refused(&changed, PASSPHRASE), message, "{pointer}");
    }
}

#[test]
fn a_hostile_file_costs_nothing() {
    let file = sealed(&[hook()]);
    for (pointer, value) in [
        ("/key/memory_kib", json!(4_u32 << 20)),
        ("/key/memory_kib", json!(u32::MAX)),
        ("/key/passes", json!(1000)),
        ("/key/passes", json!(u32::MAX)),
        ("/key/lanes", json!(100)),
    ] {
        let mut hostile = file.clone();
        *hostile.pointer_mut(pointer).unwrap() = value;
        assert!(refused(&hostile, PASSPHRASE).contains("more memory and time"), "{pointer}");
    }
}

#[test]
fn a_hook_of_the_file_that_cannot_be_read_is_named_by_its_place() {
    let mut file = export_all(&[hook(), hook()]);
    file["hooks"][1]["nmae"] = json!("typo");
    let problem = open(&file, None, &mut id).unwrap_err();
    assert_eq!(problem.field, "hooks.1.nmae");
    file["octoprint_webhooks_hooks"] = json!(7);
    assert!(open(&file, None, &mut id).unwrap_err().message.contains("(format 7)"));
    let empty = json!({"octoprint_webhooks_hooks": 1, "hooks": []});
    assert_eq!(open(&empty, None, &mut id).unwrap_err().message, "This file holds no hook.");
}

#[test]
fn the_file_of_one_hook_and_those_of_old_versions_open_as_well() {
    let Ok(Opened::Hooks(hooks)) = open(&export(&secretive("one")), None, &mut id) else { panic!("it is a file") };
    assert_eq!(hooks.len(), 1);
    let old = json!({"hooks": [{"url": "http://a.example/"}, {"url": "http://b.example/"}]});
    let Ok(Opened::Hooks(hooks)) = open(&old, None, &mut id) else { panic!("it is a block of old settings") };
    assert_eq!(hooks.len(), 2);
    assert!(open(&json!([1, 2]), None, &mut id).unwrap_err().message.starts_with("This is not the file of a hook."));
}
