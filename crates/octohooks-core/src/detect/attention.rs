//! A printer that wants somebody: one occurrence from its first word until it is over, whoever of printer, firmware, and
//! OctoPrint says it how often.
//!
//! Lines and names of events go in, [`Call`]s come out; [`Attention`] keeps what is open. It must never decide who wants an event.

use std::time::Duration;

use serde_json::{Value, json};

use crate::event::Context;
use crate::time::UnixMillis;

/// A printer that waits says so every few seconds; after this long without a word, the next word is a new occurrence.
const QUIET: Duration = Duration::from_secs(30);

/// More of a line is no message for a person.
const LONGEST: usize = 200;

/// More buttons no prompt has.
const MOST_CHOICES: usize = 10;

/// What a line or an event says of it.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Call {
    /// Somebody is wanted.
    Wanted { reason: Reason, text: String },
    /// A prompt is being put together: its title, or one more choice.
    Prompt(Prompt),
    /// Nobody is wanted any more.
    Over,
    /// A text for a person, nothing to be done.
    Says(String),
}

/// A part of a prompt (`//action:prompt_…`).
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Prompt {
    Begin(String),
    Choice(String),
    Show,
    End,
}

/// Why somebody is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reason {
    PausedForUser,
    FilamentChange,
    FilamentRunout,
    Waiting,
    Prompt,
}

impl Reason {
    /// The value of `@extra.reason`.
    const fn key(self) -> &'static str {
        match self {
            Self::PausedForUser => "paused_for_user",
            Self::FilamentChange => "filament_change",
            Self::FilamentRunout => "filament_runout",
            Self::Waiting => "waiting",
            Self::Prompt => "prompt",
        }
    }

    /// Somebody is wanted, in the print's words or else in ours.
    fn in_words(self, text: &str) -> Call {
        let ours = if self == Self::FilamentChange {
            "The print asks for other filament."
        } else {
            "The print waits for somebody."
        };
        let text = text.trim();
        Call::Wanted { reason: self, text: cut(if text.is_empty() { ours } else { text }) }
    }
}

/// What a line of the printer's says; `None` for all others.
pub(super) fn read(line: &str) -> Option<Call> {
    let line = line.trim();
    if super::is_waiting_for_user(line) {
        return Some(Call::Wanted { reason: Reason::PausedForUser, text: cut(line) });
    }
    let lower = line.to_ascii_lowercase();
    if lower.contains("filament runout") || lower.contains("filament_runout") || lower.contains("out_of_filament") {
        return Some(Call::Wanted { reason: Reason::FilamentRunout, text: cut(line) });
    }
    let rest = lower.strip_prefix("//")?.trim_start().strip_prefix("action:")?;
    // The words of the printer, in its own upper and lower case.
    let original = &line[line.len() - rest.len()..];
    let (command, text) = original.split_once(char::is_whitespace).unwrap_or((original, ""));
    let text = cut(text.trim());
    match command.to_ascii_lowercase().as_str() {
        "prompt_begin" => Some(Call::Prompt(Prompt::Begin(text))),
        "prompt_choice" | "prompt_button" => Some(Call::Prompt(Prompt::Choice(text))),
        "prompt_show" => Some(Call::Prompt(Prompt::Show)),
        "prompt_end" => Some(Call::Prompt(Prompt::End)),
        "resume" | "resumed" => Some(Call::Over),
        "notification" if !text.is_empty() => Some(Call::Says(text)),
        _ => None,
    }
}

/// What an event of OctoPrint's bus says of it.
pub(super) fn of_event(name: &str, payload: &Value, context: &Context) -> Option<Call> {
    match name {
        "FilamentChange" => Some(Reason::FilamentChange.in_words("")),
        "Waiting" => Some(Reason::Waiting.in_words("")),
        "CommandSuppressed" if context.flag("pausing") || context.flag("paused") => {
            of_suppressed(payload.get("command")?.as_str()?)
        }
        "PrintResumed" => Some(Call::Over),
        _ => None,
    }
}

/// A command that OctoPrint keeps from the printer and pauses the print for instead, as it does with `M0` and `M1` unless it is
/// told otherwise, and with `M600` where somebody wants it so. Firmware shows what follows on its display: a text for a person.
fn of_suppressed(command: &str) -> Option<Call> {
    let command = command.trim();
    let (code, text) = command.split_once(char::is_whitespace).unwrap_or((command, ""));
    match code.to_ascii_uppercase().as_str() {
        "M0" | "M1" => Some(Reason::Waiting.in_words(text)),
        "M600" => Some(Reason::FilamentChange.in_words("")),
        _ => None,
    }
}

