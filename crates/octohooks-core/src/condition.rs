//! Conditions: whether a hook that listens to an event wants this very one.
//!
//! Comes in: the plain rules and the expression that a user wrote ([`ConditionConfig`]), checked and compiled once
//! ([`Condition`]); then an event with what was known at its moment. Goes out: yes, or a sentence that names what was
//! compared. What cannot be decided is not sent, and says so.

mod plain;
#[cfg(test)]
mod tests;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use self::plain::ReadyRule;
pub use self::plain::Rule;
use crate::compose;
use crate::event::Event;
use crate::hook::ready::Subscription;
use crate::problem::Problem;
use crate::template::Expression;

/// The variables that are known at the moment when a condition is decided.
pub const KNOWN_AT_ONCE: [&str; 22] = [
    "topic",
    "event",
    "extra",
    "deviceIdentifier",
    "printerName",
    "printerInfo",
    "hostInfo",
    "appearance",
    "state",
    "job",
    "file",
    "userName",
    "filament",
    "progress",
    "percentCompleteMilestone",
    "eta",
    "layer",
    "currentZ",
    "temperatures",
    "offsets",
    "currentTime",
    "jobId",
];

/// More rules than these nobody reads.
const MOST_RULES: usize = 50;

/// A value in a reason is no longer than this.
const LONGEST_VALUE: usize = 60;

/// A condition as the user wrote it. Nothing in it: there is none.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ConditionConfig {
    /// Whether one rule that holds is enough; else all have to.
    pub any: bool,
    /// The rules.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<Rule>,
    /// An expression of Jinja that has to hold as well: `progress.completion > 50`. Empty is none.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub expression: String,
}

/// A condition made ready.
#[derive(Debug, Default)]
pub struct Condition {
    any: bool,
    rules: Vec<ReadyRule>,
    expression: Option<Expression>,
}

impl ConditionConfig {
    /// Whether there is no condition.
    pub fn is_empty(&self) -> bool {
        self.rules.is_empty() && self.expression.trim().is_empty()
    }
}

impl Condition {
    /// Makes a condition ready. `field` is where it stands in its hook.
    ///
    /// # Errors
    /// What is wrong with it, each with its place.
    pub fn new(field: &str, config: &ConditionConfig) -> Result<Self, Vec<Problem>> {
        let mut problems = Vec::new();
        let mut rules = Vec::new();
        if config.rules.len() > MOST_RULES {
            let message = format!("A condition has {MOST_RULES} rules at most.");
            problems.push(Problem::error(format!("{field}.rules"), message));
        }
        for (index, rule) in config.rules.iter().take(MOST_RULES).enumerate() {
            match ReadyRule::new(rule) {
                Ok(rule) => rules.push(rule),
                Err(message) => problems.push(Problem::error(format!("{field}.rules.{index}"), message)),
            }
        }
        let mut expression = None;
        if !config.expression.trim().is_empty() {
            match Expression::new(&format!("{field}.expression"), &config.expression, may_be_asked) {
                Ok(compiled) => expression = Some(compiled),
                Err(problem) => problems.push(problem),
            }
        }
        if problems.is_empty() { Ok(Self { any: config.any, rules, expression }) } else { Err(problems) }
    }

    /// Whether it holds for an event.
    ///
    /// # Errors
    /// Why not: a part of a sentence that names what was compared.
    pub fn holds(&self, event: &Event, asked: &Asked<'_>) -> Result<(), String> {
        let mut reasons = Vec::new();
        for rule in &self.rules {
            match rule.holds(event) {
                Ok(()) if self.any => {
                    reasons.clear();
                    break;
                }
                Ok(()) => {}
                Err(reason) if self.any => reasons.push(reason),
                Err(reason) => return Err(reason),
            }
        }
        if !reasons.is_empty() {
            return Err(reasons.join("; "));
        }
        match &self.expression {
            Some(expression) => holds_expression(expression, event, asked),
            None => Ok(()),
        }
    }
}

/// What of the hook an expression may ask for.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// By which of its subscriptions the hook listens.
    pub subscription: Subscription,
    /// The last progress milestone that it passed.
    pub milestone: u8,
    /// Its device identifier.
    pub device_identifier: &'a str,
}

fn may_be_asked(root: &str) -> Result<(), String> {
    if KNOWN_AT_ONCE.contains(&root) {
        return Ok(());
    }
    if crate::variables::is_built_in(root) {
        return Err(format!("{root} is not known yet when a condition is decided."));
    }
    let hint = crate::variables::alike(root, KNOWN_AT_ONCE.into_iter());
    let hint = hint.map(|known| format!(" Is {known} meant?")).unwrap_or_default();
    Err(format!("{root} is not a variable.{hint}"))
}

fn holds_expression(expression: &Expression, event: &Event, asked: &Asked<'_>) -> Result<(), String> {
    let mut values = Map::new();
    for root in expression.roots() {
        let value = match root.as_str() {
            "deviceIdentifier" => Some(Value::String(asked.device_identifier.to_owned())),
            name => compose::of_event(name, event, asked.subscription, asked.milestone),
        };
        if let Some(value) = value {
            values.insert(root.clone(), value);
        }
    }
    match expression.holds(&values, event.context.utc_offset()) {
        Ok(true) => Ok(()),
        Ok(false) => {
            let compared = expression.compared(&values);
            let compared: Vec<String> =
                compared.iter().take(6).map(|(path, value)| format!("{path} was {}", shown(*value))).collect();
            Err(if compared.is_empty() {
                "the condition's expression does not hold".to_owned()
            } else {
                format!("the condition's expression does not hold: {}", compared.join(", "))
            })
        }
        Err(reason) => Err(format!("the condition cannot be decided: {}", reason.trim_end_matches('.'))),
    }
}

/// A value in a reason.
fn shown(value: Option<&Value>) -> String {
    let text = match value {
        None | Some(Value::Null) => return "not known".to_owned(),
        Some(value) => value.to_string(),
    };
    if text.chars().count() <= LONGEST_VALUE {
        return text;
    }
    text.chars().take(LONGEST_VALUE - 1).chain(['…']).collect()
}
