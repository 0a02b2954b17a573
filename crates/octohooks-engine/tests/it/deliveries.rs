//! What becomes of an event: sent to each hook that wants it, in order, again where that helps, and never in the way.

use std::time::Duration;

use octohooks_core::hook::{CustomEvent, HookConfig};
use octohooks_core::observation::Sight;
use octohooks_core::topic::Topic;
use octohooks_engine::journal::State;
use octohooks_engine::roster::Wants;
use octohooks_testkit::{Gate, RudeServer, Script, answer};
use serde_json::json;

use crate::support::{Bench, context, json_of, received, until, url};

fn ok() -> Script {
    Script::answering(answer("200 OK", &[], "thanks"))
}

#[test]
fn an_event_goes_to_every_hook_that_wants_it() {
    let (first, second) = (RudeServer::start([ok()]), RudeServer::start([ok()]));
    let bench = Bench::new();
    bench.hook(&url(&first), |_| {});
    bench.hook(&url(&second), |hook| {
        hook.events.clear();
        hook.custom_events.push(CustomEvent::new("moviedone", ""));
    });
    bench.event("PrintStarted");
    bench.event("MovieDone");
    assert_eq!(json_of(&received(&first, 1)[0])["topic"], "Print Started");
    assert_eq!(json_of(&received(&second, 1)[0])["topic"], "Custom Event");
    let entry = bench.ended(State::Delivered);
    assert!(entry.message.starts_with("Delivered: 200 OK in "), "{}", entry.message);
    assert_eq!(entry.answer.as_deref(), Some("thanks"));
}

#[test]
fn a_dead_endpoint_does_not_delay_others_and_order_is_kept() {
    let gate = Gate::new();
    let slow = RudeServer::start([Script::new().read_request().wait_for(&gate).write(answer("200 OK", &[], "")), ok()]);
    let silent = RudeServer::start([Script::new().read_request().stall()]);
    let quick = RudeServer::start([ok()]);
    let bench = Bench::new();
    for server in [&slow, &silent, &quick] {
        bench.hook(&url(server), |_| {});
    }
    for name in ["PrintStarted", "PrintPaused", "PrintResumed", "PrintDone"] {
        bench.event(name);
    }
    let topics =
        |server| received(server, 4).iter().map(|request| json_of(request)["topic"].clone()).collect::<Vec<_>>();
    let expected = ["Print Started", "Print Paused", "Print Resumed", "Print Done"];
    assert_eq!(topics(&quick), expected);
    // Both have their first, and their second waits for its answer.
    assert_eq!((received(&slow, 1).len(), received(&silent, 1).len()), (1, 1));
    gate.open();
    assert_eq!(topics(&slow), expected);
}

/// Three deliveries wait while the first is being answered, by a server that would keep every connection. How many it
/// needed, when all have arrived and all have been hung up.
fn connections_of_three(change: impl FnOnce(&mut HookConfig)) -> usize {
    let gate = Gate::new();
    let ok = answer("200 OK", &[], "");
    let first = Script::new().read_request().wait_for(&gate).write(&ok);
    let first = (0..2).fold(first, |script, _| script.read_request().write(&ok)).stall();
    let server = RudeServer::start([first, Script::answering(&ok).stall()]);
    let witness = RudeServer::start([Script::answering(&ok)]);
    let bench = Bench::new();
    bench.hook(&url(&server), change);
    bench.hook(&url(&witness), |_| {});
    for name in ["PrintStarted", "PrintPaused", "PrintResumed"] {
        bench.event(name);
    }
    // Events are handed on in their order: when the last one is with the other hook, all wait for this one.
    received(&witness, 3);
    gate.open();
    let topics: Vec<_> = received(&server, 3).iter().map(|request| json_of(request)["topic"].clone()).collect();
    assert_eq!(topics, ["Print Started", "Print Paused", "Print Resumed"]);
    let connections = server.connections();
    until("that it hangs up", || (server.hung_up() == connections).then_some(()));
    connections
}

