//! Every service of the catalogue against a stub on a real socket, which answers as the service documents. What it answers,
//! and what that means, stands in the cases of `octohooks-core`; beside them, what it gets. A new service needs nothing here.

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use octohooks_core::event::Printer;
use octohooks_core::hook::{CustomEvent, HookConfig};
use octohooks_core::ids::HookId;
use octohooks_core::observation::Sight;
use octohooks_core::services::{Service, Wish, all, fill};
use octohooks_core::time::UnixMillis;
use octohooks_core::{sample, topic::Topic};
use octohooks_engine::Shot;
use octohooks_engine::journal::{AttemptRecord, Entry, State};
use octohooks_engine::notice::Notice;
use octohooks_testkit::{Received, RudeServer, Script, answer};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::support::{Bench, Time, tiny_jpeg, until};

/// What asks for a pause and does not say how long is left alone for as long.
const PAUSE: Duration = Duration::from_secs(5);

#[derive(Deserialize)]
struct Case {
    answers: BTreeMap<String, String>,
    told: Vec<Told>,
}

/// A documented answer, and what it means.
#[derive(Debug, Clone, Deserialize)]
struct Told {
    status: u16,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    #[serde(default)]
    body: String,
    is: String,
}

/// A hook for a service, and the stub that it sends to.
struct Stubbed {
    told: Told,
    with_picture: bool,
    stub: RudeServer,
    hook: HookId,
    name: String,
}

#[test]
fn chats_answer_as_documented() {
    check(&["discord", "slack", "telegram", "matrix", "teams", "google_chat", "mattermost"]);
}

#[test]
fn more_chats_answer_as_documented() {
    check(&["rocket_chat", "synology_chat", "signal", "whatsapp_callmebot", "whatsapp_cloud"]);
}

#[test]
fn push_services_answer_as_documented() {
    check(&["ntfy", "pushover", "gotify", "pushbullet", "prowl", "bark", "alexa_notify_me"]);
}

/// Whatever is not named above.
#[test]
fn all_others_answer_as_documented() {
    const ABOVE: [&str; 19] = [
        "discord",
        "slack",
        "telegram",
        "matrix",
        "teams",
        "google_chat",
        "mattermost",
        "rocket_chat",
        "synology_chat",
        "signal",
        "whatsapp_callmebot",
        "whatsapp_cloud",
        "ntfy",
        "pushover",
        "gotify",
        "pushbullet",
        "prowl",
        "bark",
        "alexa_notify_me",
    ];
    let others: Vec<&str> =
        all().iter().map(|service| service.key.as_str()).filter(|key| !ABOVE.contains(key)).collect();
    assert!(others.len() >= 15);
    check(&others);
}

fn check(keys: &[&str]) {
    for key in keys {
        let service = all().iter().find(|service| service.key == *key).unwrap_or_else(|| panic!("{key} is no service"));
        answers_as_documented(service);
    }
}

/// One event for a hook per documented answer, with a picture and without; and where the answer was no success, the next one
/// is.
fn answers_as_documented(service: &Service) {
    let case: Case = serde_json::from_str(&file_of(&service.key, "json")).unwrap();
    let success = case.told.iter().find(|told| told.is == "delivered").unwrap();
    let login = RudeServer::start([reply(&Told {
        status: 200,
        headers: BTreeMap::new(),
        body: r#"{"access_token": "tok-1234", "expires_in": 3600}"#.to_owned(),
        is: String::new(),
    })]);
    let (bench, time) = Bench::in_time_of_its_own();
    let mut stubbed = Vec::new();
    for told in &case.told {
        for with_picture in [false, true] {
            if with_picture && service.picture.is_none() {
                continue;
            }
            let stub = RudeServer::start([reply(told), reply(success)]);
            let mut hook = filled(service, &case, with_picture, &bench);
            hook.name = format!("{} {} {} {with_picture}", service.key, told.status, told.is);
            send_to(&mut hook, &stub, &login);
            bench.engine.shelf().add(hook.clone()).unwrap();
            stubbed.push(Stubbed { told: told.clone(), with_picture, stub, hook: hook.id, name: hook.name });
        }
    }
    let sample = sample_event();
    let sight = Sight::BusEvent { name: "PrintDone".to_owned(), payload: sample.payload };
    bench.engine.observe(sight, sample.context.as_ref().clone());
    let ends = first_ends(&bench, &stubbed);
    for one in &stubbed {
        let entry = &ends[&one.hook];
        let tried = attempts(&bench, entry);
        assert_eq!(tried[0].status, Some(one.told.status), "{}: {}", one.name, tried[0].message);
        assert_is_what_the_service_wants(service, one, &one.stub.requests()[0]);
        follow(&bench, &time, one, entry, &tried);
    }
}

