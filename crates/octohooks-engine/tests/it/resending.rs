//! Deliveries that have ended, sent again because a user wants it.

use octohooks_engine::journal::{Filter, State};
use octohooks_engine::resend::{ResendError, Resent};
use octohooks_testkit::{RudeServer, Script, answer};
use serde_json::json;

use crate::support::{Bench, json_of, received, until, url};

fn ok() -> Script {
    Script::answering(answer("200 OK", &[], ""))
}

fn gone() -> Script {
    Script::answering(answer("404 Not Found", &[], "no such hook"))
}

fn resend(bench: &Bench, state: State) -> Result<(), ResendError> {
    let entry = bench.ended(state);
    bench.engine.block_on(bench.engine.resend(entry.id))
}

#[test]
fn it_goes_again_under_its_own_id_with_what_happened_then() {
    let server = RudeServer::start([ok()]);
    let bench = Bench::new();
    bench.hook(&url(&server), |hook| {
        hook.data = r#"["@topic", "@deliveryId", "@extra.time", "@currentTime", "@late"]"#.into();
        hook.patience.late_after_seconds = 1;
    });
    bench.event_with("PrintDone", json!({"name": "a.gcode", "time": 4211.5}));
    let first = bench.ended(State::Delivered);
    let bench = bench.restarted();
    bench.event("PrintStarted");
    received(&server, 2);
    bench.engine.block_on(bench.engine.resend(first.id)).unwrap();
    let requests = received(&server, 3);
    let (before, after) = (json_of(&requests[0]), json_of(&requests[2]));
    assert_eq!(&before.as_array().unwrap()[..3], &after.as_array().unwrap()[..3]);
    let again = bench.delivery("the second attempt", |entry| entry.id == first.id && entry.state == State::Delivered);
    assert_eq!((again.attempts, again.at), (2, first.at));
    let whole = bench.engine.block_on(bench.engine.journal().history().one(first.id)).unwrap().unwrap().unwrap();
    assert_eq!(whole.tried.iter().map(|attempt| attempt.number).collect::<Vec<_>>(), [1, 2]);
    assert_eq!(whole.tried[0].request, None);
    assert_eq!(whole.tried[1].request.as_ref().unwrap()["method"], "POST");
}

#[test]
fn one_that_was_asked_for_survives_a_restart_and_still_says_how_late_it_is() {
    let server =
        RudeServer::start([gone(), gone(), Script::answering(answer("503 Service Unavailable", &[], "")), ok()]);
    let bench = Bench::new();
    let hook = bench.hook(&url(&server), |hook| {
        hook.data = r#"["@deliveryId", "@late"]"#.into();
    });
    bench.event("PrintDone");
    bench.delivery("a refusal", |entry| entry.state == State::Retrying);
    bench.engine.try_now(hook.id);
    let first = bench.ended(State::GivenUp);
    bench.engine.block_on(bench.engine.resend(first.id)).unwrap();
    bench.delivery("a failure", |entry| entry.state == State::Retrying && entry.attempts == 3);
    assert_eq!(bench.engine.block_on(bench.engine.resend(first.id)), Err(ResendError::OnItsWay));
    let bench = bench.restarted();
    bench.engine.try_now(hook.id);
    let arrived = bench.delivery("the end", |entry| entry.state == State::Delivered);
    assert_eq!((arrived.id, arrived.attempts), (first.id, 4));
    assert_eq!(json_of(&received(&server, 4)[3])[0], first.id.to_string());
}

