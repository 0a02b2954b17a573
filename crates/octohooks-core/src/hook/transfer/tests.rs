//! What leaves in a file, what does not, and how a bad file is refused.

mod collection;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{export, import_file};
use crate::hook::{CustomEvent, HookConfig};
use crate::ids::HookId;
use crate::picture::{PictureConfig, Source};
use crate::problem::Problem;
use crate::secret::Secret;
use crate::time::UnixMillis;
use crate::topic::Topic;

fn id() -> HookId {
    HookId::new(UnixMillis(1_795_525_200_000), &[7; 10])
}

fn hook() -> HookConfig {
    HookConfig::new(id())
}

/// The exported value of a field.
fn exported(hook: &HookConfig, pointer: &str) -> Value {
    export(hook).pointer(&format!("/hook{pointer}")).cloned().unwrap()
}

#[track_caller]
fn check_url(url: &str, expected: &str) {
    let hook = HookConfig { url: url.to_owned(), ..hook() };
    assert_eq!(exported(&hook, "/url"), json!(expected), "{url}");
}

#[track_caller]
fn check_header(oauth_on: bool, name: &str, value: &str, expected: &str) {
    let mut hook = HookConfig { headers: json!({ name: value }).to_string(), ..hook() };
    hook.oauth.enabled = oauth_on;
    let headers: Value = serde_json::from_str(exported(&hook, "/headers").as_str().unwrap()).unwrap();
    assert_eq!(headers[name], json!(expected), "{name}: {value}");
}

#[track_caller]
fn refused(text: &str) -> Problem {
    import_file(text, id()).unwrap_err()
}

#[test]
fn a_url_is_cut_to_its_origin() {
    check_url("https://user:pass@Example.com:8443/secret?token=x#y", "https://example.com:8443/");
    check_url(" http://192.168.1.5/hook ", "http://192.168.1.5/");
    check_url("https://[::1]:8080/x", "https://[::1]:8080/");
    check_url("https://example.com?key=x", "https://example.com/");
    check_url("https://@deviceIdentifier.local:81/x", "https://@deviceIdentifier.local:81/");
    check_url("https://@deviceIdentifier:@apiSecret@example.com/x", "https://example.com/");
    check_url("https:///secret/path", "");
    check_url("https://user:pass@/secret", "");
    check_url("example.com/secret", "");
    check_url("file:///secret", "");
    check_url("", "");
}

#[test]
fn header_values_go_unless_they_are_variables_alone() {
    check_header(false, "Content-Type", "application/json", "application/json");
    check_header(false, "ACCEPT", "text/plain", "text/plain");
    check_header(false, "X-Key", "secret", "");
    check_header(false, "X-Key", "@apiSecret", "@apiSecret");
    check_header(false, "X-Key", "@apiSecret-secret", "");
    check_header(false, "Authorization", "Bearer @apiSecret", "Bearer @apiSecret");
    check_header(false, "Authorization", "Basic secret", "");
    check_header(false, "Authorization", "Bearer @access_token", "");
    check_header(true, "Authorization", "Bearer @access_token", "Bearer @access_token");
    check_header(true, "Authorization", "Token @access_token", "");
    check_header(true, "X-Key", "@s3cret", "");
    check_header(true, "X-Key", "@topic@access_token", "@topic@access_token");
    check_header(false, "X-Mail", "me@@example.com", "");
}

#[test]
fn oauth_keeps_only_what_it_asks_for() {
    let mut hook = hook();
    hook.oauth.url = "https://auth.example.com/tenant-secret/token".to_owned();
    hook.oauth.headers = r#"{"Authorization": "Basic @apiSecret", "Accept": "application/json", "X": 5}"#.to_owned();
    hook.oauth.data =
        r#"{"grant_type": "password", "scope": "a b", "client_id": 12, "deep": [{"key": "s"}], "flag": true}"#
            .to_owned();
    assert_eq!(exported(&hook, "/oauth/url"), json!("https://auth.example.com/"));
    let headers: Value = serde_json::from_str(exported(&hook, "/oauth/headers").as_str().unwrap()).unwrap();
    assert_eq!(headers, json!({"Authorization": "", "Accept": "application/json", "X": ""}));
    let data: Value = serde_json::from_str(exported(&hook, "/oauth/data").as_str().unwrap()).unwrap();
    assert_eq!(
        data,
        json!({"grant_type": "password", "scope": "a b", "client_id": "", "deep": [{"key": ""}], "flag": true})
    );
}

