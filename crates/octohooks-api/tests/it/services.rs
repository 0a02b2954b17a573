//! From the list of services to a hook: the answers that each one's case gives make a draft that can be saved and previewed.

use std::path::Path;

use serde_json::{Value, json};

use crate::support::{Bench, MANAGER, VIEWER};

/// Answers as the tests of the services have them.
fn answers(key: &str) -> Value {
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("../octohooks-core/tests/cases/services");
    let case: Value = serde_json::from_slice(&std::fs::read(cases.join(format!("{key}.json"))).unwrap()).unwrap();
    case["answers"].clone()
}

fn draft(bench: &Bench, key: &str, asked: &Value) -> (u16, Value) {
    bench.ask(MANAGER, "POST", &format!("/api/v1/services/{key}/draft"), asked)
}

fn listed(bench: &Bench) -> Vec<Value> {
    let (status, answer) = bench.ask(VIEWER, "GET", "/api/v1/services", &Value::Null);
    assert_eq!(status, 200);
    answer["services"].as_array().unwrap().clone()
}

#[test]
fn every_service_becomes_a_hook() {
    let bench = Bench::new();
    let services = listed(&bench);
    assert!(services.len() >= 34, "{}", services.len());
    for service in services {
        let key = service["key"].as_str().unwrap();
        for picture in [false, !service["picture"].is_null()] {
            let (status, drafted) = draft(&bench, key, &json!({"answers": answers(key), "picture": picture}));
            assert_eq!((status, &drafted["remarks"]), (200, &json!([])), "{key}: {drafted}");
            let hook = &drafted["hook"];
            let (status, saved) = bench.ask(MANAGER, "POST", "/api/v1/hooks", hook);
            assert_eq!(status, 201, "{key}: {saved}");
            assert_eq!(saved["hook"]["api_secret"], Value::Null, "{key}");
            assert_eq!(saved["hook"]["receiver"], hook["receiver"], "{key}");
            let has_address = hook["url"].as_str().is_some_and(|url| !url.is_empty());
            let (status, previewed) =
                bench.ask(MANAGER, "POST", "/api/v1/preview", &json!({"hook": hook, "event": "print_done"}));
            assert_eq!(status, if has_address { 200 } else { 422 }, "{key}: {previewed}");
            let (_, summary) = bench.ask(VIEWER, "GET", "/api/v1/hooks", &Value::Null);
            let secret = hook["api_secret"].as_str().unwrap_or_default();
            assert!(secret.is_empty() || !summary.to_string().contains(secret), "{key}");
        }
    }
}

#[test]
fn what_is_wrong_with_an_answer_is_said_and_not_repeated() {
    let bench = Bench::new();
    let (status, drafted) = draft(&bench, "telegram", &json!({"answers": {"token": "secret-nonsense"}}));
    assert_eq!((status, &drafted["hook"]), (200, &Value::Null));
    let asks: Vec<_> = drafted["remarks"].as_array().unwrap().iter().map(|remark| remark["ask"].clone()).collect();
    assert_eq!(asks, ["token", "chat"]);
    assert!(!drafted["remarks"].to_string().contains("secret-nonsense"), "{drafted}");
}

#[test]
fn a_whole_address_is_taken_apart() {
    let bench = Bench::new();
    let pasted = json!({"answers": {"token": "tgram://123456789:AAFabcdefghijklmnopqrstuvwxyz012345/-1001234567890"}});
    let (status, drafted) = draft(&bench, "telegram", &pasted);
    assert_eq!((status, drafted["answers"]["chat"].as_str()), (200, Some("-1001234567890")), "{drafted}");
}

#[test]
fn a_pasted_address_is_recognised_and_nothing_else_is() {
    let bench = Bench::new();
    let recognise = |text: &str| bench.ask(MANAGER, "POST", "/api/v1/services/recognise", &json!({"text": text}));
    let webhook = answers("discord")["webhook"].clone();
    let (status, found) = recognise(webhook.as_str().unwrap());
    assert_eq!((status, found), (200, json!({"service": "discord", "answers": {"webhook": webhook}})));
    let (_, found) = recognise("ntfys://my-printer");
    assert_eq!(found, json!({"service": "ntfy", "answers": {"topic": "my-printer"}}));
    for text in ["", "discord", "https://example.com/hook", "javascript:alert(1)"] {
        assert_eq!(recognise(text), (200, json!({"service": null, "answers": {}})), "{text}");
    }
    assert_eq!(bench.ask(VIEWER, "POST", "/api/v1/services/recognise", &json!({"text": ""})).0, 403);
    assert_eq!(bench.ask(MANAGER, "POST", "/api/v1/services/recognise", &json!({"texts": ""})).0, 400);
}

#[test]
fn what_is_not_there_or_not_asked_right_is_refused() {
    let bench = Bench::new();
    assert_eq!(draft(&bench, "nobody", &json!({"answers": {}})).0, 404);
    assert_eq!(draft(&bench, "discord", &json!({"answers": {"webhook": 7}})).0, 400);
    assert_eq!(draft(&bench, "discord", &json!({"answer": {}})).0, 400);
}
