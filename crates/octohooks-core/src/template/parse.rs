//! Text in, pieces out: finds what may be a variable. Which of them are, the [`super::Scope`] decides when rendering.

use std::sync::Arc;

use super::jinja::{self, Jinja, Target, Wrong};
use crate::problem::Problem;

/// A parsed text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    /// What stands outside of Jinja's tags: all of it, where there are none.
    pub(super) pieces: Vec<Piece>,
    pub(super) jinja: Option<Arc<Jinja>>,
}

/// What of a text is more than text.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Grammar {
    /// Whether `{{ }}`, `{% %}`, and `{# #}` are, beside `@name`.
    pub jinja: bool,
    /// Whether a name that is not in the table may be one of an OAuth answer's.
    pub any_root: bool,
}

/// A stretch of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Piece {
    /// Literal text, `@@` already become `@`.
    Text(String),
    /// What stood behind an `@` and has the form of a variable's name, the `@` left out.
    Variable(String),
}

/// How a name after `@` is read once it is known which roots exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VariableUse<'a> {
    /// The root, without `@`.
    pub root: &'a str,
    /// What follows the root: a path (`.file.name`), or text (`-rest`), or nothing.
    pub rest: &'a str,
}

impl Template {
    /// Parses a text in which Jinja may stand.
    ///
    /// # Errors
    /// Where a tag is wrong.
    pub(super) fn parse_as(source: &str, grammar: Grammar, target: Target) -> Result<Self, Wrong> {
        if !grammar.jinja || !jinja::is_jinja(source) {
            return Ok(Self::parse(source));
        }
        let jinja = Jinja::new(source, grammar.any_root, target)?;
        Ok(Self { pieces: jinja.outside.clone(), jinja: Some(Arc::new(jinja)) })
    }

    /// Parses a text of a field.
    ///
    /// # Errors
    /// A problem of `field` at the place where a tag of Jinja is wrong.
    pub fn of_field(field: &str, source: &str, grammar: Grammar) -> Result<Self, Problem> {
        Self::parse_as(source, grammar, Target::Text).map_err(|wrong| {
            let (line, column) = place_in(source, wrong.offset);
            Problem::error(field, wrong.message).at(line, column)
        })
    }

    /// Parses any text, in which nothing but `@name` is more than text; there is no wrong one.
    pub fn parse(source: &str) -> Self {
        let mut pieces = Vec::new();
        let mut text = String::new();
        let mut rest = source;
        while let Some(at) = rest.find('@') {
            let (before, from_at) = rest.split_at(at);
            text.push_str(before);
            let after = &from_at[1..];
            if let Some(after_escape) = after.strip_prefix('@') {
                text.push('@');
                rest = after_escape;
                continue;
            }
            let follows_word = before.chars().next_back().is_some_and(char::is_alphanumeric);
            let name = if follows_word { "" } else { name_at(after) };
            if name.is_empty() {
                text.push('@');
            } else {
                if !text.is_empty() {
                    pieces.push(Piece::Text(std::mem::take(&mut text)));
                }
                pieces.push(Piece::Variable(name.to_owned()));
            }
            rest = &after[name.len()..];
        }
        text.push_str(rest);
        if !text.is_empty() {
            pieces.push(Piece::Text(text));
        }
        Self { pieces, jinja: None }
    }

    /// The text as it was written, but for a literal `@`, which stands single where there is no Jinja.
    pub fn source(&self) -> String {
        if let Some(jinja) = &self.jinja {
            return jinja.source().to_owned();
        }
        self.pieces
            .iter()
            .map(|piece| match piece {
                Piece::Text(text) => text.clone(),
                Piece::Variable(name) => format!("@{name}"),
            })
            .collect()
    }

    /// The user's own texts, without the variables between them.
    pub fn literals(&self) -> Vec<String> {
        self.pieces
            .iter()
            .filter_map(|piece| match piece {
                Piece::Text(text) => Some(text.clone()),
                Piece::Variable(_) => None,
            })
            .chain(self.jinja.iter().flat_map(|jinja| jinja.quoted.iter().cloned()))
            .collect()
    }

    /// The name of the one variable that is all of this text, if it is so.
    pub fn whole(&self) -> Option<&str> {
        match self.pieces.as_slice() {
            [Piece::Variable(name)] if self.jinja.is_none() => Some(name),
            _ => None,
        }
    }

    /// The names behind each `@` that has the form of a variable, in order, then those in Jinja's tags.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.at_names().chain(self.jinja.iter().flat_map(|jinja| jinja.roots.iter().map(String::as_str)))
    }

    /// The names behind each `@` that has the form of a variable, in order.
    pub fn at_names(&self) -> impl Iterator<Item = &str> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Variable(name) => Some(name.as_str()),
            Piece::Text(_) => None,
        })
    }
}

/// Line and column of a place in a text, in characters from 1.
pub(super) fn place_in(source: &str, offset: usize) -> (usize, usize) {
    let before = source.get(..offset).unwrap_or(source);
    let line_start = before.rfind('\n').map_or(0, |end| end + 1);
    (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
}

/// Splits a name into its root and the rest, the longest known root first; `None` when no root is known.
pub(super) fn resolve(name: &str, is_known: impl Fn(&str) -> bool) -> Option<VariableUse<'_>> {
    let first_segment = name.split('.').next().unwrap_or(name);
    prefixes_at_dashes(first_segment)
        .find(|root| is_known(root))
        .map(|root| VariableUse { root, rest: &name[root.len()..] })
}

/// The longest known root at the start of a name.
pub fn root_of(name: &str, is_known: impl Fn(&str) -> bool) -> Option<&str> {
    resolve(name, is_known).map(|found| found.root)
}

/// A word and its beginnings that end before a `-`, the longest first: `a-b-c`, `a-b`, `a`.
pub(super) fn prefixes_at_dashes(word: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(word), |prefix| {
        let end = prefix.rfind('-')?;
        let shorter = prefix[..end].trim_end_matches('-');
        (!shorter.is_empty()).then_some(shorter)
    })
}

/// The longest name at the start of `text`; empty when there is none.
fn name_at(text: &str) -> &str {
    let mut end = 0;
    loop {
        let segment = segment_at(&text[end..]);
        if segment.is_empty() {
            // The dot before this would-be segment, if any, was text.
            return text[..end].trim_end_matches('.');
        }
        end += segment.len();
        match text[end..].strip_prefix('.') {
            Some(_) => end += 1,
            None => return &text[..end],
        }
    }
}

/// Letters, digits, `_`, and `-` between them.
fn segment_at(text: &str) -> &str {
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let length = text.bytes().take_while(|&byte| is_word(byte) || byte == b'-').count();
    let segment = text[..length].trim_end_matches('-');
    if segment.starts_with('-') { "" } else { segment }
}
