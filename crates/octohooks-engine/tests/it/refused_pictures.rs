//! A receiver that takes no picture, or not this one, gets the text: the same delivery, once more, at once.

use octohooks_core::hook::HookConfig;
use octohooks_engine::journal::State;
use octohooks_engine::notice::Notice;
use octohooks_engine::trial::TestState;
use octohooks_testkit::{RudeServer, Script, answer};
use serde_json::json;

use crate::support::{Bench, json_of, received, tiny_jpeg, url};

/// A message with a picture has another address and other data than one without.
fn with_picture(server: &RudeServer) -> impl Fn(&mut HookConfig) {
    let plain = format!("http://{}/text", server.address());
    move |hook| {
        hook.data = r#"{"caption": "@message", "id": "@deliveryId", "photo": "@snapshot"}"#.to_owned();
        hook.receiver.without_picture_url.clone_from(&plain);
        hook.receiver.without_picture_data = r#"{"text": "@message", "id": "@deliveryId"}"#.to_owned();
        hook.receiver.success_at = "/ok".to_owned();
        hook.receiver.success_is = "true".to_owned();
    }
}

/// Answers, and would take more on the same connection.
fn keeping(bytes: Vec<u8>) -> Script {
    Script::new().read_request().write(bytes).read_request().stall()
}

