//! Making, changing, and taking away hooks.

use serde_json::{Value, json};

use crate::support::{Bench, MANAGER, VIEWER};

fn draft(name: &str) -> Value {
    json!({"name": name, "url": "http://example.com/a"})
}

fn create(bench: &Bench, draft: &Value) -> (String, Value) {
    let (status, view) = bench.ask(MANAGER, "POST", "/api/v1/hooks", draft);
    assert_eq!(status, 201, "{view}");
    (format!("/api/v1/hooks/{}", view["hook"]["id"].as_str().unwrap()), view)
}

fn names(bench: &Bench) -> Vec<String> {
    let (_, answer) = bench.ask(VIEWER, "GET", "/api/v1/hooks", &Value::Null);
    answer["hooks"].as_array().unwrap().iter().map(|hook| hook["name"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn the_life_of_a_hook() {
    let bench = Bench::new();
    let (path, view) = create(&bench, &draft("one"));
    create(&bench, &draft("two"));
    let mut changed = view["hook"].clone();
    changed["name"] = json!("uno");
    let etag = view["etag"].as_str().unwrap();
    let (status, newer) = bench.ask_with(MANAGER, "PUT", &path, &[("If-Match", etag)], &changed);
    assert_eq!((status, newer["hook"]["name"].as_str()), (200, Some("uno")));
    let (status, error) = bench.ask_with(MANAGER, "PUT", &path, &[("If-Match", etag)], &changed);
    assert_eq!((status, error["error"]["code"].as_str()), (412, Some("changed_elsewhere")));
    assert_eq!(bench.ask(MANAGER, "POST", &format!("{path}/duplicate"), &Value::Null).0, 201);
    assert_eq!(names(&bench), ["uno", "two", "uno (copy)"]);
    let (status, summary) = bench.ask(MANAGER, "PUT", &format!("{path}/enabled"), &json!({"enabled": false}));
    assert_eq!((status, summary["enabled"].as_bool()), (200, Some(false)));
    assert_eq!(bench.ask(MANAGER, "DELETE", &path, &Value::Null).0, 204);
    assert_eq!(bench.ask(MANAGER, "GET", &path, &Value::Null).0, 404);
    assert_eq!(bench.ask(MANAGER, "POST", &format!("{path}/restore"), &Value::Null).0, 201);
    let (_, list) = bench.ask(VIEWER, "GET", "/api/v1/hooks", &Value::Null);
    let ids: Vec<_> = list["hooks"].as_array().unwrap().iter().rev().map(|hook| hook["id"].clone()).collect();
    assert_eq!(bench.ask(MANAGER, "PUT", "/api/v1/hooks/order", &json!({"ids": ids})).0, 200);
    assert_eq!(names(&bench), ["uno", "uno (copy)", "two"]);
}

#[test]
fn the_api_secret_goes_in_and_never_out() {
    let bench = Bench::new();
    let mut with_secret = draft("s");
    with_secret["api_secret"] = json!("planted");
    let (path, view) = create(&bench, &with_secret);
    assert_eq!((&view["hook"]["api_secret"], &view["api_secret_set"]), (&Value::Null, &json!(true)));
    let mut elsewhere = view["hook"].clone();
    elsewhere["url"] = json!("http://example.com:8080/b");
    let (status, error) = bench.ask(MANAGER, "PUT", &path, &elsewhere);
    assert_eq!((status, error["error"]["problems"][0]["field"].as_str()), (422, Some("api_secret")));
    let (status, error) =
        bench.ask(MANAGER, "POST", "/api/v1/test", &json!({"hook": elsewhere, "event": "print_done"}));
    assert_eq!(status, 422, "{error}");
    elsewhere["api_secret"] = json!("");
    let (status, view) = bench.ask(MANAGER, "PUT", &path, &elsewhere);
    assert_eq!((status, &view["api_secret_set"]), (200, &json!(false)));
}

#[test]
fn bad_input_is_refused_with_its_place() {
    let bench = Bench::new();
    let refused = |draft: Value, field: &str| {
        let (status, error) = bench.ask(MANAGER, "POST", "/api/v1/hooks", &draft);
        assert_eq!((status, error["error"]["problems"][0]["field"].as_str()), (422, Some(field)), "{error}");
    };
    refused(json!({"nmae": "typo"}), "nmae");
    refused(json!({"progress_interval_percent": 300}), "progress_interval_percent");
    refused(json!({"events": {"print_done": {"on": true}}}), "events.print_done.on");
    refused(json!({"method": "HEAD"}), "method");
    refused(json!({"api_secret": 5}), "api_secret");
    let (status, error) = bench.ask(MANAGER, "POST", "/api/v1/hooks", &json!("no hook"));
    assert_eq!((status, error["error"]["code"].as_str()), (400, Some("bad_request")));
    assert_eq!(names(&bench), Vec::<String>::new());
}

#[test]
fn a_broken_hook_is_kept_as_it_was_typed_and_its_problems_are_told() {
    let bench = Bench::new();
    let broken = json!({"name": "b", "url": "example.com", "headers": "{\"a\": \"x\\ny\"}", "data": "{\n  \"a\" 1\n}"});
    let (_, view) = create(&bench, &broken);
    assert_eq!(view["hook"]["data"], "{\n  \"a\" 1\n}");
    let fields: Vec<_> =
        view["problems"].as_array().unwrap().iter().map(|problem| problem["field"].as_str().unwrap()).collect();
    assert_eq!(fields[..3], ["url", "headers", "data"], "{view}");
    let data = &view["problems"][2];
    assert_eq!((data["line"].as_u64(), data["column"].as_u64()), (Some(2), Some(7)), "{data}");
}

#[test]
fn a_hook_travels_as_a_file_without_its_secrets() {
    let bench = Bench::new();
    let id = bench.secretive_hook()["hook"]["id"].as_str().unwrap().to_owned();
    let (_, file) = bench.ask(MANAGER, "GET", &format!("/api/v1/hooks/{id}/export"), &Value::Null);
    let (status, view) = bench.ask(MANAGER, "POST", "/api/v1/hooks/import", &file);
    assert_eq!((status, view["hook"]["name"].as_str()), (201, Some("secretive")));
    let (status, error) = bench.ask(MANAGER, "POST", "/api/v1/hooks/import", &json!({"something": "else"}));
    assert_eq!(status, 422, "{error}");
}

#[test]
fn no_draft_leads_a_saved_secret_to_another_server() {
    let bench = Bench::new();
    let mut saved = draft("s");
    saved["url"] = json!("https://good.example/hook");
    saved["api_secret"] = json!("planted");
    let (path, view) = create(&bench, &saved);
    let refused = |url: &str, device: &str| {
        let mut evil = view["hook"].clone();
        evil["url"] = json!(url);
        evil["device_identifier"] = json!(device);
        let (status, error) = bench.ask(MANAGER, "POST", "/api/v1/test", &json!({"hook": evil, "event": "print_done"}));
        assert_eq!(status, 422, "{url} with {device}: {error}");
        assert_eq!(bench.ask(MANAGER, "PUT", &path, &evil).0, 422, "{url} with {device}");
    };
    refused("https://@deviceIdentifier:x@good.example/", "evil.example/");
    refused("https://@deviceIdentifier/", "evil.example");
    refused("https://@deviceIdentifier.good.example/", "evil");
    refused("https://good.example@evil.example/", "");
    refused("https://good.example.:444/", "");
    refused("http://good.example/hook", "");
    let mut same = view["hook"].clone();
    same["url"] = json!("HTTPS://user:pw@GOOD.example:443/elsewhere?x=@topic");
    assert_eq!(bench.ask(MANAGER, "PUT", &path, &same).0, 200);
}

#[test]
fn whoever_only_looks_reads_no_text_of_a_hook_by_its_problems() {
    let bench = Bench::new();
    let slip = json!({"url": "https://h/", "headers": "{\"Authorization: Bearer planted\": \"\"}"});
    create(&bench, &slip);
    let (_, list) = bench.ask(VIEWER, "GET", "/api/v1/hooks", &Value::Null);
    assert!(!list.to_string().contains("planted"), "{list}");
    assert_eq!(list["hooks"][0]["problems"][0]["field"], "headers");
}
