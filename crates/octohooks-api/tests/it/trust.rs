//! Keys of signatures and of certificates: they go in, can be kept and replaced, and never come out.

use serde_json::{Value, json};

use crate::support::{Bench, MANAGER};

const OLD: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const CERTIFICATE: &str = "-----BEGIN CERTIFICATE-----\nMAEF\n-----END CERTIFICATE-----";
const KEY: &str = "-----BEGIN PRIVATE KEY-----\nMAEH\n-----END PRIVATE KEY-----";

fn new_key(bench: &Bench, kind: &str) -> Value {
    let (status, answer) = bench.ask(MANAGER, "POST", "/api/v1/signing-key", &json!({"kind": kind}));
    assert_eq!(status, 201, "{answer}");
    answer
}

/// A hook with a key, a secret for the body, and a client certificate: its path, and its view.
fn signing_hook(bench: &Bench) -> (String, Value) {
    let draft = json!({
        "url": "https://example.com/a", "data": "{}", "events": {"print_done": {"enabled": true}},
        "signing": {"keys": [OLD], "body_signature_header": "X-Hub-Signature-256", "body_signature_secret": "hub-secret"},
        "tls": {"client_certificate": CERTIFICATE, "client_key": KEY},
    });
    let (status, view) = bench.ask(MANAGER, "POST", "/api/v1/hooks", &draft);
    assert_eq!((status, &view["problems"]), (201, &json!([])), "{view}");
    (format!("/api/v1/hooks/{}", view["hook"]["id"].as_str().unwrap()), view)
}

/// The saved texts of the only hook: its signing keys, the secret for the body, the client's key.
fn saved(bench: &Bench) -> (Vec<String>, String, String) {
    let roster = bench.engine.roster();
    let config = &roster.hooks[0].0;
    let keys = config.signing.keys.iter().map(|key| key.expose().to_owned()).collect();
    let body_secret = config.signing.body_signature_secret.expose().to_owned();
    (keys, body_secret, config.tls.client_key.expose().to_owned())
}

#[test]
fn a_new_key_is_shown_once_and_each_is_another_one() {
    let bench = Bench::new();
    let (one, two, pair) = (new_key(&bench, "hmac"), new_key(&bench, "hmac"), new_key(&bench, "ed25519"));
    assert!(one["key"].as_str().unwrap().starts_with("whsec_") && one["public_key"].is_null(), "{one}");
    assert_ne!(one["key"], two["key"]);
    assert!(pair["key"].as_str().unwrap().starts_with("whsk_"), "{pair}");
    let draft = json!({"url": "https://example.com/", "signing": {"keys": [one["key"], pair["key"]]}});
    let (_, view) = bench.ask(MANAGER, "POST", "/api/v1/hooks", &draft);
    let expected = json!([
        {"kind": "hmac", "public_key": null},
        {"kind": "ed25519", "public_key": pair["public_key"]},
    ]);
    assert_eq!(view["signing_keys"], expected);
    assert_eq!(bench.ask(MANAGER, "POST", "/api/v1/signing-key", &json!({"kind": "rsa"})).0, 400);
}

#[test]
fn what_is_write_only_never_comes_out() {
    let bench = Bench::new();
    let (path, view) = signing_hook(&bench);
    let signing = json!({"keys": null, "body_signature_header": "X-Hub-Signature-256", "body_signature_secret": null});
    assert_eq!(view["hook"]["signing"], signing);
    assert_eq!((&view["hook"]["tls"]["client_key"], &view["client_key_set"]), (&Value::Null, &json!(true)));
    assert_eq!(view["body_signature_secret_set"], json!(true));
    let (_, exported) = bench.ask(MANAGER, "GET", &format!("{path}/export"), &Value::Null);
    let (_, list) = bench.ask(MANAGER, "GET", "/api/v1/hooks", &Value::Null);
    let preview = json!({"hook": view["hook"], "event": "print_done"});
    let (status, preview) = bench.ask(MANAGER, "POST", "/api/v1/preview", &preview);
    assert_eq!(status, 200, "{preview}");
    assert!(preview.to_string().contains("Webhook-Signature"), "{preview}");
    for answer in [view, exported, list, preview] {
        let text = answer.to_string();
        assert!(!text.contains("MfKQ9r8G") && !text.contains("hub-secret") && !text.contains("MAEH"), "{text}");
    }
}