fn taken() -> Script {
    Script::answering(answer("200 OK", &[], r#"{"ok": true}"#))
}

fn has_picture(body: &[u8]) -> bool {
    let jpeg = tiny_jpeg();
    body.windows(jpeg.len()).any(|window| window == jpeg)
}

#[test]
fn what_is_left_goes_at_once_under_the_same_id_and_the_log_says_so() {
    for refusal in
        ["400 Bad Request", "413 Payload Too Large", "415 Unsupported Media Type", "422 Unprocessable Entity"]
    {
        let server = RudeServer::start([keeping(answer(refusal, &[], "too large")), taken()]);
        let bench = Bench::new();
        let hook = bench.hook(&url(&server), with_picture(&server));
        bench.event("PrintDone");
        bench.give_picture();
        let requests = received(&server, 2);
        let entry = bench.ended(State::Delivered);
        assert_eq!((requests.len(), server.connections()), (2, 2), "it goes on a connection of its own");
        assert!(requests[0].line().starts_with("POST /hook") && has_picture(&requests[0].body));
        assert!(requests[1].line().starts_with("POST /text"), "{}", requests[1].line());
        let id = entry.id.to_string();
        assert_eq!(json_of(&requests[1]), json!({"text": "Your print is done.", "id": id}));
        assert!(String::from_utf8_lossy(&requests[0].body).contains(&id));
        assert_eq!((entry.attempts, entry.status), (2, Some(200)));
        let refused = format!("The receiver refused the picture ({refusal}).");
        assert!(entry.message.ends_with(&format!("It went without the picture. {refused}")), "{}", entry.message);
        let whole = bench.engine.block_on(bench.engine.journal().history().one(entry.id)).unwrap().unwrap().unwrap();
        assert_eq!(whole.tried.iter().map(|attempt| attempt.number).collect::<Vec<_>>(), [1, 2]);
        assert_eq!(whole.tried[0].message, format!("{refused} Sent again without it at once."));
        assert_eq!(whole.tried[0].answer.as_deref(), Some("too large"));
        assert_eq!(whole.tried[1].status, Some(200));
        assert_eq!(bench.engine.journal().of_hook(hook.id).on_their_way, 0);
    }
}

#[test]
fn what_is_not_about_the_picture_is_not_sent_twice() {
    for refusal in [
        answer("401 Unauthorized", &[], ""),
        answer("403 Forbidden", &[], ""),
        answer("404 Not Found", &[], ""),
        answer("410 Gone", &[], ""),
        answer("413 Payload Too Large", &["Retry-After: 60"], ""),
        answer("429 Too Many Requests", &[], ""),
        answer("400 Bad Request", &["webhook-delivery: abort-message"], ""),
        answer("503 Service Unavailable", &[], ""),
        answer("200 OK", &[], r#"{"ok": false}"#),
    ] {
        let server = RudeServer::start([Script::answering(&refusal), taken()]);
        let bench = Bench::new();
        bench.hook(&url(&server), with_picture(&server));
        bench.event("PrintDone");
        bench.give_picture();
        let told = String::from_utf8_lossy(&refusal).into_owned();
        let entry = bench
            .delivery(&format!("the end of {told}"), |entry| matches!(entry.state, State::Retrying | State::GivenUp));
        assert_eq!((entry.attempts, server.requests().len()), (1, 1), "{told}");
    }
}

#[test]
fn a_refusal_of_what_has_no_picture_stays_one() {
    let server = RudeServer::start([Script::answering(answer("413 Payload Too Large", &[], "")), taken()]);
    let bench = Bench::new();
    bench.hook(&url(&server), |_| {});
    bench.event("PrintDone");
    let entry = bench.ended(State::Retrying);
    assert_eq!((entry.attempts, server.requests().len()), (1, 1));
}

#[test]
fn a_receiver_that_then_has_trouble_gets_the_text_alone_later_and_one_that_refuses_that_too_gets_both() {
    for (second, third_has_picture) in [("503 Service Unavailable", false), ("400 Bad Request", true)] {
        let refusal = || Script::answering(answer("400 Bad Request", &[], ""));
        let server = RudeServer::start([refusal(), Script::answering(answer(second, &[], "")), taken()]);
        let bench = Bench::new();
        let hook = bench.hook(&url(&server), with_picture(&server));
        bench.event("PrintDone");
        bench.give_picture();
        let waiting = bench.ended(State::Retrying);
        assert_eq!((waiting.attempts, server.requests().len()), (2, 2));
        bench.engine.try_now(hook.id);
        let entry = bench.ended(State::Delivered);
        let requests = received(&server, 3);
        assert_eq!((entry.attempts, has_picture(&requests[2].body)), (3, third_has_picture), "{second}");
        bench.notice("that it was not delivered at first", |notice| match notice {
            Notice::Log { message, .. } => message.contains("was not delivered").then_some(()),
            _ => None,
        });
    }
}

#[test]
fn a_test_from_the_editor_does_the_same_and_hears_the_sign_of_success() {
    let refusal = Script::answering(answer("413 Payload Too Large", &[], ""));
    let failed = Script::answering(answer("200 OK", &[], r#"{"ok": false}"#));
    let server = RudeServer::start([refusal, taken(), failed]);
    let bench = Bench::new();
    let mut config = HookConfig::new(bench.engine.new_hook_id());
    config.url = url(&server);
    with_picture(&server)(&mut config);
    let mut told = Vec::new();
    for _ in 0..2 {
        let id = bench.engine.test(&config, bench.engine.made_up_event("print_done")).unwrap();
        bench.give_picture();
        bench.notice("the end of the test", |notice| match notice {
            Notice::Ui { data, .. } => (data == json!({"type": "test", "id": id})).then_some(()),
            _ => None,
        });
        match bench.engine.test_state(&id) {
            Some(TestState::Done { result }) => told.push(result),
            other => panic!("{other:?}"),
        }
    }
    assert!(told[0].ok && told[0].headline.starts_with("Delivered: 200 OK in "), "{}", told[0].headline);
    let words = "The receiver refused the picture (413 Payload Too Large). It was sent again without it.";
    assert!(told[0].headline.ends_with(words), "{}", told[0].headline);
    assert!(told[0].request.as_ref().unwrap().url.contains("127.0.0.1"));
    assert_eq!(server.connections(), 3);
    assert!(!told[1].ok && told[1].headline.contains("sign of success"), "{}", told[1].headline);
}
