//! What is sent, byte for byte where that matters.

use std::sync::Arc;

use bytes::Bytes;
use serde_json::{Map, Value, json};

use super::{Composed, Encoded, compose, compose_oauth};
use crate::event::{Context, Event, Printer};
use crate::hook::ready::{Hook, Subscription};
use crate::hook::{ContentType, HookConfig, HttpMethod, OauthConfig};
use crate::ids::{DeliveryId, EventId, HookId, JobId};
use crate::matching::Match;
use crate::parcel::{Enrichment, Parcel};
use crate::picture::Picture;
use crate::secret::Secret;
use crate::shown::{COVER, Cover, show};
use crate::template::Template;
use crate::time::UnixMillis;
use crate::topic::Topic;

const AT: UnixMillis = UnixMillis(1_795_525_200_123);

fn hook(change: impl FnOnce(&mut HookConfig)) -> HookConfig {
    let mut config = HookConfig::new(HookId::new(AT, &[1; 10]));
    config.url = "https://example.com/hook".to_owned();
    config.device_identifier = "left".to_owned();
    config.api_secret = Secret::new("s3cret-value");
    config.headers = "{}".to_owned();
    change(&mut config);
    config
}

fn event(payload: Value) -> Arc<Event> {
    let Value::Object(context) = json!({
        "state": {"text": "Printing", "flags": {"printing": true}},
        "job": {"file": {"name": "part@2x.gcode"}},
        "progress": {"completion": 42.9, "printTimeLeft": 3600},
        "currentZ": null,
        "utcOffset": 3600,
        "uptime": 86400,
    }) else {
        unreachable!()
    };
    Arc::new(Event {
        id: EventId::new(AT, &[2; 10]),
        at: AT,
        printer: Arc::new(Printer {
            id: "octoprint".into(),
            name: "Prusa".into(),
            appearance: json!({"color": "red"}),
            host: [("name".to_owned(), json!("octopi"))].into_iter().collect(),
            profile: [("model".to_owned(), json!("MK3S"))].into_iter().collect(),
        }),
        name: "PrintDone".into(),
        topic: Some(Topic::PrintDone),
        payload,
        context: Arc::new(Context(context)),
        job: Some(JobId::new(AT, &[3; 10])),
    })
}

const PRINT_DONE: Subscription = Subscription::Topic(Topic::PrintDone);

fn parcel(hook: &Hook) -> Parcel {
    let event = event(json!({"name": "a.gcode", "time": 12.5}));
    Match { hook: hook.id, event, subscription: PRINT_DONE, milestone: 40 }.into_parcel(DeliveryId::new(AT, &[4; 10]))
}

fn composed(config: &HookConfig, enrichment: &Enrichment, token: Option<&Map<String, Value>>) -> Composed {
    let hook = Hook::new(config);
    let recipe = hook.recipe.as_ref().unwrap();
    compose(recipe, hook.listens.message(PRINT_DONE, "PrintDone"), &parcel(&hook), enrichment, token).unwrap()
}

fn sent(config: &HookConfig) -> Composed {
    composed(config, &Enrichment::default(), None)
}

fn body(composed: &Composed) -> Value {
    serde_json::from_slice(&composed.request.body).unwrap()
}

fn header(composed: &Composed, name: &str) -> String {
    composed.request.headers.get(name).map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default()
}

#[track_caller]
fn check_data(data: &str, expected: &Value) {
    let sent = sent(&hook(|config| config.data = data.to_owned()));
    assert_eq!(&body(&sent), expected, "{data}");
}

#[test]
fn the_five_documented_keys_are_a_new_hooks_data() {
    assert_eq!(
        body(&sent(&hook(|_| {}))),
        json!({
            "deviceIdentifier": "left",
            "apiSecret": "s3cret-value",
            "topic": "Print Done",
            "message": "Your print is done.",
            "extra": {"name": "a.gcode", "time": 12.5},
        })
    );
}

