//! Hours without a receiver, simulated: what arrives afterwards is what a person would want to read. Real sockets and real
//! files; only time is not real.

use std::time::Duration;

use octohooks_core::daytime::SpanConfig;
use octohooks_core::event::Context;
use octohooks_core::hook::{CustomEvent, HookConfig};
use octohooks_core::observation::Sight;
use octohooks_core::quiet::QuietConfig;
use octohooks_core::time::UnixMillis;
use octohooks_engine::journal::{Filter, State};
use octohooks_engine::{Engine, Options};
use octohooks_testkit::{DeadPort, RudeServer, Script, answer};
use serde_json::{Value, json};

use crate::support::{Time, context, json_of, options, received, until};

const HOUR: u64 = 3600;

/// An engine whose time passes when it is told to.
struct Simulation {
    engine: Engine,
    time: Time,
    second: u64,
}

impl Simulation {
    fn new(options: Options, wall: UnixMillis) -> Self {
        let (engine, time) = Time::start(options, wall);
        Self { engine, time, second: 0 }
    }

    /// A second passes, and everything happens that happens in it.
    fn pass_a_second(&mut self) {
        self.second += 1;
        self.time.pass(&self.engine, Duration::from_secs(1));
        self.settle();
    }

    fn settle(&self) {
        self.engine.finish_what_is_being_sent(Duration::from_secs(20));
    }

    fn event(&self, name: &str, payload: Value) {
        self.engine.observe(Sight::BusEvent { name: name.to_owned(), payload }, self.context());
        self.settle();
    }

    /// Topic and message of deliveries that stand like this, the oldest first.
    fn list(&self, state: State) -> Vec<String> {
        let filter = Filter { state: Some(state), ..Filter::default() };
        let listed = self.engine.journal().history().list(filter, None, 1000).wait().unwrap().unwrap();
        listed.entries.into_iter().rev().map(|entry| format!("{}: {}", entry.topic, entry.message)).collect()
    }

    fn context(&self) -> Context {
        // The print takes six hours.
        context(f64::from(u32::try_from(self.second).unwrap()) / 216.0)
    }
}

#[test]
fn after_six_hours_of_outage_with_progress_every_second_a_person_reads_what_matters() {
    let folder = tempfile::tempdir().unwrap();
    let dead = DeadPort::new();
    let mut simulation = Simulation::new(options(folder.path(), Value::Null), UnixMillis(1_800_000_000_000));
    let mut hook = HookConfig::new(simulation.engine.new_hook_id());
    hook.url = format!("http://127.0.0.1:{}/hook", dead.port());
    hook.data = r#"["@topic", "@percentCompleteMilestone", "@late", "@repeats", "@extra.z"]"#.to_owned();
    hook.progress_interval_percent = 1;
    hook.events.values_mut().for_each(|event| event.enabled = true);
    hook.custom_events.push(CustomEvent::new("ZChange", ""));
    simulation.engine.shelf().add(hook.clone()).unwrap();
    simulation.engine.hooks_changed();

    let mut most_waiting = 0;
    for second in 0..6 * HOUR + 300 {
        match second {
            60 => simulation.event("PrintStarted", json!({"name": "a.gcode", "path": "a.gcode", "origin": "local"})),
            HOUR => simulation.event("PrintPaused", json!({"name": "a.gcode"})),
            4000 => simulation.event("PrintResumed", json!({"name": "a.gcode"})),
            // The filament is out, and the firmware says so every two seconds for ten minutes.
            7200..7800 if second.is_multiple_of(2) => {
                let line = "echo:busy: paused for user".to_owned();
                simulation.engine.observe(Sight::SerialLine(line), simulation.context());
            }
            21_540 => simulation.event("PrintDone", json!({"name": "a.gcode", "time": 21_480})),
            _ => {}
        }
        if (60..21_540).contains(&second) {
            simulation.engine.observe(Sight::Progress, simulation.context());
            if second.is_multiple_of(10) {
                simulation.event("ZChange", json!({"z": second}));
            }
        }
        simulation.pass_a_second();
        most_waiting = most_waiting.max(simulation.engine.journal().on_their_way());
    }
    let attempts: u32 = simulation.engine.journal().latest(1000).iter().map(|entry| entry.attempts).sum();

    let server = dead.revive([Script::answering(answer("200 OK", &[], ""))]);
    for _ in 0..20 * 60 {
        if simulation.engine.journal().on_their_way() == 0 {
            break;
        }
        simulation.pass_a_second();
    }
    simulation.pass_a_second();
    let arrived: Vec<Value> = received(&server, 6).iter().map(json_of).collect();
    let read: Vec<_> =
        arrived.iter().map(|message| (message[0].as_str().unwrap(), message[2].as_str().unwrap())).collect();
    // What is urgent comes first, the rest in its order, each with how late it is. The start of a print that is done is more
    // than six hours old, and of 21,480 pieces of progress none is news any more.
    let urgent_then_in_order = [
        ("User Action Needed", "4 h late"),
        ("Print Paused", "5 h late"),
        ("Print Resumed", "5 h late"),
        ("User Action Over", "4 h late"),
    ];
    assert_eq!(read[..4], urgent_then_in_order);
    for (end, topic) in read[4..].iter().zip(["Print Done", "Print Ended"]) {
        assert!(end.0 == topic && end.1.ends_with(" min late"), "{end:?}");
    }
    assert_eq!(read.len(), 6);
    assert!(attempts < 100, "a receiver that is down is asked {attempts} times");
    let given_up = simulation.list(State::GivenUp);
    assert_eq!(given_up, ["Print Started: Given up: it did not arrive within 6 h, and is too late to matter."]);
    assert!(most_waiting < 20, "{most_waiting} waited at once");
}

