//! Whether a hundred thousand events that wait make anything slower than ten.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use octohooks_core::event::Printer;
use octohooks_core::hook::HookConfig;
use octohooks_core::hook::ready::Subscription;
use octohooks_core::ids::{DeliveryId, HookId};
use octohooks_core::sample;
use octohooks_core::time::UnixMillis;
use octohooks_engine::clock::Clock;
use octohooks_store::Outbox;
use octohooks_store::event::{NewDelivery, NewEvent, Stamp, Standing};
use octohooks_store::outbox::Options;
use serde_json::Value;

use crate::Settings;
use crate::figure::{Figure, percentile};
use crate::rig::Rig;
use crate::server::Server;

const MANY: usize = 100_000;
const FEW: usize = 10;

pub(crate) fn measure(settings: &Settings) -> anyhow::Result<()> {
    let runs = if settings.quick { 2 } else { 5 };
    let (mut start, mut ready) = (Vec::new(), Vec::new());
    let (mut few, mut many): ([Vec<f64>; 2], [Vec<f64>; 2]) = (Default::default(), Default::default());
    for _ in 0..runs {
        for (count, spans) in [(FEW, &mut few), (MANY, &mut many)] {
            let folder = tempfile::tempdir_in(&settings.folder)?;
            let measured = with_backlog(folder.path(), count)?;
            spans[0].push(measured.enqueue_us);
            spans[1].push(measured.dispatch_ms);
            if count == MANY {
                start.push(measured.start_s);
                ready.push(measured.ready_s);
            }
        }
    }
    Figure::of("start with 100,000 waiting", "s", &start).at_most(2.0).tell()?;
    Figure::of("start with 100,000 waiting, until the first new delivery", "s", &ready).tell()?;
    let note = |few: f64| format!("with 10 waiting: {few:.3}");
    let [enqueue, dispatch] = few.map(|spans| percentile(&spans, 0.5));
    Figure::of("enqueue with 100,000 waiting, p50", "us", &many[0])
        .at_most(enqueue * 1.25)
        .note(note(enqueue))
        .tell()?;
    Figure::of("dispatch with 100,000 waiting, p50", "ms", &many[1])
        .at_most(dispatch * 1.25)
        .note(note(dispatch))
        .tell()
}

struct Measured {
    start_s: f64,
    ready_s: f64,
    enqueue_us: f64,
    dispatch_ms: f64,
}

/// For a hook whose receiver is dead, so many wait; another one gets new events.
fn with_backlog(folder: &Path, count: usize) -> anyhow::Result<Measured> {
    let rig = Rig::start(folder)?;
    let dead: HookConfig = rig.hook("http://127.0.0.1:9/dead", "Dead")?;
    let server = Server::start()?;
    rig.hook(&server.url("hook"), "Bench")?;
    rig.engine.stop(Duration::from_secs(10));
    drop(rig);
    fill(&folder.join("state"), dead.id, count)?;
    let begun = Instant::now();
    let rig = Rig::start(folder)?;
    let start_s = begun.elapsed().as_secs_f64();
    rig.observe("Bench", 0);
    server.arrivals(1)?;
    let ready_s = begun.elapsed().as_secs_f64();
    let (mut enqueue, mut dispatch) = (Vec::new(), Vec::new());
    for number in 0..200 {
        let seen = Instant::now();
        rig.observe("Bench", number);
        enqueue.push(seen.elapsed().as_secs_f64() * 1e6);
        let arrived = server.arrivals(1)?;
        dispatch.extend(arrived.iter().map(|at| at.duration_since(seen).as_secs_f64() * 1e3));
    }
    rig.engine.stop(Duration::from_secs(10));
    let (enqueue_us, dispatch_ms) = (percentile(&enqueue, 0.5), percentile(&dispatch, 0.5));
    Ok(Measured { start_s, ready_s, enqueue_us, dispatch_ms })
}

/// Events that wait for a hook, as an engine would have stored them.
fn fill(folder: &Path, hook: HookId, count: usize) -> anyhow::Result<()> {
    let clock = Clock::default();
    let options = Options::new(Arc::new(move || clock.now()), Arc::new(|_| {}));
    let (outbox, _) = Outbox::open(folder, options)?;
    let printer = Arc::new(Printer {
        id: "octoprint".into(),
        name: "Printer".into(),
        appearance: Value::Null,
        ..Printer::default()
    });
    let now = clock.moment();
    let expires = UnixMillis(now.wall.0 + 6 * 3_600_000);
    let boot = i64::from_be_bytes(now.boot.to_bytes()[..8].try_into().unwrap_or_default());
    let uptime = i64::try_from(now.uptime.as_millis())?;
    for number in 0..count {
        let event = sample::event("Upload", Arc::clone(&printer), now.wall, &mut || clock.randomness());
        let delivery = NewDelivery {
            id: DeliveryId::new(now.wall, &clock.randomness()),
            hook,
            subscription: Subscription::CustomEvent,
            milestone: 0,
            standing: Standing::default(),
        };
        let stamp = Stamp { wall: now.wall, boot, monotonic: uptime };
        let new = NewEvent { event: Arc::new(event), stamp, expires, deliveries: vec![delivery] };
        let appended = outbox.append(&new);
        if number % 500 == 499 {
            appended.ticket.wait().ok().context("an event was not stored")?;
        }
    }
    outbox.flush().wait().ok().context("the outbox")?;
    anyhow::ensure!(outbox.close(Duration::from_mins(1)), "the outbox did not close");
    Ok(())
}
