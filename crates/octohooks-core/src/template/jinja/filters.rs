//! Filters: what stands behind `|`. A value in, a value for the reader out; nothing, where there is nothing to show.
//!
//! Most are minijinja's own. Those here are what messages of a printer need: spans, sizes, times, rounding, a default, and
//! escaping for whoever reads the text. No clock is read: a time is shown in the time zone of the machine that saw the event.

use minijinja::value::{Kwargs, Value, ValueKind};
use minijinja::{Environment, Error, ErrorKind, State};
use percent_encoding::utf8_percent_encode;

use super::{UTC_OFFSET, text_of};
use crate::hook::receiver::Markup;
use crate::template::url::VALUE;
use crate::time::UnixMillis;

/// One filter, for the documentation and the editor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct Filter {
    /// How it is written.
    pub written: &'static str,
    /// What it does, a sentence.
    pub description: &'static str,
    /// What comes of the example.
    pub gives: &'static str,
}

/// The filters that are made here, in the order of the documentation.
pub const FILTERS: &[Filter] = &[
    filter("4211.5 | duration", "Seconds as a span of time.", "1h 10m"),
    filter("4211.5 | duration('clock')", "The same as on a clock.", "1:10:11"),
    filter("2415919 | size", "Bytes as a size, 1 KB being 1024 of them.", "2.3 MB"),
    filter("currentTime | time", "A moment as a time of day of the machine; eta and currentTime are moments.", "14:00"),
    filter("eta | time('%A, %H:%M')", "The same in a form of one's own, as strftime has it.", "Tuesday, 15:10"),
    filter("currentTime | date", "A moment as a date.", "2026-11-24"),
    filter("42.37 | round", "To a whole number.", "42"),
    filter("42.37 | round(1)", "To so many places.", "42.4"),
    filter("job.user | default('nobody')", "Something else where there is no value.", "nobody"),
    filter("job.file.name | cut(10)", "The beginning, with an ellipsis where something is left out.", "benchy_0.…"),
    filter(
        "'50 % done' | urlencode",
        "For a part of a URL. In the URL of a webhook every value is escaped already.",
        "50%20%25%20done",
    ),
    filter("'a < b' | html", "For HTML.", "a &lt; b"),
    filter("'my_part' | markdown", "For Markdown.", "my\\_part"),
    filter("'my_part @here' | discord", "For Discord: its Markdown, and nobody is called.", "my\\_part @\u{200b}here"),
    filter("extra | json", "As JSON text.", "{\"name\":\"benchy.gcode\"}"),
];

const fn filter(written: &'static str, description: &'static str, gives: &'static str) -> Filter {
    Filter { written, description, gives }
}

/// Every filter that there is. Those of minijinja's that would show more than the user wrote are left out.
pub(super) const NAMES: &[&str] = &[
    "duration",
    "size",
    "time",
    "date",
    "round",
    "default",
    "d",
    "cut",
    "urlencode",
    "html",
    "escape",
    "e",
    "markdown",
    "discord",
    "json",
    "tojson",
    "safe",
    "lower",
    "upper",
    "title",
    "capitalize",
    "replace",
    "length",
    "count",
    "dictsort",
    "items",
    "reverse",
    "trim",
    "join",
    "split",
    "lines",
    "abs",
    "int",
    "float",
    "attr",
    "first",
    "last",
    "min",
    "max",
    "sort",
    "list",
    "string",
    "bool",
    "batch",
    "slice",
    "sum",
    "indent",
    "select",
    "reject",
    "selectattr",
    "rejectattr",
    "map",
    "groupby",
    "unique",
    "chain",
    "zip",
    "format",
];

/// Every test that there is: what stands behind `is`.
pub(super) const TESTS: &[&str] = &[
    "undefined",
    "defined",
    "none",
    "safe",
    "escaped",
    "boolean",
    "odd",
    "even",
    "divisibleby",
    "number",
    "integer",
    "int",
    "float",
    "string",
    "sequence",
    "iterable",
    "mapping",
    "startingwith",
    "endingwith",
    "lower",
    "upper",
    "sameas",
    "eq",
    "equalto",
    "ne",
    "lt",
    "lessthan",
    "le",
    "gt",
    "greaterthan",
    "ge",
    "in",
    "true",
    "false",
    "filter",
    "test",
];

