//! What was stored is delivered after a restart, under the same name, in order; what ended stays ended.

use octohooks_core::event::Context;
use octohooks_core::hook::HookConfig;
use octohooks_core::observation::Sight;
use octohooks_core::topic::Topic;
use octohooks_engine::journal::{Entry, Filter, State};
use octohooks_engine::notice::Notice;
use octohooks_engine::{Engine, Options, Shot};
use octohooks_testkit::{DeadPort, RudeServer, Script, answer};
use serde_json::{Value, json};

use crate::support::{Bench, context, json_of, options, received, tiny_jpeg, until, url};

fn down() -> Script {
    Script::answering(answer("503 Service Unavailable", &[], ""))
}

fn up() -> Script {
    Script::answering(answer("200 OK", &[], ""))
}

fn waiting(bench: &Bench) -> usize {
    bench.engine.journal().on_their_way()
}

#[test]
fn what_waits_survives_in_order_and_under_its_id() {
    let receiver_is_down = RudeServer::start([down()]);
    let bench = Bench::new();
    let hook = bench.hook(&url(&receiver_is_down), |_| {});
    for name in ["PrintStarted", "PrintPaused", "PrintResumed", "PrintDone"] {
        bench.event(name);
    }
    bench.ended(State::Retrying);
    until("all four", || Some(()).filter(|()| waiting(&bench) == 4));
    let first_id = json_of(&received(&receiver_is_down, 1)[0])["delivery"].clone();
    let bench = bench.restarted();
    let receiver = RudeServer::start([up()]);
    let moved = HookConfig { url: url(&receiver), ..hook };
    bench.engine.shelf().replace(moved.clone(), None).unwrap();
    bench.engine.hooks_changed();
    bench.engine.try_now(moved.id);
    let sent: Vec<_> = received(&receiver, 4).iter().map(json_of).collect();
    let topics: Vec<_> = sent.iter().map(|body| body["topic"].clone()).collect();
    assert_eq!(topics, ["Print Started", "Print Paused", "Print Resumed", "Print Done"]);
    assert_eq!(sent[0]["delivery"], first_id);
}

#[test]
fn what_became_of_the_latest_delivery_of_a_hook_is_still_known() {
    let (server, other) = (RudeServer::start([up()]), RudeServer::start([down()]));
    let bench = Bench::new();
    let hooks = [bench.hook(&url(&server), |_| {}), bench.hook(&url(&other), |hook| hook.events.clear())];
    bench.event("PrintStarted");
    bench.event("PrintDone");
    let latest = |bench: &Bench| bench.engine.journal().of_hook(hooks[0].id).last;
    let is_done = |entry: &Entry| entry.state == State::Delivered && entry.topic == "Print Done";
    let before = until("the second", || latest(&bench).filter(is_done));
    let bench = bench.restarted();
    assert_eq!(until("what was before", || latest(&bench)), before);
    assert_eq!(bench.engine.journal().of_hook(hooks[1].id).last, None);
}

#[test]
fn what_was_delivered_is_not_sent_again() {
    let server = RudeServer::start([up()]);
    let bench = Bench::new();
    bench.hook(&url(&server), |_| {});
    bench.event("PrintStarted");
    bench.ended(State::Delivered);
    let bench = bench.restarted();
    bench.event("PrintDone");
    assert_eq!(json_of(&received(&server, 2)[1])["topic"], "Print Done");
    until("the end of it", || Some(()).filter(|()| waiting(&bench) == 0));
    assert_eq!(server.requests().len(), 2);
}

#[test]
fn progress_is_not_stored() {
    let server = RudeServer::start([down()]);
    let bench = Bench::new();
    bench.hook(&url(&server), |hook| hook.events.values_mut().for_each(|event| event.enabled = true));
    bench.engine.observe(Sight::Progress, context(55.0));
    bench.ended(State::Retrying);
    let bench = bench.restarted();
    bench.event("PrintDone");
    bench.delivery("the only one that is sent", |entry| entry.topic == "Print Done");
    let progress = bench.delivery("the end of the other", |entry| entry.topic == "Print Progress");
    assert_eq!(progress.state, State::Skipped, "{}", progress.message);
}

