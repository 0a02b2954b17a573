//! A hook that is not sent any more makes itself known: to other hooks, to the health check, to open pages; and is counted.

use octohooks_core::hook::Subscription;
use octohooks_core::topic::Topic;
use octohooks_engine::Engine;
use octohooks_engine::journal::State;
use octohooks_engine::notice::Notice;
use octohooks_testkit::{RudeServer, Script, answer};
use serde_json::json;

use crate::support::{Bench, json_of, options, received, until, url};

fn with(status: &str) -> RudeServer {
    RudeServer::start([Script::answering(answer(status, &[], ""))])
}

fn listens_to_trouble(hook: &mut octohooks_core::hook::HookConfig) {
    let message = Topic::WebhookTrouble.default_message();
    hook.events.insert(Topic::WebhookTrouble, Subscription::new(true, message));
    hook.data = r#"["@topic", "@message", "@extra.state", "@extra.hook"]"#.into();
}

#[test]
fn a_hook_that_was_stopped_is_told_to_the_others_and_not_to_itself() {
    let (gone, other) = (with("410 Gone"), with("200 OK"));
    let bench = Bench::new();
    let stopped = bench.hook(&url(&gone), |hook| {
        hook.name = "Discord".into();
        listens_to_trouble(hook);
    });
    bench.hook(&url(&other), |hook| {
        hook.events.clear();
        listens_to_trouble(hook);
    });
    assert_eq!(bench.engine.troubles(), [] as [String; 0]);
    bench.event("PrintDone");
    let told = json_of(&received(&other, 1)[0]);
    let message = "The webhook \"Discord\" is not sent any more: the receiver says that its address is gone for good (410). It \
                   is tried again once a day.";
    assert_eq!(told, json!(["Webhook Trouble", message, "stopped", "Discord"]));
    assert_eq!(bench.engine.troubles(), [message]);
    let popup = bench.notice("a popup", |notice| match notice {
        Notice::Ui { data, .. } if data["type"] == "announcement" => Some(data["message"].clone()),
        _ => None,
    });
    assert_eq!(popup, message);
    let fired = bench.notice("an event on the bus", |notice| match notice {
        Notice::Fire { event: "trouble", payload } => Some(payload["hook_id"].clone()),
        _ => None,
    });
    assert_eq!(fired, stopped.id.to_string());
    until("all ended", || Some(()).filter(|()| bench.engine.journal().on_their_way() == 0));
    assert_eq!((gone.requests().len(), other.requests().len()), (1, 1));
}

#[test]
fn one_that_works_again_is_told_as_well() {
    let (back, other) = (
        RudeServer::start([
            Script::answering(answer("410 Gone", &[], "")),
            Script::answering(answer("200 OK", &[], "")),
        ]),
        with("200 OK"),
    );
    let bench = Bench::new();
    let healed = bench.hook(&url(&back), |_| {});
    bench.hook(&url(&other), |hook| {
        hook.events.clear();
        listens_to_trouble(hook);
    });
    bench.event("PrintStarted");
    received(&other, 1);
    bench.event("PrintDone");
    bench.engine.try_now(healed.id);
    let told: Vec<_> = received(&other, 2).iter().map(|request| json_of(request)[2].clone()).collect();
    assert_eq!(told, ["stopped", "sending"]);
    assert_eq!(bench.engine.troubles(), [] as [String; 0]);
}

#[test]
fn what_happened_is_counted() {
    let (good, bad) = (with("200 OK"), with("410 Gone"));
    let bench = Bench::new();
    let hook = bench.hook(&url(&good), |hook| hook.name = "with \"quotes\"".into());
    let stopped = bench.hook(&url(&bad), |_| {});
    bench.hook("http://127.0.0.1:1/", |hook| hook.enabled = false);
    bench.event("PrintDone");
    bench.ended(State::Delivered);
    bench.ended(State::GivenUp);
    until("the hook stopped", || bench.engine.troubles().pop());
    let text = bench.engine.metrics();
    let labels = format!(r#"hook_id="{}",hook="with \"quotes\"""#, hook.id);
    for line in [
        format!(r#"octohooks_deliveries_total{{{labels},outcome="delivered"}} 1"#),
        format!(r#"octohooks_attempts_total{{{labels},outcome="2xx"}} 1"#),
        format!("octohooks_attempt_duration_seconds_count{{{labels}}} 1"),
        format!(r#"octohooks_delivery_delay_seconds_bucket{{le="+Inf",{labels}}} 1"#),
        format!("octohooks_deliveries_waiting{{{labels}}} 0"),
        format!(r#"octohooks_hook_state{{{labels},state="sending"}} 1"#),
        format!(r#"octohooks_hook_state{{hook_id="{}",hook="a hook",state="stopped"}} 1"#, stopped.id),
        format!(r#"octohooks_deliveries_total{{hook_id="{}",hook="a hook",outcome="given_up"}} 1"#, stopped.id),
        "octohooks_outbox_durable 1".to_owned(),
        "octohooks_events_stored_total 1".to_owned(),
        "octohooks_events_lost_total 0".to_owned(),
    ] {
        assert!(text.lines().any(|found| found == line), "{line}\n\n{text}");
    }
    assert!(text.ends_with("# EOF\n"));
    assert!(!text.contains(&url(&good)), "an address may be secret");
}

#[test]
fn an_outbox_that_another_octoprint_has_is_called_that_and_no_failing_disk() {
    let folder = tempfile::tempdir().unwrap();
    let first = Engine::start(options(folder.path(), json!(null))).unwrap();
    let second = Engine::start(options(folder.path(), json!(null))).unwrap();
    let [told] = <[String; 1]>::try_from(second.troubles()).unwrap();
    assert!(told.contains("in use by another program") && told.contains("kept in memory until"), "{told}");
    assert_eq!(first.troubles(), [] as [String; 0]);
}