/// Every function that there is.
pub(super) const FUNCTIONS: &[&str] = &["range", "dict", "namespace"];

pub(super) fn add_to(environment: &mut Environment<'static>) {
    environment.remove_filter("pprint");
    environment.remove_global("debug");
    environment.add_filter("duration", duration);
    environment.add_filter("size", size);
    environment.add_filter("time", time);
    environment.add_filter("date", date);
    environment.add_filter("round", round);
    for name in ["default", "d"] {
        environment.add_filter(name, default);
    }
    environment.add_filter("cut", cut);
    environment
        .add_filter("urlencode", |value: &Value| escaped(value, |text| utf8_percent_encode(text, VALUE).to_string()));
    for name in ["html", "escape", "e"] {
        environment
            .add_filter(name, |value: &Value| escaped(value, |text| Markup::Html.escape(text).replace('"', "&quot;")));
    }
    environment.add_filter("markdown", |value: &Value| escaped(value, |text| Markup::Markdown.escape(text)));
    environment.add_filter("discord", |value: &Value| escaped(value, discord));
    for name in ["json", "tojson"] {
        environment.add_filter(name, |value: &Value| {
            let value = super::json_of(value)?;
            Ok::<_, Error>(Value::from_safe_string(value.to_string()))
        });
    }
}

fn is_nothing(value: &Value) -> bool {
    value.is_undefined() || value.is_none()
}

fn wrong(detail: impl Into<String>) -> Error {
    Error::new(ErrorKind::InvalidOperation, detail.into())
}

/// A number, or a text that is one; `None` for nothing.
fn number(value: &Value, filter: &str) -> Result<Option<f64>, Error> {
    if is_nothing(value) {
        return Ok(None);
    }
    let number = f64::try_from(value.clone()).ok().or_else(|| value.as_str()?.trim().parse().ok());
    match number.filter(|number| number.is_finite()) {
        Some(number) => Ok(Some(number)),
        None => Err(wrong(format!("{filter} needs a number, and this is {}", kind(value)))),
    }
}

fn kind(value: &Value) -> &'static str {
    match value.kind() {
        ValueKind::String => "a text",
        ValueKind::Bool => "true or false",
        ValueKind::Seq | ValueKind::Iterable => "a list",
        ValueKind::Map => "an object",
        _ => "something else",
    }
}

fn duration(value: &Value, style: Option<&str>) -> Result<Value, Error> {
    let Some(seconds) = number(value, "duration")? else { return Ok(Value::UNDEFINED) };
    let sign = if seconds <= -1.0 { "-" } else { "" };
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped just before")]
    let whole = seconds.abs().clamp(0.0, 1e12) as u64;
    let (days, hours, minutes, seconds) = (whole / 86_400, whole / 3600 % 24, whole / 60 % 60, whole % 60);
    let text = match style {
        Some("clock") => format!("{}:{minutes:02}:{seconds:02}", whole / 3600),
        Some(other) => return Err(wrong(format!("duration knows no {other:?}; write duration or duration('clock')"))),
        None if days > 0 => format!("{days}d {hours}h"),
        None if hours > 0 => format!("{hours}h {minutes}m"),
        None if minutes > 0 => format!("{minutes}m"),
        None => format!("{seconds}s"),
    };
    Ok(Value::from(format!("{sign}{text}")))
}

fn size(value: &Value) -> Result<Value, Error> {
    let Some(mut bytes) = number(value, "size")? else { return Ok(Value::UNDEFINED) };
    let mut unit = "bytes";
    for larger in ["KB", "MB", "GB", "TB"] {
        if bytes.abs() < 1024.0 {
            break;
        }
        bytes /= 1024.0;
        unit = larger;
    }
    Ok(Value::from(if unit == "bytes" { format!("{bytes:.0} bytes") } else { format!("{bytes:.1} {unit}") }))
}

