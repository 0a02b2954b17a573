//! From one installation to another: out as a file, looked at, and in.

use serde_json::{Value, json};

use crate::support::{Bench, MANAGER, VIEWER};

const PASSPHRASE: &str = "a horse, a battery";

fn export(bench: &Bench, wish: &Value) -> Value {
    let (status, file) = bench.ask(MANAGER, "POST", "/api/v1/hooks/export", wish);
    assert_eq!(status, 200, "{file}");
    file
}

fn look(bench: &Bench, given: &Value) -> Value {
    let (status, seen) = bench.ask(MANAGER, "POST", "/api/v1/hooks/import/look", given);
    assert_eq!(status, 200, "{seen}");
    seen
}

fn count(bench: &Bench) -> usize {
    bench.ask(VIEWER, "GET", "/api/v1/hooks", &Value::Null).1["hooks"].as_array().unwrap().len()
}

#[test]
fn with_a_passphrase_a_hook_goes_on_elsewhere_as_it_was() {
    let here = Bench::new();
    here.secretive_hook();
    let file = export(&here, &json!({"passphrase": PASSPHRASE}));
    assert!(!file.to_string().contains("planted"), "{file}");

    let there = Bench::new();
    assert_eq!(look(&there, &json!({"file": file})), json!({"locked": true, "hooks": []}));
    let seen = look(&there, &json!({"file": file, "passphrase": PASSPHRASE}));
    assert_eq!(seen["hooks"][0]["name"], "secretive");
    assert_eq!(seen["hooks"][0]["origin"], "https://example.com");
    assert_eq!(seen["hooks"][0]["known"], Value::Null);
    assert!(!seen.to_string().contains("planted"), "{seen}");
    assert_eq!(count(&there), 0, "looking saves nothing");

    let given = json!({"file": file, "passphrase": PASSPHRASE});
    let (status, made) = there.ask(MANAGER, "POST", "/api/v1/hooks/import/take", &given);
    assert_eq!((status, made["hooks"][0]["name"].as_str()), (201, Some("secretive")), "{made}");
    let path = format!("/api/v1/hooks/{}", made["hooks"][0]["id"].as_str().unwrap());
    let (_, whole) = there.ask(MANAGER, "GET", &path, &Value::Null);
    assert_eq!(whole["api_secret_set"], true);
    assert_eq!(whole["hook"]["url"], "https://user:planted-password@example.com/planted-path?key=planted-query");
    assert_eq!(look(&there, &given)["hooks"][0]["known"], "same");
}

#[test]
fn without_a_passphrase_no_secret_is_in_the_file() {
    let bench = Bench::new();
    let id = bench.secretive_hook()["hook"]["id"].clone();
    for wish in [json!({}), json!({"ids": [id]})] {
        let file = export(&bench, &wish);
        assert_eq!(file["hooks"].as_array().unwrap().len(), 1);
        assert!(!file.to_string().contains("planted"), "{file}");
    }
    let (status, error) = bench.ask(MANAGER, "POST", "/api/v1/hooks/export", &json!({"passphrase": "short"}));
    assert_eq!((status, error["error"]["problems"][0]["field"].as_str()), (422, Some("passphrase")));
}

#[test]
fn what_is_wanted_comes_in_and_what_is_here_already_is_named() {
    let bench = Bench::new();
    for name in ["one", "two"] {
        let draft = json!({"name": name, "url": format!("http://{name}.example/")});
        assert_eq!(bench.ask(MANAGER, "POST", "/api/v1/hooks", &draft).0, 201);
    }
    let mut file = export(&bench, &json!({}));
    file["hooks"][1]["data"] = json!("{}");
    let mut third = file["hooks"][0].clone();
    third["name"] = json!("three");
    file["hooks"].as_array_mut().unwrap().push(third);
    let seen = look(&bench, &json!({"file": file}));
    let known: Vec<_> = seen["hooks"].as_array().unwrap().iter().map(|hook| hook["known"].clone()).collect();
    assert_eq!(known, [json!("same"), json!("name"), json!("address")]);

    let (status, made) =
        bench.ask(MANAGER, "POST", "/api/v1/hooks/import/take", &json!({"file": file, "take": [1, 2]}));
    let names: Vec<_> = made["hooks"].as_array().unwrap().iter().map(|hook| hook["name"].clone()).collect();
    assert_eq!((status, names), (201, vec![json!("two (2)"), json!("three")]));
    assert_eq!(count(&bench), 4);
}

#[test]
fn a_file_that_cannot_be_taken_says_why_and_changes_nothing() {
    let bench = Bench::new();
    bench.secretive_hook();
    let sealed = export(&bench, &json!({"passphrase": PASSPHRASE}));
    for (path, given, message) in [
        ("look", json!({"file": sealed, "passphrase": "another horse"}), "The passphrase is not right"),
        ("take", json!({"file": sealed, "passphrase": "another horse"}), "The passphrase is not right"),
        ("take", json!({"file": sealed}), "This file is encrypted."),
        ("take", json!({"file": {"octoprint_webhooks_hooks": 2}}), "newer version"),
        ("look", json!({"file": 7}), "This is not the file of a hook."),
    ] {
        let (status, error) = bench.ask(MANAGER, "POST", &format!("/api/v1/hooks/import/{path}"), &given);
        let said = error["error"]["message"].as_str().unwrap();
        assert!((400..=422).contains(&status) && said.contains(message), "{status} {error}");
    }
    assert_eq!(count(&bench), 1);
}
