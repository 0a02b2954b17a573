//! Pictures and metadata: asked for once per event, and never waited for longer than they are worth.

use octohooks_engine::Shot;
use octohooks_engine::journal::State;
use octohooks_engine::notice::Notice;
use octohooks_testkit::{RudeServer, Script, answer};
use serde_json::json;

use crate::support::{Bench, received, url};

fn with_picture(hook: &mut octohooks_core::hook::HookConfig) {
    hook.data = r#"{"topic": "@topic", "snap": "@snapshot"}"#.to_owned();
}

fn shot(jpeg: Result<Vec<u8>, String>) -> Shot {
    Shot { jpeg, flip_h: false, flip_v: false, rotate_90: false }
}

#[test]
fn one_picture_for_all_hooks_and_metadata_beside_it() {
    let server = RudeServer::start([Script::answering(answer("200 OK", &[], ""))]);
    let bench = Bench::new();
    bench.hook(&url(&server), with_picture);
    bench.hook(&url(&server), with_picture);
    bench.hook(&url(&server), |hook| hook.data = r#"["@meta.hash"]"#.to_owned());
    bench.event("PrintDone");
    let (mut metadata, mut pictures) = (0, 0);
    while metadata + pictures < 2 {
        match bench.engine.next_notice(std::time::Duration::from_secs(10)) {
            Some(Notice::Metadata { ticket, origin, path }) => {
                assert_eq!((origin.as_str(), path.as_str()), ("local", "a.gcode"));
                bench.engine.answer_metadata(&ticket, json!({"hash": "abc"}));
                metadata += 1;
            }
            Some(Notice::Picture { ticket }) => {
                bench.engine.answer_picture(&ticket, shot(Err("The camera is asleep.".to_owned())));
                pictures += 1;
            }
            Some(_) => {}
            None => panic!("nobody asked"),
        }
    }
    let requests = received(&server, 3);
    let bodies: Vec<_> = requests.iter().map(|request| String::from_utf8_lossy(&request.body).into_owned()).collect();
    assert!(bodies.iter().any(|body| body == r#"["abc"]"#), "{bodies:?}");
    assert_eq!(
        bodies.iter().filter(|body| body.contains("name=\"topic\"") && !body.contains("snap")).count(),
        2,
        "{bodies:?}"
    );
    let entry = bench.delivery("a note on the picture", |entry| entry.message.contains("The camera is asleep."));
    assert_eq!(entry.state, State::Delivered);
    assert_eq!((metadata, pictures), (1, 1));
}

#[test]
fn a_broken_picture_is_an_error_and_the_text_goes_out() {
    let server = RudeServer::start([Script::answering(answer("200 OK", &[], ""))]);
    let bench = Bench::new();
    bench.hook(&url(&server), with_picture);
    bench.event("PrintDone");
    let ticket = bench.notice("a wish for a picture", |notice| match notice {
        Notice::Picture { ticket } => Some(ticket),
        _ => None,
    });
    bench.engine.answer_picture(&ticket, shot(Ok(b"<html>no</html>".to_vec())));
    received(&server, 1);
    let entry = bench.ended(State::Delivered);
    assert!(entry.message.contains("not a JPEG, it looks like a web page"), "{}", entry.message);
    bench.engine.answer_picture(&ticket, shot(Ok(Vec::new())));
    bench.engine.answer_picture("nonsense", shot(Ok(Vec::new())));
}
