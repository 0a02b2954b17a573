//! The usual conditions as rules that need no expression: file, user, state, duration, time of day, temperature.
//!
//! A rule as it is stored in, one that can be asked out; asked about an event it says yes, or what was compared. What is
//! not known does not hold, whichever way the rule is turned, but for a name: nobody is not anna.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::daytime::{Local, Span, SpanConfig};
use crate::event::Event;

/// One rule.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "about", rename_all = "snake_case", deny_unknown_fields)]
pub enum Rule {
    /// The file that the event is of, or that is being printed.
    File {
        /// Names or paths; `*` stands for anything, `?` for a letter, and `folder/` for all that is in it. Upper and lower
        /// case are alike. One that fits is enough.
        names: Vec<String>,
        /// Whether none may fit instead.
        #[serde(default)]
        not: bool,
    },
    /// Who did it, or whose print it is.
    User {
        /// Names; one that fits is enough.
        names: Vec<String>,
        /// Whether it may be none of them instead.
        #[serde(default)]
        not: bool,
    },
    /// The printer's state.
    State {
        /// `printing`, `paused`, `operational`, `ready`, `error`, `offline`; one that fits is enough.
        states: Vec<String>,
        /// Whether it may be in none of them instead.
        #[serde(default)]
        not: bool,
    },
    /// How long the print took, or, while it is under way, is expected to take.
    Duration {
        /// Longer than so many minutes.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        longer_than_minutes: Option<f64>,
        /// Shorter than so many minutes.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        shorter_than_minutes: Option<f64>,
    },
    /// The time of day at the printer.
    Time {
        /// Within this span.
        span: SpanConfig,
        /// Outside of it instead.
        #[serde(default)]
        not: bool,
    },
    /// The temperature of a heater.
    Temperature {
        /// `tool0`, `bed`, `chamber`.
        heater: String,
        /// Above so many °C.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        above: Option<f64>,
        /// Below so many °C.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        below: Option<f64>,
    },
}

/// The states that a rule can name, with the flags of OctoPrint's that make each.
const STATES: [(&str, &[&str]); 9] = [
    ("printing", &["printing"]),
    ("paused", &["paused", "pausing"]),
    ("cancelling", &["cancelling"]),
    ("finishing", &["finishing"]),
    ("resuming", &["resuming"]),
    ("operational", &["operational"]),
    ("ready", &["ready"]),
    ("error", &["error"]),
    ("offline", &["closedOrError"]),
];

/// A rule that can be asked.
#[derive(Debug)]
pub(super) enum ReadyRule {
    File { patterns: Vec<String>, not: bool },
    User { names: Vec<String>, not: bool },
    State { states: Vec<&'static str>, not: bool },
    Duration { longer: Option<f64>, shorter: Option<f64> },
    Time { span: Span, not: bool },
    Temperature { heater: String, above: Option<f64>, below: Option<f64> },
}

impl ReadyRule {
    /// Checks a rule.
    ///
    /// # Errors
    /// What is wrong with it, a sentence.
    pub(super) fn new(rule: &Rule) -> Result<Self, String> {
        let some = |names: &[String], what: &str| {
            let names: Vec<String> =
                names.iter().map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()).collect();
            if names.is_empty() { Err(format!("Name {what}.")) } else { Ok(names) }
        };
        Ok(match rule {
            Rule::File { names, not } => {
                let lower = |name: String| name.trim_start_matches('/').to_lowercase();
                let patterns =
                    some(names, "a file or a folder: *.gcode, or calibration/")?.into_iter().map(lower).collect();
                Self::File { patterns, not: *not }
            }
            Rule::User { names, not } => Self::User { names: some(names, "a user")?, not: *not },
            Rule::State { states, not } => {
                let known = |state: &String| {
                    let found = STATES.iter().map(|(name, _)| *name).find(|name| state.eq_ignore_ascii_case(name));
                    let all = STATES.map(|(name, _)| name).join(", ");
                    found.ok_or_else(|| format!("There is no state {state:?}. Write one of {all}."))
                };
                let states = some(states, "a state of the printer: printing, for example")?;
                Self::State { states: states.iter().map(known).collect::<Result<_, _>>()?, not: *not }
            }
            Rule::Duration { longer_than_minutes: longer, shorter_than_minutes: shorter } => {
                if longer.is_none() && shorter.is_none() {
                    return Err("Say how many minutes.".to_owned());
                }
                Self::Duration { longer: *longer, shorter: *shorter }
            }
            Rule::Time { span, not } => {
                let span = Span::new(span).map_err(|_| "Write times of day like 07:00 and 22:30.".to_owned())?;
                Self::Time { span, not: *not }
            }
            Rule::Temperature { heater, above, below } => {
                if above.is_none() && below.is_none() {
                    return Err("Say how many °C.".to_owned());
                }
                let heater = heater.trim().to_owned();
                if heater.is_empty() {
                    return Err("Name a heater: tool0, bed, or chamber.".to_owned());
                }
                Self::Temperature { heater, above: *above, below: *below }
            }
        })
    }

