//! Pictures and metadata: asked for once per event, and never waited for longer than they are worth.

use octohooks_core::hook::HookConfig;
use octohooks_core::picture::Source;
use octohooks_engine::journal::State;
use octohooks_engine::notice::Notice;
use octohooks_engine::{Shot, ThumbnailAt};
use octohooks_testkit::{RudeServer, Script, answer};
use serde_json::json;

use crate::support::{Bench, received, url};

fn with_picture(hook: &mut HookConfig) {
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
            Some(Notice::Picture { ticket, .. }) => {
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
fn a_light_is_on_before_the_shell_is_asked_and_switched_off_whatever_the_camera_gave() {
    let statuses = ["200 OK", "404 Not Found"];
    let plug = RudeServer::start(statuses.map(|status| Script::answering(answer(status, &[], ""))));
    let server = RudeServer::start([Script::answering(answer("200 OK", &[], ""))]);
    let bench = Bench::new();
    bench.hook(&url(&server), |hook| {
        with_picture(hook);
        hook.picture.light_on_url = format!("{}?s3cret=on", url(&plug));
        hook.picture.light_off_url = format!("{}?s3cret=off", url(&plug));
    });
    bench.event("PrintDone");
    let ticket = bench.notice("a wish for a picture", |notice| match notice {
        Notice::Picture { ticket, wish, .. } if wish.light.is_none() => Some(ticket),
        _ => None,
    });
    assert_eq!(plug.requests().len(), 1, "the light is on");
    bench.engine.answer_picture(&ticket, shot(Err("The camera is asleep.".to_owned())));
    received(&server, 1);
    assert_eq!(plug.requests().len(), 2, "the light is off");
    let entry = bench.ended(State::Delivered);
    let said = "The light was not switched off. Its address answered 404 Not Found. The camera is asleep.";
    assert!(entry.message.contains(said), "{}", entry.message);
    assert!(!entry.message.contains("s3cret"), "{}", entry.message);
}

/// A PNG of one pixel.
const PNG: &[u8] = b"\x89PNG\r\n\x1A\n and so on";

/// A file as `PrusaSlicer` writes it, with a thumbnail.
fn gcode_with_thumbnail(folder: &std::path::Path) -> std::path::PathBuf {
    let file = folder.join("a.gcode");
    let text = "; generated\n\n; thumbnail begin 16x16 24\n; iVBORw0KGgogYW5kIHNvIG9u\n; thumbnail end\nG28\n";
    std::fs::write(&file, text).unwrap();
    file
}

fn with_picture_or_thumbnail(hook: &mut HookConfig) {
    hook.data = r#"{"source": "@pictureSource", "type": "@pictureType", "snap": "@snapshot"}"#.to_owned();
    hook.picture.source = Source::CameraOrThumbnail;
}

fn refuse_picture(bench: &Bench) {
    let ticket = bench.notice("a wish for a picture", |notice| match notice {
        Notice::Picture { ticket, .. } => Some(ticket),
        _ => None,
    });
    bench.engine.answer_picture(&ticket, shot(Err("The camera is asleep.".to_owned())));
}

#[test]
fn where_the_camera_fails_the_thumbnail_goes_and_it_is_said_once_for_all_hooks() {
    let folder = tempfile::tempdir().unwrap();
    let server = RudeServer::start([Script::answering(answer("200 OK", &[], ""))]);
    let bench = Bench::new();
    bench.hook(&url(&server), with_picture_or_thumbnail);
    bench.hook(&url(&server), with_picture_or_thumbnail);
    bench.hook(&url(&server), with_picture);
    bench.event("PrintDone");
    refuse_picture(&bench);
    let ticket = bench.notice("a wish for a thumbnail", |notice| match notice {
        Notice::Thumbnail { ticket, origin, path } if (origin.as_str(), path.as_str()) == ("local", "a.gcode") => {
            Some(ticket)
        }
        _ => None,
    });
    let file = gcode_with_thumbnail(folder.path());
    bench.engine.answer_thumbnail(&ticket, Ok(ThumbnailAt::File(file)));
    let requests = received(&server, 3);
    let bodies: Vec<_> = requests.iter().map(|request| String::from_utf8_lossy(&request.body).into_owned()).collect();
    let with = |words: &str| bodies.iter().filter(|body| body.contains(words)).count();
    assert_eq!(with("name=\"snap\"; filename=\"thumbnail.png\"\r\nContent-Type: image/png\r\n\r\n"), 2, "{bodies:?}");
    assert_eq!(with("name=\"source\"\r\n\r\nthumbnail\r\n"), 2, "{bodies:?}");
    let said = "It went with the thumbnail in place of the camera's picture. The camera is asleep.";
    bench.delivery("a word on it", |entry| entry.message.contains(said));
    let said = "It went without the picture. The camera is asleep.";
    bench.delivery("a word on the one without", |entry| entry.message.ends_with(said));
}

#[test]
fn where_there_is_no_thumbnail_either_both_reasons_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let server = RudeServer::start([Script::answering(answer("200 OK", &[], ""))]);
    let bench = Bench::new();
    bench.hook(&url(&server), with_picture_or_thumbnail);
    bench.event("PrintDone");
    refuse_picture(&bench);
    let ticket = bench.notice("a wish for a thumbnail", |notice| match notice {
        Notice::Thumbnail { ticket, .. } => Some(ticket),
        _ => None,
    });
    bench.engine.answer_thumbnail(&ticket, Ok(ThumbnailAt::File(folder.path().join("gone.gcode"))));
    received(&server, 1);
    let entry = bench.ended(State::Delivered);
    let said = "It went without the picture. The camera is asleep. The file could not be read for its thumbnail";
    assert!(entry.message.contains(said), "{}", entry.message);
}

#[test]
fn a_thumbnail_that_waits_is_there_after_a_restart() {
    let (down, up) = ("503 Service Unavailable", "200 OK");
    let server = RudeServer::start([down, up].map(|status| Script::answering(answer(status, &[], ""))));
    let bench = Bench::new();
    bench.hook(&url(&server), with_picture_or_thumbnail);
    bench.event("PrintDone");
    refuse_picture(&bench);
    let ticket = bench.notice("a wish for a thumbnail", |notice| match notice {
        Notice::Thumbnail { ticket, .. } => Some(ticket),
        _ => None,
    });
    bench.engine.answer_thumbnail(&ticket, Ok(ThumbnailAt::Picture(PNG.to_vec())));
    bench.ended(State::Retrying);
    let hook = bench.engine.roster().hooks[0].0.id;
    let bench = bench.restarted();
    bench.engine.try_now(hook);
    let body = received(&server, 2)[1].body.clone();
    assert!(body.windows(PNG.len()).any(|window| window == PNG), "the thumbnail is not in the second attempt");
    let entry = bench.ended(State::Delivered);
    assert!(entry.message.contains("The camera is asleep."), "{}", entry.message);
}

#[test]
fn a_broken_picture_is_an_error_and_the_text_goes_out() {
    let server = RudeServer::start([Script::answering(answer("200 OK", &[], ""))]);
    let bench = Bench::new();
    bench.hook(&url(&server), with_picture);
    bench.event("PrintDone");
    let ticket = bench.notice("a wish for a picture", |notice| match notice {
        Notice::Picture { ticket, .. } => Some(ticket),
        _ => None,
    });
    bench.engine.answer_picture(&ticket, shot(Ok(b"<html>no</html>".to_vec())));
    received(&server, 1);
    let entry = bench.ended(State::Delivered);
    assert!(entry.message.contains("not a JPEG, it looks like a web page"), "{}", entry.message);
    bench.engine.answer_picture(&ticket, shot(Ok(Vec::new())));
    bench.engine.answer_picture("nonsense", shot(Ok(Vec::new())));
}