#[test]
fn every_variable_has_its_value_and_type() {
    check_data(
        r#"["@topic", "@event", "@currentTime", "@percentCompleteMilestone"]"#,
        &json!(["Print Done", "PrintDone", 1_795_525_200, 40]),
    );
    check_data(
        r#"{"z": "@currentZ", "s": "@state.flags.printing", "t": "@state.text!"}"#,
        &json!({"z": null, "s": true, "t": "Printing!"}),
    );
    check_data(
        r#"["@printerName", "@appearance.color", "@eta"]"#,
        &json!(["Prusa", "red", "2026-11-24T15:00:00+01:00"]),
    );
    check_data(
        r#"["@eventId", "@deliveryId", "@jobId"]"#,
        &json!([
            EventId::new(AT, &[2; 10]).to_string(),
            DeliveryId::new(AT, &[4; 10]).to_string(),
            JobId::new(AT, &[3; 10]).to_string()
        ]),
    );
    check_data(
        r#"["@meta.statistics.lastPrintTime", "@offsets", "@temperatures.tool0", "@nothing"]"#,
        &json!(["", "", "", ""]),
    );
}

#[test]
fn what_was_held_goes_before_the_message_unless_it_is_asked_for() {
    let with = |data: &str, held: usize| {
        let hook = Hook::new(&hook(|config| config.data = data.to_owned()));
        let recipe = hook.recipe.as_ref().unwrap();
        let digest = (1..=held).map(|line| format!("line {line}")).collect();
        let parcel = Parcel { digest, ..parcel(&hook) };
        let message = Template::parse("done");
        let composed = compose(recipe, Some(&message), &parcel, &Enrichment::default(), None).unwrap();
        body(&composed)
    };
    assert_eq!(with(r#"["@message"]"#, 2), json!(["line 1\nline 2\ndone"]));
    let many = with(r#"["@message"]"#, 52);
    assert!(many[0].as_str().unwrap().starts_with("(2 more)\nline 3\n"));
    assert_eq!(with(r#"["@message", "@digest"]"#, 2), json!(["done", {"count": 2, "lines": ["line 1", "line 2"]}]));
    let many = with(r#"["@digest.count", "@digest.lines.0"]"#, 52);
    assert_eq!(many, json!([52, "line 3"]));
    assert_eq!(with(r#"["@message", "@digest.count"]"#, 0), json!(["done", 0]));
}

#[test]
fn the_machine_and_the_printer_are_described() {
    check_data(
        r#"["@hostInfo.name", "@hostInfo.uptime", "@printerInfo"]"#,
        &json!(["octopi", 86400, {"model": "MK3S", "name": "Prusa"}]),
    );
}

/// What a variable is for an event with this payload, and with this job and progress.
fn derived(variable: &str, payload: Value, job: &Value, completion: &Value) -> Option<Value> {
    let printed = event(payload);
    let mut context = printed.context.0.clone();
    context.insert("job".into(), job.clone());
    context.insert("progress".into(), json!({"completion": completion}));
    let event = Event { context: Arc::new(Context(context)), ..Event::clone(&printed) };
    super::of_event(variable, &event, PRINT_DONE, 0)
}

#[test]
fn the_file_is_the_one_that_the_event_names_or_else_that_of_the_print() {
    let job = json!({"file": {"path": "boats/benchy.v2.gcode", "origin": "local", "size": 12}});
    let of_print = json!({
        "name": "benchy.v2.gcode", "base": "benchy.v2", "path": "boats/benchy.v2.gcode", "folder": "boats",
        "origin": "local", "size": 12
    });
    let same = json!({"name": "benchy.v2.gcode", "path": "boats/benchy.v2.gcode", "origin": "local"});
    for payload in [Value::Null, json!({"path": 3}), same] {
        assert_eq!(derived("file", payload, &job, &Value::Null), Some(of_print.clone()));
    }
    let other = derived("file", json!({"path": ".hidden", "storage": "sdcard"}), &job, &Value::Null);
    let expected = json!({"name": ".hidden", "base": ".hidden", "path": ".hidden", "folder": "", "origin": "sdcard", "size": null});
    assert_eq!(other, Some(expected));
    assert_eq!(derived("file", Value::Null, &json!({"file": {"path": null}}), &Value::Null), None);
}

#[test]
fn who_did_it_comes_before_who_started_the_print() {
    let user = |payload, job| derived("userName", payload, &job, &Value::Null);
    assert_eq!(user(json!({"user": "bert", "owner": "carl"}), json!({"user": "anna"})), Some(json!("bert")));
    assert_eq!(user(json!({"user": null, "owner": "carl"}), json!({"user": "anna"})), Some(json!("anna")));
    assert_eq!(user(json!({"owner": "carl"}), json!({"user": null})), Some(json!("carl")));
    assert_eq!(user(Value::Null, json!({})), None);
}

#[test]
fn filament_is_that_of_all_tools_and_a_weight_only_where_each_has_one() {
    let filament = |tools, completion| derived("filament", Value::Null, &json!({"filament": tools}), &completion);
    let two = json!({"tool0": {"length": 4120.74, "volume": 9.91, "weight": 12.3}, "tool1": {"length": 1000.0, "volume": 2.4}});
    assert_eq!(
        filament(two, json!(50)),
        Some(json!({"length": 5.121, "volume": 12.31, "used": {"length": 2.56, "volume": 6.155}}))
    );
    let one = json!({"tool0": {"length": 1000, "volume": 2.4, "weight": 3}, "tool1": {"length": 0.0}});
    assert_eq!(filament(one, Value::Null), Some(json!({"length": 1.0, "volume": 2.4, "weight": 3.0})));
    let thin = json!({"tool0": {"length": 1000, "volume": 0.0}});
    assert_eq!(filament(thin, Value::Null), Some(json!({"length": 1.0})));
    assert_eq!(filament(Value::Null, json!(50)), None);
    assert_eq!(filament(json!({}), json!(50)), None);
}

#[test]
fn a_file_name_with_an_at_arrives_whole() {
    check_data(
        r#"{"f": "@job.file.name", "t": "Printing @job.file.name."}"#,
        &json!({"f": "part@2x.gcode", "t": "Printing part@2x.gcode."}),
    );
}

#[test]
fn messages_are_templates_of_one_level() {
    let config = hook(|config| {
        config.data = r#"{"m": "@message"}"#.to_owned();
        config.events.get_mut(&Topic::PrintDone).unwrap().message =
            "@job.file.name at @percentCompleteMilestone % @message".to_owned();
    });
    assert_eq!(body(&sent(&config)), json!({"m": "part@2x.gcode at 40 % "}));
}

#[test]
fn a_form_has_nested_values_as_json_text() {
    let config = hook(|config| {
        config.content_type = ContentType::Form;
        config.data = r#"{"a": "@extra", "b": "@currentZ", "c": "@state.flags.printing", "d": "ä b"}"#.to_owned();
    });
    let sent = sent(&config);
    assert_eq!(header(&sent, "content-type"), "application/x-www-form-urlencoded");
    let pairs: Vec<_> = form_urlencoded::parse(&sent.request.body).into_owned().collect();
    let expected = [("a", r#"{"name":"a.gcode","time":12.5}"#), ("c", "true"), ("d", "ä b")];
    assert_eq!(pairs, expected.map(|(key, value)| (key.to_owned(), value.to_owned())));
}

#[test]
fn get_appends_the_data_to_the_query() {
    let config = hook(|config| {
        config.method = HttpMethod::Get;
        config.url = "https://example.com/x?own=1&e=@extra.name".to_owned();
        config.data = r#"{"l": [1, "@topic"], "o": "@extra", "n": null, "s": "@snapshot"}"#.to_owned();
    });
    let sent = sent(&config);
    assert_eq!(
        sent.request.url.as_str(),
        "https://example.com/x?own=1&e=a.gcode&l=1&l=Print+Done&o=%7B%22name%22%3A%22a.gcode%22%2C%22time%22%3A12.5%7D"
    );
    assert!(sent.request.body.is_empty());
    let bare = hook(|config| {
        config.method = HttpMethod::Get;
        config.data = "{}".to_owned();
    });
    assert_eq!(super::tests::sent(&bare).request.url.as_str(), "https://example.com/hook");
}

#[test]
fn a_picture_makes_it_multipart_and_so_does_its_absence() {
    let config = hook(|config| {
        config.headers = r#"{"Content-Type": "application/json"}"#.to_owned();
        config.data =
            r#"{"pic\"ture": "@snapshot", "extra": "@extra", "none": null, "deep": {"s": "@snapshot"}}"#.to_owned();
    });
    let picture =
        Enrichment { pictures: vec![Picture::of_camera(Bytes::from_static(b"\xFF\xD8jpeg"))], ..Enrichment::default() };
    let with = composed(&config, &picture, None);
    let boundary = format!("octohooks-{}", DeliveryId::new(AT, &[4; 10]));
    assert_eq!(header(&with, "content-type"), format!("multipart/form-data; boundary={boundary}"));
    let mut expected = format!(
        "--{boundary}\r\nContent-Disposition: form-data; name=\"extra\"\r\n\r\n{{\"name\":\"a.gcode\",\"time\":12.5}}\r\n\
         --{boundary}\r\nContent-Disposition: form-data; name=\"deep\"\r\n\r\n{{\"s\":\"\"}}\r\n\
         --{boundary}\r\nContent-Disposition: form-data; name=\"pic%22ture\"; filename=\"snapshot.jpg\"\r\n\
         Content-Type: image/jpeg\r\n\r\n"
    )
    .into_bytes();
    expected.extend_from_slice(b"\xFF\xD8jpeg\r\n");
    expected.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
    assert_eq!(with.request.body, expected);

    let without = sent(&config);
    assert!(header(&without, "content-type").starts_with("multipart/form-data"));
    let Encoded::Multipart(parts) = &without.encoded else { panic!("not multipart") };
    assert_eq!(parts.iter().map(|part| part.name.as_str()).collect::<Vec<_>>(), ["extra", "deep"]);
    assert_eq!(without.problems.len(), 1);
}

#[test]
fn several_pictures_are_several_files_and_elsewhere_the_first_one_goes() {
    let pictures = [b"\xFF\xD8one", b"\xFF\xD8two"].map(|jpeg| Picture::of_camera(Bytes::from_static(jpeg)));
    let several = Enrichment {
        pictures: pictures.to_vec(),
        picture_missing: Some("A third one is off.".to_owned()),
        ..Enrichment::default()
    };
    let files = |key: &str| {
        let sent = composed(&hook(|config| config.data = json!({ key: "@snapshot" }).to_string()), &several, None);
        let Encoded::Multipart(parts) = &sent.encoded else { panic!("not multipart") };
        assert_eq!(sent.request.body[parts[1].range.clone()], *b"\xFF\xD8two");
        let name = |part: &super::Part| format!("{} {}", part.name, part.filename.as_deref().unwrap_or_default());
        parts.iter().map(name).collect::<Vec<_>>()
    };
    assert_eq!(files("files[0]"), ["files[0] snapshot.jpg", "files[1] snapshot2.jpg"]);
    assert_eq!(files("photos[]"), ["photos[] snapshot.jpg", "photos[] snapshot2.jpg"]);
    assert_eq!(files("pic"), ["pic snapshot.jpg", "pic2 snapshot2.jpg"]);
    let raw = composed(
        &hook(|config| {
            config.content_type = ContentType::Picture;
            config.data = "{}".to_owned();
        }),
        &several,
        None,
    );
    assert_eq!(raw.request.body, pictures[0].bytes);
    assert_eq!(
        raw.problems.iter().map(|problem| problem.message.as_str()).collect::<Vec<_>>(),
        ["A third one is off.", "1 of 2 pictures went along: there is no room for more."]
    );
}

#[test]
fn what_goes_along_is_listed_and_no_more_goes_than_the_receiver_takes() {
    let pictures = [b"\xFF\xD8one", b"\xFF\xD8two"].map(|jpeg| Picture::of_camera(Bytes::from_static(jpeg)));
    let several = Enrichment { pictures: pictures.to_vec(), ..Enrichment::default() };
    let listed = |most: u32, enrichment: &Enrichment| {
        let config = hook(|config| {
            config.data = json!({"payload_json": {"attachments": "@pictures"}, "files[0]": "@snapshot"}).to_string();
            config.picture.most_pictures = most;
        });
        let sent = composed(&config, enrichment, None);
        let Encoded::Multipart(parts) = &sent.encoded else { panic!("not multipart") };
        let payload: Value = serde_json::from_slice(&sent.request.body[parts[0].range.clone()]).unwrap();
        let said = sent.problems.iter().map(|problem| problem.message.clone()).collect::<Vec<_>>().join(" ");
        (payload["attachments"].clone(), parts.len() - 1, said)
    };
    let (one, two) = (json!({"id": 0, "filename": "snapshot.jpg"}), json!({"id": 1, "filename": "snapshot2.jpg"}));
    assert_eq!(listed(0, &several), (json!([one, two]), 2, String::new()));
    assert_eq!(listed(2, &several), (json!([one, two]), 2, String::new()));
    let said = "1 of 2 pictures went along: there is no room for more.";
    assert_eq!(listed(1, &several), (json!([one]), 1, said.to_owned()));
    assert_eq!(listed(0, &Enrichment::default()).0, json!([]));
}

#[test]
fn each_picture_has_a_name_of_its_own() {
    let pictures = [b"\xFF\xD8one", b"\xFF\xD8two"].map(|jpeg| Picture::of_camera(Bytes::from_static(jpeg)));
    let several = Enrichment { pictures: pictures.to_vec(), ..Enrichment::default() };
    let files = |name: &str| {
        let config = hook(|config| {
            config.data = json!({"pic": "@snapshot", "text": "@message"}).to_string();
            config.picture.file_name = name.to_owned();
        });
        let sent = composed(&config, &several, None);
        let Encoded::Multipart(parts) = &sent.encoded else { panic!("not multipart") };
        let names: Vec<String> = parts.iter().filter_map(|part| part.filename.clone()).collect();
        let body = String::from_utf8_lossy(&sent.request.body).into_owned();
        assert!(names.iter().all(|name| body.contains(&format!("; filename=\"{name}\"\r\n"))), "{body}");
        names
    };
    assert_eq!(files("@extra.name"), ["a.gcode.jpg", "a.gcode2.jpg"]);
    assert_eq!(
        files("left {{ pictureNumber }} of @topic.JPG"),
        ["left 1 of Print Done.jpg", "left 2 of Print Done.jpg"]
    );
    assert_eq!(files("@job.nothing"), ["snapshot.jpg", "snapshot2.jpg"]);
    assert_eq!(files("../@deviceIdentifier\""), ["_left_.jpg", "_left_2.jpg"]);
    let raw = hook(|config| {
        config.content_type = ContentType::Picture;
        config.data = r#"{"filename": "@snapshot", "n": "@pictureNumber"}"#.to_owned();
        config.picture.file_name = "@topic".to_owned();
    });
    assert_eq!(composed(&raw, &several, None).request.url.query(), Some("n=1&filename=Print+Done.jpg"));
}

#[test]
fn a_secret_in_the_name_of_a_file_is_covered() {
    let config = hook(|config| {
        config.data = json!({"pic": "@snapshot"}).to_string();
        config.picture.file_name = "of @apiSecret".to_owned();
    });
    let picture = Enrichment { pictures: vec![Picture::of_camera(Bytes::new())], ..Enrichment::default() };
    let sent = composed(&config, &picture, None);
    assert!(String::from_utf8_lossy(&sent.request.body).contains("of s3cret-value.jpg"));
    let ready = Hook::new(&config);
    let shown = crate::shown::show(&sent, &crate::shown::Cover::of(ready.recipe.as_ref().unwrap(), None));
    assert_eq!(shown.parts.unwrap()[0].filename.as_deref(), Some("of ••••.jpg"));
}

#[test]
fn the_content_type_is_set_where_missing_and_replaced_where_wrong() {
    let with = |headers: &str| header(&sent(&hook(|config| config.headers = headers.to_owned())), "content-type");
    assert_eq!(with("{}"), "application/json");
    assert_eq!(with(r#"{"Content-Type": "application/json charset=utf8;"}"#), "application/json charset=utf8;");
    assert_eq!(with(r#"{"content-type": "application/yoyo"}"#), "application/json");
    let other = sent(&hook(|config| config.headers = r#"{"X-Content-Type-Options": "nosniff"}"#.to_owned()));
    assert_eq!(header(&other, "x-content-type-options"), "nosniff");
}

#[test]
fn headers_take_variables_and_never_break() {
    let config = hook(|config| {
        config.headers =
            r#"{"X-Secret": "@apiSecret", "X-Message": "@message", "X-None": null, "X-Number": 5, "Host": "evil", "User-Agent": "mine"}"#
                .to_owned();
        config.events.get_mut(&Topic::PrintDone).unwrap().message = "grün\r\nX-Evil: 1".to_owned();
    });
    let sent = sent(&config);
    assert_eq!(header(&sent, "x-secret"), "s3cret-value");
    assert_eq!(sent.request.headers["x-message"].as_bytes(), "grün  X-Evil: 1".as_bytes());
    assert_eq!(header(&sent, "x-number"), "5");
    assert_eq!(header(&sent, "user-agent"), "mine");
    assert!(!sent.request.headers.contains_key("x-none") && !sent.request.headers.contains_key("host"));
}

#[test]
fn user_and_password_of_a_url_become_a_header() {
    let config = hook(|config| config.url = "http://us%40er:pa%3Ass@192.168.1.1:1880/ledon".to_owned());
    let sent = sent(&config);
    assert_eq!(sent.request.url.as_str(), "http://192.168.1.1:1880/ledon");
    assert_eq!(header(&sent, "authorization"), "Basic dXNAZXI6cGE6c3M=");
    let own = hook(|config| {
        config.url = "http://user:pass@h/".to_owned();
        config.headers = r#"{"Authorization": "Bearer x"}"#.to_owned();
    });
    assert_eq!(header(&super::tests::sent(&own), "authorization"), "Bearer x");
}

#[test]
fn oauth_has_no_variables_and_its_answer_is_variables() {
    let config = hook(|config| {
        config.oauth = OauthConfig {
            enabled: true,
            url: "https://user:p@login.example.com/token".to_owned(),
            data: r#"{"client_id": "@topic", "scope": ["a"]}"#.to_owned(),
            content_type: ContentType::Form,
            ..OauthConfig::default()
        };
        config.data =
            r#"{"t": "Bearer @access_token", "n": "@expires_in", "u": "x @unknown y", "topic": "@topic"}"#.to_owned();
    });
    let hook = Hook::new(&config);
    let request = compose_oauth(hook.recipe.as_ref().unwrap().oauth.as_ref().unwrap());
    assert_eq!(request.url.as_str(), "https://login.example.com/token");
    assert_eq!(request.body, "client_id=%40topic&scope=%5B%22a%22%5D");
    assert_eq!(request.headers["content-type"], "application/x-www-form-urlencoded");
    let Value::Object(token) = json!({"access_token": "tok-1234", "expires_in": 3600, "topic": "shadow"}) else {
        unreachable!()
    };
    let sent = composed(&config, &Enrichment::default(), Some(&token));
    assert_eq!(body(&sent), json!({"t": "Bearer tok-1234", "n": 3600, "u": "x  y", "topic": "shadow"}));
    assert!(sent.problems[0].message.contains("@unknown"), "{:?}", sent.problems);
    let recipe = hook.recipe.as_ref().unwrap();
    let shown = serde_json::to_string(&show(&sent, &Cover::of(recipe, Some(&token)))).unwrap();
    assert!(!shown.contains("tok-1234") && shown.contains(COVER), "{shown}");
}

#[test]
fn what_is_shown_covers_what_is_secret() {
    let config = hook(|config| {
        config.url = "https://user:pw-9876@discord.com/api/webhooks/1/tok%65n-abc?key=query-secret".to_owned();
        config.headers = r#"{"Authorization": "Bearer literal-key-1", "Accept": "text/x"}"#.to_owned();
        config.data = r#"{"a": "@apiSecret", "b": "header literal-key-1", "c": "@topic"}"#.to_owned();
    });
    let hook = Hook::new(&config);
    let sent = sent(&config);
    let shown = show(&sent, &Cover::of(hook.recipe.as_ref().unwrap(), None));
    let text = serde_json::to_string(&shown).unwrap();
    for secret in ["pw-9876", "tok", "query-secret", "literal-key-1", "s3cret-value", "dXNlcjpwdy05ODc2"] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
    assert_eq!(shown.url, format!("https://discord.com/{COVER}?{COVER}"));
    assert!(text.contains("Print Done") && text.contains("text/x"));
}

#[test]
fn one_secret_hides_no_other_and_a_cut_shows_none() {
    let mut cover = Cover::default();
    cover.add("planted-secret");
    cover.add("AAAAAAAAplanted");
    cover.finish();
    assert_eq!(cover.apply("x AAAAAAAAplanted-secret PLANTED-SECRET y"), format!("x {COVER} {COVER} y"));
    assert_eq!(cover.apply_cut("ab planted-secret cd", 6, false), "ab \u{2022}\u{2022}\u{2022}");
    assert_eq!(cover.apply_cut("ab planted-sec", 99, true), "ab ");
    assert_eq!(cover.apply_cut("ab planted-sec", 99, false), "ab planted-sec");
}

#[test]
fn what_receivers_echo_of_an_address_is_covered() {
    let config = hook(|config| {
        config.url = "https://bot:p%40ss-word@ntfy.example/my-secret-topic?key=@apiSecret".to_owned();
        config.api_secret = Secret::new("s3cret-value\n");
    });
    let hook = Hook::new(&config);
    let cover = Cover::of(hook.recipe.as_ref().unwrap(), None);
    let echo =
        r#"{"topic": "my-secret-topic", "auth": "Basic Ym90OnBAc3Mtd29yZA==", "pw": "p@ss-word", "k": "s3cret-value"}"#;
    let shown = cover.apply(echo);
    for secret in ["my-secret-topic", "Ym90", "p@ss", "s3cret"] {
        assert!(!shown.contains(secret), "{secret} in {shown}");
    }
}