#[test]
fn when_quiet_hours_end_what_was_held_is_told_in_one_message() {
    let folder = tempfile::tempdir().unwrap();
    let server = RudeServer::start([Script::answering(answer("200 OK", &[], ""))]);
    // 08:00 in UTC.
    let mut simulation = Simulation::new(options(folder.path(), Value::Null), UnixMillis(1_800_000_000_000));
    let mut hook = HookConfig::new(simulation.engine.new_hook_id());
    hook.url = format!("http://127.0.0.1:{}/hook", server.port());
    hook.data = r#"["@topic", "@message"]"#.to_owned();
    let span = SpanConfig { from: "07:30".into(), until: "09:00".into(), days: vec![] };
    hook.quiet = QuietConfig { enabled: true, span, digest: true, ..QuietConfig::default() };
    simulation.engine.shelf().add(hook.clone()).unwrap();
    simulation.engine.hooks_changed();

    for second in 0..3590 {
        match second {
            60 => simulation.event("PrintStarted", json!({"name": "a.gcode"})),
            300 => simulation.event("Error", json!({"error": "too hot"})),
            600 => simulation.event("PrintPaused", json!({"name": "a.gcode"})),
            1260 => simulation.event("PrintDone", json!({"name": "a.gcode"})),
            _ => {}
        }
        simulation.pass_a_second();
    }
    let told = |count| -> Vec<Value> { received(&server, count).iter().map(json_of).collect() };
    assert_eq!(told(1), [json!(["Error", "There was an error."])], "only what is critical is told meanwhile");
    let held = "Held until 09:00: quiet hours.";
    let waiting = ["Print Started", "Print Paused", "Print Done"].map(|topic| format!("{topic}: {held}"));
    // What comes behind one that is held says so a little later.
    until("all of them held", || Some(()).filter(|()| simulation.list(State::Waiting) == waiting));

    for _ in 0..30 {
        simulation.pass_a_second();
    }
    let digest = "08:01 Your print has started.\n\
                  08:10 Your print has paused. You might need to change the filament color.\n\
                  Your print is done.";
    assert_eq!(told(2)[1], json!(["Print Done", digest]));
    for _ in 0..900 {
        simulation.pass_a_second();
    }
    assert_eq!(told(2).len(), 2);
    let together = "Told together with others when the quiet hours were over.";
    assert_eq!(
        simulation.list(State::Skipped),
        ["Print Started", "Print Paused"].map(|topic| format!("{topic}: {together}"))
    );
}