/// What becomes of the delivery.
fn follow(bench: &Bench, time: &Time, one: &Stubbed, entry: &Entry, tried: &[AttemptRecord]) {
    let Stubbed { told, name, stub, .. } = one;
    let is_about_picture = one.carries_picture() && [400, 413, 415, 422].contains(&told.status) && told.is == "refused";
    if is_about_picture {
        assert_eq!((entry.state, entry.attempts), (State::Delivered, 2), "{name}: {}", entry.message);
        assert!(tried[0].message.contains("refused the picture"), "{name}: {}", tried[0].message);
        let requests = stub.requests();
        assert!(requests.len() == 2 && has_picture(&requests[0]) && !has_picture(&requests[1]), "{name}");
        return;
    }
    let (meaning, pause) = told.is.split_once(' ').map_or((told.is.as_str(), None), split_pause);
    match meaning {
        "delivered" => {
            assert_eq!((entry.state, entry.attempts), (State::Delivered, 1), "{name}: {}", entry.message);
            if let Some(pause) = pause {
                the_next_one_waits(bench, time, one, pause);
            }
        }
        "gone" => {
            assert_eq!((entry.state, entry.attempts), (State::GivenUp, 1), "{name}: {}", entry.message);
            let (_, why) = bench.engine.standing(one.hook);
            assert!(why.is_some_and(|why| why.contains("410")), "{name} goes on");
        }
        "refused" | "later" | "too many" => arrives_later(bench, time, one, entry, tried, pause),
        other => panic!("{name}: {other}"),
    }
}

/// It is kept, says why and until when, and arrives under the same id once the service takes it.
fn arrives_later(
    bench: &Bench,
    time: &Time,
    one: &Stubbed,
    entry: &Entry,
    tried: &[AttemptRecord],
    pause: Option<Duration>,
) {
    let Stubbed { told, name, stub, hook, .. } = one;
    assert!(!tried[0].message.is_empty(), "{name} does not say why");
    let is_long = pause.is_some_and(|pause| pause >= Duration::from_secs(5));
    // On a busy machine the next try may have been made already.
    if entry.state == State::Retrying {
        let next = entry.next_at.unwrap_or_else(|| panic!("{name} has no next try"));
        let wait = next.since(tried[0].started);
        assert!(wait > Duration::ZERO, "{name} is sent again at once");
        let least = pause.unwrap_or_default();
        assert!(wait >= least && wait < least * 2 + Duration::from_mins(10), "{name}: {}", entry.message);
    }
    if is_long {
        // What a service asks for is not for a person to overrule.
        assert_eq!(entry.state, State::Retrying, "{name}: {}", entry.message);
        return;
    }
    bench.engine.try_now(*hook);
    pass(bench, time, PAUSE);
    let arrived = of_hook(bench, *hook, &format!("{name}, {}", entry.message), |now| {
        now.id == entry.id && now.state == State::Delivered
    });
    assert_eq!((arrived.id, arrived.attempts), (entry.id, 2), "{name}");
    let tried = attempts(bench, &arrived);
    assert_eq!(tried.len(), 2, "{name}");
    if let Some(pause) = pause {
        assert!(tried[1].started.since(tried[0].started) >= pause, "{name} came too early");
    }
    let requests = stub.requests();
    assert_eq!(requests[0].line(), requests[1].line(), "{name}: {}", told.is);
    assert_eq!(has_picture(&requests[0]), has_picture(&requests[1]), "{name}");
}

/// The last one that was allowed: what comes after it waits, and says why.
fn the_next_one_waits(bench: &Bench, time: &Time, one: &Stubbed, pause: Duration) {
    bench.event_with("SomethingElse", json!({}));
    let waits = of_hook(bench, one.hook, "the next one", |entry| entry.event == "SomethingElse");
    pass(bench, time, pause);
    let arrived = of_hook(bench, one.hook, "the next one's arrival", |entry| {
        entry.id == waits.id && entry.state == State::Delivered
    });
    let first = of_hook(bench, one.hook, "the first one", |entry| entry.event == "PrintDone");
    let (first, second) = (attempts(bench, &first), attempts(bench, &arrived));
    assert!(second[0].started.since(first[0].started) >= pause, "{} came too early", one.name);
}

