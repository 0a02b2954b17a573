//! What the engine says to its shell.

use std::time::Duration;

use octohooks_core::observation::Sight;
use octohooks_core::picture::CameraWish;
use octohooks_engine::notice::{Level, Notice, Notices, Right};
use serde_json::json;

use crate::support::{Bench, context};

#[test]
fn a_waiting_printer_is_fired_on_the_bus_and_its_echo_is_ignored() {
    let bench = Bench::new();
    bench.hook("http://127.0.0.1:1/", |_| {});
    let line = || Sight::SerialLine("echo:busy: paused for user".to_owned());
    bench.engine.observe(line(), context(10.0));
    bench.engine.observe(line(), context(10.0));
    let payload = bench.notice("an event for the bus", |notice| match notice {
        Notice::Fire { event: "notify", payload } => Some(payload),
        _ => None,
    });
    assert_eq!(payload["line"], "echo:busy: paused for user");
    bench.event_with("plugin_webhooks_notify", payload);
    bench.event("PrintDone");
    bench.delivery("what came after", |entry| entry.topic == "Print Done");
    let waiting = bench.engine.journal().latest(9).into_iter().filter(|entry| entry.topic == "User Action Needed");
    assert_eq!(waiting.count(), 1);
}

#[test]
fn a_failed_delivery_is_an_info_and_holds_no_secret() {
    let bench = Bench::new();
    bench.hook("http://127.0.0.1:1/secret-path-77?key=secret-query-77", |hook| {
        hook.headers = r#"{"Authorization": "Bearer secret-header-77"}"#.to_owned();
    });
    bench.event("PrintDone");
    let (level, message) = bench.notice("a line for the log", |notice| match notice {
        Notice::Log { level, message } => Some((level, message)),
        _ => None,
    });
    assert_eq!(level, Level::Info);
    assert!(
        message.starts_with("Print Done to \"a hook\" was not delivered: ") && !message.contains("77"),
        "{message}"
    );
}

#[test]
fn when_nobody_listens_words_go_before_requests() {
    let notices = Notices::default();
    notices.push(Notice::Picture { ticket: "p1".into(), wish: CameraWish::default(), seconds: 10 });
    for count in 0..3000 {
        notices.push(Notice::Ui { right: Right::View, data: json!(count) });
    }
    assert_eq!(
        notices.next(Duration::ZERO),
        Some(Notice::Picture { ticket: "p1".into(), wish: CameraWish::default(), seconds: 10 })
    );
    let rest = std::iter::from_fn(|| notices.next(Duration::ZERO)).count();
    assert_eq!(rest, 1023);
}

#[test]
fn closing_wakes_whoever_waits() {
    let notices = std::sync::Arc::new(Notices::default());
    let waiting = std::sync::Arc::clone(&notices);
    let thread = std::thread::spawn(move || waiting.next(Duration::from_mins(10)));
    notices.close();
    assert_eq!(thread.join().unwrap(), None);
}
