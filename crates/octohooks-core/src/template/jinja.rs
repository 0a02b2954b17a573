//! Jinja in a text, beside `@name`: compiled once, rendered within bounds. minijinja is spoken here and in no other file.
//!
//! Comes in: a text with tags (`{{ }}`, `{% %}`, `{# #}`). Each `@name` outside of tags is put into the text as an
//! expression of its own before it is compiled, so that both ways of writing mix wherever they stand. Goes out: text, or, where
//! the text is exactly one `{{ expression }}`, the value of the expression with its own type.
//!
//! There are no includes, macros, or loaders. Work, output, and recursion are bounded ([`FUEL`]); one unit is an instruction
//! or 64 bytes that are made. What is known of a name is only its value: it is never looked at for tags.

mod expression;
mod filters;
mod tags;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, LazyLock};

use minijinja::syntax::SyntaxConfig;
pub(super) use minijinja::value::Value;
use minijinja::value::{Object, ObjectRepr};
use minijinja::{AutoEscape, Environment, Error, ErrorKind, Output, OutputSpanKind, State, UndefinedBehavior};
use percent_encoding::utf8_percent_encode;

pub use self::expression::Expression;
pub use self::filters::{FILTERS, Filter};
pub(crate) use self::tags::is_jinja;
use self::tags::{Kind, Said, Stretch, What, stretches};
use super::parse::{Piece, Template};
use crate::hook::receiver::Markup;
use crate::variables;

/// As much work one template may make.
const FUEL: u64 = 250_000;

/// As much all templates of one request may make together, with the last one on top.
pub(super) const FUEL_OF_REQUEST: u64 = 1_000_000;

/// As deep a recursion may go.
const RECURSION: usize = 60;

/// Names that no variable has: what filters and the formatter have to know.
const UTC_OFFSET: &str = "__utc_offset";
const MARKUP: &str = "__markup";
/// Where the value of a text that is one expression lies.
const VALUE: &str = "__value";
/// The n-th `@name` of a text.
const AT: &str = "__at";

/// The name of the one template in an environment.
const NAME: &str = "t";

/// What is wrong with a text, and where in it, in bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Wrong {
    pub(crate) offset: usize,
    pub(crate) message: String,
}

/// Where the result of a text goes: decides how values are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Target {
    Text,
    Url,
}

/// A compiled text.
pub(super) struct Jinja {
    source: String,
    program: Environment<'static>,
    is_whole: bool,
    /// Whether it decides anything, or is nothing but expressions.
    pub(super) has_statements: bool,
    /// The variables that stand in its tags.
    pub(super) roots: Vec<String>,
    /// Texts of the user's own in its tags.
    pub(super) quoted: Vec<String>,
    /// What stands outside of its tags.
    pub(super) outside: Vec<Piece>,
    tags: Tags,
}

/// Where each tag stands in the text, and in what was made of it.
#[derive(Debug, Default)]
struct Tags(Vec<(usize, usize, usize)>);

