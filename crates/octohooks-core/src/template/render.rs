//! Pieces and a scope in, text or a JSON value out, within a bound. What goes in as a value is never looked at again.

use std::borrow::Cow;
use std::collections::HashMap;

use serde_json::Value;

use super::Scope;
use super::jinja::{self, FUEL_OF_REQUEST, Jinja, Stretched, World};
use super::parse::{Piece, Template, prefixes_at_dashes, resolve};
use crate::hook::receiver::Markup;

/// The largest text that one request's templates may grow to, all together: 8 MiB.
pub const OUTPUT_LIMIT: usize = 8 * 1024 * 1024;

/// Why the templates of a request cannot be filled in, a sentence for the user.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RenderError {
    /// They grow beyond [`OUTPUT_LIMIT`].
    #[error("The request becomes larger than {} MiB.", OUTPUT_LIMIT / 1024 / 1024)]
    TooLarge,
    /// They make too much work.
    #[error("The templates of this webhook do too much work.")]
    TooMuchWork,
    /// A tag of Jinja cannot be filled in.
    #[error("{0}")]
    Jinja(String),
}

/// Renders the templates of one request; keeps the bound and the list of names that stood for nothing.
pub struct Renderer<'scope> {
    scope: &'scope Scope<'scope>,
    budget: usize,
    fuel: u64,
    unknown: Vec<String>,
    markup: Markup,
    /// Values as Jinja has them, made once each.
    of_jinja: HashMap<String, jinja::Value>,
}

/// Values that are the hook's own or no text at all: no markup is taken for theirs.
const NEVER_ESCAPED: [&str; 3] = ["apiSecret", "deviceIdentifier", "snapshotBase64"];

/// A rendered piece of text: where it came from decides how it is escaped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rendered<'template> {
    /// The user's own text.
    Literal(Cow<'template, str>),
    /// A variable's value.
    Value(String),
    /// A value that is written for its place already.
    Written(String),
}

impl<'scope> Renderer<'scope> {
    /// A renderer with the whole budget.
    pub fn new(scope: &'scope Scope<'scope>) -> Self {
        Self {
            scope,
            budget: OUTPUT_LIMIT,
            fuel: FUEL_OF_REQUEST,
            unknown: Vec::new(),
            markup: Markup::Plain,
            of_jinja: HashMap::new(),
        }
    }

    /// The same, with the texts of values escaped for a receiver's markup.
    #[must_use]
    pub fn escaping(mut self, markup: Markup) -> Self {
        self.markup = markup;
        self
    }

    /// Whether a text waits for a picture that there is none of: then its key is left out, not emptied. One that asks
    /// (`{% if %}`) has thought of that itself.
    pub(super) fn lacks_picture(&self, template: &Template) -> bool {
        if template.jinja.as_ref().is_some_and(|jinja| jinja.has_statements) {
            return false;
        }
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
    /// See [`RenderError`], as with every rendering.
    pub fn value(&mut self, template: &Template) -> Result<Value, RenderError> {
        if let Some(jinja) = template.jinja.as_deref().filter(|jinja| jinja.is_whole()) {
            return self.value_of_jinja(jinja);
        }
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
    pub fn text(&mut self, template: &Template) -> Result<String, RenderError> {
        if let Some(jinja) = &template.jinja {
            let world = self.world(jinja, &text_of_pieces);
            let (text, used) = jinja.text(&world).map_err(RenderError::Jinja)?;
            self.burn(used)?;
            self.spend(text.len())?;
            return Ok(text);
        }
        self.pieces(template).map(|pieces| text_of_pieces(&pieces))
    }

    /// The text of one of the hook's own variables; OAuth's answer does not shadow it here.
    pub(super) fn own(&self, root: &str) -> Option<String> {
        self.scope.own(root).map(text_of)
    }

    /// Text in pieces, so that the caller can escape the values for where they stand.
    pub fn pieces<'template>(
        &mut self,
        template: &'template Template,
    ) -> Result<Vec<Rendered<'template>>, RenderError> {
        if template.jinja.is_some() {
            return self.text(template).map(|text| vec![Rendered::Value(text)]);
        }
        self.outside(&template.pieces)
    }

