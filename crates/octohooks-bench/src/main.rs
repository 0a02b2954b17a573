//! Measures the engine on this machine, each figure beside what it is compared with, in turn in the same run.
//!
//! Comes in: what to measure. Goes out: one JSON object per figure and line, which `bench/` makes a table of. Nothing here
//! passes or fails: a machine that is busy with other things is slow, so what counts is the ratio of two figures.

mod backlog;
mod deliveries;
mod disk;
mod figure;
mod pictures;
mod rig;
mod server;

use clap::Parser;

/// What to measure.
#[derive(Debug, Parser)]
#[command(about = "Measures the engine; one JSON object per figure.")]
pub(crate) struct Settings {
    /// Fewer repetitions.
    #[arg(long)]
    pub(crate) quick: bool,
    /// The command that does with Pillow what is compared with it; without one, pictures are left out.
    #[arg(long, num_args = 1..)]
    pub(crate) pillow: Vec<String>,
    /// Where the camera's pictures lie: any number of JPEG files.
    #[arg(long)]
    pub(crate) pictures: Option<std::path::PathBuf>,
    /// Where to write; flushes are measured on this disk.
    #[arg(long, default_value = "target/bench")]
    pub(crate) folder: std::path::PathBuf,
}

fn main() -> anyhow::Result<()> {
    let settings = Settings::parse();
    std::fs::create_dir_all(&settings.folder)?;
    deliveries::measure(&settings)?;
    disk::measure(&settings)?;
    backlog::measure(&settings)?;
    if let Some(folder) = &settings.pictures {
        pictures::measure(folder, &settings)?;
    }
    Ok(())
}
