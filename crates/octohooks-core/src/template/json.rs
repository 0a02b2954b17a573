//! JSON text with variables in its strings: the data and the headers of a hook.

use serde_json::{Map, Value};

use super::jinja::{self, Target, Wrong};
use super::json_place::{self, Step};
use super::parse::place_in;
use super::{Grammar, RenderError, Renderer, Template};
use crate::problem::Problem;

/// A parsed JSON text whose strings are templates. Keys are literal.
#[derive(Debug, Clone, PartialEq)]
pub struct JsonTemplate {
    root: Node,
}

#[derive(Debug, Clone, PartialEq)]
enum Node {
    /// Anything without a variable in it.
    Literal(Value),
    Text(Template),
    List(Vec<Node>),
    Object(Vec<(String, Node)>),
}

impl JsonTemplate {
    /// Parses the text of a field in which nothing but `@name` is more than text.
    ///
    /// # Errors
    /// A problem of `field` at the place where the text stops being JSON, with what is wrong there.
    pub fn parse(field: &str, source: &str) -> Result<Self, Problem> {
        Self::parse_as(field, source, Grammar::default())
    }

    /// Parses the text of a field.
    ///
    /// # Errors
    /// A problem of `field` at the place where the text stops being JSON, or a tag of Jinja is wrong.
    pub fn parse_as(field: &str, source: &str, grammar: Grammar) -> Result<Self, Problem> {
        if source.trim().is_empty() {
            return Err(Problem::error(field, "This is empty. Write at least {} for nothing."));
        }
        let value =
            serde_json::from_str::<Value>(source).map_err(|error| problem_of(field, source, &error, grammar))?;
        let mut path = Vec::new();
        match Node::of(value, grammar, &mut path) {
            Ok(root) => Ok(Self { root }),
            Err(Wrong { offset, message }) => {
                let place = json_place::of_text(source, &path, offset).unwrap_or_default();
                let (line, column) = place_in(source, place);
                Err(Problem::error(field, message).at(line, column))
            }
        }
    }

    /// Whether the text is an object (`{…}`).
    pub fn is_object(&self) -> bool {
        matches!(self.root, Node::Object(_) | Node::Literal(Value::Object(_)))
    }

    /// The key on the first level whose value is exactly `@snapshot`; the first one if there are several.
    pub fn snapshot_key(&self) -> Option<&str> {
        let Node::Object(fields) = &self.root else { return None };
        fields.iter().find(|(_, node)| node.is_whole("snapshot")).map(|(key, _)| key.as_str())
    }

    /// The object without one key.
    #[must_use]
    pub fn without(mut self, key: &str) -> Self {
        if let Node::Object(fields) = &mut self.root {
            fields.retain(|(name, _)| name != key);
        }
        self
    }

    /// The fields of an object, each a template of its own; `None` for anything else.
    pub fn into_fields(self) -> Option<Vec<(String, Self)>> {
        match self.root {
            Node::Object(fields) => Some(fields.into_iter().map(|(key, root)| (key, Self { root })).collect()),
            _ => None,
        }
    }

    /// Whether a text in it holds a line break or another control character of the user's own.
    pub fn has_line_break(&self) -> bool {
        let breaks = |text: &str| text.contains(['\r', '\n', '\0']);
        match &self.root {
            Node::Literal(Value::String(text)) => breaks(text),
            Node::Text(template) => breaks(&template.source()),
            _ => false,
        }
    }

    /// The value as text, variables left as they were written; `None` for null.
    pub fn source_value(&self) -> Option<String> {
        match &self.root {
            Node::Literal(Value::Null) => None,
            Node::Literal(value) => Some(super::text_of(value)),
            node => Some(super::text_of(&node.source())),
        }
    }

    /// The user's own texts in the strings, each between two variables.
    pub fn literals(&self) -> Vec<String> {
        let mut texts: Vec<String> = self.templates().iter().flat_map(|(_, template)| template.literals()).collect();
        if let Node::Literal(Value::String(text)) = &self.root {
            texts.push(text.clone());
        }
        texts
    }

    /// Every template in the text, with the path to it (`embeds.0.title`).
    pub fn templates(&self) -> Vec<(String, &Template)> {
        let mut found = Vec::new();
        self.root.collect("", &mut found);
        found
    }

    /// The value with every variable put in.
    ///
    /// # Errors
    /// See [`RenderError`].
    pub fn render(&self, renderer: &mut Renderer<'_>) -> Result<Value, RenderError> {
        self.root.render(renderer)
    }
}

impl Node {
    fn is_whole(&self, name: &str) -> bool {
        matches!(self, Self::Text(template) if template.whole() == Some(name))
    }

    fn lacks_picture(&self, renderer: &Renderer<'_>) -> bool {
        matches!(self, Self::Text(template) if renderer.lacks_picture(template))
    }