#[test]
fn broken_json_with_secrets_in_it_is_not_exported() {
    let mut hook = HookConfig { headers: r#"{"Authorization": "secret",}"#.to_owned(), ..hook() };
    hook.oauth.headers = r#"["secret"]"#.to_owned();
    hook.oauth.data = "client_secret=secret".to_owned();
    for pointer in ["/headers", "/oauth/headers", "/oauth/data"] {
        assert_eq!(exported(&hook, pointer), json!("{}"), "{pointer}");
    }
}

#[test]
fn what_is_no_secret_comes_back_as_it_was() {
    let mut hook = HookConfig {
        name: "Slack".to_owned(),
        url: "https://example.com/".to_owned(),
        data: "{ broken".to_owned(),
        custom_events: vec![CustomEvent::new("MovieDone", "Film!")],
        cooldown_seconds: 5,
        enabled: false,
        ..hook()
    };
    hook.oauth.data = "{}".to_owned();
    let text = export(&hook).to_string();
    assert_eq!(import_file(&text, id()).unwrap(), hook);
    assert_eq!(import_file(&format!("\u{feff}{text}"), id()).unwrap(), hook);
}

#[test]
fn id_notes_printers_and_device_identifier_stay_at_home() {
    let hook = HookConfig {
        notes: vec![Problem::note("url", "A note.")],
        printers: vec!["octoprint".to_owned()],
        device_identifier: "ntfy-topic".to_owned(),
        ..hook()
    };
    let file = export(&hook);
    assert_eq!(file["octoprint_webhooks_hook"], json!(1));
    for key in ["id", "notes", "printers"] {
        assert!(file["hook"].get(key).is_none(), "{key}");
    }
    assert_eq!(file["hook"]["device_identifier"], json!(""));
}

#[test]
fn a_file_that_is_not_json_is_refused_with_the_place() {
    let problem = refused("{\n  \"octoprint_webhooks_hook\": 1,\n}");
    assert_eq!((problem.field.as_str(), problem.line, problem.column), ("file", Some(3), Some(1)));
}

#[test]
fn a_file_of_something_else_is_refused() {
    for text in ["[]", "null", "{}", r#"{"name": "x"}"#, r#"{"settings_version": 4}"#, r#"{"hooks": []}"#] {
        assert!(refused(text).message.starts_with("This is not the file of a hook."), "{text}");
    }
    assert!(refused(r#"{"octoprint_webhooks_hook": 2, "hook": {}}"#).message.contains("newer version"));
    assert!(refused(r#"{"octoprint_webhooks_hook": "1", "hook": {}}"#).message.contains("should be 1"));
    assert!(refused(r#"{"octoprint_webhooks_hook": 1}"#).message.contains("has no hook"));
    assert!(refused(r#"{"octoprint_webhooks_hook": 1, "hook": {}, "more": 1}"#).message.contains("\"more\""));
}

#[test]
fn a_setting_that_does_not_fit_is_refused_with_its_path_and_without_its_value() {
    let problem_of = |hook: Value| refused(&json!({"octoprint_webhooks_hook": 1, "hook": hook}).to_string());
    let problem = problem_of(json!({"urll": "secret"}));
    assert_eq!(
        (problem.field.as_str(), problem.message.as_str()),
        ("urll", "A hook has no setting \"urll\" (at urll).")
    );
    let problem = problem_of(json!({"events": {"print_done": {"on": true}}}));
    assert_eq!(problem.field, "events.print_done.on");
    let problem = problem_of(json!({"events": {"error": {}, "print_dome": {}}}));
    assert!(problem.message.contains("events") && problem.message.contains("print_done"), "{}", problem.message);
    let problem = problem_of(json!({"custom_events": [{"event": "A"}, {"message": "secret"}]}));
    assert_eq!(problem.field, "custom_events[1]");
    assert!(problem.message.contains("\"event\" is missing"), "{}", problem.message);
    let problem = problem_of(json!({"enabled": "secret"}));
    assert_eq!(problem.message, "What stands at enabled does not fit there. Expected is true or false.");
    let problem = problem_of(json!({"method": "secret"}));
    assert!(problem.message.contains("GET") && !problem.message.contains("secret"), "{}", problem.message);
    let problem = problem_of(json!({"progress_interval_percent": 300}));
    assert!(problem.message.contains("0 to 255"), "{}", problem.message);
}

#[test]
fn a_file_chooses_neither_the_id_nor_the_notes() {
    let file = json!({"octoprint_webhooks_hook": 1, "hook": {"id": "anything", "notes": [{"x": 1}], "name": "A"}});
    let hook = import_file(&file.to_string(), id()).unwrap();
    assert_eq!((hook.id, hook.notes.len(), hook.name.as_str()), (id(), 0, "A"));
}

#[test]
fn g_code_neither_goes_out_nor_comes_in() {
    let picture =
        PictureConfig { gcode_before: "M355 S1".to_owned(), while_printing: true, ..PictureConfig::default() };
    let hook = HookConfig { picture, ..hook() };
    assert_eq!(export(&hook)["hook"]["picture"], Value::Null);
    let mut file = export(&hook);
    file["hook"]["picture"] = json!({"source": "thumbnail", "gcode_before": "M112", "while_printing": true});
    let imported = import_file(&file.to_string(), id()).unwrap();
    assert_eq!(imported.picture, PictureConfig { source: Source::Thumbnail, ..PictureConfig::default() });
    assert!(imported.notes[0].message.contains("G-code"), "{:?}", imported.notes);
}

#[test]
fn addresses_that_switch_a_light_neither_go_out_nor_come_in() {
    let picture = PictureConfig { light_on_url: "http://plug/s3cret".to_owned(), ..PictureConfig::default() };
    let hook = HookConfig { picture, ..hook() };
    assert_eq!(export(&hook)["hook"]["picture"], Value::Null);
    let mut file = export(&hook);
    file["hook"]["picture"] =
        json!({"source": "thumbnail", "light_off_url": "http://router/reboot", "light_post": true});
    let imported = import_file(&file.to_string(), id()).unwrap();
    assert_eq!(imported.picture, PictureConfig { source: Source::Thumbnail, ..PictureConfig::default() });
    assert!(imported.notes[0].message.contains("switch a light"), "{:?}", imported.notes);
}

#[test]
fn a_template_of_the_old_plugin_is_taken() {
    let template = json!({
        "customEvents": [], "headers": "{}", "data": "{\"text\": \"@message\"}", "http_method": "PUT",
        "content_type": "FORM", "oauth": false, "eventErrorMessage": "Oh no.", "event_print_progress_interval": "25",
        "_name": "My Slack", "_description": "How to use it.",
    });
    let hook = import_file(&template.to_string(), id()).unwrap();
    assert_eq!((hook.name.as_str(), hook.data.as_str()), ("My Slack", "{\"text\": \"@message\"}"));
    assert_eq!((hook.progress_interval_percent, hook.enabled, hook.notes.len()), (25, true, 0));
    assert_eq!(hook.events[&Topic::Error].message, "Oh no.");
    let unnamed = json!({"url": "https://example.com/x", "_name": "TODO: FILL THIS OUT."});
    assert_eq!(import_file(&unnamed.to_string(), id()).unwrap().name, "example.com");
    assert!(refused(&json!({"hooks": [{}, {}]}).to_string()).message.contains("2 hooks"));
}

proptest! {
    #[test]
    fn no_secret_survives(
        secret in "[a-z0-9]{4,12}".prop_map(|random| format!("S3cret{random}")),
        scheme in prop::sample::select(vec!["https", "http", "HTTPS", "ftp", ""]),
        separator in prop::sample::select(vec!["/", "?", "#", "\\", "/@", "?a=", "//", ":/"]),
        user in prop::bool::ANY,
        header in prop::sample::select(vec!["X", "Authorization", "X-Content-Type", "accept-x"]),
        before in prop::sample::select(vec!["", "Bearer ", "Basic ", "@topic ", "@topic", "@", "@@", "x@", "@topic@"]),
        broken in prop::sample::select(vec!["", ",", "}", "]"]),
        oauth_on in prop::bool::ANY,
        number in 1_000_000_000u64..u64::MAX,
    ) {
        let user = if user { format!("{secret}:{secret}@") } else { String::new() };
        let url = format!("{scheme}://{user}example.com{separator}{secret}");
        let value = format!("{before}{secret}");
        let mut hook = HookConfig {
            url: url.clone(),
            headers: format!("{}{broken}", json!({header: value, "N": number, "L": [secret]})),
            api_secret: Secret::new(secret.clone()),
            device_identifier: secret.clone(),
            notes: vec![Problem::note("url", secret.clone())],
            ..hook()
        };
        hook.oauth.enabled = oauth_on;
        hook.oauth.url = url;
        hook.oauth.headers = format!("{}{broken}", json!({header: value}));
        hook.oauth.data = format!("{}{broken}", json!({"client_secret": secret, "n": number, "d": {"l": [secret]}}));
        let file = export(&hook).to_string();
        let lower = file.to_lowercase();
        prop_assert!(!lower.contains(&secret.to_lowercase()), "{file}");
        prop_assert!(!file.contains(&number.to_string()), "{file}");
        import_file(&file, id()).unwrap();
    }
}

#[test]
fn keys_of_signatures_and_certificates_stay_here() {
    let mut hook = hook();
    hook.signing.keys = vec![Secret::new("whsec_planted")];
    hook.signing.body_signature_header = "X-Hub-Signature-256".into();
    hook.signing.body_signature_secret = Secret::new("planted");
    hook.tls.ca = "an authority".into();
    hook.tls.client_certificate = "planted".into();
    hook.tls.client_key = Secret::new("planted");
    assert_eq!(exported(&hook, "/tls/ca"), json!("an authority"));
    assert_eq!(exported(&hook, "/signing/body_signature_header"), json!("X-Hub-Signature-256"));
    assert!(!export(&hook).to_string().contains("planted"));
    let again = import_file(&export(&hook).to_string(), id()).unwrap();
    assert!(again.signing.keys.is_empty() && !again.tls.client_key.is_set());
}
