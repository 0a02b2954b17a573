//! Every schema and every oddity by example, and two promises for any block at all: no panic, no secret in a note.
//!
//! A case is a file in `tests/cases/import/`: the block as it stands in config.yaml, written as JSON.

use std::collections::BTreeSet;

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::{EVENTS, LEFTOVERS, SETTINGS, holds_old_settings, import};
use crate::hook::HookConfig;
use crate::ids::HookId;
use crate::template::JsonTemplate;
use crate::time::UnixMillis;
use crate::topic::Topic;

fn import_numbered(old: &Value) -> Vec<HookConfig> {
    let mut born: u8 = 0;
    import(old, &mut || {
        born = born.wrapping_add(1);
        HookId::new(UnixMillis(1_795_525_200_000), &[born; 10])
    })
}

/// What the hook says of itself, without what every case would repeat.
fn shown(hook: &HookConfig) -> Value {
    let mut shown = serde_json::to_value(hook).unwrap();
    let whole = import_numbered(&json!({"hooks": [{}]})).remove(0);
    let same = serde_json::to_value(whole).unwrap();
    let fields = shown.as_object_mut().unwrap();
    fields.retain(|field, value| field != "id" && same.get(field) != Some(value));
    shown
}

fn beside_the_cases() -> insta::Settings {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../../tests/cases/import/snapshots");
    settings.set_prepend_module_to_snapshot(false);
    settings
}

#[test]
fn cases() {
    insta::glob!("../../tests/cases/import", "*.json", |path| {
        let old: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        let hooks = import_numbered(&old);
        let shown: Vec<Value> = hooks.iter().map(shown).collect();
        let outcome = json!({
            "holds_old_settings": holds_old_settings(&old),
            "hooks_where_they_differ_from_defaults": shown,
        });
        beside_the_cases().bind(|| insta::assert_json_snapshot!(outcome));
        for hook in hooks {
            assert_promises(&hook);
        }
    });
}

/// What holds for every imported hook.
#[track_caller]
fn assert_promises(hook: &HookConfig) {
    assert!(hook.cancelled_counts_as_failed && hook.printers.is_empty() && !hook.name.is_empty());
    assert!((1..=99).contains(&hook.progress_interval_percent));
    let since_then = [
        Topic::PrintEnded,
        Topic::PrintInterrupted,
        Topic::FirstLayerDone,
        Topic::Temperature,
        Topic::UserActionOver,
        Topic::TerminalLine,
        Topic::DisplayMessage,
        Topic::WebhookCommand,
        Topic::WebhookTrouble,
    ];
    for new in [Topic::PrintCancelled, Topic::PrintResumed, Topic::ConnectionLost].into_iter().chain(since_then) {
        assert!(!hook.events.contains_key(&new));
    }
    let written = serde_json::to_value(hook).unwrap();
    assert_eq!(&serde_json::from_value::<HookConfig>(written).unwrap(), hook);
}

#[test]
fn defaults_are_those_of_4_4_0() {
    let hooks = import_numbered(&json!({"hooks": [{}]}));
    beside_the_cases().bind(|| insta::assert_json_snapshot!("defaults", hooks[0]));
    for json in [&hooks[0].headers, &hooks[0].data, &hooks[0].oauth.headers, &hooks[0].oauth.data] {
        assert!(JsonTemplate::parse("any", json).unwrap().is_object());
    }
    assert_eq!(JsonTemplate::parse("data", &hooks[0].data).unwrap().snapshot_key(), Some("snapshot"));
}

#[test]
fn nothing_is_imported_where_nothing_was_set() {
    for nothing in [
        json!(null),
        json!([]),
        json!("text"),
        json!({}),
        json!({"settings_version": 1}),
        json!({"settings_version": 4, "test_event": "PrintDone", "_config_version": 1}),
        json!({"hooks": null}),
        json!({"hooks": []}),
        json!({"something": "of another plugin"}),
    ] {
        assert_eq!(import_numbered(&nothing), Vec::new(), "{nothing}");
        assert!(!holds_old_settings(&nothing), "{nothing}");
    }
}

#[test]
fn a_list_of_hooks_wins_over_what_schema_1_left_behind() {
    let left_behind = json!({"hooks": [], "url": "https://example.com/secret"});
    assert_eq!(import_numbered(&left_behind), Vec::new());
    assert!(holds_old_settings(&left_behind), "it is still there to be deleted");
}