fn time(state: &State, value: &Value, form: Option<&str>) -> Result<Value, Error> {
    moment(state, value, "time", form.unwrap_or("%H:%M"))
}

fn date(state: &State, value: &Value, form: Option<&str>) -> Result<Value, Error> {
    moment(state, value, "date", form.unwrap_or("%Y-%m-%d"))
}

/// Seconds since 1970, or a moment as RFC 3339 has it, in the time zone of the machine that saw the event.
fn moment(state: &State, value: &Value, filter: &str, form: &str) -> Result<Value, Error> {
    if is_nothing(value) || value.as_str() == Some("") {
        return Ok(Value::UNDEFINED);
    }
    let written = value.as_str().and_then(UnixMillis::parse_rfc3339);
    let millis = match written {
        Some(moment) => moment,
        #[expect(clippy::cast_possible_truncation, reason = "a moment that no calendar holds is refused below")]
        None => match number(value, filter) {
            Ok(Some(seconds)) => UnixMillis((seconds.clamp(-1e14, 1e14) * 1000.0) as i64),
            _ => return Err(wrong(format!("{filter} needs a moment, and this is {}", kind(value)))),
        },
    };
    let offset = state.lookup(UTC_OFFSET).and_then(|offset| i32::try_from(offset).ok()).unwrap_or(0);
    match millis.formatted(form, offset) {
        Some(text) => Ok(Value::from(text)),
        None => Err(wrong(format!("{filter} cannot use {form:?}; write it like '%H:%M'"))),
    }
}

/// Half goes up, away from zero; to a whole number where no places are asked for.
#[expect(clippy::needless_pass_by_value, reason = "a filter takes its named arguments like this")]
fn round(value: &Value, places: Option<i32>, method: Option<&str>, named: Kwargs) -> Result<Value, Error> {
    let places = places.or(named.get::<Option<i32>>("precision")?).unwrap_or(0).clamp(-12, 12);
    let method = method.or(named.get::<Option<&str>>("method")?).unwrap_or("common");
    named.assert_all_used()?;
    let Some(number) = number(value, "round")? else { return Ok(Value::UNDEFINED) };
    let factor = 10_f64.powi(places);
    let scaled = number * factor;
    let rounded = match method {
        "ceil" => scaled.ceil(),
        "floor" => scaled.floor(),
        "common" => scaled.round(),
        other => return Err(wrong(format!("round knows no {other:?}; write common, ceil, or floor"))),
    } / factor;
    #[expect(clippy::cast_possible_truncation, reason = "checked just before")]
    let value = if places <= 0 && rounded.abs() < 9e15 { Value::from(rounded as i64) } else { Value::from(rounded) };
    Ok(value)
}

/// Null counts as no value: OctoPrint has much of it. With `true` behind it, so does what is empty or 0.
fn default(value: &Value, other: Option<Value>, empty_too: Option<bool>) -> Value {
    let takes_other = is_nothing(value) || (empty_too == Some(true) && !value.is_true());
    if takes_other { other.unwrap_or_else(|| Value::from("")) } else { value.clone() }
}

fn cut(value: &Value, most: u32) -> Result<Value, Error> {
    if is_nothing(value) {
        return Ok(Value::UNDEFINED);
    }
    let text = text_of(value)?;
    let most = most.max(1) as usize;
    if text.chars().count() <= most {
        return Ok(Value::from(text));
    }
    let kept: String = text.chars().take(most - 1).collect();
    Ok(Value::from(format!("{}…", kept.trim_end())))
}

fn escaped(value: &Value, escape: impl Fn(&str) -> String) -> Result<Value, Error> {
    if is_nothing(value) {
        return Ok(Value::UNDEFINED);
    }
    Ok(Value::from_safe_string(escape(&text_of(value)?)))
}

/// Markdown, and an `@` that calls nobody.
fn discord(text: &str) -> String {
    Markup::Markdown.escape(text).replace('@', "@\u{200b}")
}
