//! Checking, previewing, and testing a hook that is being edited.

use octohooks_core::event::Context;
use octohooks_core::observation::Sight;
use serde_json::{Value, json};

use crate::support::{Bench, MANAGER, STALE, VIEWER, until};

#[test]
fn a_check_answers_problems_whatever_is_typed() {
    let bench = Bench::new();
    let check = |draft: Value| bench.ask(STALE, "POST", "/api/v1/check", &draft);
    let (status, answer) = check(json!({"url": "http://h/", "data": "{\"a\": \"@mesage\"}"}));
    assert_eq!(status, 200);
    assert!(answer.to_string().contains("Is @message meant?"), "{answer}");
    let (status, answer) = check(json!({"url": "http://h/", "cooldown_seconds": "x"}));
    assert_eq!((status, answer["problems"][0]["field"].as_str()), (200, Some("cooldown_seconds")));
    assert_eq!(check(json!([])).0, 400);
}

#[test]
fn a_preview_shows_the_request_with_secrets_covered() {
    let bench = Bench::new();
    let draft = json!({"url": "http://h/planted", "data": "{\"s\": \"@apiSecret\", \"t\": \"@topic\"}", "api_secret": "planted"});
    let (status, answer) =
        bench.ask(MANAGER, "POST", "/api/v1/preview", &json!({"hook": draft, "event": "print_done"}));
    assert_eq!(status, 200, "{answer}");
    assert!(answer["request"]["body"].as_str().unwrap().contains("Print Done"));
    assert!(!answer.to_string().contains("planted"), "{answer}");
    let broken = json!({"hook": {"url": "nowhere"}, "event": "print_done"});
    let (status, answer) = bench.ask(MANAGER, "POST", "/api/v1/preview", &broken);
    assert_eq!((status, answer["error"]["problems"][0]["field"].as_str()), (422, Some("url")));
    let no_event = json!({"hook": {"url": "http://h/"}, "event": " "});
    assert_eq!(bench.ask(MANAGER, "POST", "/api/v1/preview", &no_event).0, 400);
}

#[test]
fn a_preview_shows_what_follows_a_first_message() {
    let bench = Bench::new();
    let ask = |mode: &str, event: &str| {
        let follow_up = json!({"mode": mode, "id_at": "/id", "method": "PATCH",
            "url": "http://h/planted/messages/@messageId?which=@messageId", "data": "{\"id\": \"@messageId\", \"t\": \"@topic\"}"});
        let draft = json!({"url": "http://h/planted", "data": "{\"t\": \"@topic\"}", "follow_up": follow_up});
        let body = json!({"hook": draft, "event": event});
        let (status, answer) = bench.ask(MANAGER, "POST", "/api/v1/preview", &body);
        assert_eq!(status, 200, "{answer}");
        assert!(!answer.to_string().contains("planted"), "{answer}");
        assert_eq!(answer["request"]["method"], "POST");
        assert!(!answer["request"].to_string().contains("MESSAGE-ID"), "{answer}");
        answer["follow_up"].clone()
    };
    let following = ask("change", "print_progress");
    assert_eq!((&following["request"]["method"], &following["message"]), (&json!("PATCH"), &json!("MESSAGE-ID")));
    let body: Value = serde_json::from_str(following["request"]["body"].as_str().unwrap()).unwrap();
    assert_eq!(body, json!({"id": "MESSAGE-ID", "t": "Print Progress"}));
    assert_eq!(ask("change", "print_done"), Value::Null, "the end is a message of its own");
    assert_eq!(ask("change_all", "print_done")["request"]["method"], "PATCH");
    assert_eq!(ask("thread", "connected"), Value::Null, "it is of no print");
    assert_eq!(ask("off", "print_progress"), Value::Null);
}