    /// A text of a URL in pieces: the user's own, and values that are percent-encoded already.
    pub(super) fn pieces_of_url<'template>(
        &mut self,
        template: &'template Template,
        write: &dyn Fn(&[Rendered<'_>]) -> String,
    ) -> Result<Vec<Rendered<'template>>, RenderError> {
        let Some(jinja) = &template.jinja else { return self.pieces(template) };
        let world = self.world(jinja, write);
        let pieces = jinja.stretches(&world, |stretched| match stretched {
            Stretched::Own(text) => Rendered::Literal(Cow::Owned(text.to_owned())),
            Stretched::Value(text) => Rendered::Written(text.to_owned()),
        });
        let pieces = pieces.map_err(RenderError::Jinja)?;
        for piece in &pieces {
            let length = match piece {
                Rendered::Literal(text) => text.len(),
                Rendered::Value(text) | Rendered::Written(text) => text.len(),
            };
            self.spend(length)?;
        }
        Ok(pieces)
    }

    fn value_of_jinja(&mut self, jinja: &Jinja) -> Result<Value, RenderError> {
        let world = self.world(jinja, &text_of_pieces);
        let (value, is_ready, used) = jinja.value(&world).map_err(RenderError::Jinja)?;
        self.burn(used)?;
        self.spend(weight(&value))?;
        Ok(match value {
            Value::String(text) if !is_ready => Value::String(self.markup.escape(&text)),
            other => other,
        })
    }

    /// What stands behind the names of a text: its variables, and each `@name` as `write` puts it.
    fn world(&mut self, jinja: &Jinja, write: &dyn Fn(&[Rendered<'_>]) -> String) -> World {
        let mut world = World::new(self.markup, self.scope.utc_offset());
        for root in &jinja.roots {
            if let Some(known) = self.of_jinja.get(root) {
                world.set(root, known.clone());
            } else if let Some(value) = self.scope.root(root) {
                let value = jinja::value_of(value, NEVER_ESCAPED.contains(&root.as_str()));
                self.of_jinja.insert(root.clone(), value.clone());
                world.set(root, value);
            } else if self.scope.has_oauth() && !self.scope.is_known(root) {
                self.report(root);
            }
        }
        for (number, name) in jinja.at_names().enumerate() {
            let mut pieces = Vec::new();
            // Too large is found when the whole is measured.
            let written = self.variable(name, &mut pieces).map(|()| write(&pieces)).unwrap_or_default();
            world.set_at(number, written);
        }
        world
    }

    fn outside<'template>(&mut self, pieces: &'template [Piece]) -> Result<Vec<Rendered<'template>>, RenderError> {
        let mut rendered = Vec::with_capacity(pieces.len());
        for piece in pieces {
            match piece {
                Piece::Text(text) => {
                    self.spend(text.len())?;
                    rendered.push(Rendered::Literal(Cow::Borrowed(text)));
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
    ) -> Result<(), RenderError> {
        let (text, rest) = match self.look_up(name) {
            Found::Value(value, rest) => (self.escaped(name, text_of(value)), rest),
            Found::Missing(rest) => (String::new(), rest),
            Found::Unknown if self.scope.has_oauth() => {
                self.report(name);
                (String::new(), "")
            }
            Found::Unknown => {
                rendered.push(Rendered::Literal(Cow::Borrowed("@")));
                (String::new(), name)
            }
        };
        self.spend(text.len() + rest.len())?;
        if !text.is_empty() {
            rendered.push(Rendered::Value(text));
        }
        if !rest.is_empty() {
            rendered.push(Rendered::Literal(Cow::Borrowed(rest)));
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
    fn text_or_nothing(&mut self, template: &Template) -> Result<String, RenderError> {
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

    fn burn(&mut self, fuel: u64) -> Result<(), RenderError> {
        self.fuel = self.fuel.checked_sub(fuel).ok_or(RenderError::TooMuchWork)?;
        Ok(())
    }

    fn spend(&mut self, bytes: usize) -> Result<(), RenderError> {
        self.budget = self.budget.checked_sub(bytes).ok_or(RenderError::TooLarge)?;
        Ok(())
    }
}

fn text_of_pieces(pieces: &[Rendered<'_>]) -> String {
    let text = |piece: &Rendered<'_>| match piece {
        Rendered::Literal(text) => text.to_string(),
        Rendered::Value(text) | Rendered::Written(text) => text.clone(),
    };
    pieces.iter().map(text).collect()
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
