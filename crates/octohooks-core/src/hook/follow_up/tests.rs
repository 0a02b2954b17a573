//! What follows a first message: which form it takes, what is wrong with one, and what belongs to it.

use std::sync::Arc;

use bytes::Bytes;
use http::HeaderMap;
use serde_json::{Value, json};

use super::{FollowUp, Mode};
use crate::attempt::Answer;
use crate::event::{Context, Event, Printer};
use crate::hook::check::check_texts;
use crate::hook::ready::Hook;
use crate::hook::transfer::export;
use crate::hook::{HookConfig, HttpMethod};
use crate::ids::{EventId, HookId, JobId};
use crate::secret::Secret;
use crate::time::UnixMillis;
use crate::topic::Topic;

const AT: UnixMillis = UnixMillis(1_795_525_200_000);

fn hook(change: impl FnOnce(&mut HookConfig)) -> HookConfig {
    let mut hook = HookConfig::new(HookId::new(AT, &[7; 10]));
    hook.url = "https://chat.example/hook".into();
    hook.data = r#"{"text": "@message"}"#.into();
    hook.follow_up.mode = Mode::Change;
    hook.follow_up.id_at = "/id".into();
    hook.follow_up.url = "https://chat.example/hook/@messageId".into();
    change(&mut hook);
    hook
}

fn ready(change: impl FnOnce(&mut HookConfig)) -> FollowUp {
    FollowUp::new(&hook(change)).unwrap().unwrap()
}

fn answer(status: u16, body: &str) -> Answer {
    Answer {
        status,
        headers: HeaderMap::new(),
        body: Bytes::copy_from_slice(body.as_bytes()),
        truncated: false,
        redirects_followed: 0,
        redirect_refused: None,
    }
}

#[track_caller]
fn check(change: impl FnOnce(&mut HookConfig), expected: &[&str]) {
    let problems = check_texts(&hook(change));
    let fields: Vec<_> = problems.iter().map(|problem| problem.field.as_str()).collect();
    assert_eq!(fields, expected, "{problems:?}");
}

