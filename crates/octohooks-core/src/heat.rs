//! What a hook wants to know of temperatures: rules, one per line, such as `bed reached`, `tool0 below 50`, `chamber held 10`.
//!
//! Text in, [`Rule`]s and sentences about what is wrong out. It must never look at a printer: [`crate::detect`] does.

use std::fmt;
use std::time::Duration;

/// More rules do not come with one hook.
const MOST_RULES: usize = 20;

/// What nobody prints at, in °C.
const HOTTEST: f64 = 1000.0;

/// Longer than a day nothing is held.
const LONGEST_HELD: Duration = Duration::from_hours(24);

/// One thing to be told.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    /// OctoPrint's name of the heater (`tool0`, `bed`, `chamber`); `None` is any of them.
    pub heater: Option<String>,
    /// When.
    pub when: When,
}

/// When a temperature is worth telling.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum When {
    /// It has come to its target.
    Reached,
    /// It has stayed at its target for so long, in whole seconds.
    Held(Duration),
    /// It has cooled below so many °C.
    Below(f64),
}

/// A line that is no rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoRule {
    /// Counted from 1.
    pub line: usize,
    /// A sentence.
    pub message: String,
}

impl fmt::Display for Rule {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let heater = self.heater.as_deref().unwrap_or("any");
        match self.when {
            When::Reached => write!(formatter, "{heater} reached"),
            When::Held(length) => match length.as_secs() {
                seconds if seconds.is_multiple_of(60) => write!(formatter, "{heater} held {}", seconds / 60),
                seconds => write!(formatter, "{heater} held {seconds} s"),
            },
            When::Below(degrees) => write!(formatter, "{heater} below {degrees}"),
        }
    }
}

/// Reads the rules of a hook; empty lines are none. What is wrong with the others comes beside them.
pub fn read(text: &str) -> (Vec<Rule>, Vec<NoRule>) {
    let (mut rules, mut wrong) = (Vec::new(), Vec::new());
    for (number, line) in (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty()) {
        match read_line(line) {
            Ok(_) if rules.len() >= MOST_RULES => {
                let message = format!("No more than {MOST_RULES} rules.");
                wrong.push(NoRule { line: number, message });
                break;
            }
            Ok(rule) => rules.push(rule),
            Err(message) => wrong.push(NoRule { line: number, message }),
        }
    }
    (rules, wrong)
}

fn read_line(line: &str) -> Result<Rule, String> {
    let line = line.trim().to_ascii_lowercase();
    let mut words = line.split_whitespace();
    let heater = words.next().unwrap_or_default();
    if !heater.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_') {
        return Err(format!("\"{heater}\" is no heater. Write tool0, bed, chamber, or any."));
    }
    let heater = (heater != "any").then(|| heater.to_owned());
    let (what, number) = (words.next().unwrap_or_default(), words.next());
    let number_of = |example: &str| {
        let number = number.and_then(|text| text.trim_end_matches(['c', '°']).parse::<f64>().ok());
        number.filter(|number| number.is_finite() && *number > 0.0).ok_or_else(|| no_number(example))
    };
    let when = match what {
        "reached" => When::Reached,
        "held" => When::Held(length(number.unwrap_or_default(), words.next())?),
        "below" => When::Below(number_of("bed below 40 (°C)").and_then(|degrees| {
            if degrees > HOTTEST { Err(format!("{degrees} °C is hotter than any heater.")) } else { Ok(degrees) }
        })?),
        _ => return Err("Write a heater and reached, below 40, or held 10: \"bed below 40\".".to_owned()),
    };
    Ok(Rule { heater, when })
}

fn no_number(example: &str) -> String {
    format!("A number is missing: {example}.")
}

/// `10` and `10 min` are minutes, `0.5` is half of one, `90 s` and `2 h` are what they say.
fn length(number: &str, unit: Option<&str>) -> Result<Duration, String> {
    let end = number.find(char::is_alphabetic).unwrap_or(number.len());
    let (number, attached) = number.split_at(end);
    let number = number.parse::<f64>().ok().filter(|number| number.is_finite() && *number > 0.0);
    let number = number.ok_or_else(|| no_number("bed held 10 (minutes)"))?;
    let seconds = match Some(attached).filter(|unit| !unit.is_empty()).or(unit).unwrap_or("min") {
        "s" | "sec" | "second" | "seconds" => 1.0,
        "m" | "min" | "minute" | "minutes" => 60.0,
        "h" | "hour" | "hours" => 3600.0,
        unit => return Err(format!("\"{unit}\" is no unit of time: write 10 (minutes), 90 s, or 2 h.")),
    };
    let length = Duration::try_from_secs_f64((number * seconds).ceil()).unwrap_or(Duration::MAX);
    if length > LONGEST_HELD { Err("That is longer than a day.".to_owned()) } else { Ok(length) }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Rule, When, read};

    #[test]
    fn rules_are_read_and_written_the_same_way() {
        let (rules, wrong) = read("bed reached\n\n  TOOL0 Below 50.5 \nany held 10 min\nbed below 40°C");
        assert_eq!(wrong, []);
        let written: Vec<String> = rules.iter().map(ToString::to_string).collect();
        assert_eq!(written, ["bed reached", "tool0 below 50.5", "any held 10", "bed below 40"]);
        assert_eq!(rules[2], Rule { heater: None, when: When::Held(Duration::from_mins(10)) });
        for rule in &rules {
            assert_eq!(read(&rule.to_string()).0, std::slice::from_ref(rule));
        }
    }

    #[test]
    fn a_time_is_in_minutes_unless_it_says_otherwise() {
        for (written, seconds, shown) in [
            ("10", 600, "10"),
            ("0.5", 30, "30 s"),
            ("90 s", 90, "90 s"),
            ("60s", 60, "1"),
            ("1.5 minutes", 90, "90 s"),
            ("2h", 7200, "120"),
            ("0.001 s", 1, "1 s"),
        ] {
            let (rules, wrong) = read(&format!("bed held {written}"));
            assert_eq!(wrong, [], "{written}");
            assert_eq!(rules[0].when, When::Held(Duration::from_secs(seconds)), "{written}");
            assert_eq!(rules[0].to_string(), format!("bed held {shown}"));
            assert_eq!(read(&rules[0].to_string()).0, rules);
        }
        for wrong in ["10 days", "10x", "-3", "0", "s", "25 h", "86401 s", "1e300", "inf"] {
            assert_eq!(read(&format!("bed held {wrong}")).1.len(), 1, "{wrong}");
        }
    }

    #[test]
    fn what_is_wrong_is_said_with_its_line() {
        let (rules, wrong) =
            read("bed reached\nbed\nbed below\nbed below hot\nbed held 1e9\nx-y reached\nbed below 5000\nbed below -1");
        assert_eq!(rules.len(), 1);
        assert_eq!(wrong.iter().map(|wrong| wrong.line).collect::<Vec<_>>(), [2, 3, 4, 5, 6, 7, 8]);
        assert!(wrong.iter().all(|wrong| wrong.message.ends_with(['.', '"'])), "{wrong:?}");
        assert_eq!(read(&"bed reached\n".repeat(30)).0.len(), 20);
    }
}