#[test]
fn a_preview_says_all_that_another_program_needs() {
    let bench = Bench::new();
    let ask = |draft: Value, event: &str| {
        let (status, answer) = bench.ask(MANAGER, "POST", "/api/v1/preview", &json!({"hook": draft, "event": event}));
        assert_eq!(status, 200, "{answer}");
        answer
    };
    let data = r#"{"a b": "x&y=\u00e4 %", "secret": "-@apiSecret-"}"#;
    let get = json!({"method": "GET", "url": "http://h/", "data": data, "api_secret": "planted-1"});
    let answer = ask(get, "print_done");
    assert_eq!(answer["address"], "http://h/?a+b=x%26y%3D%C3%A4+%25&secret=-••••-");
    assert_eq!((&answer["whole"], &answer["picture_body"]), (&json!(true), &json!(false)));
    let own = json!({"url": "http://[::1]:1/planted-path?key=planted-key", "data": "{}"});
    assert_eq!(ask(own, "print_done")["address"], "http://[::1]:1/••••?••••");
    let picture =
        json!({"url": "http://h/", "content_type": "picture", "data": r#"{"p": "@snapshot", "t": "@topic"}"#});
    let answer = ask(picture, "print_done");
    assert_eq!((&answer["picture_body"], &answer["request"]["body"]), (&json!(true), &json!("(a picture)")));
    assert_eq!(answer["address"], "http://h/?t=Print+Done&p=snapshot.jpg");
    let parts = ask(json!({"url": "http://h/", "data": r#"{"p": "@snapshot"}"#}), "print_done");
    assert_eq!(parts["request"]["parts"][0]["size"], Value::Null, "no picture was taken yet: {parts}");
    let long = json!({"url": "http://h/", "data": format!("[\"{}\"]", "x".repeat(20_000))});
    assert_eq!(ask(long, "print_done")["whole"], false);
}

#[test]
fn what_really_happened_is_previewed_tested_and_looked_into() {
    let bench = Bench::new();
    let hook = json!({"name": "h", "url": "http://127.0.0.1:1/", "events": {}, "custom_events": [{"event": "MovieDone", "message": "@extra.movie"}],
                      "data": r#"{"m": "@message"}"#, "api_secret": "planted-secret", "device_identifier": "left"});
    let (_, view) = bench.ask(MANAGER, "POST", "/api/v1/hooks", &hook);
    let long = "x".repeat(1000);
    let payload = json!({"movie": "timelapse.mp4", "long": long});
    bench.engine.observe(Sight::BusEvent { name: "MovieDone".into(), payload }, Context::default());
    let event = until("the event in the journal", || {
        let (status, answer) = bench.ask(STALE, "GET", "/api/v1/events", &Value::Null);
        assert_eq!(status, 200, "{answer}");
        answer["events"].as_array().and_then(|events| events.first()).cloned()
    });
    assert_eq!((&event["event"], &event["title"]), (&json!("MovieDone"), &Value::Null));
    let of_it = json!({"hook": view["hook"], "event_id": event["id"]});
    let (status, preview) = bench.ask(MANAGER, "POST", "/api/v1/preview", &of_it);
    assert_eq!((status, &preview["request"]["body"]), (200, &json!(r#"{"m":"timelapse.mp4"}"#)), "{preview}");
    let (status, told) = bench.ask(MANAGER, "POST", "/api/v1/values", &of_it);
    let values = &told["values"];
    assert_eq!((status, &values["extra"]["movie"]), (200, &json!("timelapse.mp4")), "{told}");
    assert_eq!((&values["message"], &values["deviceIdentifier"]), (&json!("timelapse.mp4"), &json!("left")));
    assert_eq!(values["eventId"], event["id"]);
    assert_eq!(values["extra"]["long"].as_str().map(|text| text.chars().count()), Some(161));
    assert!(values.get("apiSecret").is_none() && !told.to_string().contains("planted"), "{told}");
    assert_eq!(bench.ask(MANAGER, "POST", "/api/v1/test", &of_it).0, 202);
    for route in ["preview", "values", "test"] {
        let gone = json!({"hook": {"url": "http://h/"}, "event_id": "019ab6f0-7c1e-7000-8000-000000000001"});
        assert_eq!(bench.ask(MANAGER, "POST", &format!("/api/v1/{route}"), &gone).0, 404, "{route}");
    }
}

#[test]
fn values_of_a_broken_draft_are_told_all_the_same() {
    let bench = Bench::new();
    let broken = json!({"hook": {"url": "nowhere", "data": "{", "events": {"print_done": {"message": "@topic!"}}}, "event": "print_done"});
    let (status, told) = bench.ask(MANAGER, "POST", "/api/v1/values", &broken);
    assert_eq!((status, &told["values"]["message"]), (200, &json!("Print Done!")), "{told}");
    assert!(told["values"]["job"]["file"]["name"].is_string() && told["values"]["meta"].is_object(), "{told}");
    assert!(told.to_string().len() < 20_000);
}

#[test]
fn deliveries_are_searched_looked_at_and_dropped() {
    let bench = Bench::new();
    let hook = json!({"name": "h", "url": "http://127.0.0.1:1/", "events": {"print_done": {}}});
    let (_, view) = bench.ask(MANAGER, "POST", "/api/v1/hooks", &hook);
    let id = view["hook"]["id"].as_str().unwrap().to_owned();
    let sight = Sight::BusEvent { name: "PrintDone".into(), payload: json!({}) };
    bench.engine.observe(sight, Context::default());
    let find = |query: &str| bench.ask(MANAGER, "GET", &format!("/api/v1/deliveries?{query}"), &Value::Null);
    let found = until("a delivery that is tried again", || {
        let (status, answer) = find(&format!("hook={id}&state=retrying&limit=5"));
        assert_eq!(status, 200, "{answer}");
        answer["deliveries"].as_array().and_then(|list| list.first()).cloned()
    });
    assert_eq!(find("event=MovieDone").1["deliveries"], json!([]));
    assert_eq!(find("before=nonsense").0, 400);
    let path = format!("/api/v1/deliveries/{}", found["id"].as_str().unwrap());
    let (status, whole) = bench.ask(MANAGER, "GET", &path, &Value::Null);
    assert_eq!((status, whole["attempts"][0]["failure"].as_str()), (200, Some("connection_refused")), "{whole}");
    assert_eq!(whole["attempts"][0]["request"]["method"], "POST", "{whole}");
    let next = whole["attempts"][0]["message"].as_str().unwrap();
    assert!(next.contains("Next try in ") || next.contains("Waiting until "), "{next}");
    assert_eq!(whole["cannot_resend"], "This delivery is on its way.");
    let (_, summary) = bench.ask(MANAGER, "PUT", &format!("/api/v1/hooks/{id}/paused"), &json!({"paused": true}));
    assert_eq!(summary["paused"], true, "{summary}");
    // It may still be on its way to where it can be dropped: then it is asked for once more.
    let drop_it = || {
        until("dropped", || {
            assert_eq!(bench.ask(MANAGER, "DELETE", &path, &Value::Null).0, 202);
            let (_, whole) = bench.ask(MANAGER, "GET", &path, &Value::Null);
            (whole["delivery"]["state"] == "skipped").then_some(())
        });
    };
    drop_it();
    assert_eq!(bench.ask(MANAGER, "GET", &path, &Value::Null).1["cannot_resend"], Value::Null);
    assert_eq!(bench.ask(MANAGER, "POST", &format!("{path}/resend"), &Value::Null).0, 202);
    let again = json!({"hook": id, "state": "skipped"});
    let (status, refused) = bench.ask(VIEWER, "POST", "/api/v1/deliveries/resend", &again);
    assert_eq!((status, refused["error"]["code"].as_str()), (403, Some("forbidden")));
    until("on its way again", || (find("state=skipped").1["deliveries"] == json!([])).then_some(()));
    let (status, refused) = bench.ask(MANAGER, "POST", &format!("{path}/resend"), &Value::Null);
    assert_eq!((status, refused["error"]["code"].as_str()), (409, Some("cannot_resend")));
    let drop_all = |which: Value| bench.ask(MANAGER, "POST", "/api/v1/deliveries/drop", &which);
    assert_eq!(drop_all(json!({"hook": id, "state": "delivered"})), (200, json!({"dropped": 0, "more": false})));
    assert_eq!(drop_all(json!({"text": "no such text"})), (200, json!({"dropped": 0, "more": false})));
    assert_eq!(bench.ask(VIEWER, "POST", "/api/v1/deliveries/drop", &json!({})).0, 403);
    until("dropped with all that wait", || {
        assert_eq!(drop_all(json!({"hook": id})).0, 200);
        let (_, whole) = bench.ask(MANAGER, "GET", &path, &Value::Null);
        (whole["delivery"]["state"] == "skipped").then_some(())
    });
    let (status, outcome) = bench.ask(MANAGER, "POST", "/api/v1/deliveries/resend", &again);
    assert_eq!((status, outcome), (200, json!({"resent": 1, "refused": 0, "more": false})));
    assert_eq!(bench.ask(MANAGER, "POST", "/api/v1/deliveries/resend", &json!({"nonsense": 1})).0, 400);
    let (status, metrics) = bench.ask(VIEWER, "GET", "/api/v1/metrics", &Value::Null);
    assert!(status == 200 && metrics.as_str().unwrap().contains("octohooks_deliveries_waiting"), "{metrics}");
}

#[test]
fn a_test_is_started_and_asked_for() {
    let bench = Bench::new();
    let (status, started) = bench.ask(
        MANAGER,
        "POST",
        "/api/v1/test",
        &json!({"hook": {"url": "http://127.0.0.1:1/"}, "event": "print_done"}),
    );
    assert_eq!(status, 202);
    let path = format!("/api/v1/test/{}", started["id"].as_str().unwrap());
    let told = loop {
        let (status, told) = bench.ask(MANAGER, "GET", &path, &Value::Null);
        assert_eq!(status, 200);
        if told["state"] != "running" {
            break told;
        }
        std::thread::yield_now();
    };
    assert_eq!((told["state"].as_str(), told["result"]["ok"].as_bool()), (Some("done"), Some(false)), "{told}");
    assert_eq!(told["result"]["failure"]["kind"], "connection_refused");
    assert_eq!(bench.ask(MANAGER, "GET", "/api/v1/test/unknown", &Value::Null).0, 404);
}

#[test]
fn conditions_are_tried_on_the_latest_events_and_on_examples() {
    let bench = Bench::new();
    let Value::Object(context) = json!({"job": {"user": "ben", "file": {"path": "a.gcode", "origin": "local"}}}) else {
        unreachable!()
    };
    let sight = Sight::BusEvent { name: "PrintDone".into(), payload: json!({"name": "a.gcode", "path": "a.gcode"}) };
    bench.engine.observe(sight, Context(context));
    let hook = json!({
        "url": "http://127.0.0.1:1/", "jinja": true,
        "events": {"print_done": {}, "print_failed": {"condition": {"expression": "extra.reason == 'error'"}}},
        "condition": {"rules": [{"about": "user", "names": ["anna"]}]},
    });
    let events = until("the event that happened", || {
        let (status, answer) = bench.ask(STALE, "POST", "/api/v1/conditions/try", &json!({"hook": hook}));
        assert_eq!(status, 200, "{answer}");
        answer["events"].as_array().filter(|events| events.len() == 3).cloned()
    });
    let told: Vec<_> =
        events.iter().map(|tried| (tried["event"].as_str().unwrap(), tried["is_sample"] == true)).collect();
    assert_eq!(told, [("PrintDone", false), ("PrintDone", true), ("PrintFailed", true)]);
    assert_eq!(events[0]["why_not"], "Not sent: the user was \"ben\", and the condition wants \"anna\".");
    assert_eq!((&events[1]["sent"], &events[2]["sent"]), (&json!(true), &json!(true)), "{events:?}");

    let mut wrong = hook.clone();
    wrong["condition"]["expression"] = json!("job.user ==");
    let (status, answer) = bench.ask(STALE, "POST", "/api/v1/conditions/try", &json!({"hook": wrong}));
    assert_eq!((status, &answer["error"]["problems"][0]["field"]), (422, &json!("condition.expression")), "{answer}");
    assert_eq!(bench.ask(VIEWER, "POST", "/api/v1/conditions/try", &json!({"hook": hook})).0, 403);
}
