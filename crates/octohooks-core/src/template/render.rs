//! Pieces and a scope in, text or a JSON value out, within a bound. What goes in as a value is never looked at again.

use serde_json::Value;

use super::Scope;
use super::parse::{Piece, Template, prefixes_at_dashes, resolve};
use crate::hook::receiver::Markup;

/// The largest text that one request's templates may grow to, all together: 8 MiB.
pub const OUTPUT_LIMIT: usize = 8 * 1024 * 1024;

/// The templates of a request grow beyond [`OUTPUT_LIMIT`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("render the templates: the result is larger than {} MiB", OUTPUT_LIMIT / 1024 / 1024)]
pub struct TooLarge;

/// Renders the templates of one request; keeps the bound and the list of names that stood for nothing.
pub struct Renderer<'scope> {
    scope: &'scope Scope<'scope>,
    budget: usize,
    unknown: Vec<String>,
    markup: Markup,
}

/// Values that are the hook's own or no text at all: no markup is taken for theirs.
const NEVER_ESCAPED: [&str; 3] = ["apiSecret", "deviceIdentifier", "snapshotBase64"];

/// A rendered piece of text: where it came from decides how it is escaped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rendered<'template> {
    /// The user's own text.
    Literal(&'template str),
    /// A variable's value.
    Value(String),
}

impl<'scope> Renderer<'scope> {
    /// A renderer with the whole budget.
    pub fn new(scope: &'scope Scope<'scope>) -> Self {
        Self { scope, budget: OUTPUT_LIMIT, unknown: Vec::new(), markup: Markup::Plain }
    }

    /// The same, with the texts of values escaped for a receiver's markup.
    #[must_use]
    pub fn escaping(mut self, markup: Markup) -> Self {
        self.markup = markup;
        self
    }

    /// Whether a text waits for a picture that there is none of: then its key is left out, not emptied.
    pub(super) fn lacks_picture(&self, template: &Template) -> bool {
        let wants = |name: &str| resolve(name, |root| root == "snapshotBase64").is_some();
        template.names().any(wants) && self.scope.root("snapshotBase64").is_none()
    }

    /// Names after `@` that no root is known for, where that is worth telling: with OAuth on.
    pub fn unknown(&self) -> &[String] {
        &self.unknown
    }

    /// A string of JSON data: one variable keeps its type, anything else is text.
    ///
    /// # Errors
    /// [`TooLarge`], as with every rendering.
    pub fn value(&mut self, template: &Template) -> Result<Value, TooLarge> {
        let Some(name) = template.whole() else {
            return self.text(template).map(Value::String);
        };
        match self.look_up(name) {
            Found::Value(value, "") => {
                let value = match value {
                    Value::String(text) => Value::String(self.escaped(name, text.clone())),
                    other => other.clone(),
                };
                self.spend(weight(&value))?;
                Ok(value)
            }
            Found::Value(..) | Found::Missing(_) | Found::Unknown => self.text_or_nothing(template).map(Value::String),
        }
    }

    /// Text, all values put in as they are.
    pub fn text(&mut self, template: &Template) -> Result<String, TooLarge> {
        self.pieces(template).map(|pieces| {
            pieces
                .iter()
                .map(|piece| match piece {
                    Rendered::Literal(text) => text,
                    Rendered::Value(value) => value.as_str(),
                })
                .collect()
        })
    }

    /// The text of one of the hook's own variables; OAuth's answer does not shadow it here.
    pub(super) fn own(&self, root: &str) -> Option<String> {
        self.scope.own(root).map(text_of)
    }

