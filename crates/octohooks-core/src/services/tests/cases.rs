//! `tests/cases/services/KEY.json`: answers, and what the service answers, each with what that is understood as. Beside it the requests.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::attempt::{Answer, Attempt, Phases};
use crate::compose::{Composed, Encoded, compose};
use crate::etiquette::{Circumstances, Meaning, Wait, read};
use crate::event::Printer;
use crate::hook::check::check_texts;
use crate::hook::follow_up::Mode;
use crate::hook::ready::{Hook, Subscription};
use crate::hook::{HookConfig, HttpMethod, SigningConfig};
use crate::ids::{DeliveryId, HookId};
use crate::matching::Match;
use crate::parcel::{Enrichment, Parcel};
use crate::picture::Picture;
use crate::problem::Severity;
use crate::sample;
use crate::secret::Secret;
use crate::services::{FILES, Kind, Service, Wish, by_key, fill};
use crate::sign::sign;
use crate::time::UnixMillis;
use crate::topic::Topic;

const AT: UnixMillis = UnixMillis(1_795_525_200_123);

/// What file names and messages hold at their worst.
const NASTY: &str = "say \"hi\" \\ & <b>bold</b>\nmy_part_*v2*[x](y) `z` @everyone {token} %41 grün 😀";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    answers: BTreeMap<String, String>,
    told: Vec<Told>,
}

/// Status, headers, and body of a documented answer, and what it means: `delivered`, `refused`, `too many 1000 ms`, `later`, `gone`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Told {
    status: u16,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    #[serde(default)]
    body: String,
    is: String,
}

