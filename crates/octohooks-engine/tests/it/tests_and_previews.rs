//! A hook as it stands in the editor, tried out.

use octohooks_core::hook::{HookConfig, Subscription};
use octohooks_core::secret::Secret;
use octohooks_core::topic::Topic;
use octohooks_engine::notice::{Notice, Right};
use octohooks_engine::trial::{TestResult, TestState};
use octohooks_testkit::{RudeServer, Script, answer};
use serde_json::json;

use crate::support::{Bench, json_of, received, url};

fn draft(bench: &Bench, url: &str) -> HookConfig {
    let mut config = HookConfig::new(bench.engine.new_hook_id());
    config.url = url.to_owned();
    config.events.clear();
    config.data = r#"["@topic", "@message", "@event", "@percentCompleteMilestone"]"#.to_owned();
    config
}

fn result(bench: &Bench, config: &HookConfig, event: &str) -> Box<TestResult> {
    let id = bench.engine.test(config, bench.engine.made_up_event(event)).unwrap();
    bench.notice("the end of the test", |notice| match notice {
        Notice::Ui { right: Right::Manage, data } => (data == json!({"type": "test", "id": id})).then_some(()),
        _ => None,
    });
    match bench.engine.test_state(&id) {
        Some(TestState::Done { result }) => result,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_test_sends_an_unsaved_hook_for_any_event() {
    let server = RudeServer::start([Script::answering(answer("200 OK", &["Set-Cookie: x=1"], "<b>hi</b>"))]);
    let bench = Bench::new();
    let config = draft(&bench, &url(&server));
    let told = result(&bench, &config, "print_progress");
    assert!(told.ok && told.headline.starts_with("Delivered: 200 OK in "), "{told:?}");
    let shown = told.answer.as_ref().unwrap();
    assert_eq!((shown.status, shown.reason.as_str(), shown.body.as_str()), (200, "OK", "<b>hi</b>"));
    assert!(shown.headers.iter().all(|(name, _)| name != "set-cookie"));
    result(&bench, &config, "MovieDone");
    let sent: Vec<_> = received(&server, 2).iter().map(json_of).collect();
    assert_eq!(sent[0], json!(["Print Progress", "Your print is 40 % complete.", "plugin_webhooks_progress", 40]));
    assert_eq!(sent[1], json!(["Custom Event", "", "MovieDone", 0]));
    assert!(bench.engine.journal().latest(9).is_empty());
    assert!(bench.engine.roster().hooks.is_empty());
}

#[test]
fn a_failed_test_says_what_to_mend() {
    let says = r#"{"description": "no POST, s3cret-value"}"#;
    let server = RudeServer::start([Script::answering(answer("405 Method Not Allowed", &[], says))]);
    let bench = Bench::new();
    let mut config = draft(&bench, &url(&server));
    config.api_secret = Secret::new("s3cret-value");
    let told = result(&bench, &config, "print_done");
    assert!(!told.ok && told.advice.unwrap().contains("method"), "{told:?}");
    assert_eq!(told.words.as_deref(), Some("no POST, ••••"));
    let told = result(&bench, &draft(&bench, "http://127.0.0.1:1/"), "print_done");
    assert!(!told.ok && told.failure.is_some() && told.answer.is_none(), "{told:?}");
    let mut broken = draft(&bench, &url(&server));
    broken.headers = "{\"a\" 1}".to_owned();
    let told = result(&bench, &broken, "print_done");
    assert!(told.headline.contains("headers (line 1, column 6)"), "{}", told.headline);
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn a_preview_is_the_request_without_sending() {
    let bench = Bench::new();
    let mut config = draft(&bench, "https://example.com/secret");
    config.data = r#"{"t": "@topic", "pic": "@snapshot"}"#.to_owned();
    let preview = bench.engine.preview(&config, bench.engine.made_up_event("print_done")).unwrap();
    let shown = preview.request;
    assert_eq!((shown.method.as_str(), shown.url.as_str()), ("POST", "https://example.com/••••"));
    let parts = shown.parts.unwrap();
    assert_eq!(parts.iter().map(|part| part.name.as_str()).collect::<Vec<_>>(), ["t", "pic"]);
    assert_eq!(preview.problems, []);
}

#[test]
fn in_a_preview_a_cover_stands_for_what_an_oauth_answer_will_say() {
    let bench = Bench::new();
    let mut config = draft(&bench, "https://example.com/");
    config.data = r#"{"token": "@access_token", "user": "id @user-id!", "t": "@topic", "m": "@message"}"#.to_owned();
    config.events.insert(Topic::PrintDone, Subscription::new(true, "for @scope"));
    let shown = |config: &HookConfig| {
        let preview = bench.engine.preview(config, bench.engine.made_up_event("print_done")).unwrap();
        assert_eq!(preview.problems, []);
        serde_json::from_str::<serde_json::Value>(&preview.request.body.unwrap()).unwrap()
    };
    let without = json!({"token": "", "user": "id @user-id!", "t": "Print Done", "m": "for @scope"});
    assert_eq!(shown(&config), without);
    config.oauth.enabled = true;
    config.oauth.url = "https://example.com/token".to_owned();
    assert_eq!(shown(&config), json!({"token": "••••", "user": "id ••••!", "t": "Print Done", "m": "for ••••"}));
}