    /// Text in pieces, so that the caller can escape the values for where they stand.
    pub fn pieces<'template>(&mut self, template: &'template Template) -> Result<Vec<Rendered<'template>>, TooLarge> {
        let mut rendered = Vec::with_capacity(template.pieces.len());
        for piece in &template.pieces {
            match piece {
                Piece::Text(text) => {
                    self.spend(text.len())?;
                    rendered.push(Rendered::Literal(text));
                }
                Piece::Variable(name) => self.variable(name, &mut rendered)?,
            }
        }
        Ok(rendered)
    }

    fn variable<'template>(
        &mut self,
        name: &'template str,
        rendered: &mut Vec<Rendered<'template>>,
    ) -> Result<(), TooLarge> {
        let (text, rest) = match self.look_up(name) {
            Found::Value(value, rest) => (self.escaped(name, text_of(value)), rest),
            Found::Missing(rest) => (String::new(), rest),
            Found::Unknown if self.scope.has_oauth() => {
                self.report(name);
                (String::new(), "")
            }
            Found::Unknown => {
                rendered.push(Rendered::Literal("@"));
                (String::new(), name)
            }
        };
        self.spend(text.len() + rest.len())?;
        if !text.is_empty() {
            rendered.push(Rendered::Value(text));
        }
        if !rest.is_empty() {
            rendered.push(Rendered::Literal(rest));
        }
        Ok(())
    }

    fn escaped(&self, name: &str, text: String) -> String {
        if self.markup == Markup::Plain || resolve(name, |root| NEVER_ESCAPED.contains(&root)).is_some() {
            return text;
        }
        self.markup.escape(&text)
    }

    /// A whole string of which nothing is known is nothing, in running text it would be itself.
    fn text_or_nothing(&mut self, template: &Template) -> Result<String, TooLarge> {
        match template.whole().map(|name| (name, self.look_up(name))) {
            Some((name, Found::Unknown)) => {
                if self.scope.has_oauth() {
                    self.report(name);
                }
                Ok(String::new())
            }
            _ => self.text(template),
        }
    }

    fn look_up<'name>(&self, name: &'name str) -> Found<'scope, 'name> {
        let Some(found) = resolve(name, |root| self.scope.is_known(root)) else { return Found::Unknown };
        let Some(path) = found.rest.strip_prefix('.') else {
            return match self.scope.root(found.root) {
                Some(value) => Found::Value(value, found.rest),
                None => Found::Missing(found.rest),
            };
        };
        self.scope.root(found.root).map_or(Found::Missing(""), |value| walk(value, path))
    }

    fn report(&mut self, name: &str) {
        if self.unknown.len() < 32 && !self.unknown.iter().any(|known| known == name) {
            self.unknown.push(name.to_owned());
        }
    }

    fn spend(&mut self, bytes: usize) -> Result<(), TooLarge> {
        self.budget = self.budget.checked_sub(bytes).ok_or(TooLarge)?;
        Ok(())
    }
}

/// What a name stands for; the text is what is left of the name behind it.
enum Found<'scope, 'name> {
    Value(&'scope Value, &'name str),
    Missing(&'name str),
    Unknown,
}

/// Follows a dotted path into a value. A segment with `-` that is no key is cut at the `-`, the longest key first; what
/// is left is text. Numbers count the items of a list from 0.
fn walk<'scope, 'name>(root: &'scope Value, path: &'name str) -> Found<'scope, 'name> {
    let mut value = root;
    let mut rest = path;
    loop {
        let segment = rest.split('.').next().unwrap_or(rest);
        let Some((key, child)) =
            prefixes_at_dashes(segment).find_map(|key| child(value, key).map(|child| (key, child)))
        else {
            return Found::Missing("");
        };
        value = child;
        rest = &rest[key.len()..];
        match rest.strip_prefix('.') {
            Some(deeper) => rest = deeper,
            None => return Found::Value(value, rest),
        }
    }
}

fn child<'value>(value: &'value Value, key: &str) -> Option<&'value Value> {
    match value {
        Value::Object(object) => object.get(key),
        Value::Array(list) => list.get(key.parse::<usize>().ok()?),
        _ => None,
    }
}

/// A value as it stands in running text.
pub fn text_of(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => value.to_string(),
    }
}

/// Roughly the bytes a value will take as JSON.
fn weight(value: &Value) -> usize {
    match value {
        Value::Null | Value::Bool(_) => 5,
        Value::Number(_) => 16,
        Value::String(text) => text.len() + 2,
        Value::Array(list) => list.iter().map(weight).sum::<usize>() + 2,
        Value::Object(object) => object.iter().map(|(key, value)| key.len() + 4 + weight(value)).sum::<usize>() + 2,
    }
}
