//! What is said about settings of TLS and signatures that do nothing, and whom they are for.

use super::check_texts;
use crate::hook::HookConfig;
use crate::hook::ready::Hook;
use crate::ids::HookId;
use crate::secret::Secret;
use crate::shown::Cover;
use crate::time::UnixMillis;
use crate::trust::Trust;

const CERTIFICATE: &str = "-----BEGIN CERTIFICATE-----\nMAEF\n-----END CERTIFICATE-----";
const KEY: &str = "-----BEGIN PRIVATE KEY-----\nMAEF\n-----END PRIVATE KEY-----";
const SIGNING_KEY: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

fn hook(change: impl FnOnce(&mut HookConfig)) -> HookConfig {
    let mut hook = HookConfig::new(HookId::new(UnixMillis(1_795_525_200_000), &[7; 10]));
    hook.url = "https://example.com/a".into();
    hook.data = "{}".into();
    change(&mut hook);
    hook
}

fn with_all_of_tls(hook: &mut HookConfig) {
    hook.tls.ca = CERTIFICATE.into();
    hook.tls.pinned_sha256 = "12".repeat(32);
    hook.tls.client_certificate = CERTIFICATE.into();
    hook.tls.client_key = Secret::new(KEY);
}

#[track_caller]
fn check(change: impl FnOnce(&mut HookConfig), expected: &[&str]) {
    let problems = check_texts(&hook(change));
    let fields: Vec<_> = problems.iter().map(|problem| problem.field.as_str()).collect();
    assert_eq!(fields, expected, "{problems:?}");
}

#[test]
fn what_does_nothing_is_said() {
    check(|_| {}, &[]);
    check(|hook| hook.tls.ca = CERTIFICATE.into(), &[]);
    check(with_all_of_tls, &["tls.ca"]);
    check(
        |hook| {
            hook.tls.ca = CERTIFICATE.into();
            hook.verify_tls = false;
        },
        &["tls.ca"],
    );
    check(
        |hook| {
            hook.tls.pinned_sha256 = "12".repeat(32);
            hook.verify_tls = false;
        },
        &["tls.pinned_sha256"],
    );
    check(
        |hook| {
            hook.url = "http://printer.local/".into();
            hook.tls.pinned_sha256 = "12".repeat(32);
        },
        &["tls.pinned_sha256"],
    );
    check(|hook| hook.signing.body_signature_secret = Secret::new("s"), &["signing.body_signature_header"]);
    let signing = |hook: &mut HookConfig| hook.signing.keys = vec![Secret::new(SIGNING_KEY)];
    check(signing, &[]);
    check(
        |hook| {
            signing(hook);
            hook.method = crate::hook::HttpMethod::Get;
            hook.headers = r#"{"Webhook-Id": "1"}"#.into();
        },
        &["signing", "headers"],
    );
}

#[test]
fn what_cannot_be_used_keeps_the_hook_from_sending() {
    for change in [
        (|hook| hook.signing.keys = vec![Secret::new("nonsense")]) as fn(&mut HookConfig),
        |hook| hook.tls.ca = "nonsense".into(),
        |hook| hook.tls.client_key = Secret::new(KEY),
    ] {
        assert!(Hook::new(&hook(change)).recipe.is_err());
    }
}

#[test]
fn the_oauth_request_has_all_of_it_on_the_same_server_and_elsewhere_the_authorities() {
    for (url, same) in [("https://example.com:443/token", true), ("https://login.example.com/token", false)] {
        let config = hook(|hook| {
            with_all_of_tls(hook);
            hook.oauth.enabled = true;
            hook.oauth.url = url.into();
        });
        let recipe = Hook::new(&config).recipe.unwrap();
        let all = Trust::new(&config.tls).unwrap();
        assert_eq!(*recipe.transport.trust, all);
        let expected = if same { all } else { all.for_another_server() };
        assert_eq!(recipe.oauth.unwrap().transport.trust.as_ref(), &expected, "{url}");
    }
}

#[test]
fn keys_are_covered_with_and_without_their_kind() {
    let config = hook(|hook| {
        hook.signing.keys = vec![Secret::new(SIGNING_KEY)];
        hook.signing.body_signature_header = "X-Hub-Signature-256".into();
        hook.signing.body_signature_secret = Secret::new("print_secret");
    });
    let cover = Cover::of(&Hook::new(&config).recipe.unwrap(), None);
    let bare = SIGNING_KEY.trim_start_matches("whsec_");
    let covered = cover.apply(&format!("{SIGNING_KEY} {bare} print_secret, but a secret print"));
    assert_eq!(covered, "•••• •••• ••••, but a secret print");
}

#[test]
fn what_a_file_cannot_be_called_is_said_with_its_place() {
    let named = |name: &str| {
        let name = name.to_owned();
        check_texts(&hook(|hook| {
            hook.data = r#"{"pic": "@snapshot"}"#.into();
            hook.picture.file_name = name;
        }))
    };
    assert_eq!(named("{{ file.base }} @pictureNumber"), []);
    let wrong = named("of {{ file.base");
    assert_eq!((wrong[0].field.as_str(), wrong[0].line, wrong[0].column), ("picture.file_name", Some(1), Some(12)));
    assert!(named("@snapshot")[0].message.contains("write @file.base"), "{:?}", named("@snapshot"));
    assert_eq!(named("a/b")[0].message, "/ cannot stand in the name of a file: _ goes in its place.");
    assert!(named("@fil")[0].message.contains("Is @file meant?"), "{:?}", named("@fil"));
    check(|hook| hook.picture.file_name = "a".into(), &["picture.file_name"]);
}
