//! What a hook wants to know of temperatures: rules, one per line, such as `bed reached`, `tool0 below 50`, `chamber held 10`.
//!
//! Text in, [`Rule`]s and sentences about what is wrong out. It must never look at a printer: [`crate::detect`] does.

use std::fmt;

/// More rules do not come with one hook.
const MOST_RULES: usize = 20;

/// What nobody prints at, in °C.
const HOTTEST: f64 = 1000.0;

/// Longer than a day nothing is held, in minutes.
const LONGEST_HELD: u32 = 24 * 60;

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
    /// It has stayed at its target for so many minutes.
    Held(u32),
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
            When::Held(minutes) => write!(formatter, "{heater} held {minutes}"),
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
        number
            .filter(|number| number.is_finite() && *number > 0.0)
            .ok_or_else(|| format!("A number is missing: {example}."))
    };
    let when = match what {
        "reached" => When::Reached,
        "held" => {
            let minutes = number_of("bed held 10 (minutes)")?;
            if minutes > f64::from(LONGEST_HELD) {
                return Err("That is longer than a day.".to_owned());
            }
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from above 0 to a day")]
            let minutes = minutes.ceil() as u32;
            When::Held(minutes)
        }
        "below" => When::Below(number_of("bed below 40 (°C)").and_then(|degrees| {
            if degrees > HOTTEST { Err(format!("{degrees} °C is hotter than any heater.")) } else { Ok(degrees) }
        })?),
        _ => return Err("Write a heater and reached, below 40, or held 10: \"bed below 40\".".to_owned()),
    };
    Ok(Rule { heater, when })
}

#[cfg(test)]
mod tests {
    use super::{Rule, When, read};

    #[test]
    fn rules_are_read_and_written_the_same_way() {
        let (rules, wrong) = read("bed reached\n\n  TOOL0 Below 50.5 \nany held 10 min\nbed below 40°C");
        assert_eq!(wrong, []);
        let written: Vec<String> = rules.iter().map(ToString::to_string).collect();
        assert_eq!(written, ["bed reached", "tool0 below 50.5", "any held 10", "bed below 40"]);
        assert_eq!(rules[2], Rule { heater: None, when: When::Held(10) });
        for rule in &rules {
            assert_eq!(read(&rule.to_string()).0, std::slice::from_ref(rule));
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
