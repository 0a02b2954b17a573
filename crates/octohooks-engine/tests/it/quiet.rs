//! Quiet hours: what is held goes when they end, after a restart too; what matters goes at once.

use octohooks_core::daytime::SpanConfig;
use octohooks_core::hook::HookConfig;
use octohooks_core::quiet::{QuietConfig, What};
use octohooks_engine::journal::State;
use octohooks_testkit::{RudeServer, Script, answer};

use crate::support::{Bench, json_of, received, url};

/// The whole day, whatever time it is.
fn quiet(hook: &mut HookConfig, what: What) {
    let span = SpanConfig { from: "00:00".into(), until: "00:00".into(), days: vec![] };
    hook.quiet = QuietConfig { enabled: true, span, what, ..QuietConfig::default() };
    hook.data = r#"{"topic": "@topic", "silent": "@silent", "message": "@message"}"#.to_owned();
}

#[test]
fn what_is_held_waits_over_a_restart() {
    let server = RudeServer::start([Script::answering(answer("200 OK", &[], ""))]);
    let bench = Bench::new();
    let mut hook = bench.hook(&url(&server), |hook| quiet(hook, What::Hold));
    bench.event("PrintStarted");
    bench.event("PrintDone");
    bench.event("Error");
    assert_eq!(json_of(&received(&server, 1)[0])["topic"], "Error", "what is critical goes at once");
    let held = |bench: &Bench| {
        bench.delivery("a delivery that is held", |entry| {
            entry.state == State::Waiting && entry.message == "Held until 00:00: quiet hours."
        })
    };
    held(&bench);
    let bench = bench.restarted();
    held(&bench);
    assert_eq!(server.requests().len(), 1);

    // Switched off, they hold nothing any more.
    hook.quiet.enabled = false;
    bench.engine.shelf().replace(hook.clone(), None).unwrap();
    bench.engine.hooks_changed();
    bench.engine.try_now(hook.id);
    let topics: Vec<_> = received(&server, 3)[1..].iter().map(|request| json_of(request)["topic"].clone()).collect();
    assert_eq!(topics, ["Print Started", "Print Done"]);
}

#[test]
fn what_is_silenced_says_so_and_what_is_dropped_says_until_when() {
    let server = RudeServer::start([Script::answering(answer("200 OK", &[], ""))]);
    let bench = Bench::new();
    bench.hook(&url(&server), |hook| quiet(hook, What::Silence));
    bench.hook(&url(&server), |hook| quiet(hook, What::Drop));
    bench.event("PrintDone");
    let sent = json_of(&received(&server, 1)[0]);
    assert_eq!((sent["topic"].as_str(), sent["silent"].as_bool()), (Some("Print Done"), Some(true)));
    let skipped = bench.ended(State::Skipped);
    assert_eq!(skipped.message, "Not sent: quiet hours until 00:00.");
}
