//! Measures the engine on this machine, each figure beside what it is compared with, in turn in the same run.
//!
//! Comes in: two variables of the environment, see [`Settings`]. Goes out: one JSON object per figure and line, which `bench/`
//! makes a table of; `make bench` runs both. Nothing here passes or fails: a machine that is busy with other things is slow, so what counts is the ratio of two figures.

mod backlog;
mod deliveries;
mod disk;
mod figure;
mod pictures;
mod rig;
mod server;

use std::path::PathBuf;

use anyhow::Context;

/// What to measure.
#[derive(Debug)]
pub(crate) struct Settings {
    /// `BENCH_QUICK`: fewer repetitions.
    pub(crate) quick: bool,
    /// `BENCH_PILLOW`, a JSON list: the command that does with Pillow what is compared with it. Without one, pictures are
    /// left out.
    pub(crate) pillow: Vec<String>,
    /// Where to write; flushes are measured on this disk.
    pub(crate) folder: PathBuf,
}

fn main() -> anyhow::Result<()> {
    let pillow = std::env::var("BENCH_PILLOW").ok().map(|text| serde_json::from_str(&text)).transpose();
    let settings = Settings {
        quick: std::env::var_os("BENCH_QUICK").is_some(),
        pillow: pillow.context("BENCH_PILLOW is a list in JSON")?.unwrap_or_default(),
        folder: PathBuf::from("target/bench"),
    };
    std::fs::create_dir_all(&settings.folder)?;
    // `BENCH_ONLY`: one of these, for who works on it.
    let only = std::env::var("BENCH_ONLY").ok();
    let wants = |name: &str| only.as_deref().is_none_or(|only| only == name);
    if wants("deliveries") {
        deliveries::measure(&settings)?;
    }
    if wants("disk") {
        disk::measure(&settings)?;
    }
    if wants("backlog") {
        backlog::measure(&settings)?;
    }
    if wants("pictures") && !settings.pillow.is_empty() {
        pictures::measure(&settings)?;
    }
    Ok(())
}