fn case_of(key: &str) -> Case {
    let path = format!("{}/tests/cases/services/{key}.json", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{path}: {error}"))
}

#[track_caller]
fn filled(service: &Service, case: &Case, picture: bool) -> HookConfig {
    filled_following(service, case, picture, Mode::Off)
}

#[track_caller]
fn filled_following(service: &Service, case: &Case, picture: bool, follow_up: Mode) -> HookConfig {
    let wish = Wish { answers: case.answers.clone(), picture, follow_up, events: None };
    let filled = fill(service, &wish, HookId::new(AT, &[1; 10]));
    assert_eq!(filled.remarks, [], "{}", service.key);
    let mut hook = filled.hook.unwrap_or_else(|| panic!("{} is no hook", service.key));
    if service.asks.is_empty() {
        hook.url = "https://example.com/hook".to_owned();
        hook.oauth.url = "https://login.example.com/token".to_owned();
    }
    hook
}

fn sent(config: &HookConfig, message: &str, picture: Option<&'static [u8]>) -> Composed {
    sent_following(config, message, picture, None)
}

fn sent_following(
    config: &HookConfig,
    message: &str,
    picture: Option<&'static [u8]>,
    follows: Option<Value>,
) -> Composed {
    let printer =
        Arc::new(Printer { id: "octoprint".into(), name: "Prusa".into(), appearance: json!({}), ..Printer::default() });
    let mut event = sample::event("print_done", printer, AT, &mut || [7; 10]);
    let mut config = config.clone();
    if !message.is_empty() {
        config.events.get_mut(&Topic::PrintDone).unwrap().message = "@extra.message".to_owned();
        event.payload = json!({"message": message});
    }
    let hook = Hook::new(&config);
    let recipe = hook.recipe.as_ref().unwrap_or_else(|problems| panic!("{}: {problems:?}", config.name));
    let subscription = Subscription::Topic(Topic::PrintDone);
    let matched = Match { hook: hook.id, event: Arc::new(event), subscription, milestone: 0 };
    let parcel = Parcel {
        id: DeliveryId::new(AT, &[4; 10]),
        matched,
        attempts: 1,
        late: None,
        repeats: 0,
        silent: false,
        message: follows,
        digest: Vec::new(),
    };
    let enrichment = Enrichment {
        pictures: picture.map(|jpeg| Picture::of_camera(Bytes::from_static(jpeg))).into_iter().collect(),
        picture_missing: Some("The camera is off.".to_owned()),
        ..Enrichment::default()
    };
    let template = hook.listens.message(subscription, "PrintDone");
    let token = json!({"access_token": "tok-1234"});
    let token = recipe.oauth.as_ref().and(token.as_object());
    let mut composed = compose(recipe, template, &parcel, &enrichment, token).unwrap();
    sign(&mut composed.request, &recipe.signer, parcel.id, AT);
    composed
}

/// A request as it goes over the wire, but for the lines of the transport.
fn wire(composed: &Composed) -> String {
    let request = &composed.request;
    let mut text = format!("{} {}\n", request.method, request.url);
    for (name, value) in &request.headers {
        if !matches!(name.as_str(), "user-agent" | "accept") {
            writeln!(text, "{name}: {}", String::from_utf8_lossy(value.as_bytes())).unwrap();
        }
    }
    let body = String::from_utf8_lossy(&request.body).replace("\r\n", "\n");
    write!(text, "\n{body}\n\n").unwrap();
    text
}

fn answer_of(told: &Told) -> Answer {
    let mut headers = HeaderMap::new();
    for (name, value) in &told.headers {
        headers.insert(name.parse::<HeaderName>().unwrap(), HeaderValue::from_str(value).unwrap());
    }
    Answer {
        status: told.status,
        headers,
        body: Bytes::copy_from_slice(told.body.as_bytes()),
        truncated: false,
        redirects_followed: 0,
        redirect_refused: None,
    }
}

fn meaning_of(told: &Told, config: &HookConfig) -> String {
    let attempt = Attempt { started: AT, phases: Phases::default(), outcome: Ok(answer_of(told)) };
    let hook = Hook::new(config);
    let success = hook.recipe.as_ref().unwrap().success.as_ref();
    let reading = read(&attempt, Circumstances { success, ..Circumstances::default() });
    let meaning = match reading.meaning {
        Meaning::Delivered { .. } => "delivered",
        Meaning::NotNow { .. } => "later",
        Meaning::TooMany { .. } => "too many",
        Meaning::Refused { .. } => "refused",
        Meaning::Abandoned { .. } => "gone",
        other => panic!("{other:?}"),
    };
    match reading.pause.map(|pause| pause.wait) {
        Some(Wait::For(span)) => format!("{meaning} {} ms", span.as_millis()),
        _ => meaning.to_owned(),
    }
}

/// What a service names its message in the answers that it documents.
fn named_by(service: &Service, case: &Case, mode: Mode) -> Value {
    let hook = Hook::new(&filled_following(service, case, false, mode));
    let follow_up = hook.recipe.as_ref().unwrap().follow_up.as_ref().unwrap();
    let mut successes = case.told.iter().filter(|told| told.is == "delivered");
    let name = successes.find_map(|told| follow_up.name_in(&answer_of(told)));
    name.unwrap_or_else(|| panic!("{} names no message", service.key))
}

#[test]
fn every_service_sends_what_its_case_says() {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(format!("{}/tests/cases/services", env!("CARGO_MANIFEST_DIR")));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    for (key, file) in FILES {
        let service: Service = serde_json::from_str(file).unwrap_or_else(|error| panic!("{key}: {error}"));
        let case = case_of(key);
        let plain = filled(&service, &case, false);
        let mut text = format!(
            "--- text\n{}--- a nasty text\n{}",
            wire(&sent(&plain, "", None)),
            wire(&sent(&plain, NASTY, None))
        );
        if service.picture.is_some() {
            let with = filled(&service, &case, true);
            let (there, gone) = (sent(&with, "", Some(b"(a JPEG)")), sent(&with, "", None));
            let nasty = sent(&with, NASTY, Some(b"(a JPEG)"));
            for (title, composed) in
                [("picture", there), ("picture, a nasty text", nasty), ("picture, and none came", gone)]
            {
                write!(text, "--- {title}\n{}", wire(&composed)).unwrap();
            }
        }
        for (mode, way) in &service.follow_up {
            let name = if *mode == Mode::Thread { "thread" } else { "change" };
            let id = Some(named_by(&service, &case, *mode));
            let plain = filled_following(&service, &case, false, *mode);
            write!(text, "--- {name}\n{}", wire(&sent_following(&plain, "", None, id.clone()))).unwrap();
            if way.contains_key("picture") {
                let with = filled_following(&service, &case, true, *mode);
                let there = sent_following(&with, NASTY, Some(b"(a JPEG)"), id.clone());
                let gone = sent_following(&with, "", None, id);
                write!(text, "--- {name}, a picture, a nasty text\n{}", wire(&there)).unwrap();
                write!(text, "--- {name}, and no picture came\n{}", wire(&gone)).unwrap();
            }
        }
        let text = text.trim_end().to_owned() + "\n";
        settings.bind(|| insta::assert_snapshot!(*key, text));
    }
}

/// An answer with braces is sent as one without: nothing of it is taken for Jinja, wherever it stands.
#[test]
fn braces_in_an_answer_are_sent_as_they_are() {
    let mut seen = 0;
    for service in super::super::all().iter().filter(|service| service.make.is_empty()) {
        for ask in service.asks.iter().filter(|ask| matches!(ask.kind, Kind::Text | Kind::List | Kind::Url)) {
            let mut case = case_of(&service.key);
            let mut wire_of = |pieces: [&str; 3]| {
                let usual = if ask.kind == Kind::Url { "https://h/" } else { "" };
                case.answers.insert(ask.key.clone(), usual.to_owned() + &pieces.concat());
                let wish =
                    Wish { answers: case.answers.clone(), picture: service.picture.is_some(), ..Wish::default() };
                let hook = fill(service, &wish, HookId::new(AT, &[1; 10])).hook?;
                Some(wire(&sent(&hook, "", Some(b"(a JPEG)"))))
            };
            let (plain, braces) = (wire_of(["QQQx", "ZZZ", "WWW"]), wire_of(["{{x", "{%", "}}"]));
            if let (Some(plain), Some(braces)) = (plain, braces) {
                let readable = braces.replace("%7B", "{").replace("%7D", "}").replace("{%25", "{%");
                let plain = plain.replace("QQQ", "{{").replace("ZZZ", "{%").replace("WWW", "}}");
                assert_eq!(readable, plain, "{}: {}", service.key, ask.key);
                seen += usize::from(readable.contains("{{x"));
            }
        }
    }
    assert!(seen >= 4, "{seen}");
}

#[test]
fn every_service_is_understood() {
    for service in super::super::all() {
        let case = case_of(&service.key);
        let config = filled(service, &case, false);
        assert!(!case.told.is_empty(), "{}", service.key);
        for told in &case.told {
            assert_eq!(meaning_of(told, &config), told.is, "{}: {} {}", service.key, told.status, told.body);
        }
    }
}

#[test]
fn every_file_is_whole_and_its_hook_has_nothing_to_mend() {
    assert!(FILES.len() >= 34, "{}", FILES.len());
    for (key, file) in FILES {
        let service: Service = serde_json::from_str(file).unwrap_or_else(|error| panic!("{key}: {error}"));
        assert_eq!(&service.key, key);
        assert_eq!(by_key(key), Some(&service));
        assert!(service.description.ends_with('.') && !service.name.is_empty(), "{key}");
        let case = case_of(key);
        let modes = [Mode::Off].into_iter().chain(service.follow_up.keys().copied());
        let pictures = [false, service.picture.is_some()];
        for (mode, picture) in modes.flat_map(|mode| pictures.map(|picture| (mode, picture))) {
            let config = filled_following(&service, &case, picture, mode);
            let problems = check_texts(&config);
            let bad: Vec<_> = problems.iter().filter(|problem| problem.severity != Severity::Note).collect();
            assert!(bad.is_empty(), "{key}: {bad:?}");
            let enabled = config.events.iter().filter(|(_, event)| event.enabled).count();
            assert_eq!(enabled, service.events.len(), "{key}");
        }
    }
}

#[test]
fn what_the_version_before_could_begin_with_can_still_be_chosen() {
    let named = "simple full_data snapshot oauth dot_notation slack plivo alexa_notify_me ntfy";
    for key in named.split(' ') {
        assert!(by_key(key).is_some_and(|service| !service.name.is_empty()), "{key}");
    }
}

#[test]
fn what_is_a_key_of_somebodys_goes_into_the_secret() {
    for service in super::super::all().iter().filter(|service| !service.asks.is_empty()) {
        let case = case_of(&service.key);
        let config = filled(service, &case, service.picture.is_some());
        let secret = config.api_secret.expose().to_owned() + &config.device_identifier;
        let shown = serde_json::to_value(HookConfig {
            api_secret: Secret::default(),
            device_identifier: String::new(),
            signing: SigningConfig::default(),
            ..config.clone()
        })
        .unwrap()
        .to_string();
        for ask in service.asks.iter().filter(|ask| ask.kind == Kind::Secret) {
            let answer = case.answers.get(&ask.key).cloned().unwrap_or_default();
            assert!(answer.is_empty() || !shown.contains(&answer), "{}: {} can be read back", service.key, ask.key);
            assert!(answer.is_empty() || !secret.is_empty() || service.key == "signed", "{}", service.key);
        }
    }
}

#[test]
fn no_message_is_longer_than_the_service_takes() {
    for service in super::super::all() {
        let case = case_of(&service.key);
        for picture in [false, service.picture.is_some()] {
            let config = filled(service, &case, picture);
            let limit = config.receiver.message_limit as usize;
            if limit == 0 {
                continue;
            }
            let long = "x<_😀 ".repeat(limit);
            let composed = sent(&config, &long, if picture { Some(b"(a JPEG)") } else { None });
            let text = match composed.encoded {
                Encoded::Query { .. } | Encoded::Picture { .. } => composed
                    .request
                    .url
                    .query_pairs()
                    .map(|(_, value)| value.into_owned())
                    .max_by_key(String::len)
                    .unwrap(),
                _ => String::from_utf8_lossy(&composed.request.body).into_owned(),
            };
            let emoji = text.matches("😀").count() + text.matches("%F0%9F%98%80").count();
            assert!(text.contains('…') || text.contains("%E2%80%A6"), "{}: nothing was cut", service.key);
            assert!(emoji > 0 && emoji * 6 <= limit + 6, "{}: {emoji} of {limit}", service.key);
            assert!(config.method != HttpMethod::Get || composed.request.url.as_str().len() < 8000);
            assert!(composed.request.url.as_str().len() < 8000, "{}: the URL is too long", service.key);
        }
    }
}
