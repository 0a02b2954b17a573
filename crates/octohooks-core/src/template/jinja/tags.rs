//! A text in, its tags out: where Jinja stands in it, and which names, filters, tests, and texts stand in each tag.
//!
//! This is no parser: it finds what has to be known before the parser runs, and what the parser does not tell. What is
//! wrong inside of a tag is the parser's to say; a tag without an end goes to the end of the text.

/// Whether there is anything of Jinja in a text.
pub(crate) fn is_jinja(text: &str) -> bool {
    next_opener(text, 0).is_some()
}

/// A stretch of a text.
#[derive(Debug)]
pub(super) enum Stretch<'source> {
    /// Outside of tags: this is where `@name` may stand.
    Text(&'source str),
    /// A tag, a comment, or all of a raw block.
    Tag(Tag<'source>),
}

/// A tag with its delimiters.
#[derive(Debug)]
pub(super) struct Tag<'source> {
    pub(super) kind: Kind,
    /// Where in the text it begins, in bytes.
    pub(super) start: usize,
    pub(super) text: &'source str,
    /// What stands between the delimiters; nothing of comments and raw blocks.
    pub(super) tokens: Vec<Token<'source>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Expression,
    Statement,
    Comment,
    Raw,
}

/// A word of a tag.
#[derive(Debug, Clone, Copy)]
pub(super) struct Token<'source> {
    pub(super) what: What,
    /// Where in the text it begins, in bytes.
    pub(super) start: usize,
    pub(super) text: &'source str,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum What {
    Name,
    /// A text of the user's own, without its quotation marks.
    Quoted,
    Sign,
}

/// What a tag says besides what the parser makes of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Said<'source> {
    /// `| name`, or `{% filter name %}`.
    Filter(&'source str, usize),
    /// `is name`.
    Test(&'source str, usize),
    /// An `@`, which has no place within a tag.
    At(usize),
}

impl Tag<'_> {
    /// Filters, tests, and what should not be there, in order.
    pub(super) fn says(&self) -> Vec<Said<'_>> {
        let mut said = Vec::new();
        for (index, token) in self.tokens.iter().enumerate() {
            let name_after = |distance: usize| {
                self.tokens
                    .get(index + distance)
                    .filter(|next| next.what == What::Name)
                    .map(|next| (next.text, next.start))
            };
            let behind_dot =
                index > 0 && self.tokens[index - 1].text == "." && self.tokens[index - 1].what == What::Sign;
            match (token.what, token.text) {
                (What::Sign, "@") => said.push(Said::At(token.start)),
                (What::Sign, "|") => said.extend(name_after(1).map(|(name, at)| Said::Filter(name, at))),
                (What::Name, "filter") if index == 0 && self.kind == Kind::Statement => {
                    said.extend(name_after(1).map(|(name, at)| Said::Filter(name, at)));
                }
                (What::Name, "is") if !behind_dot => {
                    let found = name_after(1).and_then(|next| if next.0 == "not" { name_after(2) } else { Some(next) });
                    said.extend(found.map(|(name, at)| Said::Test(name, at)));
                }
                _ => {}
            }
        }
        said
    }
}

/// Where each stretch of a text begins and ends.
pub(super) fn stretches(source: &str) -> Vec<Stretch<'_>> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some((start, kind)) = next_opener(source, at) {
        if start > at {
            found.push(Stretch::Text(&source[at..start]));
        }
        let tag = tag_at(source, start, kind);
        at = start + tag.text.len();
        found.push(Stretch::Tag(tag));
    }
    if at < source.len() {
        found.push(Stretch::Text(&source[at..]));
    }
    found
}

fn next_opener(source: &str, from: usize) -> Option<(usize, Kind)> {
    let bytes = source.as_bytes();
    (from..bytes.len().saturating_sub(1)).filter(|place| bytes[*place] == b'{').find_map(|place| {
        let kind = match bytes[place + 1] {
            b'{' => Kind::Expression,
            b'%' => Kind::Statement,
            b'#' => Kind::Comment,
            _ => return None,
        };
        Some((place, kind))
    })
}

fn tag_at(source: &str, start: usize, kind: Kind) -> Tag<'_> {
    if kind == Kind::Comment {
        let end = source[start..].find("#}").map_or(source.len(), |length| start + length + 2);
        return Tag { kind, start, text: &source[start..end], tokens: Vec::new() };
    }
    let (tokens, end) = tokens_of(source, start + 2, if kind == Kind::Expression { "}}" } else { "%}" });
    let is_raw = kind == Kind::Statement && words(&tokens).eq(["raw"]);
    if !is_raw {
        return Tag { kind, start, text: &source[start..end], tokens };
    }
    let mut from = end;
    while let Some((inner, found)) = next_opener(source, from) {
        from = inner + 2;
        if found == Kind::Statement {
            let (inner_tokens, inner_end) = tokens_of(source, from, "%}");
            if words(&inner_tokens).eq(["endraw"]) {
                return Tag { kind: Kind::Raw, start, text: &source[start..inner_end], tokens: Vec::new() };
            }
        }
    }
    Tag { kind: Kind::Raw, start, text: &source[start..], tokens: Vec::new() }
}

/// The words of a tag, without what trims blanks around it.
fn words<'source>(tokens: &'source [Token<'source>]) -> impl Iterator<Item = &'source str> {
    tokens.iter().map(|token| token.text).filter(|text| !matches!(*text, "-" | "+"))
}

/// Up to the closing delimiter, which counts where no bracket is open; and where the tag ends.
fn tokens_of<'source>(source: &'source str, from: usize, closing: &str) -> (Vec<Token<'source>>, usize) {
    let mut tokens = Vec::new();
    let mut open = 0_i32;
    let mut at = from;
    while let Some(letter) = source[at..].chars().next() {
        let rest = &source[at..];
        if open <= 0 && rest.starts_with(closing) {
            return (tokens, at + closing.len());
        }
        let length = match letter {
            _ if letter.is_whitespace() => {
                at += letter.len_utf8();
                continue;
            }
            '"' | '\'' => {
                let length = quoted_length(rest, letter);
                let inner = rest[1..length].strip_suffix(letter).unwrap_or(&rest[1..length]);
                tokens.push(Token { what: What::Quoted, start: at, text: inner });
                at += length;
                continue;
            }
            _ if letter.is_alphabetic() || letter == '_' => {
                let is_part = |letter: &char| letter.is_alphanumeric() || *letter == '_';
                rest.chars().take_while(is_part).map(char::len_utf8).sum()
            }
            '{' | '[' | '(' => {
                open += 1;
                1
            }
            '}' | ']' | ')' => {
                open -= 1;
                1
            }
            other => other.len_utf8(),
        };
        let what = if letter.is_alphabetic() || letter == '_' { What::Name } else { What::Sign };
        tokens.push(Token { what, start: at, text: &rest[..length] });
        at += length;
    }
    (tokens, source.len())
}

/// How long a quoted text is, its quotation marks included; all of the rest where the second one is missing.
fn quoted_length(text: &str, mark: char) -> usize {
    let mut escaped = false;
    for (place, letter) in text.char_indices().skip(1) {
        match letter {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if letter == mark => return place + 1,
            _ => {}
        }
    }
    text.len()
}