impl Stubbed {
    /// Whether a picture went to the stub at first.
    fn carries_picture(&self) -> bool {
        has_picture(&self.stub.requests()[0])
    }
}

/// How each delivery of the event stands once its first attempt is over, the shell's part done meanwhile.
fn first_ends(bench: &Bench, stubbed: &[Stubbed]) -> HashMap<HookId, Entry> {
    let mut ends = HashMap::new();
    until("an end of each", || {
        for entry in bench.engine.journal().latest(100) {
            // What waits for its second try has an end, and so has what its second try has ended.
            if !matches!(entry.state, State::Waiting | State::Sending) {
                ends.entry(entry.hook_id).or_insert(entry);
            }
        }
        let have_all_ended = ends.len() == stubbed.len();
        if !have_all_ended {
            answer_as_a_shell(bench);
        }
        Some(()).filter(|()| have_all_ended)
    });
    ends
}

/// Nothing is under way when time passes: it would seem to take that long.
fn pass(bench: &Bench, time: &Time, span: Duration) {
    until("the end of what is under way", || {
        let is_busy = bench.engine.journal().latest(100).iter().any(|entry| entry.state == State::Sending);
        if is_busy {
            answer_as_a_shell(bench);
        }
        Some(()).filter(|()| !is_busy)
    });
    time.pass(&bench.engine, span);
}

/// Without a shell that answers, each event would wait for its picture until it is too late. Whatever happens is a notice, so
/// this waits for the next thing to happen as well.
fn answer_as_a_shell(bench: &Bench) {
    match bench.engine.next_notice(Duration::from_millis(200)) {
        Some(Notice::Metadata { ticket, .. }) => bench.engine.answer_metadata(&ticket, Value::Null),
        Some(Notice::Picture { ticket, .. }) => {
            let shot = Shot { jpeg: Ok(tiny_jpeg()), flip_h: false, flip_v: false, rotate_90: false };
            bench.engine.answer_picture(&ticket, shot);
        }
        _ => {}
    }
}

fn of_hook(bench: &Bench, hook: HookId, what: &str, is_it: impl Fn(&Entry) -> bool) -> Entry {
    until(what, || {
        let found = bench.engine.journal().wait_for(Duration::ZERO, |entry| entry.hook_id == hook && is_it(entry));
        if found.is_none() {
            answer_as_a_shell(bench);
        }
        found
    })
}

fn attempts(bench: &Bench, entry: &Entry) -> Vec<AttemptRecord> {
    bench.engine.block_on(bench.engine.journal().history().one(entry.id)).unwrap().unwrap().unwrap().tried
}

fn split_pause<'a>((meaning, rest): (&'a str, &'a str)) -> (&'a str, Option<Duration>) {
    let millis = |text: &str| text.strip_suffix(" ms").and_then(|text| text.parse().ok()).map(Duration::from_millis);
    match rest.strip_prefix("many") {
        Some(rest) => ("too many", millis(rest.trim_start())),
        None => (meaning, millis(rest)),
    }
}

fn filled(service: &Service, case: &Case, picture: bool, bench: &Bench) -> HookConfig {
    let wish = Wish { answers: case.answers.clone(), picture, events: Some(vec![Topic::PrintDone]), ..Wish::default() };
    let mut hook = fill(service, &wish, bench.engine.new_hook_id()).hook.unwrap();
    if hook.url.is_empty() {
        hook.url = "https://example.com/hook".to_owned();
    }
    hook.custom_events.push(CustomEvent::new("SomethingElse", "m"));
    hook
}

/// The address stays what it is behind the host.
fn send_to(hook: &mut HookConfig, stub: &RudeServer, login: &RudeServer) {
    let at = |url: &str, server: &RudeServer| format!("http://{}{}", server.address(), behind_host(url));
    hook.url = at(&hook.url, stub);
    if !hook.receiver.without_picture_url.is_empty() {
        hook.receiver.without_picture_url = at(&hook.receiver.without_picture_url, stub);
    }
    if hook.oauth.enabled {
        hook.oauth.url = format!("http://{}/token", login.address());
    }
}