#[test]
fn a_picture_is_kept_with_its_event() {
    let server = RudeServer::start([down(), up()]);
    let bench = Bench::new();
    bench.hook(&url(&server), |hook| hook.data = r#"{"snap": "@snapshot", "hash": "@meta.hash"}"#.to_owned());
    bench.event("PrintDone");
    let jpeg = tiny_jpeg();
    let mut asked = 0;
    until("both wishes", || {
        match bench.engine.next_notice(std::time::Duration::from_millis(200)) {
            Some(Notice::Picture { ticket, .. }) => {
                let shot = Shot { jpeg: Ok(jpeg.clone()), flip_h: false, flip_v: false, rotate_90: false };
                bench.engine.answer_picture(&ticket, shot);
                asked += 1;
            }
            Some(Notice::Metadata { ticket, .. }) => {
                bench.engine.answer_metadata(&ticket, json!({"hash": "abc"}));
                asked += 1;
            }
            _ => {}
        }
        Some(()).filter(|()| asked == 2)
    });
    let hook = bench.engine.roster().hooks[0].0.id;
    bench.ended(State::Retrying);
    let bench = bench.restarted();
    bench.engine.try_now(hook);
    let body = received(&server, 2)[1].body.clone();
    assert!(body.windows(jpeg.len()).any(|window| window == jpeg), "the picture is not in the second attempt");
    assert!(String::from_utf8_lossy(&body).contains("abc"));
}

#[test]
fn what_waits_for_a_deleted_hook_is_gone_after_a_restart() {
    let server = RudeServer::start([down()]);
    let bench = Bench::new();
    let hook = bench.hook(&url(&server), |_| {});
    bench.event("PrintDone");
    bench.ended(State::Retrying);
    bench.engine.shelf().remove(hook.id).unwrap();
    bench.engine.hooks_changed();
    bench.delivery("its end", |entry| entry.state == State::GivenUp);
    let bench = bench.restarted();
    assert_eq!(waiting(&bench), 0);
    assert_eq!(bench.engine.journal().latest(9), []);
}

#[test]
fn two_engines_do_not_share_an_outbox() {
    let bench = Bench::new();
    let second = octohooks_engine::Engine::start(crate::support::options(bench.folder.path(), json!(null))).unwrap();
    let said = until("a word on it", || {
        second.next_notice(std::time::Duration::from_millis(200)).and_then(|notice| match notice {
            Notice::Log { message, .. } => Some(message),
            _ => None,
        })
    });
    assert!(said.contains("in use by another program"), "{said}");
}

/// More than goes into memory at once, for a receiver that stays dead and for one that comes back.
#[test]
fn a_long_backlog_of_one_hook_delays_no_other_and_arrives_in_order() {
    const EVENTS: usize = 1300;
    let (dead, back) = (DeadPort::new(), DeadPort::new());
    let bench = Bench::new();
    let numbered = |hook: &mut HookConfig| hook.data = r#"["@extra.n"]"#.to_owned();
    bench.hook(&format!("http://127.0.0.1:{}/hook", dead.port()), numbered);
    let hook = bench.hook(&format!("http://127.0.0.1:{}/hook", back.port()), numbered);
    for n in 0..EVENTS {
        bench.event_with("PrintDone", json!({"n": n}));
        until("room for the next", || Some(()).filter(|()| waiting(&bench) + 1000 > 2 * n));
    }
    until("all of them stored", || Some(()).filter(|()| waiting(&bench) == 2 * EVENTS));
    let bench = bench.restarted();
    let other = RudeServer::start([up()]);
    bench.hook(&url(&other), numbered);
    bench.event_with("PrintStarted", json!({"n": "fresh"}));
    assert_eq!(json_of(&received(&other, 1)[0]), json!(["fresh"]));
    let more = |hook| bench.engine.journal().of_hook(hook).more;
    assert!(more(hook.id), "not all is counted, and that is known");

    let receiver = back.revive([up()]);
    bench.engine.try_now(hook.id);
    let arrived: Vec<_> = received(&receiver, EVENTS + 1).iter().map(|request| json_of(request)[0].clone()).collect();
    assert_eq!(arrived, (0..EVENTS).map(|n| json!(n)).chain([json!("fresh")]).collect::<Vec<_>>());
    until("all of it counted", || Some(()).filter(|()| !more(hook.id)));
}

/// More than goes into memory at once: the last of it lies in the outbox alone.
#[test]
fn what_was_not_read_yet_can_be_dropped_and_goes_with_its_hook() {
    const EVENTS: usize = 1300;
    let dead = DeadPort::new();
    let bench = Bench::new();
    let hook = bench.hook(&format!("http://127.0.0.1:{}/hook", dead.port()), |_| {});
    for n in 0..EVENTS {
        bench.event_with("PrintDone", json!({"n": n}));
        until("room for the next", || Some(()).filter(|()| waiting(&bench) + 500 > n));
    }
    until("all of them stored", || Some(()).filter(|()| waiting(&bench) == EVENTS));
    let bench = bench.restarted();
    until("as many as fit", || Some(()).filter(|()| waiting(&bench) == 1000));
    let entries = || bench.engine.block_on(bench.engine.journal().history().list(Filter::default(), None, EVENTS));
    let newest = || entries().unwrap().unwrap().entries.remove(0);
    assert_eq!(newest().state, State::Waiting);

    bench.engine.drop_delivery(newest().id);
    let message = "Dropped by a user before it was sent.";
    until("its end", || Some(newest()).filter(|entry| entry.state == State::Skipped && entry.message == message));
    let outbox = bench.engine.outbox_figures();
    assert!(!outbox.failing);
    let next = || entries().unwrap().unwrap().entries.remove(1);
    let one_more = next().id;
    assert_eq!(bench.engine.block_on(bench.engine.drop_these(&[one_more])).unwrap(), 1);
    until("the end of the next", || Some(next()).filter(|entry| entry.id == one_more && entry.message == message));
    let a_third = entries().unwrap().unwrap().entries.remove(2).id;
    let filter = Filter { hook: Some(hook.id), until: None, ..Filter::default() };
    let (asked, more) = bench.engine.block_on(bench.engine.drop_all(&filter)).unwrap();
    assert_eq!((asked, more), (500, true));
    until("the end of 500 more", || {
        let entries = entries().unwrap().unwrap().entries;
        let ended = entries.iter().filter(|entry| entry.message == message);
        let ended: Vec<_> = ended.map(|entry| entry.id).collect();
        Some(()).filter(|()| ended.len() == 502 && ended.contains(&a_third))
    });

    bench.engine.shelf().remove(hook.id).unwrap();
    bench.engine.hooks_changed();
    until("the end of all others", || {
        let entries = entries().unwrap().unwrap().entries;
        let ended = entries.iter().filter(|entry| entry.message == "Given up: the webhook was deleted.").count();
        Some(()).filter(|()| ended == EVENTS - 502)
    });
    let bench = bench.restarted();
    assert_eq!(waiting(&bench), 0);
}

#[test]
fn a_print_that_went_on_keeps_its_name_and_one_that_did_not_is_told_once() {
    let server = RudeServer::start([up(), up(), up(), up()]);
    let bench = Bench::new();
    bench.hook(&url(&server), |hook| {
        hook.events.retain(|topic, _| matches!(topic, Topic::PrintPaused | Topic::PrintInterrupted));
        hook.data = r#"["@topic", "@jobId", "@extra.text"]"#.into();
    });
    bench.event("PrintStarted");
    bench.event("PrintPaused");
    let bench = bench.restarted();
    bench.event("PrintPaused");
    let paused: Vec<Value> = received(&server, 2).iter().map(json_of).collect();
    assert_eq!(paused[0][1], paused[1][1], "the printer still prints that file");
    assert!(paused[0][1].is_string());

    let Bench { engine, folder } = bench;
    drop(engine);
    let start = |folder: &std::path::Path| {
        Engine::start(Options { context: Context::default(), ..options(folder, Value::Null) }).unwrap()
    };
    let engine = start(folder.path());
    let told = json_of(received(&server, 3).last().unwrap());
    assert_eq!(told[0], "Print Interrupted");
    assert_eq!(told[1], paused[0][1]);
    let text = "OctoPrint was stopped: was printing a.gcode, lost at 12 %, while it was paused.";
    assert_eq!(told[2], text);
    drop(engine);
    let engine = start(folder.path());
    engine.finish_what_is_being_sent(std::time::Duration::from_secs(5));
    assert_eq!(server.requests().len(), 3);
}
