//! What a user drops is not sent, wherever it is just then: on its way to the disk, or from one endpoint to another.

use octohooks_core::hook::HookConfig;
use octohooks_core::ids::DeliveryId;
use octohooks_engine::journal::{Entry, State};
use octohooks_testkit::{DeadPort, RudeServer, Script, answer};
use serde_json::json;

use crate::support::{Bench, json_of, received, until, url};

fn dropped(bench: &Bench, delivery: DeliveryId) {
    let is_it = |entry: &Entry| entry.id == delivery && entry.state == State::Skipped;
    let entry = bench.delivery("the end of what was dropped", is_it);
    assert_eq!(entry.message, "Dropped by a user before it was sent.");
}

/// The hook sends again, and what comes next is all that its receiver gets.
fn only_the_next_one_arrives(bench: &Bench, hook: &HookConfig, server: &RudeServer) {
    bench.engine.pause(hook.id, false);
    bench.event("PrintDone");
    bench.ended(State::Delivered);
    let topics: Vec<_> = received(server, 1).iter().map(|request| json_of(request)["topic"].clone()).collect();
    assert_eq!(topics, ["Print Done"]);
}

#[test]
fn what_is_dropped_before_it_is_stored_is_not_sent() {
    const EVENTS: usize = 30;
    let server = RudeServer::start([Script::answering(answer("200 OK", &[], ""))]);
    let bench = Bench::new();
    let hook = bench.hook(&url(&server), |_| {});
    bench.engine.pause(hook.id, true);
    // The log shows a delivery before the disk has it: most of these are on their way there when they are dropped.
    for n in 0..EVENTS {
        bench.event_with("PrintStarted", json!({"n": n}));
        let newest = || bench.engine.journal().latest(1).pop().filter(|entry| entry.state == State::Waiting);
        let delivery = until("the next one", newest).id;
        bench.engine.drop_delivery(delivery);
        dropped(&bench, delivery);
    }
    assert_eq!(bench.engine.journal().on_their_way(), 0);
    only_the_next_one_arrives(&bench, &hook, &server);

    // Nothing of it lies in the outbox.
    let bench = bench.restarted();
    assert_eq!(bench.engine.journal().on_their_way(), 0);
}

#[test]
fn what_is_dropped_while_its_hook_moves_is_not_sent() {
    let dead = DeadPort::new();
    let server = RudeServer::start([Script::answering(answer("200 OK", &[], ""))]);
    let bench = Bench::new();
    let hook = bench.hook(&format!("http://127.0.0.1:{}/hook", dead.port()), |_| {});
    bench.engine.pause(hook.id, true);
    bench.event("PrintStarted");
    let delivery = bench.delivery("one that waits", |entry| entry.message.contains("paused")).id;
    let moved = HookConfig { url: url(&server), ..hook };
    bench.engine.shelf().replace(moved.clone(), None).unwrap();
    bench.engine.hooks_changed();
    bench.engine.drop_delivery(delivery);
    dropped(&bench, delivery);
    only_the_next_one_arrives(&bench, &moved, &server);
}

#[test]
fn what_was_dropped_can_be_sent_again() {
    let server = RudeServer::start([Script::answering(answer("200 OK", &[], ""))]);
    let bench = Bench::new();
    let hook = bench.hook(&url(&server), |_| {});
    bench.engine.pause(hook.id, true);
    bench.event("PrintStarted");
    let delivery = until("it", || bench.engine.journal().latest(1).pop()).id;
    bench.engine.drop_delivery(delivery);
    dropped(&bench, delivery);
    bench.engine.pause(hook.id, false);
    bench.engine.block_on(bench.engine.resend(delivery)).unwrap();
    assert_eq!(json_of(&received(&server, 1)[0])["delivery"], json!(delivery.to_string()));
}
