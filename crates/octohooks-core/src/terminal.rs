//! Lines of the terminal that a hook waits for: regular expressions, one per line, compiled once and bounded.
//!
//! Text in, [`Patterns`] and sentences about what is wrong out; then lines in, matches out. Matching takes time in proportion
//! to the line, whatever the expression. It must never be done on the thread that prints.

use regex::{Regex, RegexBuilder, RegexSet, RegexSetBuilder};
use serde_json::{Map, Value};

/// More patterns do not come with one hook.
const MOST_PATTERNS: usize = 20;

/// A compiled pattern takes no more memory than this.
const MOST_BYTES: usize = 256 * 1024;

/// All patterns of all hooks together, for the first look at a line.
const MOST_BYTES_TOGETHER: usize = 4 * 1024 * 1024;

/// More of a line is not looked at.
const LONGEST_LINE: usize = 1000;

/// A line that is no pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoPattern {
    /// Counted from 1.
    pub line: usize,
    /// A sentence.
    pub message: String,
}

/// Patterns ready to be matched.
#[derive(Debug, Clone, Default)]
pub struct Patterns {
    single: Vec<(String, Regex)>,
    together: Option<RegexSet>,
}

/// A line that a pattern matches.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// The pattern, as the user wrote it.
    pub pattern: String,
    /// The line.
    pub line: String,
    /// Named groups by name, others by number.
    pub groups: Map<String, Value>,
}

/// Reads the patterns of a hook; empty lines are none. What is wrong with the others comes beside them.
pub fn read(text: &str) -> (Vec<String>, Vec<NoPattern>) {
    let (mut patterns, mut wrong) = (Vec::new(), Vec::new());
    for (number, line) in (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty()) {
        let pattern = line.trim();
        if patterns.len() >= MOST_PATTERNS {
            wrong.push(NoPattern { line: number, message: format!("No more than {MOST_PATTERNS} patterns.") });
            break;
        }
        match compile(pattern) {
            Ok(regex) if regex.is_match("") => {
                let message = "It matches every line.".to_owned();
                wrong.push(NoPattern { line: number, message });
            }
            Ok(_) => patterns.push(pattern.to_owned()),
            Err(message) => wrong.push(NoPattern { line: number, message }),
        }
    }
    (patterns, wrong)
}

fn compile(pattern: &str) -> Result<Regex, String> {
    RegexBuilder::new(pattern).size_limit(MOST_BYTES).dfa_size_limit(MOST_BYTES).build().map_err(|error| match error {
        regex::Error::CompiledTooBig(_) => "It is too large: use fewer or smaller repetitions.".to_owned(),
        error => {
            let text = error.to_string();
            let reason = text.lines().last().unwrap_or_default().trim();
            format!("This is no regular expression: {}.", reason.trim_start_matches("error: "))
        }
    })
}

impl Patterns {
    /// Makes patterns ready that were read before; the same one twice is one.
    pub fn new(patterns: impl IntoIterator<Item = String>) -> Self {
        let mut single: Vec<(String, Regex)> = Vec::new();
        for pattern in patterns {
            if !single.iter().any(|(known, _)| *known == pattern)
                && let Ok(regex) = compile(&pattern)
            {
                single.push((pattern, regex));
            }
        }
        let together = RegexSetBuilder::new(single.iter().map(|(pattern, _)| pattern))
            .size_limit(MOST_BYTES_TOGETHER)
            .dfa_size_limit(MOST_BYTES_TOGETHER)
            .build();
        Self { single, together: together.ok() }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.single.is_empty()
    }

    /// Whether any pattern matches a line.
    pub fn is_match(&self, line: &str) -> bool {
        let line = cut(line);
        match &self.together {
            Some(together) => together.is_match(line),
            None => self.single.iter().any(|(_, regex)| regex.is_match(line)),
        }
    }

    /// Every pattern that matches a line, with its groups.
    pub fn find(&self, line: &str) -> Vec<Found> {
        let line = cut(line);
        let found = self.single.iter().filter_map(|(pattern, regex)| {
            let captures = regex.captures(line)?;
            let groups = regex.capture_names().enumerate().skip(1).filter_map(|(number, name)| {
                let key = name.map_or_else(|| number.to_string(), str::to_owned);
                Some((key, Value::String(captures.get(number)?.as_str().to_owned())))
            });
            Some(Found { pattern: pattern.clone(), line: line.to_owned(), groups: groups.collect() })
        });
        found.collect()
    }
}

fn cut(line: &str) -> &str {
    let line = line.trim_end();
    line.get(..line.floor_char_boundary(LONGEST_LINE)).unwrap_or(line)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::{Patterns, read};

    #[test]
    fn lines_are_found_with_their_groups() {
        let (patterns, wrong) = read("^echo:(?<what>.*) (\\d+)\n\nfilament\\s+runout\n");
        assert_eq!(wrong, []);
        let ready = Patterns::new(patterns.clone().into_iter().chain(patterns));
        assert!(!ready.is_match("ok T:20") && ready.is_match("Filament: echo, filament  runout"));
        let found = ready.find("echo:Sensor filament runout 7\r\n");
        assert_eq!(found.len(), 2);
        assert_eq!(found[0].groups, *json!({"what": "Sensor filament runout", "2": "7"}).as_object().unwrap());
        assert_eq!((found[1].pattern.as_str(), found[1].groups.len()), ("filament\\s+runout", 0));
        assert!(Patterns::default().is_empty() && Patterns::default().find("x").is_empty());
    }

    #[test]
    fn what_is_wrong_is_said_with_its_line() {
        let (patterns, wrong) = read("ok\n(\n.*\na{1000}{1000}\n(?<x>a)(?<x>b)");
        assert_eq!(patterns, ["ok"]);
        assert_eq!(wrong.iter().map(|wrong| wrong.line).collect::<Vec<_>>(), [2, 3, 4, 5]);
        assert_eq!(wrong[0].message, "This is no regular expression: unclosed group.");
        assert_eq!(read(&"a\n".repeat(50)).0.len(), 20);
    }

    proptest! {
        #[test]
        fn any_text_is_read_and_any_line_looked_at(text in "\\PC{0,60}", line in "\\PC{0,60}", long in 0_usize..3000) {
            let (patterns, _) = read(&text);
            let ready = Patterns::new(patterns);
            let line = line + &"é".repeat(long);
            prop_assert_eq!(ready.is_match(&line), !ready.find(&line).is_empty());
        }
    }
}