    /// Whether it holds for an event.
    ///
    /// # Errors
    /// What was compared, a part of a sentence.
    pub(super) fn holds(&self, event: &Event) -> Result<(), String> {
        match self {
            Self::File { patterns, not } => {
                let path = path_of(event);
                let fits = path.is_some_and(|path| patterns.iter().any(|pattern| fits(pattern, path)));
                names_hold("the file", path, fits, patterns, *not)
            }
            Self::User { names, not } => {
                let user = user_of(event);
                let fits = user.is_some_and(|user| names.iter().any(|name| name.eq_ignore_ascii_case(user)));
                names_hold("the user", user, fits, names, *not)
            }
            Self::State { states, not } => state_holds(event, states, *not),
            Self::Duration { longer, shorter } => {
                let minutes = seconds_of(event).map(|seconds| seconds / 60.0);
                number_holds("the print's duration", "min", minutes, *longer, *shorter)
            }
            Self::Time { span, not } => {
                let local = Local::new(event.at, event.context.utc_offset());
                if span.contains(local) != *not {
                    return Ok(());
                }
                let wanted = if *not { "outside of" } else { "within" };
                Err(format!(
                    "it was {:?}, {}, and the condition wants a time {wanted} {span}",
                    local.day(),
                    local.clock
                ))
            }
            Self::Temperature { heater, above, below } => {
                let actual = event.context.get("temperatures").and_then(|all| all.get(heater)?.get("actual")?.as_f64());
                number_holds(&format!("the temperature of {heater}"), "°C", actual, *above, *below)
            }
        }
    }
}

fn names_hold(what: &str, name: Option<&str>, fits: bool, wanted: &[String], not: bool) -> Result<(), String> {
    if fits != not {
        return Ok(());
    }
    let was = name.map_or("not known".to_owned(), |name| format!("{name:?}"));
    let wanted: Vec<String> = wanted.iter().map(|name| format!("{name:?}")).collect();
    let how = if not { "none of " } else { "" };
    Err(format!("{what} was {was}, and the condition wants {how}{}", wanted.join(" or ")))
}

fn state_holds(event: &Event, states: &[&'static str], not: bool) -> Result<(), String> {
    let is = |state: &str| {
        let flags = STATES.iter().find(|(name, _)| *name == state).map_or(&[][..], |(_, flags)| *flags);
        flags.iter().any(|flag| event.context.flag(flag))
    };
    if states.iter().any(|state| is(state)) != not {
        return Ok(());
    }
    let text = event.context.get("state").and_then(|state| state.get("text")?.as_str());
    let was = text.map_or("not known".to_owned(), |text| format!("{text:?}"));
    let how = if not { "none of " } else { "" };
    Err(format!("the printer's state was {was}, and the condition wants {how}{}", states.join(" or ")))
}

fn number_holds(
    what: &str,
    unit: &str,
    number: Option<f64>,
    above: Option<f64>,
    below: Option<f64>,
) -> Result<(), String> {
    let wanted = match (above, below) {
        (Some(above), Some(below)) => format!("more than {above} and less than {below} {unit}"),
        (Some(above), None) => format!("more than {above} {unit}"),
        (_, below) => format!("less than {} {unit}", below.unwrap_or_default()),
    };
    let Some(number) = number else {
        return Err(format!("{what} was not known, and the condition wants {wanted}"));
    };
    if above.is_none_or(|above| number > above) && below.is_none_or(|below| number < below) {
        return Ok(());
    }
    Err(format!("{what} was {number:.1} {unit}, and the condition wants {wanted}"))
}

/// The file that the event is of; else the one being printed.
fn path_of(event: &Event) -> Option<&str> {
    let own = event.payload.get("path").or_else(|| event.payload.get("name")).and_then(Value::as_str);
    own.or_else(|| event.context.job_file().map(|(_, path)| path))
}

/// Who did it; else whose print it is.
fn user_of(event: &Event) -> Option<&str> {
    let named = |value: &Value| value.as_str().map(str::trim).filter(|name| !name.is_empty()).map(str::len);
    let own =
        ["user", "username"].iter().find_map(|key| event.payload.get(*key).filter(|value| named(value).is_some()));
    own.or_else(|| event.context.get("job")?.get("user")).and_then(Value::as_str).filter(|name| !name.trim().is_empty())
}

/// How long the print took or is expected to take, in seconds.
fn seconds_of(event: &Event) -> Option<f64> {
    let number = |value: &Value| value.as_f64().filter(|seconds| seconds.is_finite());
    if let Some(took) = event.payload.get("time").and_then(number) {
        return Some(took);
    }
    let of_progress = |key: &str| event.context.get("progress")?.get(key).and_then(number);
    let estimate = || event.context.get("job")?.get("estimatedPrintTime").and_then(number);
    match (of_progress("printTime"), of_progress("printTimeLeft")) {
        (Some(spent), Some(left)) => Some(spent + left),
        (spent, _) => estimate().or(spent),
    }
}

/// Whether a path fits a pattern in lower case: its whole, its last part where the pattern has no `/`, or a folder of it.
fn fits(pattern: &str, path: &str) -> bool {
    let path = path.trim_start_matches('/').to_lowercase();
    if let Some(folder) = pattern.strip_suffix('/') {
        let mut folders = path.match_indices('/').map(|(end, _)| &path[..end]);
        return folders.any(|parent| matches(folder, parent));
    }
    let name = path.rsplit('/').next().unwrap_or(&path);
    matches(pattern, &path) || (!pattern.contains('/') && matches(pattern, name))
}

/// `*` is any run of letters, `?` is one. Tries each `*` at one place after the other, so that it takes no more than the
/// product of both lengths.
fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    let (mut at, mut in_text) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while in_text < text.len() {
        match pattern.get(at) {
            Some('*') => {
                star = Some((at, in_text));
                at += 1;
            }
            Some(letter) if *letter == '?' || *letter == text[in_text] => {
                at += 1;
                in_text += 1;
            }
            _ => match star {
                Some((place, tried)) => {
                    star = Some((place, tried + 1));
                    at = place + 1;
                    in_text = tried + 1;
                }
                None => return false,
            },
        }
    }
    pattern[at..].iter().all(|letter| *letter == '*')
}