fn behind_host(url: &str) -> &str {
    let after = url.find("://").map_or(url, |place| &url[place + 3..]);
    after.find(['/', '?']).map_or("/", |place| &after[place..])
}

fn reply(told: &Told) -> Script {
    let headers: Vec<String> = told.headers.iter().map(|(name, value)| format!("{name}: {value}")).collect();
    let headers: Vec<&str> = headers.iter().map(String::as_str).collect();
    if told.status == 204 {
        let lines: String = headers.iter().flat_map(|line| [*line, "\r\n"]).collect();
        return Script::answering(format!("HTTP/1.1 204 No Content\r\n{lines}\r\n"));
    }
    Script::answering(answer(&format!("{} Answer", told.status), &headers, &told.body))
}

fn sample_event() -> octohooks_core::event::Event {
    let printer = Arc::new(Printer {
        id: "octoprint".into(),
        name: "Prusa".into(),
        appearance: Value::Null,
        ..Printer::default()
    });
    sample::event("print_done", printer, UnixMillis(1_795_525_200_123), &mut || [7; 10])
}

// What the service gets:

/// Line, headers, and body are what the case has, but for what is different in every delivery.
fn assert_is_what_the_service_wants(service: &Service, one: &Stubbed, request: &Received) {
    let snapshot = file_of(&service.key, "snap");
    let title = if one.with_picture { "--- picture\n" } else { "--- text\n" };
    let wanted = snapshot.split_once(title).map(|(_, rest)| rest.split("\n--- ").next().unwrap_or(rest)).unwrap();
    let (head, body) = wanted.split_once("\n\n").unwrap_or((wanted.trim_end(), ""));
    let mut lines = head.lines();
    let (method, url) = lines.next().unwrap().split_once(' ').unwrap();
    let mut line = request.line().split(' ');
    let got = (line.next().unwrap(), without_ids(line.next().unwrap()));
    assert_eq!(got, (method, without_ids(behind_host(url))), "{}", one.name);
    for (name, value) in lines.filter_map(|line| line.split_once(": ")) {
        let got = request.header(name).unwrap_or_else(|| panic!("{}: no header {name}", one.name));
        let is_of_its_time = matches!(name, "webhook-id" | "webhook-timestamp" | "webhook-signature");
        assert!(is_of_its_time || without_ids(got) == without_ids(value), "{}: {name}: {got}", one.name);
    }
    if one.with_picture {
        assert!(has_picture(request), "{}: no picture", one.name);
    } else if !has_picture(request) && !body.contains("\"eta\"") {
        // When a print should end is known by the clock of the day.
        let got = String::from_utf8_lossy(&request.body).replace("\r\n", "\n");
        assert_eq!(without_ids(got.trim_end()), without_ids(body.trim_end()), "{}", one.name);
    }
}

/// Whether the picture is in it, as it is or in base64.
fn has_picture(request: &Received) -> bool {
    // The smallest picture in base64, but for its end.
    const IN_BASE64: &str = "/9j/wAALCAABAAEBAREA/9oACAEBAAA/AD";
    let jpeg = tiny_jpeg();
    request.body.windows(jpeg.len()).any(|window| window == jpeg)
        || String::from_utf8_lossy(&request.body).contains(IN_BASE64)
}

/// Ids and moments become signs: an id is 36 letters, a moment has ten digits or more.
fn without_ids(text: &str) -> String {
    let is_part = |letter: char| letter.is_ascii_hexdigit() || letter == '-';
    let mut plain = String::new();
    let mut run = String::new();
    for letter in text.chars().chain(['\n']) {
        if is_part(letter) {
            run.push(letter);
            continue;
        }
        let is_id = run.matches('-').count() >= 4 && run.len() >= 36;
        let is_moment = run.len() >= 10 && run.bytes().all(|byte| byte.is_ascii_digit());
        plain.push_str(if is_id {
            "ID"
        } else if is_moment {
            "MOMENT"
        } else {
            &run
        });
        run.clear();
        plain.push(letter);
    }
    plain
}

fn file_of(key: &str, kind: &str) -> String {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../octohooks-core/tests/cases/services");
    let path = folder.join(format!("{key}.{kind}"));
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