#[test]
fn what_waits_goes_over_the_same_connection_which_nobody_keeps_for_later() {
    assert_eq!(connections_of_three(|_| {}), 1);
}

#[test]
fn what_must_not_come_twice_has_a_connection_of_its_own() {
    assert_eq!(connections_of_three(|hook| hook.patience.repeat_when_unsure = false), 3);
}

#[test]
fn a_failed_attempt_is_made_again_under_the_same_id() {
    let server = RudeServer::start([Script::answering(answer("503 Service Unavailable", &[], "")), ok()]);
    let bench = Bench::new();
    let hook = bench.hook(&url(&server), |_| {});
    bench.event("PrintDone");
    let waiting = bench.ended(State::Retrying);
    assert!(
        waiting.message.contains("503 Service Unavailable") && waiting.message.contains("Next try in "),
        "{}",
        waiting.message
    );
    bench.engine.try_now(hook.id);
    let requests = received(&server, 2);
    assert_eq!(json_of(&requests[0]), json_of(&requests[1]));
    assert_eq!(bench.ended(State::Delivered).attempts, 2);
}

#[test]
fn a_refusal_is_believed_when_it_comes_twice_and_a_hook_to_mend_at_once() {
    let server = RudeServer::start([Script::answering(answer("404 Not Found", &[], "no such hook"))]);
    let bench = Bench::new();
    let hook = bench.hook(&url(&server), |_| {});
    bench.hook("http://127.0.0.1:1/", |hook| hook.data = "{\n  \"a\": 1,\n}".into());
    bench.event("PrintDone");
    let refused = bench.delivery("a refusal", |entry| entry.status == Some(404));
    assert_eq!((refused.state, refused.attempts), (State::Retrying, 1));
    bench.engine.try_now(hook.id);
    let refused = bench.delivery("a second one", |entry| entry.status == Some(404) && entry.state == State::GivenUp);
    assert_eq!(refused.attempts, 2);
    let broken = bench.delivery("a hook to mend", |entry| entry.state == State::GivenUp && entry.status.is_none());
    assert!(broken.message.contains("line 3, column 1"), "{}", broken.message);
}

#[test]
fn a_hook_that_is_switched_off_or_deleted_sends_nothing_more() {
    let server = RudeServer::start([Script::answering(answer("503 Service Unavailable", &[], ""))]);
    let bench = Bench::new();
    let off = bench.hook(&url(&server), |_| {});
    let gone = bench.hook(&url(&server), |_| {});
    bench.event("PrintDone");
    until("both", || {
        Some(())
            .filter(|()| bench.engine.journal().latest(9).iter().filter(|e| e.state == State::Retrying).count() == 2)
    });
    bench.engine.shelf().set_enabled(off.id, false).unwrap();
    bench.engine.shelf().remove(gone.id).unwrap();
    bench.engine.hooks_changed();
    bench.delivery("switched off", |entry| entry.message.contains("switched off"));
    bench.delivery("deleted", |entry| entry.message.contains("deleted"));
    assert_eq!(bench.engine.wants("PrintDone"), Wants::Sight);
    let before = server.requests().len();
    let other = RudeServer::start([ok()]);
    bench.hook(&url(&other), |_| {});
    bench.event("PrintDone");
    received(&other, 1);
    assert_eq!(server.requests().len(), before, "what happens later goes to nobody who is off or gone");
}

#[test]
fn what_nobody_wants_is_known_by_a_look() {
    let bench = Bench::new();
    assert_eq!(bench.engine.wants("ZChange"), Wants::Nothing);
    assert_eq!(bench.engine.wants("PrintDone"), Wants::Sight);
    bench.hook("http://127.0.0.1:1/", |hook| {
        hook.events.retain(|topic, _| *topic == Topic::PrintDone);
        hook.custom_events.push(CustomEvent::new(" zchange ", ""));
    });
    assert_eq!(bench.engine.wants("ZCHANGE"), Wants::WithContext);
    assert_eq!(bench.engine.wants("PrintDone"), Wants::WithContext);
    assert_eq!(bench.engine.wants("PrintStarted"), Wants::Sight);
    assert_eq!(bench.engine.wants("CaptureDone"), Wants::Nothing);
    assert!(!bench.engine.wants_progress());
}