fn cut(text: &str) -> String {
    text.chars().take(LONGEST).collect()
}

/// What is open, and what of a prompt has come.
#[derive(Debug, Default)]
pub(super) struct Attention {
    open: Option<Open>,
    prompt: String,
    choices: Vec<String>,
}

#[derive(Debug)]
struct Open {
    reason: Reason,
    since: UnixMillis,
    last: UnixMillis,
    progress: Option<u8>,
    has_prompt: bool,
}

/// What is to be told.
#[derive(Debug, PartialEq)]
pub(super) enum News {
    Wanted(Value),
    Over(Value),
    Says(String),
}

impl Attention {
    /// The moments that are remembered.
    pub(super) fn moments(&mut self) -> impl Iterator<Item = &mut UnixMillis> {
        self.open.iter_mut().flat_map(|open| [&mut open.since, &mut open.last])
    }

    /// Takes a call; `progress` is how far the print is.
    pub(super) fn hear(&mut self, at: UnixMillis, call: Call, progress: Option<u8>) -> Vec<News> {
        match call {
            Call::Says(text) => vec![News::Says(text)],
            Call::Over => self.end(at).into_iter().collect(),
            Call::Wanted { reason, text } => self.want(at, reason, &text, progress),
            Call::Prompt(Prompt::Begin(text)) => {
                (self.prompt, self.choices) = (text, Vec::new());
                Vec::new()
            }
            Call::Prompt(Prompt::Choice(text)) => {
                if self.choices.len() < MOST_CHOICES {
                    self.choices.push(text);
                }
                Vec::new()
            }
            Call::Prompt(Prompt::Show) => {
                let text = std::mem::take(&mut self.prompt);
                let news = self.want(at, Reason::Prompt, &text, progress);
                if let Some(open) = &mut self.open {
                    open.has_prompt = true;
                }
                news
            }
            // Firmware clears away an old prompt before it shows a new one: only one that was shown was answered.
            Call::Prompt(Prompt::End) if self.open.as_ref().is_some_and(|open| open.has_prompt) => {
                self.end(at).into_iter().collect()
            }
            Call::Prompt(Prompt::End) => Vec::new(),
        }
    }

    fn want(&mut self, at: UnixMillis, reason: Reason, text: &str, progress: Option<u8>) -> Vec<News> {
        let mut news = Vec::new();
        if let Some(open) = &mut self.open {
            // A printer that has been silent for long waits for something else now; a prompt stands until it is answered.
            let is_the_same = reason != open.reason || reason == Reason::Prompt || at.since(open.last) < QUIET;
            open.last = at;
            if is_the_same {
                return news;
            }
            news.extend(self.end(at));
        }
        self.open = Some(Open { reason, since: at, last: at, progress, has_prompt: false });
        let mut payload = json!({"reason": reason.key(), "text": text});
        if matches!(reason, Reason::PausedForUser | Reason::FilamentRunout) {
            payload["line"] = text.into();
        }
        if reason == Reason::Prompt {
            payload["choices"] = std::mem::take(&mut self.choices).into();
        }
        news.push(News::Wanted(payload));
        news
    }

    /// The print is seen under way: where it goes on although it waited, somebody has been there.
    pub(super) fn goes_on(&mut self, at: UnixMillis, progress: Option<u8>) -> Option<News> {
        let open = self.open.as_ref()?;
        let is_over = open.reason != Reason::Prompt && at.since(open.last) >= QUIET && progress > open.progress;
        if is_over { self.end(at) } else { None }
    }

    /// Nobody is wanted any more.
    pub(super) fn end(&mut self, at: UnixMillis) -> Option<News> {
        let open = self.open.take()?;
        let seconds = at.since(open.since).as_secs();
        let text = "The printer does not wait for anybody any more.";
        Some(News::Over(json!({"reason": open.reason.key(), "seconds": seconds, "text": text})))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Attention, Call, News, Prompt, Reason, of_event, read};
    use crate::event::Context;
    use crate::time::UnixMillis;

