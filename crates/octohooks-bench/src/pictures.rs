//! A camera's pictures, made ready beside Pillow, which does the same in turn in a process of its own.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Instant;

use anyhow::{Context, ensure};
use octohooks_image::{Bounds, Limits, Orientation, fit};
use serde_json::json;

use crate::Settings;
use crate::figure::{Figure, percentile};

/// What is done with a picture, and how a camera would have to be mounted for it.
const OPERATIONS: [(&str, Orientation); 4] = [
    ("fit", Orientation { flip_h: false, flip_v: false, rotate_90: false }),
    ("flip", Orientation { flip_h: true, flip_v: false, rotate_90: false }),
    ("turn", Orientation { flip_h: false, flip_v: false, rotate_90: true }),
    ("fit_turn", Orientation { flip_h: true, flip_v: true, rotate_90: true }),
];

pub(crate) fn measure(folder: &Path, settings: &Settings) -> anyhow::Result<()> {
    let mut pillow = Pillow::start(&settings.pillow)?;
    let rounds = if settings.quick { 3 } else { 9 };
    let mut files: Vec<_> = std::fs::read_dir(folder)?.flatten().map(|entry| entry.path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "jpg"));
    files.sort();
    let (mut ours_over_all, mut pillows_over_all) = (0.0, 0.0);
    for file in files {
        let jpeg = std::fs::read(&file)?;
        let name = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let mut spans: BTreeMap<&str, [Vec<f64>; 2]> = BTreeMap::new();
        for _ in 0..rounds {
            for (operation, orientation) in OPERATIONS {
                let begun = Instant::now();
                let made = fit(&jpeg, Bounds::default(), orientation, Limits::default())?;
                let ours = begun.elapsed().as_secs_f64() * 1e3;
                ensure!(!made.is_empty(), "no picture came out");
                let pillows = pillow.time(&file, operation)?;
                let [our_spans, pillows_spans] = spans.entry(operation).or_default();
                our_spans.push(ours);
                pillows_spans.push(pillows);
            }
        }
        for (operation, [ours, pillows]) in spans {
            let pillow = percentile(&pillows, 0.5);
            ours_over_all += percentile(&ours, 0.5);
            pillows_over_all += pillow;
            let note = format!("Pillow: {pillow:.1} ms");
            Figure::of(format!("picture {name}, {operation}"), "ms", &ours).at_most(pillow).note(note).tell()?;
        }
    }
    let ratio = pillows_over_all / ours_over_all;
    Figure::of("pictures over all, times as fast as Pillow", "", &[ratio]).at_least(2.0).tell()
}

/// The other side, which answers one line with one line.
struct Pillow {
    child: Child,
    questions: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Pillow {
    fn start(command: &[String]) -> anyhow::Result<Self> {
        let (program, arguments) = command.split_first().context("--pillow is missing")?;
        let mut child = Command::new(program).args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let questions = child.stdin.take().context("its input")?;
        let answers = BufReader::new(child.stdout.take().context("its output")?);
        Ok(Self { child, questions, answers })
    }

    fn time(&mut self, file: &Path, operation: &str) -> anyhow::Result<f64> {
        writeln!(self.questions, "{}", json!({"file": file, "op": operation, "repeat": 1}))?;
        self.questions.flush()?;
        let mut line = String::new();
        self.answers.read_line(&mut line)?;
        let answer: serde_json::Value = serde_json::from_str(&line).context("Pillow's answer")?;
        answer["ms"][0].as_f64().with_context(|| format!("Pillow's answer: {answer}"))
    }
}

/// It ends with its input; whatever it does then is of no interest.
impl Drop for Pillow {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
