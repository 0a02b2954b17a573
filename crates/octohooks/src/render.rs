//! `octohooks render HOOK.json EVENT.json`: the request that a hook would send for an event, without sending it.
//!
//! Comes in: two files. Goes out: the request as text, made by the same code that makes the real one. Secrets are covered
//! unless asked for. It opens no connection: a hook with OAuth is shown without the answer of its OAuth request.

use std::fs;
use std::io::{Write, stdout};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, Result, bail};
use bytes::Bytes;
use octohooks_core::compose::{Composed, compose};
use octohooks_core::event::{Context, Event, Printer};
use octohooks_core::hook::check::check;
use octohooks_core::hook::ready::{Hook, Subscription};
use octohooks_core::hook::{HookConfig, transfer};
use octohooks_core::ids::{DeliveryId, HookId, Randomness};
use octohooks_core::matching::Match;
use octohooks_core::parcel::Enrichment;
use octohooks_core::picture::Picture;
use octohooks_core::problem::{Problem, Severity};
use octohooks_core::sample;
use octohooks_core::shown::{Cover, show};
use octohooks_core::time::UnixMillis;
use octohooks_core::topic::Topic;
use serde::Deserialize;
use serde_json::Value;

/// Shows the request that a hook would send for an event, without sending it.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// A hook: a file that the page exported, or one hook of a hooks file.
    hook: PathBuf,
    /// An event: `{"event": "PrintDone"}`, and what is known of it; what is missing is filled in with samples.
    event: PathBuf,
    /// Shows secrets as they are.
    #[arg(long)]
    show_secrets: bool,
    /// Prints JSON instead of text.
    #[arg(long)]
    json: bool,
}

/// An event in a file. Only its name has to be there.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct EventFile {
    event: String,
    #[serde(default)]
    at: Option<UnixMillis>,
    #[serde(default)]
    payload: Option<Value>,
    #[serde(default)]
    context: Option<Context>,
    #[serde(default)]
    metadata: Option<Value>,
    #[serde(default)]
    printer: Option<Printer>,
    #[serde(default)]
    milestone: Option<u8>,
}

/// A moment that is in every example: 2026-11-24 13:00:00 UTC. The same files give the same request.
const SAMPLE_MOMENT: UnixMillis = UnixMillis(1_795_525_200_000);

/// Ids in what is shown are made of this.
const DICE: Randomness = [0; 10];

pub(crate) fn run(options: &Options) -> Result<()> {
    let config = read_hook(&options.hook)?;
    let (event, metadata, milestone) = read_event(&options.event)?;
    let hook = Hook::new(&config);
    let mut problems = check(&config);
    let Ok(recipe) = &hook.recipe else {
        bail!("the hook cannot be sent as it stands:\n{}", listed(&problems));
    };
    let subscription = hook.listens.to(event.topic, &event.name).unwrap_or_else(|| {
        problems.insert(0, Problem::note("events", format!("The hook does not listen to {}.", event.name)));
        event.topic.map_or(Subscription::CustomEvent, Subscription::Topic)
    });
    let matched = Match { hook: hook.id, event: Arc::new(event), subscription, milestone };
    let message = hook.listens.message(subscription, &matched.event.name).cloned();
    let parcel = matched.into_parcel(DeliveryId::new(SAMPLE_MOMENT, &DICE));
    let enrichment = Enrichment {
        metadata: Some(metadata),
        pictures: vec![Picture::of_camera(Bytes::from_static(b"(the picture)"))],
        picture_missing: None,
    };
    let composed = compose(recipe, message.as_ref(), &parcel, &enrichment, None)?;
    problems.extend(composed.problems.iter().cloned());
    let cover = if options.show_secrets { Cover::default() } else { Cover::of(recipe, None) };
    print(&composed, &cover, &problems, options)
}

fn read_hook(path: &Path) -> Result<HookConfig> {
    let text = fs::read_to_string(path).with_context(|| format!("read {}", path.display()))?;
    let id = HookId::new(SAMPLE_MOMENT, &DICE);
    match serde_json::from_str::<HookConfig>(&text) {
        Ok(config) => Ok(config),
        Err(_) => match transfer::import_file(&text, id) {
            Ok(config) => Ok(config),
            Err(problem) => bail!("{}: {}", path.display(), line_of(&problem)),
        },
    }
}

fn read_event(path: &Path) -> Result<(Event, Value, u8)> {
    let text = fs::read_to_string(path).with_context(|| format!("read {}", path.display()))?;
    let file: EventFile = serde_json::from_str(&text).with_context(|| format!("read {}", path.display()))?;
    let printer = file.printer.unwrap_or_else(|| Printer {
        id: "octoprint".to_owned(),
        name: "OctoPrint".to_owned(),
        appearance: Value::Null,
        ..Printer::default()
    });
    let at = file.at.unwrap_or(SAMPLE_MOMENT);
    let mut event = sample::event(&file.event, Arc::new(printer), at, &mut || DICE);
    if let Some(payload) = file.payload {
        event.payload = payload;
    }
    if let Some(context) = file.context {
        event.context = Arc::new(context);
    }
    let sample_milestone = if event.topic == Some(Topic::PrintProgress) { event.context.completion() } else { None };
    let milestone = file.milestone.or(sample_milestone).unwrap_or(0);
    Ok((event, file.metadata.unwrap_or_else(sample::metadata), milestone))
}

fn print(composed: &Composed, cover: &Cover, problems: &[Problem], options: &Options) -> Result<()> {
    let mut shown = show(composed, cover);
    if options.show_secrets {
        shown.url = composed.request.url.to_string();
        shown.headers = plain_headers(composed);
    }
    let mut out = stdout().lock();
    if options.json {
        writeln!(out, "{:#}", serde_json::json!({"request": shown, "problems": problems}))?;
        return Ok(());
    }
    writeln!(out, "{} {}", shown.method, shown.url)?;
    for (name, value) in &shown.headers {
        writeln!(out, "{name}: {value}")?;
    }
    writeln!(out)?;
    if let Some(body) = &shown.body {
        writeln!(out, "{}", laid_out(body))?;
    }
    for part in shown.parts.iter().flatten() {
        let what = part.text.clone().unwrap_or_else(|| part.filename.clone().unwrap_or_default());
        writeln!(out, "{} = {what}", part.name)?;
    }
    if !problems.is_empty() {
        writeln!(out, "\n{}", listed(problems))?;
    }
    Ok(())
}

fn plain_headers(composed: &Composed) -> Vec<(String, String)> {
    let headers = composed.request.headers.iter();
    headers.map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned())).collect()
}

fn listed(problems: &[Problem]) -> String {
    problems.iter().map(line_of).collect::<Vec<_>>().join("\n")
}

fn line_of(problem: &Problem) -> String {
    let severity = match problem.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    };
    let place = match (problem.line, problem.column) {
        (Some(line), Some(column)) => format!(" (line {line}, column {column})"),
        _ => String::new(),
    };
    format!("{severity}: {}{place}: {}", problem.field, problem.message)
}

/// JSON with a line for each value; anything else as it is.
fn laid_out(body: &str) -> String {
    let value: Option<serde_json::Value> = serde_json::from_str(body).ok();
    value.and_then(|value| serde_json::to_string_pretty(&value).ok()).unwrap_or_else(|| body.to_owned())
}
