//! Text in, pieces out: finds what may be a variable. Which of them are, the [`super::Scope`] decides when rendering.

/// A parsed text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    pub(super) pieces: Vec<Piece>,
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
    /// Parses any text; there is no wrong one.
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
        Self { pieces }
    }

    /// The text as it was written, but for a literal `@`, which stands single.
    pub fn source(&self) -> String {
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
            .collect()
    }

    /// The name of the one variable that is all of this text, if it is so.
    pub fn whole(&self) -> Option<&str> {
        match self.pieces.as_slice() {
            [Piece::Variable(name)] => Some(name),
            _ => None,
        }
    }

    /// The names behind each `@` that has the form of a variable, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Variable(name) => Some(name.as_str()),
            Piece::Text(_) => None,
        })
    }
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
