//! What a printer says of the rest of a print from its own card: a line in, how long it still takes and which layer it is at out.
//!
//! The sources are `M73` in the file, which a firmware reports or, where it does not know it, repeats as unknown, and what a slicer
//! has it write on its display. What is said of the silent mode, and of the next change of filament, is left alone.

use std::time::Duration;

/// No print takes longer, in minutes.
const LONGEST_MINUTES: u32 = 60 * 24 * 60;

/// Larger numbers are no layers.
const MOST_LAYERS: u32 = 200_000;

/// What comes before a number of minutes or a span.
const BEFORE_TIME: [&str; 2] = ["remaining in mins", "time left"];

/// How long the print still takes, as of a line of the printer's: `NORMAL MODE: Percent done: 32; print time remaining in mins: 8`
/// (Prusa), `echo:M73 Progress: 32%; Time left: 8m` (Marlin), `echo:Unknown command: "M73 P32 R8"`, `//action:notification Time
/// Left 0h8m0s`.
pub fn time_left(line: &str) -> Option<Duration> {
    let lower = line.to_ascii_lowercase();
    if lower.starts_with("silent mode") {
        return None;
    }
    let said = BEFORE_TIME.iter().find_map(|words| lower.split_once(words));
    let left = match said {
        Some((_, behind)) => span(behind.trim_start_matches([' ', ':', '='])),
        None => of_m73(&lower, 'r').map(|minutes| Duration::from_mins(minutes.into())),
    };
    left.filter(|left| *left <= Duration::from_mins(LONGEST_MINUTES.into()))
}

/// The layer that an `M73` in a line names: `M73 P32 R8 L12`.
pub fn layer(line: &str) -> Option<u32> {
    of_m73(&line.to_ascii_lowercase(), 'l').filter(|layer| *layer < MOST_LAYERS)
}

/// `8` and `8m` are minutes; `1d2h`, `0h8m30s`, `1h 2m` are what they say.
fn span(text: &str) -> Option<Duration> {
    let (mut rest, mut seconds, mut found) = (text, 0_u64, false);
    while let Some((number, behind)) = number(rest) {
        let (unit, after) = behind.chars().next().map_or((None, behind), |unit| match unit {
            'd' | 'h' | 'm' | 's' => (Some(unit), &behind[1..]),
            _ => (None, behind),
        });
        let each = match unit {
            Some('d') => 24 * 60 * 60,
            Some('h') => 60 * 60,
            Some('s') => 1,
            Some(_) => 60,
            // A number alone is a number of minutes, and nothing else follows.
            None if !found => return Some(Duration::from_mins(number.into())),
            None => break,
        };
        seconds = seconds.saturating_add(u64::from(number).saturating_mul(each));
        (found, rest) = (true, after.trim_start_matches(' '));
    }
    found.then(|| Duration::from_secs(seconds))
}

/// The value of a parameter of an `M73` anywhere in a line, in lower case.
fn of_m73(line: &str, parameter: char) -> Option<u32> {
    let (before, behind) = line.split_once("m73 ")?;
    if before.ends_with(char::is_alphanumeric) {
        return None;
    }
    let mut words = behind.split([' ', '"', '\t']);
    words.find_map(|word| number(word.strip_prefix(parameter)?).map(|(number, _)| number))
}

/// A whole number that a text begins with, and what follows.
fn number(text: &str) -> Option<(u32, &str)> {
    let end = text.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(text.len());
    let (digits, behind) = text.split_at(end);
    digits.parse().ok().map(|number| (number, behind))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;

    use super::{layer, time_left};

    #[test]
    fn the_rest_of_a_print_as_printers_say_it() {
        for (line, seconds) in [
            ("NORMAL MODE: Percent done: 32; print time remaining in mins: 8; Change in mins: -1", 480),
            ("NORMAL MODE: Percent done: 0; print time remaining in mins: 0", 0),
            ("echo:M73 Percent done: 32; print time remaining in mins: 125; Change in mins: 3;", 7500),
            ("echo:M73 Progress: 32.5%; Time left: 8m; Change: 3m", 480),
            ("echo:Unknown command: \"M73 P32 R8\"", 480),
            ("echo:M73 R8", 480),
            ("//action:notification Time Left 1h02m03s", 3723),
            ("echo:Time left: 1d 2h", 93_600),
        ] {
            assert_eq!(time_left(line), Some(Duration::from_secs(seconds)), "{line}");
        }
        for line in [
            "SILENT MODE: Percent done: 32; print time remaining in mins: 9; Change in mins: -1",
            "NORMAL MODE: Percent done: -1; print time remaining in mins: -1; Change in mins: -1",
            "echo:Unknown command: \"M73 P32\"",
            "echo:Unknown command: \"M730 R8\"",
            "echo:XM73 R8",
            "echo:time left",
            "echo:Time left: soon",
            "echo:Time left: 4294967295",
            "T:20 R8",
        ] {
            assert_eq!(time_left(line), None, "{line}");
        }
    }

    #[test]
    fn the_layer_that_m73_names() {
        assert_eq!(layer("echo:Unknown command: \"M73 P3 R2 L12\""), Some(12));
        assert_eq!(layer("echo:m73 l0"), Some(0));
        for line in ["echo:M73 P3", "echo:M73 L", "echo:M73 L200000", "echo:Layer 3"] {
            assert_eq!(layer(line), None, "{line}");
        }
    }

    proptest! {
        #[test]
        fn any_line_is_read_or_passed_over(line in "(time left|remaining in mins:|M73 [RL])?[ 0-9a-zé]{0,40}\\PC{0,20}") {
            prop_assert!(time_left(&line).is_none_or(|left| left <= Duration::from_hours(24 * 60)));
            prop_assert!(layer(&line).is_none_or(|layer| layer < 200_000));
        }
    }
}
