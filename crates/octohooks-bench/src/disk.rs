//! What is written and flushed, by the kernel's own counters of this process; and whether anything stirs when nothing happens.
//!
//! Flushes are counted by the disk for all processes together, so theirs are in the figure as well.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Context;

use crate::Settings;
use crate::figure::Figure;
use crate::rig::Rig;
use crate::server::Server;

/// With as many pages, a quarter of what it may have, the log is copied back in quiet times.
const LONG_LOG: u32 = 250;

/// Events that come alone, and how long after one another: what is written late has been written by then.
const ALONE: u32 = 5;
const APART: Duration = Duration::from_secs(2);

/// How long nothing happens.
const IDLE: Duration = Duration::from_secs(10);

pub(crate) fn measure(settings: &Settings) -> anyhow::Result<()> {
    let (runs, events) = if settings.quick { (2, 100_u32) } else { (5, 300) };
    let mut bytes = Vec::new();
    let mut log_bytes = Vec::new();
    let (mut flushes, mut flushes_alone) = (Vec::new(), Vec::new());
    let (mut progress_bytes, mut idle_bytes, mut wake_ups) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..runs {
        let folder = tempfile::tempdir_in(&settings.folder)?;
        let rig = Rig::start(folder.path())?;
        let server = Server::start()?;
        rig.hook(&server.url("hook"), "Bench")?;
        rig.observe("Bench", 0);
        server.arrivals(1)?;
        rig.until_waiting(0)?;
        settle(&rig)?;

        let before = Counters::read(folder.path())?;
        for number in 0..events {
            rig.observe("Bench", number as usize);
            server.arrivals(1)?;
        }
        rig.until_waiting(0)?;
        settle(&rig)?;
        let after = Counters::read(folder.path())?;
        bytes.push((after.bytes - before.bytes) / f64::from(events));
        log_bytes.push((after.log_bytes - before.log_bytes) / f64::from(events));
        if let (Some(after), Some(before)) = (after.flushes, before.flushes) {
            flushes.push((after - before) / f64::from(events));
        }

        let before = Counters::read(folder.path())?;
        for number in 0..ALONE {
            rig.observe("Bench", number as usize);
            server.arrivals(1)?;
            std::thread::sleep(APART);
        }
        let after = Counters::read(folder.path())?;
        if let (Some(after), Some(before)) = (after.flushes, before.flushes) {
            flushes_alone.push((after - before) / f64::from(ALONE));
        }

        let mut hook = rig.hook(&server.url("progress"), "Nothing")?;
        hook.events = octohooks_core::hook::HookConfig::new(hook.id).events;
        hook.events.retain(|topic, _| *topic == octohooks_core::topic::Topic::PrintProgress);
        hook.events.values_mut().for_each(|event| event.enabled = true);
        rig.engine.shelf().replace(hook, None).context("a hook for progress")?;
        settle(&rig)?;
        let before = Counters::read(folder.path())?;
        for _ in 0..events {
            rig.progress();
        }
        rig.until_waiting(0)?;
        let after = Counters::read(folder.path())?;
        progress_bytes.push((after.bytes - before.bytes) / f64::from(events));

        settle(&rig)?;
        // A log that has grown is copied back once, after half a minute of quiet.
        let deadline = Instant::now() + Duration::from_mins(1);
        while rig.engine.outbox_figures().wal_pages >= LONG_LOG && Instant::now() < deadline {
            std::thread::sleep(Duration::from_secs(1));
        }
        let (before, stirred) = (Counters::read(folder.path())?, switches()?);
        std::thread::sleep(IDLE);
        let (after, stirring) = (Counters::read(folder.path())?, switches()?);
        idle_bytes.push(after.bytes - before.bytes);
        wake_ups.push(stirring - stirred);
        rig.engine.stop(Duration::from_secs(10));
    }
    let log = Figure::of("written per event, of that the delivery log", "bytes", &log_bytes);
    let note = "outbox and delivery log, one event after the other";
    Figure::of("written per event", "bytes", &bytes).at_most(8192.0).note(note).tell()?;
    log.tell()?;
    if !flushes.is_empty() {
        let note = "of the whole disk, all processes";
        Figure::of("flushes per event", "", &flushes).at_most(1.0).note(note).tell()?;
        let name = format!("flushes per event, one every {} s", APART.as_secs());
        Figure::of(name, "", &flushes_alone).at_most(1.0).note(note).tell()?;
    }
    Figure::of("written per progress event", "bytes", &progress_bytes).at_most(0.0).tell()?;
    Figure::of("written in 10 idle seconds", "bytes", &idle_bytes).at_most(0.0).tell()?;
    Figure::of("wake-ups of the engine's threads in 10 idle seconds", "", &wake_ups).at_most(0.0).tell()
}

/// Until everything that is written late has been.
fn settle(rig: &Rig) -> anyhow::Result<()> {
    rig.engine.journal().history().flush().wait().ok().context("the delivery log")?;
    // Marks are written after a second, enrichment and standings after some more.
    std::thread::sleep(Duration::from_secs(7));
    Ok(())
}

struct Counters {
    bytes: f64,
    /// Of these, by the thread of the delivery log.
    log_bytes: f64,
    flushes: Option<f64>,
}

impl Counters {
    fn read(folder: &Path) -> anyhow::Result<Self> {
        let mut log_bytes = 0.0;
        for task in fs::read_dir("/proc/self/task")?.flatten() {
            let name = fs::read_to_string(task.path().join("comm")).unwrap_or_default();
            if name.starts_with("octohooks-journ") {
                log_bytes += written_by(&task.path().join("io"))?;
            }
        }
        Ok(Self { bytes: written_by(Path::new("/proc/self/io"))?, log_bytes, flushes: flushes_of_disk(folder) })
    }
}

fn written_by(io: &Path) -> anyhow::Result<f64> {
    let io = fs::read_to_string(io).context("the kernel's counters")?;
    let bytes = io.lines().find_map(|line| line.strip_prefix("write_bytes: ")).context("write_bytes")?;
    Ok(bytes.parse()?)
}

/// The fourteenth and the sixteenth number of a disk are its discards and flushes (kernel 5.5 and later).
fn flushes_of_disk(folder: &Path) -> Option<f64> {
    let device = fs::metadata(folder).ok()?.dev();
    let (major, minor) = ((device >> 8) & 0xfff, (device & 0xff) | ((device >> 12) & 0xfff00));
    let stat = fs::read_to_string(format!("/sys/dev/block/{major}:{minor}/stat")).ok()?;
    stat.split_whitespace().nth(15)?.parse().ok()
}

/// `Name: octohooks-store` and its like; not the thread that measures.
fn is_of_the_engine(name: &str) -> bool {
    name.contains("octohooks") && !name.contains("octohooks-bench")
}

/// How often this process's engine threads began to run.
fn switches() -> anyhow::Result<f64> {
    let mut sum = 0.0;
    for task in fs::read_dir("/proc/self/task")?.flatten() {
        let status = fs::read_to_string(task.path().join("status")).unwrap_or_default();
        if status.lines().next().is_some_and(is_of_the_engine) {
            let counts = status.lines().filter(|line| line.contains("ctxt_switches"));
            sum += counts.filter_map(|line| line.split_whitespace().nth(1)?.parse::<f64>().ok()).sum::<f64>();
        }
    }
    Ok(sum)
}