#[test]
fn what_is_wrong_is_said_where_it_stands() {
    check(|_| {}, &[]);
    check(|hook| hook.follow_up.id_at.clear(), &["follow_up.id_at"]);
    check(|hook| hook.follow_up.id_at = "id".into(), &["follow_up.id_at"]);
    check(|hook| hook.follow_up.url = "https://evil.example/@messageId".into(), &["follow_up.url"]);
    check(|hook| hook.follow_up.url = "https://@messageId/".into(), &["follow_up.url", "follow_up.url"]);
    check(
        |hook| hook.follow_up.without_picture_url = "http://chat.example/".into(),
        &["follow_up.without_picture_url"],
    );
    check(|hook| hook.follow_up.data = "{".into(), &["follow_up.data"]);
    check(|hook| hook.follow_up.data = r#"{"text": "@mesage"}"#.into(), &["follow_up.data"]);
    check(|hook| hook.follow_up.url.clear(), &["follow_up.url"]);
    check(
        |hook| {
            hook.follow_up.url.clear();
            hook.follow_up.data = r#"{"edit": "@messageId"}"#.into();
        },
        &[],
    );
    check(
        |hook| {
            hook.follow_up.mode = Mode::Off;
            hook.follow_up.id_at.clear();
            hook.follow_up.data = "{".into();
        },
        &[],
    );
}

#[test]
fn what_is_left_empty_is_as_in_the_first_message() {
    let same = ready(|hook| hook.method = HttpMethod::Put);
    assert_eq!(same.method, HttpMethod::Put);
    assert!(same.without_picture.is_none() && same.snapshot_key.is_none());
    assert_eq!(ready(|hook| hook.follow_up.method = Some(HttpMethod::Patch)).method, HttpMethod::Patch);
    let with_picture = |hook: &mut HookConfig| {
        hook.data = r#"{"text": "@message", "file": "@snapshot"}"#.into();
        hook.receiver.without_picture_data = r#"{"plain": "@message"}"#.into();
    };
    let picture = ready(with_picture);
    assert_eq!(picture.snapshot_key.as_deref(), Some("file"));
    assert!(picture.without_picture.is_some(), "the first message's");
    let own = ready(|hook| {
        with_picture(hook);
        hook.follow_up.data = r#"{"text": "@message"}"#.into();
    });
    assert!(own.without_picture.is_none() && own.snapshot_key.is_none());
}

#[test]
fn a_name_is_a_text_or_a_number_and_nothing_else() {
    let named = |body: &str| ready(|_| {}).name_in(&answer(200, body));
    assert_eq!(named(r#"{"id": "1"}"#), Some(json!("1")));
    assert_eq!(named(r#"{"id": 17}"#), Some(json!(17)));
    for body in
        [r#"{"id": ""}"#, r#"{"id": null}"#, r#"{"id": true}"#, r#"{"id": {}}"#, r#"{"id": "a\nb"}"#, "[]", "ok", ""]
    {
        assert_eq!(named(body), None, "{body}");
    }
    assert_eq!(named(&json!({"id": "x".repeat(301)}).to_string()), None);
    let deep = ready(|hook| hook.follow_up.id_at = "/result/message_id".into());
    assert_eq!(deep.name_in(&answer(200, r#"{"result": {"message_id": 5}}"#)), Some(json!(5)));
}

#[test]
fn a_refusal_of_what_is_the_same_is_known_by_its_words() {
    let words = ready(|hook| hook.follow_up.unchanged_says = "Not Modified".into());
    assert!(words.is_unchanged(&answer(400, "Bad Request: message is not modified")));
    assert!(!words.is_unchanged(&answer(400, "message to edit not found")));
    assert!(!words.is_unchanged(&answer(500, "not modified")) && !words.is_unchanged(&answer(200, "not modified")));
    assert!(!ready(|_| {}).is_unchanged(&answer(400, "message is not modified")));
}

#[test]
fn ends_and_what_needs_somebody_make_a_sound() {
    let event = |topic: Topic, job: Option<JobId>| Event {
        id: EventId::new(AT, &[2; 10]),
        at: AT,
        printer: Arc::new(Printer {
            id: "octoprint".into(),
            name: "Prusa".into(),
            appearance: Value::Null,
            ..Printer::default()
        }),
        name: topic.event_name().to_owned(),
        topic: Some(topic),
        payload: Value::Null,
        context: Arc::new(Context::default()),
        job,
    };
    let job = Some(JobId::new(AT, &[3; 10]));
    let taken = |mode: Mode| {
        let follow_up = ready(|hook| hook.follow_up.mode = mode);
        Topic::ALL.into_iter().filter(|topic| follow_up.takes(&event(*topic, job))).map(Topic::key).collect::<Vec<_>>()
    };
    let quiet = taken(Mode::Change);
    for key in ["print_started", "print_progress", "print_paused", "print_resumed", "first_layer_done"] {
        assert!(quiet.contains(&key), "{key}");
    }
    for key in [
        "print_done",
        "print_failed",
        "print_cancelled",
        "print_ended",
        "print_interrupted",
        "user_action_needed",
        "error",
    ] {
        assert!(!quiet.contains(&key), "{key}");
    }
    assert_eq!(taken(Mode::ChangeAll).len(), Topic::ALL.len());
    assert_eq!(taken(Mode::Thread).len(), Topic::ALL.len());
    assert!(!ready(|hook| hook.follow_up.mode = Mode::Thread).takes(&event(Topic::PrintDone, None)));
}

#[test]
fn another_address_data_or_secret_has_another_fingerprint_and_another_name_has_not() {
    let of = |change: fn(&mut HookConfig)| ready(change).fingerprint;
    let same = of(|_| {});
    assert_eq!(of(|hook| hook.name = "other".into()), same);
    let others: [fn(&mut HookConfig); 4] = [
        |hook| hook.url.push_str("/2"),
        |hook| hook.data = "{}".into(),
        |hook| hook.api_secret = Secret::new("s3cret"),
        |hook| hook.follow_up.id_at = "/x".into(),
    ];
    for other in others {
        assert_ne!(of(other), same);
    }
}

#[test]
fn a_file_for_somebody_else_has_the_server_alone() {
    let config = hook(|hook| hook.follow_up.url = "https://chat.example/k3y-of-somebody/@messageId".into());
    let shared = export(&config).to_string();
    assert!(!shared.contains("k3y") && shared.contains("/id"), "{shared}");
    let hook = Hook::new(&config);
    let cover = crate::shown::Cover::of(hook.recipe.as_ref().unwrap(), None);
    assert!(!cover.apply("it said k3y-of-somebody").contains("k3y"));
}
