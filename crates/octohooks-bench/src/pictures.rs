//! A camera's pictures, made ready beside Pillow, which does the same in turn in a process of its own.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Instant;

use anyhow::{Context, ensure};
use octohooks_image::{Bounds, Limits, Orientation, fit};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::json;

use crate::Settings;
use crate::figure::{Figure, percentile};

/// As good as ours are saved.
const QUALITY: u8 = 85;

/// Larger than any camera's: nothing is made to fit.
const ANY_SIZE: [u32; 2] = [20_000, 20_000];

/// Something that is done with a picture.
struct Operation {
    name: &'static str,
    /// What it is called on the other side.
    pillows: &'static str,
    orientation: Orientation,
    fits: bool,
}

const fn mounted(flip_h: bool, flip_v: bool, rotate_90: bool) -> Orientation {
    Orientation { flip_h, flip_v, rotate_90 }
}

const OPERATIONS: [Operation; 5] = [
    Operation { name: "as it is", pillows: "open", orientation: mounted(false, false, false), fits: false },
    Operation { name: "made to fit", pillows: "fit", orientation: mounted(false, false, false), fits: true },
    Operation { name: "flipped", pillows: "flip", orientation: mounted(true, false, false), fits: false },
    Operation { name: "turned", pillows: "turn", orientation: mounted(false, false, true), fits: false },
    Operation {
        name: "made to fit and turned",
        pillows: "fit_turn",
        orientation: mounted(false, false, true),
        fits: true,
    },
];

pub(crate) fn measure(settings: &Settings) -> anyhow::Result<()> {
    let folder = tempfile::tempdir_in(&settings.folder)?;
    let (mut pillow, pictures) = Pillow::start(&settings.pillow, folder.path())?;
    let rounds = if settings.quick { 3 } else { 9 };
    let (mut ours_over_all, mut pillows_over_all) = (0.0, 0.0);
    for (name, file) in pictures {
        let jpeg = std::fs::read(&file)?;
        for operation in OPERATIONS {
            let bounds = bounds_of(&operation);
            let (mut ours, mut pillows) = (Vec::new(), Vec::new());
            for round in 0..=rounds {
                let begun = Instant::now();
                let made = fit(&jpeg, bounds, operation.orientation, Limits::default())?;
                let our = begun.elapsed().as_secs_f64() * 1e3;
                ensure!(!made.is_empty(), "no picture came out");
                let theirs = pillow.time(&file, &operation)?;
                // The first round warms up.
                if round > 0 {
                    ours.push(our);
                    pillows.push(theirs);
                }
            }
            let theirs = percentile(&pillows, 0.5);
            ours_over_all += percentile(&ours, 0.5);
            pillows_over_all += theirs;
            let figure = Figure::of(format!("picture {name}, {}", operation.name), "ms", &ours);
            figure.at_most(theirs).note(format!("limit: Pillow, {theirs:.2} ms")).tell()?;
        }
    }
    let ratio = pillows_over_all / ours_over_all;
    Figure::of("pictures over all, times as fast as Pillow", "", &[ratio]).at_least(2.0).tell()
}

fn bounds_of(operation: &Operation) -> Bounds {
    if operation.fits { Bounds::default() } else { Bounds { width: ANY_SIZE[0], height: ANY_SIZE[1] } }
}

/// The other side, which answers one line with one line.
struct Pillow {
    child: Child,
    questions: ChildStdin,
    answers: BufReader<ChildStdout>,
}

/// What it says first.
#[derive(Deserialize)]
struct Hello {
    pictures: BTreeMap<String, PathBuf>,
}

impl Pillow {
    /// Starts it, and has it make the pictures.
    fn start(command: &[String], folder: &Path) -> anyhow::Result<(Self, BTreeMap<String, PathBuf>)> {
        let (program, arguments) = command.split_first().context("BENCH_PILLOW is empty")?;
        let mut child =
            Command::new(program).args(arguments).arg(folder).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let questions = child.stdin.take().context("its input")?;
        let answers = BufReader::new(child.stdout.take().context("its output")?);
        let mut pillow = Self { child, questions, answers };
        let hello: Hello = pillow.answer()?;
        Ok((pillow, hello.pictures))
    }

    fn time(&mut self, file: &Path, operation: &Operation) -> anyhow::Result<f64> {
        let mut question = json!({"file": file, "op": operation.pillows, "repeat": 1, "quality": QUALITY});
        if !operation.fits {
            question["bounds"] = json!(ANY_SIZE);
        }
        writeln!(self.questions, "{question}")?;
        self.questions.flush()?;
        let answer: serde_json::Value = self.answer()?;
        answer["ms"][0].as_f64().with_context(|| format!("Pillow's answer: {answer}"))
    }

    fn answer<T: DeserializeOwned>(&mut self) -> anyhow::Result<T> {
        let mut line = String::new();
        self.answers.read_line(&mut line)?;
        serde_json::from_str(&line).with_context(|| format!("Pillow's answer: {line}"))
    }
}

/// It ends with its input; whatever it does then is of no interest.
impl Drop for Pillow {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