#[test]
fn what_a_draft_leaves_open_stays() {
    let bench = Bench::new();
    let (path, view) = signing_hook(&bench);
    let before = saved(&bench);
    let etag = view["etag"].clone();
    for draft in [view["hook"].clone(), json!({"url": "https://example.com/a"})] {
        assert_eq!(bench.ask(MANAGER, "PUT", &path, &draft).0, 200);
        assert_eq!(saved(&bench), before);
    }
    let (_, again) = bench.ask(MANAGER, "PUT", &path, &view["hook"]);
    assert_eq!(again["etag"], etag);
}

#[test]
fn keys_are_added_beside_saved_ones_replaced_and_removed() {
    let bench = Bench::new();
    let (path, view) = signing_hook(&bench);
    let new = new_key(&bench, "hmac")["key"].as_str().unwrap().to_owned();
    for (keys, expected) in [
        (json!([new, 0]), vec![new.as_str(), OLD]),
        (json!([1]), vec![OLD]),
        (json!([new]), vec![new.as_str()]),
        (json!([]), vec![]),
    ] {
        let mut draft = view["hook"].clone();
        draft["signing"]["keys"] = keys;
        let (status, answer) = bench.ask(MANAGER, "PUT", &path, &draft);
        assert_eq!((status, saved(&bench).0), (200, expected.into_iter().map(str::to_owned).collect()), "{answer}");
    }
    for (keys, status) in [(json!([0]), 422), (json!(["whsec_", 7]), 422), (json!("text"), 422), (json!([-1]), 422)] {
        let mut draft = view["hook"].clone();
        draft["signing"]["keys"] = keys;
        let (found, error) = bench.ask(MANAGER, "PUT", &path, &draft);
        assert_eq!((found, error["error"]["problems"][0]["field"].as_str()), (status, Some("signing.keys")), "{error}");
    }
    let mut cleared = view["hook"].clone();
    cleared["signing"] = json!({"keys": [], "body_signature_header": "", "body_signature_secret": ""});
    cleared["tls"] = json!({"client_certificate": "", "client_key": null});
    let (status, answer) = bench.ask(MANAGER, "PUT", &path, &cleared);
    assert_eq!((status, saved(&bench)), (200, (vec![], String::new(), String::new())), "{answer}");
}

#[test]
fn a_hook_that_goes_to_another_server_keeps_none_of_them() {
    let bench = Bench::new();
    let (path, view) = signing_hook(&bench);
    let mut elsewhere = view["hook"].clone();
    elsewhere["url"] = json!("https://attacker.example/");
    for draft in [elsewhere.clone(), json!({"id": view["hook"]["id"], "url": "https://attacker.example/"})] {
        for (method, path, body) in [
            ("PUT", path.as_str(), draft.clone()),
            ("POST", "/api/v1/test", json!({"hook": draft, "event": "print_done"})),
        ] {
            let (status, error) = bench.ask(MANAGER, method, path, &body);
            let fields: Vec<_> =
                error["error"]["problems"].as_array().unwrap().iter().map(|one| &one["field"]).collect();
            assert_eq!(fields, ["signing.keys", "signing.body_signature_secret", "tls.client_key"], "{status} {error}");
        }
    }
    elsewhere["signing"] = json!({"keys": [OLD], "body_signature_header": "X-S", "body_signature_secret": "new"});
    elsewhere["tls"]["client_key"] = json!(KEY);
    assert_eq!(bench.ask(MANAGER, "PUT", &path, &elsewhere).0, 200);
}

#[test]
fn what_is_wrong_with_a_key_is_said_where_it_stands() {
    let bench = Bench::new();
    let draft = json!({
        "url": "https://example.com/",
        "signing": {"keys": [OLD, "secret-nonsense"]},
        "tls": {"ca": "\nnonsense", "pinned_sha256": "12:34", "client_certificate": KEY, "client_key": CERTIFICATE},
    });
    let (_, answer) = bench.ask(MANAGER, "POST", "/api/v1/check", &draft);
    let problems = answer["problems"].as_array().unwrap();
    let errors = problems.iter().filter(|problem| problem["severity"] == "error");
    let fields: Vec<_> = errors.map(|problem| problem["field"].as_str().unwrap()).collect();
    let expected = ["tls.ca", "tls.pinned_sha256", "tls.client_certificate", "tls.client_key", "signing.keys.1"];
    assert_eq!(fields, expected, "{answer}");
    assert!(!answer.to_string().contains("nonsense"), "{answer}");
}
