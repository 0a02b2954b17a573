//! One mapping of old settings in, values of the right types out, with notes on all that did not fit.
//!
//! Knows how a value may be written (a number as text, yes as 1), and nothing of what the settings mean. A note quotes
//! a value only where a choice, a number or a yes or no was expected, never where a text was: texts may be secrets.

use serde_json::{Map, Value};

use crate::hook::{ContentType, HttpMethod};
use crate::problem::Problem;

/// The longest piece of an old value or name that a note quotes, in characters.
const QUOTE_LIMIT: usize = 40;

/// Reads a mapping and keeps notes.
pub(super) struct OldValues<'old> {
    values: &'old Map<String, Value>,
    notes: Vec<Problem>,
}

impl<'old> OldValues<'old> {
    pub(super) fn new(values: &'old Map<String, Value>) -> Self {
        Self { values, notes: Vec::new() }
    }

    pub(super) fn get(&self, key: &str) -> Option<&'old Value> {
        self.values.get(key)
    }

    pub(super) fn note(&mut self, note: Problem) {
        self.notes.push(note);
    }

    pub(super) fn into_notes(self) -> Vec<Problem> {
        self.notes
    }

    /// A text. What is none is kept as its JSON.
    pub(super) fn text(&mut self, key: &str, field: &str, default: &str) -> String {
        match self.get(key) {
            None => default.to_owned(),
            Some(Value::String(text)) => text.clone(),
            Some(Value::Null) => self.nothing(field, default, if default.is_empty() { "" } else { "the default text" }),
            Some(other) => {
                self.note(Problem::note(
                    field,
                    format!("This was {} and not a text; it is a text now.", sort_of(other)),
                ));
                other.to_string()
            }
        }
    }

    /// A text that should be JSON: kept to the letter, however broken. A structure is written out as JSON.
    pub(super) fn json_text(&mut self, key: &str, field: &str, default: &str) -> String {
        match self.get(key) {
            None => default.to_owned(),
            Some(Value::String(text)) => text.clone(),
            Some(Value::Null) => self.nothing(field, default, "the default text"),
            Some(other) => {
                self.note(Problem::note(
                    field,
                    format!("This was {} and not a JSON text; it is JSON text now.", sort_of(other)),
                ));
                format!("{other:#}")
            }
        }
    }

    /// Yes or no.
    pub(super) fn flag(&mut self, key: &str, field: &str, default: bool) -> bool {
        let Some(value) = self.get(key) else { return default };
        if value.is_null() {
            return self.nothing(field, default, on_or_off(default));
        }
        if let Some(flag) = flag_of(value) {
            // 4.4.0 took every text that is not empty for yes.
            if !flag && value.as_str().is_some_and(|text| !text.is_empty()) {
                self.note(Problem::note(field, format!("This was the text {}; it was taken for off.", quoted(value))));
            }
            return flag;
        }
        let taken = on_or_off(default);
        self.note(Problem::warning(
            field,
            format!("This was {}, neither on nor off; {taken} was taken instead.", quoted(value)),
        ));
        default
    }

    /// A whole number, as a number or as text; `None` where there is none, with a note if that needs one.
    pub(super) fn whole_number(&mut self, key: &str, field: &str, default: i64) -> Option<i64> {
        let value = self.get(key)?;
        if value.is_null() {
            return self.nothing(field, None, &default.to_string());
        }
        let number = number_of(value);
        match number {
            Some(number) if value.as_f64().is_some_and(|exact| exact.fract() != 0.0) => {
                self.note(Problem::note(field, format!("This was {}; {number} was taken instead.", quoted(value))));
            }
            Some(_) => {}
            None => self.note(Problem::warning(
                field,
                format!("This was {}, which is not a whole number; {default} was taken instead.", quoted(value)),
            )),
        }
        number
    }

    /// Seconds from 0; an empty text is 0 too.
    pub(super) fn cooldown(&mut self, key: &str, field: &str) -> u32 {
        if self.get(key).is_some_and(|value| value.as_str().is_some_and(|text| text.trim().is_empty())) {
            return 0;
        }
        let Some(seconds) = self.whole_number(key, field, 0) else { return 0 };
        u32::try_from(seconds).unwrap_or_else(|_| {
            let taken = if seconds < 0 { 0 } else { u32::MAX };
            self.note(Problem::note(field, format!("This was {seconds}; {taken} was taken instead.")));
            taken
        })
    }

    /// An HTTP method, in upper or lower case.
    pub(super) fn method(&mut self, key: &str, field: &str) -> HttpMethod {
        self.choice(key, field, "POST", |text| match text.to_ascii_uppercase().as_str() {
            "GET" => Some(HttpMethod::Get),
            "POST" => Some(HttpMethod::Post),
            "PUT" => Some(HttpMethod::Put),
            "PATCH" => Some(HttpMethod::Patch),
            "DELETE" => Some(HttpMethod::Delete),
            _ => None,
        })
    }

    /// How data was to be encoded, in 4.4.0's words or as a media type.
    pub(super) fn content_type(&mut self, key: &str, field: &str) -> ContentType {
        self.choice(key, field, "JSON", |text| match text.to_ascii_lowercase().as_str() {
            "json" | "application/json" => Some(ContentType::Json),
            "form" | "x-www-form-urlencoded" | "application/x-www-form-urlencoded" => Some(ContentType::Form),
            _ => None,
        })
    }

    /// One of several words; the default where it is none of them.
    fn choice<T: Default>(&mut self, key: &str, field: &str, default: &str, read: impl Fn(&str) -> Option<T>) -> T {
        let Some(value) = self.get(key) else { return T::default() };
        if value.is_null() {
            return self.nothing(field, T::default(), default);
        }
        value.as_str().and_then(|text| read(text.trim())).unwrap_or_else(|| {
            self.note(Problem::warning(
                field,
                format!("This was {}, which cannot be used here; {default} was taken instead.", quoted(value)),
            ));
            T::default()
        })
    }

    /// A null: the default, with a note if that is something.
    fn nothing<T>(&mut self, field: &str, default: impl Into<T>, taken: &str) -> T {
        if !taken.is_empty() {
            self.note(Problem::note(field, format!("This was empty (null); {taken} was taken instead.")));
        }
        default.into()
    }
}