#[test]
fn why_it_is_not_sent_again_is_said() {
    let server = RudeServer::start([ok()]);
    let bench = Bench::new();
    let hook = bench.hook(&url(&server), |_| {});
    bench.event("PrintDone");
    bench.ended(State::Delivered);
    bench.engine.shelf().set_enabled(hook.id, false).unwrap();
    assert_eq!(resend(&bench, State::Delivered), Err(ResendError::HookOff));
    bench.engine.shelf().remove(hook.id).unwrap();
    assert_eq!(resend(&bench, State::Delivered), Err(ResendError::HookGone));
    let unknown = octohooks_core::ids::DeliveryId::new(bench.ended(State::Delivered).at, &[7; 10]);
    assert_eq!(bench.engine.block_on(bench.engine.resend(unknown)), Err(ResendError::Unknown));
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn many_go_again_in_the_order_in_which_they_happened() {
    let names = ["PrintStarted", "PrintPaused", "PrintResumed", "PrintDone"];
    let server = RudeServer::start([ok()]);
    let bench = Bench::new();
    bench.hook(&url(&server), |_| {});
    for name in names {
        bench.event(name);
    }
    received(&server, 4);
    until("all of them ended", || Some(()).filter(|()| bench.engine.journal().on_their_way() == 0));
    let filter = Filter { state: Some(State::Delivered), ..Filter::default() };
    let outcome = bench.engine.block_on(bench.engine.resend_all(&filter)).unwrap();
    assert_eq!(outcome, Resent { resent: 4, refused: 0, more: false });
    let requests: Vec<_> = received(&server, 8).iter().map(json_of).collect();
    assert_eq!(requests[..4], requests[4..]);
}

#[test]
fn those_that_were_chosen_go_again_and_no_others() {
    let server = RudeServer::start([ok()]);
    let bench = Bench::new();
    bench.hook(&url(&server), |_| {});
    for name in ["PrintStarted", "PrintPaused", "PrintDone"] {
        bench.event(name);
    }
    received(&server, 3);
    until("all of them ended", || Some(()).filter(|()| bench.engine.journal().on_their_way() == 0));
    let listed = bench.engine.journal().history().list(Filter::default(), None, 10);
    let listed = bench.engine.block_on(listed).unwrap().unwrap().entries;
    let unknown = octohooks_core::ids::DeliveryId::new(listed[0].at, &[7; 10]);
    let outcome =
        bench.engine.block_on(bench.engine.resend_these(&[listed[0].id, unknown, listed[2].id, listed[0].id])).unwrap();
    assert_eq!(outcome, Resent { resent: 2, refused: 1, more: false });
    let requests: Vec<_> = received(&server, 5).iter().map(json_of).collect();
    assert_eq!(requests[3..], [requests[0].clone(), requests[2].clone()], "the oldest first");
}

#[test]
fn those_that_were_chosen_are_dropped_as_far_as_they_wait() {
    let server = RudeServer::start([Script::answering(answer("503 Service Unavailable", &[], ""))]);
    let bench = Bench::new();
    let hook = bench.hook(&url(&server), |_| {});
    bench.engine.pause(hook.id, true);
    let waits = |name: &'static str| {
        bench.event(name);
        bench.delivery("one that waits", move |entry| entry.event == name && entry.message.contains("paused")).id
    };
    let (first, second) = (waits("PrintPaused"), waits("PrintDone"));
    let unknown = octohooks_core::ids::DeliveryId::new(octohooks_core::time::UnixMillis(1), &[7; 10]);
    let dropped = bench.engine.block_on(bench.engine.drop_these(&[second, unknown, second])).unwrap();
    assert_eq!(dropped, 1);
    bench.delivery("the end", |entry| entry.id == second && entry.state == State::Skipped);
    assert!(bench.engine.journal().is_live(first) && server.requests().is_empty());
}

#[test]
fn a_picture_of_then_is_not_kept_and_that_is_said() {
    let server = RudeServer::start([ok()]);
    let bench = Bench::new();
    bench.hook(&url(&server), |hook| {
        hook.data = r#"{"a": "@topic", "b": "@snapshot"}"#.into();
    });
    bench.event("PrintDone");
    let ticket = bench.notice("a picture", |notice| match notice {
        octohooks_engine::notice::Notice::Picture { ticket, .. } => Some(ticket),
        _ => None,
    });
    let shot =
        octohooks_engine::Shot { jpeg: Err("No camera.".into()), flip_h: false, flip_v: false, rotate_90: false };
    bench.engine.answer_picture(&ticket, shot);
    let first = bench.ended(State::Delivered);
    bench.engine.block_on(bench.engine.resend(first.id)).unwrap();
    let again = bench.delivery("again", |entry| entry.attempts == 2 && entry.state == State::Delivered);
    assert!(again.message.contains("the picture of then is not kept"), "{}", again.message);
}