    fn collect<'node>(&'node self, path: &str, found: &mut Vec<(String, &'node Template)>) {
        let child = |key: &str| if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
        match self {
            Self::Literal(_) => {}
            Self::Text(template) => found.push((path.to_owned(), template)),
            Self::List(items) => {
                for (index, item) in items.iter().enumerate() {
                    item.collect(&child(&index.to_string()), found);
                }
            }
            Self::Object(fields) => {
                for (key, node) in fields {
                    node.collect(&child(key), found);
                }
            }
        }
    }

    /// The value as the user wrote it.
    fn source(&self) -> Value {
        match self {
            Self::Literal(value) => value.clone(),
            Self::Text(template) => Value::String(template.source()),
            Self::List(items) => Value::Array(items.iter().map(Self::source).collect()),
            Self::Object(fields) => {
                Value::Object(fields.iter().map(|(key, node)| (key.clone(), node.source())).collect())
            }
        }
    }

    fn render(&self, renderer: &mut Renderer<'_>) -> Result<Value, RenderError> {
        Ok(match self {
            Self::Literal(value) => value.clone(),
            Self::Text(template) => renderer.value(template)?,
            Self::List(items) => {
                let mut list = Vec::with_capacity(items.len());
                for item in items.iter().filter(|item| !item.lacks_picture(renderer)).collect::<Vec<_>>() {
                    list.push(item.render(renderer)?);
                }
                Value::Array(list)
            }
            Self::Object(fields) => {
                let mut object = Map::with_capacity(fields.len());
                for (key, node) in fields {
                    if node.lacks_picture(renderer) {
                        continue;
                    }
                    object.insert(key.clone(), node.render(renderer)?);
                }
                Value::Object(object)
            }
        })
    }
}

impl Node {
    /// On an error, `path` leads to the text with the tag that is wrong.
    fn of(value: Value, grammar: Grammar, path: &mut Vec<Step>) -> Result<Self, Wrong> {
        Ok(match value {
            Value::String(text) if text.contains('@') || (grammar.jinja && jinja::is_jinja(&text)) => {
                Self::Text(Template::parse_as(&text, grammar, Target::Text)?)
            }
            Value::Array(items) => {
                let mut list = Vec::with_capacity(items.len());
                for (index, item) in items.into_iter().enumerate() {
                    path.push(Step::Item(index));
                    list.push(Self::of(item, grammar, path)?);
                    path.pop();
                }
                Self::List(list)
            }
            Value::Object(object) => {
                let mut fields = Vec::with_capacity(object.len());
                for (key, value) in object {
                    path.push(Step::Key(key.clone()));
                    fields.push((key, Self::of(value, grammar, path)?));
                    path.pop();
                }
                Self::Object(fields)
            }
            literal => Self::Literal(literal),
        })
    }
}

/// What `serde_json` says, as a sentence with a place in characters and, for the usual slips, a remedy.
fn problem_of(field: &str, source: &str, error: &serde_json::Error, grammar: Grammar) -> Problem {
    let (line, column) = place_of(source, error);
    let text = error.to_string();
    let what = text.rfind(" at line ").map_or(text.as_str(), |end| &text[..end]);
    let jinja = grammar.jinja && jinja::is_jinja(source);
    let remedy = match what {
        "key must be a string" | "expected value" | "expected ident" if jinja => {
            " A tag of Jinja stands in quotation marks: \"{{ progress.completion }}\" becomes a number all the same."
        }
        "expected `,` or `}`" | "expected `,` or `]`" if jinja => {
            " Is a comma missing before this place? Within a tag of Jinja, texts stand in single quotes: 'text'."
        }
        "trailing comma" => " Remove the comma before the closing bracket.",
        "key must be a string" => " Write keys in double quotes, and no comma after the last entry.",
        "expected `,` or `}`" | "expected `,` or `]`" => " Is a comma or a quotation mark missing before this place?",
        "expected value" | "expected ident" => " Texts stand in double quotes; variables too: \"@topic\".",
        "control character (\\u0000-\\u001F) found while parsing a string" => {
            " A line break inside a text is written \\n."
        }
        "invalid escape" => " A backslash in a text is written \\\\.",
        "trailing characters" => " There is something after the end.",
        _ if error.is_eof() => " A closing bracket or quotation mark is missing.",
        _ => "",
    };
    Problem::error(field, format!("This is not JSON: {what}.{remedy}")).at(line, column)
}

/// Line and column of a JSON error in characters from 1; `serde_json` counts bytes.
pub fn place_of(source: &str, error: &serde_json::Error) -> (usize, usize) {
    let line = error.line().max(1);
    let bytes = source.lines().nth(line - 1).unwrap_or_default().as_bytes();
    let upto = bytes.get(..error.column().saturating_sub(1)).unwrap_or(bytes);
    (line, String::from_utf8_lossy(upto).chars().count() + 1)
}