#[test]
fn hooks_are_named_after_their_hosts() {
    let named = |urls: &[&str]| -> Vec<String> {
        let hooks: Vec<Value> = urls.iter().map(|url| json!({"url": url})).collect();
        import_numbered(&json!({"hooks": hooks})).into_iter().map(|hook| hook.name).collect()
    };
    assert_eq!(
        named(&["https://example.com/a", "http://user:pass@EXAMPLE.com:8080/b", "https://example.com"]),
        ["example.com", "example.com 2", "example.com 3"]
    );
    assert_eq!(named(&["", "https://example.com", "example.com/x"]), ["Webhook 1", "example.com", "Webhook 3"]);
    assert_eq!(
        named(&[
            "https://@deviceIdentifier.local/x",
            "https:///secret",
            "ftp://example.com",
            "https://u:@apiSecret@h.example/"
        ]),
        ["Webhook 1", "Webhook 2", "Webhook 3", "h.example"]
    );
    assert_eq!(named(&["http://[::1]:1880/x", "http://192.168.1.5/x"]), ["[::1]", "192.168.1.5"]);
}

/// Any JSON, not too large.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(|number| json!(number)),
        any::<f64>().prop_map(|number| json!(number)),
        ".*".prop_map(Value::String),
        prop::sample::select(vec![
            "",
            "50",
            "-5",
            "true",
            "False",
            "POST",
            "form",
            "1e400",
            "NaN",
            "https://a/b",
            "{}"
        ])
        .prop_map(|text| json!(text)),
    ];
    leaf.prop_recursive(3, 24, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::Array),
            prop::collection::btree_map(any_key(), inner, 0..5)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

/// A key of the old settings, mostly.
fn any_key() -> impl Strategy<Value = String> {
    let known: Vec<String> = SETTINGS
        .into_iter()
        .chain(LEFTOVERS)
        .chain(EVENTS.into_iter().flat_map(|(_, enabled, message, _)| [enabled, message]))
        .chain(["name", "message"])
        .map(str::to_owned)
        .collect();
    prop_oneof![8 => prop::sample::select(known), 1 => ".{0,50}"]
}

/// A mapping of settings in which any value may stand anywhere.
fn any_settings() -> impl Strategy<Value = Value> {
    prop::collection::btree_map(any_key(), any_json(), 0..20)
        .prop_map(|fields| Value::Object(fields.into_iter().collect::<Map<_, _>>()))
}

/// A secret, in any wrapping that a careless hand may have given it.
fn wrapped(secret: &str, wrapping: u8) -> Value {
    match wrapping % 6 {
        0 => json!(secret),
        1 => json!({ "key": secret }),
        2 => json!([secret, { secret: secret }]),
        3 => json!(format!("{{\"Authorization\": \"{secret}\",}}")),
        4 => json!(format!("https://example.com/{secret}")),
        _ => json!({ "name": { "message": secret } }),
    }
}

proptest! {
    #[test]
    fn any_value_is_imported_without_a_panic(old in any_json()) {
        import_numbered(&old).iter().for_each(assert_promises);
    }

    #[test]
    fn any_settings_are_imported_and_counted(
        mut hooks in prop::collection::vec(prop_oneof![any_settings(), any_json()], 0..4),
        flat in any_settings(),
    ) {
        import_numbered(&flat).iter().for_each(assert_promises);
        let count = hooks.len();
        let imported = import_numbered(&json!({ "hooks": hooks }));
        imported.iter().for_each(assert_promises);
        prop_assert_eq!(imported.len(), count);
        let names: BTreeSet<_> = imported.iter().map(|hook| &hook.name).collect();
        prop_assert_eq!(names.len(), count, "names are unique");
        hooks.truncate(1);
        prop_assert_eq!(holds_old_settings(&json!({ "hooks": hooks })), count > 0);
    }

    #[test]
    fn no_secret_stands_in_a_note(
        random in "[a-z0-9]{4,20}",
        number in 1_000_000_000_000u64..u64::MAX,
        wrappings in prop::collection::vec(any::<u8>(), 16),
        as_number in any::<bool>(),
        flat in any::<bool>(),
    ) {
        let secret = format!("S3cret{random}");
        let texts = [super::URL, super::API_SECRET, super::DEVICE_IDENTIFIER, super::HEADERS, super::DATA,
            super::OAUTH_URL, super::OAUTH_HEADERS, super::OAUTH_DATA, EVENTS[1].2];
        let keys = [super::CUSTOM_EVENTS, "unknown"].into_iter().chain(texts);
        let settings: Map<String, Value> = keys
            .zip(wrappings)
            .map(|(key, wrapping)| {
                let value = if as_number && texts.contains(&key) { json!(number) } else { wrapped(&secret, wrapping) };
                (key.to_owned(), value)
            })
            .collect();
        let settings = Value::Object(settings);
        let old = if flat { settings } else { json!({"hooks": [settings, secret, [secret]]}) };
        for hook in import_numbered(&old) {
            for note in &hook.notes {
                prop_assert!(!note.message.contains(&secret) && !note.field.contains(&secret), "{}", note.message);
                prop_assert!(!note.message.contains(&number.to_string()), "{}", note.message);
            }
            let debug = format!("{:?}", hook.api_secret);
            prop_assert!(!debug.contains(&secret));
        }
    }
}