    #[test]
    fn what_lines_say() {
        let wanted = |reason, text: &str| Some(Call::Wanted { reason, text: text.to_owned() });
        for (line, call) in [
            ("echo:busy: paused for user", wanted(Reason::PausedForUser, "echo:busy: paused for user")),
            ("// action:out_of_filament T0", wanted(Reason::FilamentRunout, "// action:out_of_filament T0")),
            ("echo:Filament Runout T0", wanted(Reason::FilamentRunout, "echo:Filament Runout T0")),
            ("//action:prompt_begin Change Filament", Some(Call::Prompt(Prompt::Begin("Change Filament".into())))),
            ("//ACTION:prompt_choice Go On", Some(Call::Prompt(Prompt::Choice("Go On".into())))),
            ("//action:prompt_show", Some(Call::Prompt(Prompt::Show))),
            ("//action:prompt_end", Some(Call::Prompt(Prompt::End))),
            ("//action:resumed", Some(Call::Over)),
            ("//action:notification Bed Ready ", Some(Call::Says("Bed Ready".into()))),
            ("//action:notification", None),
            ("//action:paused", None),
            ("// a comment", None),
            ("ok T:20", None),
        ] {
            assert_eq!(read(line), call, "{line}");
        }
        assert_eq!(of_bus("PrintResumed"), Some(Call::Over));
        assert_eq!(of_bus("PrintDone"), None);
    }

    #[test]
    fn a_command_that_pauses_instead_of_being_sent() {
        let suppressed = |command: &str, flag: &str| {
            let state = json!({"state": {"flags": {flag: true}}});
            let context = Context(state.as_object().unwrap().clone());
            of_event("CommandSuppressed", &json!({"command": command, "severity": "warn"}), &context)
        };
        let wanted = |reason, text: &str| Some(Call::Wanted { reason, text: text.to_owned() });
        assert_eq!(suppressed("M0", "pausing"), wanted(Reason::Waiting, "The print waits for somebody."));
        assert_eq!(suppressed("m1 Turn the nut ", "paused"), wanted(Reason::Waiting, "Turn the nut"));
        assert_eq!(suppressed("M600", "paused"), wanted(Reason::FilamentChange, "The print asks for other filament."));
        assert_eq!(suppressed("M0", "printing"), None, "it goes on without");
        assert_eq!(suppressed("M0", "operational"), None, "nothing is printed");
        assert_eq!(suppressed("M107", "paused"), None);
    }

    fn of_bus(name: &str) -> Option<Call> {
        of_event(name, &Value::Null, &Context::default())
    }

    fn hear(attention: &mut Attention, second: i64, line: &str) -> Vec<News> {
        read(line).map_or_else(Vec::new, |call| attention.hear(UnixMillis(second * 1000), call, Some(40)))
    }

    #[test]
    fn one_occurrence_whoever_says_it() {
        let mut attention = Attention::default();
        let first = attention.hear(UnixMillis(0), of_bus("FilamentChange").unwrap(), Some(40));
        assert!(matches!(&first[..], [News::Wanted(payload)] if payload["reason"] == "filament_change"), "{first:?}");
        for (second, line) in [
            (1, "//action:prompt_end"),
            (2, "echo:busy: paused for user"),
            (90, "echo:busy: paused for user"),
            (91, "//action:prompt_show"),
        ] {
            assert_eq!(hear(&mut attention, second, line), [], "{line}");
        }
        assert_eq!(attention.goes_on(UnixMillis(125_000), Some(40)), None, "it has not come further");
        let over = hear(&mut attention, 130, "//action:prompt_end");
        assert!(matches!(&over[..], [News::Over(payload)] if payload["seconds"] == 130), "{over:?}");
        assert_eq!(hear(&mut attention, 131, "//action:prompt_end"), [], "there is nothing to be over");
    }

    #[test]
    fn a_prompt_comes_with_its_choices() {
        let mut attention = Attention::default();
        for line in
            ["//action:prompt_begin Out of filament?", "//action:prompt_choice Yes", "//action:prompt_choice No"]
        {
            assert_eq!(hear(&mut attention, 0, line), []);
        }
        let told = hear(&mut attention, 1, "//action:prompt_show");
        let [News::Wanted(payload)] = &told[..] else { panic!("{told:?}") };
        assert_eq!(payload["text"], "Out of filament?");
        assert_eq!(payload["choices"], json!(["Yes", "No"]));
        assert_eq!(attention.goes_on(UnixMillis(500_000), Some(90)), None, "a prompt stands until it is answered");
    }

    #[test]
    fn a_print_that_goes_on_by_itself_does_not_wait() {
        let mut attention = Attention::default();
        assert_eq!(hear(&mut attention, 0, "echo:busy: paused for user").len(), 1);
        assert_eq!(attention.goes_on(UnixMillis(10_000), Some(41)), None, "that was sent before it waited");
        assert!(matches!(attention.goes_on(UnixMillis(40_000), Some(41)), Some(News::Over(_))));
        assert_eq!(attention.goes_on(UnixMillis(50_000), Some(42)), None);
    }
}