/// A rendered text, before it is known where it goes.
#[derive(Debug)]
pub(super) enum Stretched<'text> {
    Own(&'text str),
    Value(&'text str),
}

impl Jinja {
    /// Compiles a text. Roots that are no variables are wrong unless `any_root`.
    pub(super) fn new(source: &str, any_root: bool, target: Target) -> Result<Self, Wrong> {
        let parts = stretches(source);
        let mut rewritten = String::with_capacity(source.len() + 16);
        let mut jinja = Self {
            source: source.to_owned(),
            program: Environment::empty(),
            is_whole: matches!(parts.as_slice(), [Stretch::Tag(tag)] if tag.kind == Kind::Expression && tag.text.ends_with("}}")),
            has_statements: false,
            roots: Vec::new(),
            quoted: Vec::new(),
            outside: Vec::new(),
            tags: Tags::default(),
        };
        let mut names: Vec<tags::Token<'_>> = Vec::new();
        for part in &parts {
            let tag = match part {
                Stretch::Text(text) => {
                    jinja.take_text(text, &mut rewritten);
                    continue;
                }
                Stretch::Tag(tag) => tag,
            };
            look_at(tag)?;
            jinja.has_statements |= tag.kind == Kind::Statement;
            jinja.quoted.extend(
                tag.tokens.iter().filter(|token| token.what == What::Quoted).map(|token| token.text.to_owned()),
            );
            names.extend(tag.tokens.iter().filter(|token| token.what == What::Name).copied());
            if jinja.is_whole {
                let inner = tag.text[2..].strip_suffix("}}").unwrap_or(&tag.text[2..]);
                let inner = inner.strip_prefix(['-', '+']).unwrap_or(inner);
                let inner = inner.strip_suffix(['-', '+']).unwrap_or(inner);
                rewritten.push_str("{% set __value = ");
                jinja.tags.0.push((rewritten.len(), tag.start + tag.text.find(inner).unwrap_or(2), inner.len()));
                rewritten.push_str(inner);
                rewritten.push_str(" %}{{ __value }}");
            } else {
                jinja.tags.0.push((rewritten.len(), tag.start, tag.text.len()));
                rewritten.push_str(tag.text);
            }
        }
        let mut program = match target {
            Target::Text => TEXT.clone(),
            Target::Url => URL.clone(),
        };
        program
            .add_template_owned(NAME, rewritten)
            .map_err(|error| Wrong { offset: jinja.place_of(&error), message: sentence_of(&error) })?;
        let template = program.get_template(NAME).map_err(|error| Wrong { offset: 0, message: sentence_of(&error) })?;
        let mut roots: Vec<String> = template.undeclared_variables(false).into_iter().collect();
        roots.retain(|root| !root.starts_with(AT) && !filters::FUNCTIONS.contains(&root.as_str()));
        roots.sort_unstable();
        for root in &roots {
            if let Some(message) = no_variable(root, any_root) {
                let offset = names.iter().find(|token| token.text == root).map_or(0, |token| token.start);
                return Err(Wrong { offset, message });
            }
        }
        drop(template);
        jinja.roots = roots;
        jinja.program = program;
        Ok(jinja)
    }

    /// Text outside of tags, each `@name` made an expression. A brace before it would begin a tag of another kind.
    fn take_text(&mut self, text: &str, rewritten: &mut String) {
        for piece in Template::parse(text).pieces {
            match &piece {
                Piece::Text(text) => rewritten.push_str(text),
                Piece::Variable(_) => {
                    if rewritten.ends_with('{') {
                        rewritten.pop();
                        rewritten.push_str("{{ '{' }}");
                    }
                    let number = self.outside.iter().filter(|piece| matches!(piece, Piece::Variable(_))).count();
                    rewritten.extend(["{{ ", AT, &number.to_string(), " }}"]);
                }
            }
            self.outside.push(piece);
        }
    }

    pub(super) fn source(&self) -> &str {
        &self.source
    }

    /// Whether it is nothing but one `{{ expression }}`.
    pub(super) fn is_whole(&self) -> bool {
        self.is_whole
    }

    /// Where a name stands first in its tags.
    fn offset_of(&self, name: &str) -> usize {
        let stretches = stretches(&self.source);
        let mut tokens = stretches.iter().flat_map(|stretch| match stretch {
            Stretch::Tag(tag) => tag.tokens.as_slice(),
            Stretch::Text(_) => &[],
        });
        tokens.find(|token| token.what == What::Name && token.text == name).map_or(0, |token| token.start)
    }

    /// The values that it looks at, with the way to each: `job.user`.
    fn paths(&self) -> Vec<String> {
        let template = self.program.get_template(NAME).ok();
        let paths = template.map(|template| template.undeclared_variables(true)).unwrap_or_default();
        let is_of_root = |path: &String| self.roots.iter().any(|root| path.split('.').next() == Some(root));
        let mut paths: Vec<String> = paths.into_iter().filter(is_of_root).collect();
        paths.sort_unstable();
        paths
    }

    /// The names behind each `@`.
    pub(super) fn at_names(&self) -> impl Iterator<Item = &str> {
        self.outside.iter().filter_map(|piece| match piece {
            Piece::Variable(name) => Some(name.as_str()),
            Piece::Text(_) => None,
        })
    }

    /// Renders it, and says how much of the fuel that took.
    pub(super) fn text(&self, world: &World) -> Result<(String, u64), String> {
        let template = self.program.get_template(NAME).map_err(|error| sentence_of(&error))?;
        let rendered = template.render_captured(world.context()).map_err(|error| self.failed(&error))?;
        let used = rendered.state().fuel_levels().map_or(0, |(used, _)| used);
        Ok((rendered.into_output(), used))
    }

    /// Renders it and tells what of it is the user's own text.
    pub(super) fn stretches<T>(
        &self,
        world: &World,
        mut each: impl FnMut(Stretched<'_>) -> T,
    ) -> Result<Vec<T>, String> {
        let template = self.program.get_template(NAME).map_err(|error| sentence_of(&error))?;
        let (text, spans) = template.render_with_spans(world.context()).map_err(|error| self.failed(&error))?;
        let stretched = spans.iter().map(|span| {
            let text = &text[span.output_range()];
            each(if span.kind() == OutputSpanKind::Raw { Stretched::Own(text) } else { Stretched::Value(text) })
        });
        Ok(stretched.collect())
    }

    /// The value of the one expression that it is; the second is whether its text is to be taken as it is.
    pub(super) fn value(&self, world: &World) -> Result<(serde_json::Value, bool, u64), String> {
        let template = self.program.get_template(NAME).map_err(|error| sentence_of(&error))?;
        let rendered = template.render_captured(world.context()).map_err(|error| self.failed(&error))?;
        let used = rendered.state().fuel_levels().map_or(0, |(used, _)| used);
        let value = rendered.state().lookup(VALUE).unwrap_or_default();
        let is_ready = value.is_safe();
        let value =
            if value.is_undefined() { "".into() } else { json_of(&value).map_err(|error| self.failed(&error))? };
        Ok((value, is_ready, used))
    }

    /// Why it could not be rendered: the tag, and what is wrong in it.
    fn failed(&self, error: &Error) -> String {
        let place = self.place_of(error);
        let tag = stretches(&self.source).into_iter().rev().find_map(|part| match part {
            Stretch::Tag(tag) if tag.start <= place => Some(tag.text),
            _ => None,
        });
        let tag: String = tag.unwrap_or_default().chars().take(80).collect();
        format!("{tag} cannot be filled in: {}", sentence_of(error))
    }

    /// Where in the source an error is.
    fn place_of(&self, error: &Error) -> usize {
        let at = error.range().map_or(usize::MAX, |range| range.start);
        let found = self.tags.0.iter().rev().find(|(made, _, _)| *made <= at).or(self.tags.0.first());
        found.map_or(0, |(made, start, length)| start + at.saturating_sub(*made).min(*length))
    }
}

impl fmt::Debug for Jinja {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Jinja(…)")
    }
}

impl PartialEq for Jinja {
    fn eq(&self, other: &Self) -> bool {
        self.source == other.source
    }
}

impl Eq for Jinja {}

/// The values of one rendering.
#[derive(Debug, Default)]
pub(super) struct World {
    values: BTreeMap<String, Value>,
}

impl World {
    pub(super) fn new(markup: Markup, utc_offset: i32) -> Self {
        let mut world = Self::default();
        let markup = match markup {
            Markup::Plain => 0,
            Markup::Html => 1,
            Markup::Markdown => 2,
        };
        world.values.insert(MARKUP.to_owned(), Value::from(markup));
        world.values.insert(UTC_OFFSET.to_owned(), Value::from(utc_offset));
        world
    }

    pub(super) fn set(&mut self, root: &str, value: Value) {
        self.values.insert(root.to_owned(), value);
    }

    /// What the n-th `@name` became, written for where it stands already.
    pub(super) fn set_at(&mut self, number: usize, text: String) {
        self.values.insert(format!("{AT}{number}"), Value::from_object(Ready(text)));
    }

    fn context(&self) -> Value {
        Value::from_pairs(self.values.iter().map(|(name, value)| (name.clone(), value.clone())))
    }
}

/// A value of a variable. `is_ready`: its text shows as it is in any markup.
pub(super) fn value_of(value: &serde_json::Value, is_ready: bool) -> Value {
    match value {
        serde_json::Value::String(text) if is_ready => Value::from_safe_string(text.clone()),
        value => Value::from(minijinja::value::Serde(value)),
    }
}

/// A text that is written already.
#[derive(Debug)]
struct Ready(String);

impl Object for Ready {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn render(self: &Arc<Self>, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

static TEXT: LazyLock<Environment<'static>> = LazyLock::new(|| environment(write_in_text));
static URL: LazyLock<Environment<'static>> = LazyLock::new(|| environment(write_in_url));

fn environment(write: fn(&mut Output, &mut State, &Value) -> Result<(), Error>) -> Environment<'static> {
    let mut environment = Environment::new();
    filters::add_to(&mut environment);
    environment.set_undefined_behavior(UndefinedBehavior::Chainable);
    environment.set_fuel(Some(FUEL));
    environment.set_recursion_limit(RECURSION);
    environment.set_auto_escape_callback(|_| AutoEscape::None);
    environment.set_debug(false);
    environment.set_formatter(write);
    if let Ok(syntax) = SyntaxConfig::builder().keep_trailing_newline(true).build() {
        environment.set_syntax(syntax);
    }
    environment
}

fn write_in_text(output: &mut Output, state: &mut State, value: &Value) -> Result<(), Error> {
    if let Some(Ready(text)) = value.downcast_object_ref() {
        return Ok(output.write_str(text)?);
    }
    let text = text_of(value)?;
    let markup = match state.lookup(MARKUP).and_then(|markup| markup.as_i64()) {
        Some(1) if !value.is_safe() => Markup::Html,
        Some(2) if !value.is_safe() => Markup::Markdown,
        _ => return Ok(output.write_str(&text)?),
    };
    Ok(output.write_str(&markup.escape(&text))?)
}

/// Percent-encoded. What was escaped by a filter already keeps its escapes, and nothing else: no value ends the path.
fn write_in_url(output: &mut Output, _: &mut State, value: &Value) -> Result<(), Error> {
    if let Some(Ready(text)) = value.downcast_object_ref() {
        return Ok(output.write_str(text)?);
    }
    let text = text_of(value)?;
    let mut rest = text.as_str();
    while let Some(place) = rest.find('%').filter(|_| value.is_safe()) {
        write_encoded(output, &rest[..place])?;
        let is_escape =
            rest.as_bytes()[place + 1..].iter().take(2).filter(|byte| byte.is_ascii_hexdigit()).count() == 2;
        output.write_str(if is_escape { "%" } else { "%25" })?;
        rest = &rest[place + 1..];
    }
    write_encoded(output, rest)
}

fn write_encoded(output: &mut Output, text: &str) -> Result<(), Error> {
    for part in utf8_percent_encode(text, super::url::VALUE) {
        output.write_str(part)?;
    }
    Ok(())
}

/// A value as it stands in running text, as `@name` puts it there too.
fn text_of(value: &Value) -> Result<String, Error> {
    if value.is_undefined() || value.is_none() {
        return Ok(String::new());
    }
    match value.as_str() {
        Some(text) => Ok(text.to_owned()),
        None => Ok(super::text_of(&json_of(value)?)),
    }
}

fn json_of(value: &Value) -> Result<serde_json::Value, Error> {
    if value.is_undefined() {
        return Ok(serde_json::Value::Null);
    }
    serde_json::to_value(value).map_err(|error| {
        Error::new(ErrorKind::BadSerialization, format!("this value is no text, number, list, or object ({error})"))
    })
}

/// What is wrong in a tag that the parser would not tell.
fn look_at(tag: &tags::Tag<'_>) -> Result<(), Wrong> {
    for said in tag.says() {
        let (offset, message) = match said {
            Said::Filter(name, at) if !filters::NAMES.contains(&name) => {
                (at, format!("There is no filter {name}.{}", alike(name, filters::NAMES)))
            }
            Said::Test(name, at) if !filters::TESTS.contains(&name) => {
                (at, format!("There is no test {name} to stand behind \"is\".{}", alike(name, filters::TESTS)))
            }
            Said::At(at) => (at, "Within {{ }} and {% %} a variable stands without its @.".to_owned()),
            Said::Filter(..) | Said::Test(..) => continue,
        };
        return Err(Wrong { offset, message });
    }
    Ok(())
}

fn no_variable(root: &str, any_root: bool) -> Option<String> {
    if root == "snapshot" {
        let message =
            "snapshot is a picture and no text: write \"@snapshot\" as the whole value, or use snapshotBase64.";
        return Some(message.to_owned());
    }
    if any_root || variables::is_built_in(root) {
        return None;
    }
    let names: Vec<&str> = variables::ALL.iter().map(|variable| variable.name).collect();
    Some(format!("{root} is not a variable.{}", alike(root, &names)))
}

/// Which of the names may be meant.
fn alike(name: &str, names: &[&str]) -> String {
    match variables::alike(name, names.iter().copied()) {
        Some(known) => format!(" Is {known} meant?"),
        None => String::new(),
    }
}

/// What minijinja says, as a sentence.
fn sentence_of(error: &Error) -> String {
    let detail = error.detail().unwrap_or_default();
    match error.kind() {
        ErrorKind::OutOfFuel => "it does too much work, or makes too long a text.".to_owned(),
        ErrorKind::UndefinedError => {
            format!(
                "a value that it works with is not there ({detail}). Give another with | default(…), or ask with {{% if %}}."
            )
        }
        ErrorKind::SyntaxError if detail.is_empty() => "This is not Jinja.".to_owned(),
        ErrorKind::SyntaxError => format!("This is not Jinja: {detail}."),
        kind if detail.is_empty() => format!("{kind}."),
        _ => format!("{detail}."),
    }
}