#[test]
fn of_progress_that_waits_only_the_newest_is_sent() {
    let gate = Gate::new();
    let server =
        RudeServer::start([Script::new().read_request().wait_for(&gate).write(answer("200 OK", &[], "")), ok()]);
    let bench = Bench::new();
    bench.hook(&url(&server), |hook: &mut HookConfig| {
        hook.events.values_mut().for_each(|event| event.enabled = true);
        hook.progress_interval_percent = 10;
        hook.data = r#"["@topic", "@percentCompleteMilestone", "@message"]"#.into();
    });
    bench.event("PrintStarted");
    received(&server, 1);
    for completion in [11.0, 22.0, 33.0] {
        bench.engine.observe(Sight::Progress, context(completion));
    }
    bench.delivery("the newest", |entry| entry.message.contains("newer news of the same took its place"));
    bench.event("PrintDone");
    bench.delivery("the end", |entry| entry.topic == "Print Done");
    gate.open();
    let sent: Vec<_> = received(&server, 3).iter().map(json_of).collect();
    assert_eq!(sent[1], json!(["Print Progress", 30, "Your print is 30 % complete."]));
    assert_eq!(sent[2], json!(["Print Done", 30, "Your print is done."]));
}

#[test]
fn a_skip_has_its_reason() {
    let server = RudeServer::start([ok()]);
    let bench = Bench::new();
    bench.hook(&url(&server), |hook| hook.cooldown_seconds = 60);
    bench.event("PrintPaused");
    bench.event("PrintPaused");
    let skipped = bench.ended(State::Skipped);
    assert!(skipped.message.contains("cooldown lasts another 60 s"), "{}", skipped.message);
}

#[test]
fn the_last_event_before_a_stop_still_goes_out() {
    let server = RudeServer::start([ok()]);
    let bench = Bench::new();
    bench.hook(&url(&server), |hook| {
        hook.custom_events.push(CustomEvent::new("Shutdown", ""));
    });
    bench.event("Shutdown");
    bench.engine.stop(std::time::Duration::from_secs(10));
    assert_eq!(server.requests().len(), 1);
    bench.event("PrintDone");
    assert!(bench.engine.next_notice(std::time::Duration::ZERO).is_some(), "what was said before is still heard");
}

#[test]
fn a_receiver_that_says_no_with_a_good_status_has_refused() {
    let no = r#"{"ok": false, "description": "chat not found"}"#;
    let server = RudeServer::start([Script::answering(answer("200 OK", &[], no)), ok_json()]);
    let bench = Bench::new();
    let hook = bench.hook(&url(&server), |hook| {
        hook.receiver.success_at = "/ok".to_owned();
        hook.receiver.success_is = "true".to_owned();
    });
    bench.event("PrintStarted");
    let refused = bench.ended(State::Retrying);
    assert_eq!((refused.status, refused.answer.as_deref()), (Some(200), Some(no)));
    bench.engine.try_now(hook.id);
    assert_eq!(bench.ended(State::Delivered).attempts, 2);
}

fn ok_json() -> Script {
    Script::answering(answer("200 OK", &[], r#"{"ok": true}"#))
}

#[test]
fn a_pause_between_two_lasts_as_long_when_somebody_sets_the_clock() {
    const YEAR: Duration = Duration::from_hours(365 * 24);
    let server = RudeServer::start([ok()]);
    let (bench, time) = Bench::in_time_of_its_own();
    bench.hook(&url(&server), |hook| hook.cooldown_seconds = 60);
    bench.event("PrintPaused");
    received(&server, 1);
    time.set_clock_ahead(YEAR);
    time.pass(&bench.engine, Duration::from_secs(40));
    bench.event("PrintPaused");
    let skipped = bench.ended(State::Skipped);
    assert!(skipped.message.contains("20 s"), "{}", skipped.message);
    time.pass(&bench.engine, Duration::from_secs(20));
    bench.event("PrintPaused");
    received(&server, 2);
}