/// What a value is, for a sentence. Holds nothing of a text, a list or a mapping.
pub(super) fn kind_of(value: &Value) -> String {
    match value {
        Value::Null => "nothing (null)".to_owned(),
        Value::Bool(_) => format!("the value {value}"),
        Value::Number(number) => format!("the number {number}"),
        Value::String(text) => format!("a text of {}", counted(text.chars().count(), "character")),
        Value::Array(items) => format!("a list with {}", counted(items.len(), "value")),
        Value::Object(keys) => format!("a mapping with {}", counted(keys.len(), "key")),
    }
}

fn counted(number: usize, thing: &str) -> String {
    format!("{number} {thing}{}", if number == 1 { "" } else { "s" })
}

/// A name for a sentence: short, in quotation marks, on one line.
pub(super) fn quoted_name(name: &str) -> String {
    let short: String = name.chars().take(QUOTE_LIMIT).collect();
    let ellipsis = if short.len() < name.len() { "…" } else { "" };
    Value::String(format!("{short}{ellipsis}")).to_string()
}

/// What sort of thing a value is, when even a number may be a secret.
fn sort_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "empty (null)",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "a mapping",
    }
}

fn quoted(value: &Value) -> String {
    match value {
        Value::String(text) => quoted_name(text),
        other => kind_of(other),
    }
}

const fn on_or_off(flag: bool) -> &'static str {
    if flag { "on" } else { "off" }
}

fn flag_of(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(flag) => Some(*flag),
        Value::Number(number) => match number.as_f64()? {
            0.0 => Some(false),
            1.0 => Some(true),
            _ => None,
        },
        Value::String(text) => match text.trim().to_ascii_lowercase().as_str() {
            "true" | "yes" | "on" | "1" => Some(true),
            "false" | "no" | "off" | "0" | "" => Some(false),
            _ => None,
        },
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// A whole number; one with a fraction loses it, as it did in 4.4.0.
fn number_of(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => number.as_i64().or_else(|| whole(number.as_f64()?.trunc())),
        Value::String(text) => {
            let text = text.trim();
            text.parse().ok().or_else(|| whole(text.parse().ok().filter(|number: &f64| number.fract() == 0.0)?))
        }
        _ => None,
    }
}

fn whole(number: f64) -> Option<i64> {
    #[expect(clippy::cast_possible_truncation, reason = "a float beyond what i64 holds becomes its nearest end")]
    let whole = number as i64;
    number.is_finite().then_some(whole)
}
